// Pipe, Exchange, ChannelEnd and Target as Python sees them.
#include "engine/values.h"
#include "flow/scheduler.h"
#include "flow/worker_target.h"
#include "rpc/target.h"

namespace workerd {

namespace {

// One layout for all four: a counted pointer.
struct FlowObject {
  PyObject_HEAD RefCounted* object;
};

PyTypeObject *g_pipe_type, *g_exchange_type, *g_channel_type, *g_target_type;

template <class T>
T* Of(PyObject* self) {
  return static_cast<T*>(reinterpret_cast<FlowObject*>(self)->object);
}

void FlowDealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  RefCounted* object = reinterpret_cast<FlowObject*>(self)->object;
  if (object) object->Unref();
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* NewFlow(PyTypeObject* type, RefCounted* object) {
  auto* self = reinterpret_cast<FlowObject*>(type->tp_alloc(type, 0));
  if (!self) return nullptr;
  object->Ref();
  self->object = object;
  return reinterpret_cast<PyObject*>(self);
}

// A Python callable kept by C++ and called with no error left behind.
std::shared_ptr<PyObject> Keep(PyObject* callable) {
  return std::shared_ptr<PyObject>(Py_NewRef(callable), [](PyObject* o) { Py_DECREF(o); });
}

template <class... A>
void CallKept(const std::shared_ptr<PyObject>& callable, const char* format, A... args) {
  // May run in the middle of a C++ call that has an error set.
  PyObject *type, *value, *trace;
  PyErr_Fetch(&type, &value, &trace);
  PyObject* result;
  if constexpr (sizeof...(A) == 0)
    result = PyObject_CallNoArgs(callable.get());
  else
    result = PyObject_CallFunction(callable.get(), format, args...);
  if (!result) PyErr_WriteUnraisable(callable.get());
  Py_XDECREF(result);
  PyErr_Restore(type, value, trace);
}

bool ChunkOf(PyObject* object, Chunk* chunk) {
  if (PyBytes_CheckExact(object)) {
    *chunk = Chunk::Borrow(object);
    return true;
  }
  if (PyUnicode_Check(object)) {
    Py_ssize_t size;
    const char* data = PyUnicode_AsUTF8AndSize(object, &size);
    if (!data) return false;
    *chunk = Chunk::Copy(data, static_cast<size_t>(size));
    return true;
  }
  Py_buffer view;
  if (PyObject_GetBuffer(object, &view, PyBUF_SIMPLE) < 0) return false;
  *chunk = Chunk::Copy(static_cast<const char*>(view.buf), static_cast<size_t>(view.len));
  PyBuffer_Release(&view);
  return true;
}

std::string TextOf(PyObject* object) {
  Py_ssize_t size = 0;
  const char* data = PyUnicode_AsUTF8AndSize(object, &size);
  if (!data) {
    PyErr_Clear();
    return "";
  }
  return std::string(data, static_cast<size_t>(size));
}

PyObject* Utf8Text(const std::string& s) {
  return PyUnicode_DecodeUTF8(s.data(), static_cast<Py_ssize_t>(s.size()), "replace");
}
PyObject* Latin1Text(const std::string& s) {
  return PyUnicode_DecodeLatin1(s.data(), static_cast<Py_ssize_t>(s.size()), nullptr);
}

bool Latin1Of(PyObject* object, std::string* out, const char* what) {
  if (!PyUnicode_Check(object)) {
    PyErr_Format(PyExc_TypeError, "%s must be str", what);
    return false;
  }
  PyObject* bytes = PyUnicode_AsLatin1String(object);
  if (!bytes) return false;
  out->assign(PyBytes_AS_STRING(bytes), static_cast<size_t>(PyBytes_GET_SIZE(bytes)));
  Py_DECREF(bytes);
  return true;
}

PyObject* Finish(PyObject* result) {
  PyObject *type, *value, *trace;
  PyErr_Fetch(&type, &value, &trace);
  Scheduler::Run();
  PyErr_Restore(type, value, trace);
  return result;
}

PyObject* BodyToPython(const Body& body) {
  if (!body.present) Py_RETURN_NONE;
  return body.pipe ? NewPythonPipe(body.pipe) : body.bytes.ToPython();
}

bool BodyFromPython(PyObject* object, Body* body) {
  if (object == Py_None) {
    *body = Body::None();
    return true;
  }
  if (Pipe* pipe = PipeOf(object)) {
    *body = Body::Of(RefPtr<Pipe>(pipe));
    return true;
  }
  Chunk chunk;
  if (!ChunkOf(object, &chunk)) return false;
  *body = Body::Of(std::move(chunk));
  return true;
}

// ---- Pipe

PyObject* PipeNew(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"high_water", "length", nullptr};
  Py_ssize_t high = static_cast<Py_ssize_t>(Pipe::kDefaultHighWater);
  long long length = -1;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|nL", const_cast<char**>(names), &high, &length)) return nullptr;
  auto pipe = MakeRef<Pipe>(static_cast<size_t>(high < 1 ? 1 : high), length);
  return NewFlow(type, pipe.get());
}

PyObject* PipeWrite(PyObject* self, PyObject* data) {
  Chunk chunk;
  if (!ChunkOf(data, &chunk)) return nullptr;
  bool more = Of<Pipe>(self)->Write(std::move(chunk));
  return Finish(PyBool_FromLong(more));
}

PyObject* PipeClose(PyObject* self, PyObject*) {
  Of<Pipe>(self)->End();
  return Finish(Py_NewRef(Py_None));
}

PyObject* PipeAbort(PyObject* self, PyObject* message) {
  Of<Pipe>(self)->Abort(TextOf(message));
  return Finish(Py_NewRef(Py_None));
}

PyObject* PipeSetOnDrain(PyObject* self, PyObject* callable) {
  if (callable == Py_None) {
    Of<Pipe>(self)->SetOnDrain(nullptr);
  } else {
    auto kept = Keep(callable);
    Of<Pipe>(self)->SetOnDrain([kept] { CallKept(kept, nullptr); });
  }
  Py_RETURN_NONE;
}

PyObject* PipeSetOnReadable(PyObject* self, PyObject* callable) {
  if (callable == Py_None) {
    Of<Pipe>(self)->SetOnReadable(nullptr);
  } else {
    auto kept = Keep(callable);
    Of<Pipe>(self)->SetOnReadable([kept] { CallKept(kept, nullptr); });
  }
  return Finish(Py_NewRef(Py_None));
}

PyObject* PipeTryRead(PyObject* self, PyObject* const* args, Py_ssize_t count) {
  Pipe* pipe = Of<Pipe>(self);
  Py_ssize_t max = count > 0 ? PyLong_AsSsize_t(args[0]) : -1;
  if (max == -1 && PyErr_Occurred()) return nullptr;
  Chunk chunk;
  if (pipe->Read(&chunk, max > 0 ? static_cast<size_t>(max) : SIZE_MAX)) return Finish(chunk.ToPython());
  if (pipe->at_end()) Py_RETURN_NONE;
  if (pipe->state() != Pipe::State::kOpen) {
    PyErr_SetString(PyExc_ConnectionError, pipe->error().empty() ? "stream aborted" : pipe->error().c_str());
    return nullptr;
  }
  Py_RETURN_NOTIMPLEMENTED;
}

PyObject* PipeCancel(PyObject* self, PyObject* message) {
  Of<Pipe>(self)->Cancel(TextOf(message));
  return Finish(Py_NewRef(Py_None));
}

PyObject* PipeLength(PyObject* self, void*) { return PyLong_FromLongLong(Of<Pipe>(self)->length()); }
PyObject* PipeQueued(PyObject* self, void*) { return PyLong_FromSize_t(Of<Pipe>(self)->queued()); }
PyObject* PipeFull(PyObject* self, void*) { return PyBool_FromLong(Of<Pipe>(self)->full()); }
PyObject* PipeCancelled(PyObject* self, void*) { return PyBool_FromLong(Of<Pipe>(self)->cancelled()); }
PyObject* PipeState(PyObject* self, void*) {
  static const char* names[] = {"open", "ended", "aborted", "cancelled"};
  return PyUnicode_FromString(names[static_cast<int>(Of<Pipe>(self)->state())]);
}

PyMethodDef pipe_methods[] = {
    {"write", PipeWrite, METH_O, "write(bytes-like) -> bool. False: full (or nobody wants more); wait for on_drain."},
    {"close", PipeClose, METH_NOARGS, "The end of the stream."},
    {"abort", PipeAbort, METH_O, "abort(message): an error for the consumer."},
    {"set_on_drain", PipeSetOnDrain, METH_O,
     "A callable, called once there is room after full, and when the consumer cancels."},
    {"set_on_readable", PipeSetOnReadable, METH_O,
     "A callable, called at each arrival of a chunk, the end or an abort; at once if one is there."},
    {"try_read", reinterpret_cast<PyCFunction>(PipeTryRead), METH_FASTCALL,
     "try_read(max=-1) -> bytes | None (the end) | NotImplemented (nothing yet). ConnectionError if aborted."},
    {"cancel", PipeCancel, METH_O, "cancel(message): the consumer wants no more."},
    {nullptr, nullptr, 0, nullptr}};
PyGetSetDef pipe_getset[] = {{"length", PipeLength, nullptr, "Bytes in total, or -1.", nullptr},
                             {"queued", PipeQueued, nullptr, "Bytes written and not read.", nullptr},
                             {"full", PipeFull, nullptr, nullptr, nullptr},
                             {"cancelled", PipeCancelled, nullptr, nullptr, nullptr},
                             {"state", PipeState, nullptr, "open, ended, aborted or cancelled.", nullptr},
                             {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyType_Slot pipe_slots[] = {{Py_tp_new, reinterpret_cast<void*>(PipeNew)},
                            {Py_tp_dealloc, reinterpret_cast<void*>(FlowDealloc)},
                            {Py_tp_methods, pipe_methods},
                            {Py_tp_getset, pipe_getset},
                            {0, nullptr}};
PyType_Spec pipe_spec = {"workerd._native.Pipe", sizeof(FlowObject), 0, Py_TPFLAGS_DEFAULT, pipe_slots};

// ---- Exchange

PyObject* ExchangeMethod(PyObject* self, void*) { return Latin1Text(Of<Exchange>(self)->request.method); }
PyObject* ExchangeUrl(PyObject* self, void*) { return Utf8Text(Of<Exchange>(self)->request.url); }
PyObject* ExchangeHeaders(PyObject* self, void*) { return Latin1Text(Of<Exchange>(self)->request.headers); }
PyObject* ExchangeCf(PyObject* self, void*) {
  auto& cf = Of<Exchange>(self)->request.cf;
  if (!cf) Py_RETURN_NONE;
  return Utf8Text(*cf);
}
PyObject* ExchangeBody(PyObject* self, void*) { return BodyToPython(Of<Exchange>(self)->request.body); }
PyObject* ExchangeWantsWebSocket(PyObject* self, void*) {
  return PyBool_FromLong(Of<Exchange>(self)->request.wants_websocket);
}
PyObject* ExchangeCancelled(PyObject* self, void*) { return PyBool_FromLong(Of<Exchange>(self)->cancelled()); }

// respond(status, status_text, headers, body=None, channel=None)
PyObject* ExchangeRespond(PyObject* self, PyObject* args) {
  int status;
  PyObject *text, *headers, *body = Py_None, *channel = Py_None;
  if (!PyArg_ParseTuple(args, "iUU|OO", &status, &text, &headers, &body, &channel)) return nullptr;
  Response response;
  response.status = status;
  if (!Latin1Of(text, &response.status_text, "status text") || !Latin1Of(headers, &response.headers, "headers") ||
      !BodyFromPython(body, &response.body))
    return nullptr;
  if (channel != Py_None) {
    ChannelEnd* end = ChannelEndOf(channel);
    if (!end) {
      PyErr_SetString(PyExc_TypeError, "channel must be a ChannelEnd");
      return nullptr;
    }
    response.websocket = RefPtr<ChannelEnd>(end);
  }
  bool first = Of<Exchange>(self)->Respond(std::move(response));
  return Finish(PyBool_FromLong(first));
}

PyObject* ExchangeFail(PyObject* self, PyObject* args) {
  PyObject *name, *message;
  if (!PyArg_ParseTuple(args, "UU", &name, &message)) return nullptr;
  bool first = Of<Exchange>(self)->Fail(Error{TextOf(name), TextOf(message), "", {}, false});
  return Finish(PyBool_FromLong(first));
}

PyObject* ExchangeOnCancel(PyObject* self, PyObject* callable) {
  auto kept = Keep(callable);
  Of<Exchange>(self)->SetOnCancel([kept] { CallKept(kept, nullptr); });
  Py_RETURN_NONE;
}

PyObject* ExchangeCancel(PyObject* self, PyObject*) {
  Of<Exchange>(self)->Cancel();
  return Finish(Py_NewRef(Py_None));
}

PyMethodDef exchange_methods[] = {
    {"respond", ExchangeRespond, METH_VARARGS,
     "respond(status, status_text, headers, body=None, channel=None) -> bool: False if it was answered before."},
    {"fail", ExchangeFail, METH_VARARGS, "fail(error name, message) -> bool"},
    {"on_cancel", ExchangeOnCancel, METH_O, "A callable, called once if the asker goes away first."},
    {"cancel", ExchangeCancel, METH_NOARGS, "The asker's side: no longer interested."},
    {nullptr, nullptr, 0, nullptr}};
PyGetSetDef exchange_getset[] = {
    {"method", ExchangeMethod, nullptr, nullptr, nullptr},
    {"url", ExchangeUrl, nullptr, nullptr, nullptr},
    {"headers", ExchangeHeaders, nullptr, "One latin-1 string, 'Name: value\\r\\n...'.", nullptr},
    {"cf", ExchangeCf, nullptr, "JSON text or None.", nullptr},
    {"body", ExchangeBody, nullptr, "None, bytes or Pipe.", nullptr},
    {"wants_websocket", ExchangeWantsWebSocket, nullptr, nullptr, nullptr},
    {"cancelled", ExchangeCancelled, nullptr, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyType_Slot exchange_slots[] = {{Py_tp_dealloc, reinterpret_cast<void*>(FlowDealloc)},
                                {Py_tp_methods, exchange_methods},
                                {Py_tp_getset, exchange_getset},
                                {0, nullptr}};
PyType_Spec exchange_spec = {"workerd._native.Exchange", sizeof(FlowObject), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, exchange_slots};

// ---- ChannelEnd

PyObject* ChannelSendText(PyObject* self, PyObject* text) {
  if (!PyUnicode_Check(text)) {
    PyErr_SetString(PyExc_TypeError, "send_text() takes str");
    return nullptr;
  }
  Message message{Message::Kind::kText, {}, 1005, ""};
  if (!ChunkOf(text, &message.data)) return nullptr;
  Of<ChannelEnd>(self)->Send(std::move(message));
  return Finish(Py_NewRef(Py_None));
}

// Text that is UTF-8 already: what a socket has after its check.
PyObject* ChannelSendUtf8(PyObject* self, PyObject* bytes) {
  Message message{Message::Kind::kText, {}, 1005, ""};
  if (!ChunkOf(bytes, &message.data)) return nullptr;
  Of<ChannelEnd>(self)->Send(std::move(message));
  return Finish(Py_NewRef(Py_None));
}

PyObject* ChannelSendBinary(PyObject* self, PyObject* data) {
  Message message{Message::Kind::kBinary, {}, 1005, ""};
  if (!ChunkOf(data, &message.data)) return nullptr;
  Of<ChannelEnd>(self)->Send(std::move(message));
  return Finish(Py_NewRef(Py_None));
}

PyObject* ChannelClose(PyObject* self, PyObject* args) {
  int code = 1005;
  PyObject* reason = nullptr;
  if (!PyArg_ParseTuple(args, "|iU", &code, &reason)) return nullptr;
  Of<ChannelEnd>(self)->Send(Message{Message::Kind::kClose, {}, code, reason ? TextOf(reason) : ""});
  return Finish(Py_NewRef(Py_None));
}

PyObject* ChannelAbort(PyObject* self, PyObject* text) {
  std::string message = TextOf(text);
  Of<ChannelEnd>(self)->Send(Message{Message::Kind::kError, Chunk::Copy(message.data(), message.size()), 1006, ""});
  return Finish(Py_NewRef(Py_None));
}

// listen(callback): callback(kind, data, reason): ('text', str, ''), ('binary', bytes, ''), ('close', code, reason),
// ('error', message, '').
PyObject* ChannelListen(PyObject* self, PyObject* callable) {
  auto kept = Keep(callable);
  Of<ChannelEnd>(self)->Listen([kept](Message&& message) {
    switch (message.kind) {
      case Message::Kind::kText:
        CallKept(kept, "sNs", "text",
                 PyUnicode_DecodeUTF8(message.data.data(), static_cast<Py_ssize_t>(message.data.size()), "replace"),
                 "");
        break;
      case Message::Kind::kBinary:
        CallKept(kept, "sNs", "binary", message.data.ToPython(), "");
        break;
      case Message::Kind::kClose:
        CallKept(kept, "siN", "close", message.code, Utf8Text(message.reason));
        break;
      case Message::Kind::kError:
        CallKept(kept, "sNs", "error", Utf8Text(std::string(message.data.view())), "");
        break;
    }
  });
  return Finish(Py_NewRef(Py_None));
}

PyObject* ChannelAddSlow(PyObject* self, PyObject* n) {
  Py_ssize_t size = PyLong_AsSsize_t(n);
  if (size == -1 && PyErr_Occurred()) return nullptr;
  if (size >= 0)
    Of<ChannelEnd>(self)->AddSlow(static_cast<size_t>(size));
  else
    Of<ChannelEnd>(self)->RemoveSlow(static_cast<size_t>(-size));
  Py_RETURN_NONE;
}

PyObject* ChannelDisconnect(PyObject* self, PyObject*) {
  Of<ChannelEnd>(self)->Disconnect();
  return Finish(Py_NewRef(Py_None));
}

PyObject* ChannelBuffered(PyObject* self, void*) { return PyLong_FromSize_t(Of<ChannelEnd>(self)->buffered()); }

PyMethodDef channel_methods[] = {
    {"send_text", ChannelSendText, METH_O, nullptr},
    {"send_utf8", ChannelSendUtf8, METH_O, "A text message given as UTF-8 bytes."},
    {"send_binary", ChannelSendBinary, METH_O, nullptr},
    {"close", ChannelClose, METH_VARARGS, "close(code=1005, reason='')"},
    {"abort", ChannelAbort, METH_O, "abort(message)"},
    {"listen", ChannelListen, METH_O, "listen(callback(kind, data, reason))"},
    {"add_slow", ChannelAddSlow, METH_O, "Bytes received but not yet passed on (negative: now passed on)."},
    {"disconnect", ChannelDisconnect, METH_NOARGS, "Breaks the pair."},
    {nullptr, nullptr, 0, nullptr}};
PyGetSetDef channel_getset[] = {
    {"buffered", ChannelBuffered, nullptr, "Bytes sent that the other side has not taken.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyType_Slot channel_slots[] = {{Py_tp_dealloc, reinterpret_cast<void*>(FlowDealloc)},
                               {Py_tp_methods, channel_methods},
                               {Py_tp_getset, channel_getset},
                               {0, nullptr}};
PyType_Spec channel_spec = {"workerd._native.ChannelEnd", sizeof(FlowObject), 0,
                            Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, channel_slots};

// ---- Target

// A Python service: anything with request(exchange).
class PythonTarget final : public Target {
 public:
  explicit PythonTarget(PyObject* service) : service_(Py_NewRef(service)) {}
  ~PythonTarget() override { Py_DECREF(service_); }
  void Start(RefPtr<Exchange> exchange) override {
    if (exchange->request.rpc) return RefuseRpc(exchange.get());
    // Queued, outside of any isolate: the asker's turn ends first.
    RefPtr<PythonTarget> self(this);
    Scheduler::Post({}, [self, exchange] {
      if (exchange->cancelled()) return;
      PyObject* object = NewPythonExchange(exchange);
      PyObject* result = object ? PyObject_CallMethod(self->service_, "request", "O", object) : nullptr;
      if (!result) {
        PyErr_WriteUnraisable(self->service_);
        exchange->Fail(Error{"Error", "internal error", "", {}, false});
      }
      Py_XDECREF(result);
      Py_XDECREF(object);
    });
  }

 private:
  PyObject* service_;
};

// A target that can be pointed elsewhere: sockets keep theirs when a new config takes over.
class SwitchTarget final : public Target {
 public:
  explicit SwitchTarget(RefPtr<Target> target) : target_(std::move(target)) {}
  void Start(RefPtr<Exchange> exchange) override { target_->Start(std::move(exchange)); }
  bool is_switch() const override { return true; }
  void Set(RefPtr<Target> target) { target_ = std::move(target); }

 private:
  RefPtr<Target> target_;
};

PyObject* TargetSwitch(PyObject* self, PyObject* object) {
  Target* target = Of<Target>(self);
  if (!target->is_switch()) {
    PyErr_SetString(PyExc_TypeError, "only a switch_target() can be pointed elsewhere");
    return nullptr;
  }
  RefPtr<Target> to = TargetOf(object);
  if (!to) return nullptr;
  static_cast<SwitchTarget*>(target)->Set(std::move(to));
  Py_RETURN_NONE;
}

PyObject* TargetRebind(PyObject* self, PyObject* object) {
  Target* target = Of<Target>(self);
  Realm* realm = RealmOf(object);
  if (!realm) return nullptr;
  if (!target->is_worker()) {
    PyErr_SetString(PyExc_TypeError, "only a worker_target() can be bound to another realm");
    return nullptr;
  }
  static_cast<WorkerTarget*>(target)->Rebind(RefPtr<Realm>(realm));
  Py_RETURN_NONE;
}

PyMethodDef target_methods[] = {
    {"rebind", TargetRebind, METH_O, "rebind(realm): the realm that answers from now on (worker_target() only)."},
    {"switch", TargetSwitch, METH_O, "switch(target): where requests go from now on (switch_target() only)."},
    {nullptr, nullptr, 0, nullptr}};
PyType_Slot target_slots[] = {
    {Py_tp_dealloc, reinterpret_cast<void*>(FlowDealloc)}, {Py_tp_methods, target_methods}, {0, nullptr}};
PyType_Spec target_spec = {"workerd._native.Target", sizeof(FlowObject), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, target_slots};

// worker_target(realm, id) -> Target
PyObject* MakeWorkerTarget(PyObject*, PyObject* args) {
  PyObject* object;
  int id;
  if (!PyArg_ParseTuple(args, "Oi", &object, &id)) return nullptr;
  Realm* realm = RealmOf(object);
  if (!realm) return nullptr;
  auto target = MakeRef<WorkerTarget>(RefPtr<Realm>(realm), id);
  return NewFlow(g_target_type, target.get());
}

PyObject* MakeServiceTarget(PyObject*, PyObject* service) {
  RefPtr<Target> target = TargetOf(service);
  return target ? NewFlow(g_target_type, target.get()) : nullptr;
}

PyObject* MakeSwitchTarget(PyObject*, PyObject* object) {
  RefPtr<Target> target = TargetOf(object);
  if (!target) return nullptr;
  auto made = MakeRef<SwitchTarget>(target);
  return NewFlow(g_target_type, made.get());
}

PyObject* ChannelPair(PyObject*, PyObject*) {
  auto [a, b] = ChannelEnd::NewPair();
  return Py_BuildValue("(NN)", NewPythonChannelEnd(a), NewPythonChannelEnd(b));
}

// request(target, method, url, headers, body, cf, wants_websocket, on_response, on_error) -> Exchange
PyObject* MakeRequest(PyObject*, PyObject* args) {
  PyObject *object, *method, *url, *headers, *body, *cf, *on_response, *on_error;
  int websocket;
  if (!PyArg_ParseTuple(args, "OUUUOOpOO", &object, &method, &url, &headers, &body, &cf, &websocket, &on_response,
                        &on_error))
    return nullptr;
  RefPtr<Target> target = TargetOf(object);
  if (!target) return nullptr;
  auto exchange = MakeRef<Exchange>();
  if (!Latin1Of(method, &exchange->request.method, "method") ||
      !Latin1Of(headers, &exchange->request.headers, "headers") || !BodyFromPython(body, &exchange->request.body))
    return nullptr;
  exchange->request.url = TextOf(url);
  if (cf != Py_None) exchange->request.cf = TextOf(cf);
  exchange->request.wants_websocket = websocket;
  auto ok = Keep(on_response), bad = Keep(on_error);
  exchange->on_response = [ok](Response&& response) {
    PyObject* channel = response.websocket ? NewPythonChannelEnd(response.websocket) : Py_NewRef(Py_None);
    CallKept(ok, "iNNNN", response.status, Latin1Text(response.status_text), Latin1Text(response.headers),
             BodyToPython(response.body), channel);
  };
  exchange->on_error = [bad](Error&& error) {
    CallKept(bad, "NNN", Utf8Text(error.name), Utf8Text(error.message), Utf8Text(error.stack));
  };
  target->Start(exchange);
  return Finish(NewPythonExchange(exchange));
}

PyMethodDef functions[] = {
    {"worker_target", MakeWorkerTarget, METH_VARARGS, "worker_target(realm, id) -> Target: an entrypoint of a worker."},
    {"service_target", MakeServiceTarget, METH_O, "service_target(service with request(exchange)) -> Target"},
    {"switch_target", MakeSwitchTarget, METH_O,
     "switch_target(target) -> Target that can be pointed elsewhere with switch()."},
    {"channel_pair", ChannelPair, METH_NOARGS, "Two connected ChannelEnds."},
    {"request", MakeRequest, METH_VARARGS,
     "request(target, method, url, headers, body, cf, wants_websocket, on_response, on_error) -> Exchange"},
    {nullptr, nullptr, 0, nullptr}};

}  // namespace

PyObject* NewPythonPipe(RefPtr<Pipe> pipe) { return NewFlow(g_pipe_type, pipe.get()); }
PyObject* NewPythonChannelEnd(RefPtr<ChannelEnd> end) { return NewFlow(g_channel_type, end.get()); }
PyObject* NewPythonExchange(RefPtr<Exchange> exchange) { return NewFlow(g_exchange_type, exchange.get()); }
PyObject* NewPythonTarget(RefPtr<Target> target) { return NewFlow(g_target_type, target.get()); }
Pipe* PipeOf(PyObject* object) { return Py_TYPE(object) == g_pipe_type ? Of<Pipe>(object) : nullptr; }
ChannelEnd* ChannelEndOf(PyObject* object) {
  return Py_TYPE(object) == g_channel_type ? Of<ChannelEnd>(object) : nullptr;
}
Exchange* ExchangeOf(PyObject* object) { return Py_TYPE(object) == g_exchange_type ? Of<Exchange>(object) : nullptr; }

RefPtr<Target> TargetOf(PyObject* object) {
  if (Py_TYPE(object) == g_target_type) return RefPtr<Target>(Of<Target>(object));
  if (PyObject_HasAttrString(object, "request")) return MakeRef<PythonTarget>(object);
  PyErr_SetString(PyExc_TypeError, "a Target or a service with request(exchange) is needed");
  return {};
}

v8::MaybeLocal<v8::Value> FlowToJs(Realm* realm, PyObject* object) {
  if (Pipe* pipe = PipeOf(object)) return realm->Wrap(HandleKind::kPipe, pipe);
  if (ChannelEnd* end = ChannelEndOf(object)) return realm->Wrap(HandleKind::kChannel, end);
  if (Exchange* exchange = ExchangeOf(object)) return realm->Wrap(HandleKind::kExchange, exchange);
  return {};
}

bool InitFlow(PyObject* module) {
  auto add = [&](PyType_Spec* spec, PyTypeObject** to, const char* name) {
    *to = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(spec));
    return *to && PyModule_AddObjectRef(module, name, reinterpret_cast<PyObject*>(*to)) == 0;
  };
  return add(&pipe_spec, &g_pipe_type, "Pipe") && add(&exchange_spec, &g_exchange_type, "Exchange") &&
         add(&channel_spec, &g_channel_type, "ChannelEnd") && add(&target_spec, &g_target_type, "Target") &&
         PyModule_AddFunctions(module, functions) == 0;
}

}  // namespace workerd
