// The Python types Inspector and InspectorSession.
#include "engine/values.h"
#include "flow/scheduler.h"
#include "inspector/inspector.h"

namespace workerd {

namespace {

struct InspectorObject {
  PyObject_HEAD Inspector* inspector;
};
struct SessionObject {
  PyObject_HEAD InspectorSession* session;
};

PyTypeObject* g_session_type = nullptr;

template <class Object, auto kMember>
void Dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  if (auto* object = reinterpret_cast<Object*>(self)->*kMember) object->Unref();
  type->tp_free(self);
  Py_DECREF(type);
}

bool Utf8Of(PyObject* text, std::string* out) {
  // JSON of a client may hold lone surrogates.
  PyObject* bytes = PyUnicode_Check(text) ? PyUnicode_AsEncodedString(text, "utf-8", "surrogatepass") : nullptr;
  if (!bytes) {
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "a protocol message is a str");
    return false;
  }
  out->assign(PyBytes_AS_STRING(bytes), static_cast<size_t>(PyBytes_GET_SIZE(bytes)));
  Py_DECREF(bytes);
  return true;
}

// Runs what a call queued, and keeps to Python's rule that an error set is an error returned.
PyObject* Done() {
  if (TurnDepth() == 0) Scheduler::Run();
  if (PyErr_Occurred()) return nullptr;
  Py_RETURN_NONE;
}

// ---- Inspector

PyObject* New(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"realm", "name", "hooks", "remote", nullptr};
  PyObject *realm_object, *hooks = Py_None;
  const char* name;
  int remote = 0;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "Os|Op", const_cast<char**>(names), &realm_object, &name, &hooks,
                                   &remote))
    return nullptr;
  Realm* realm = RealmOf(realm_object);
  if (!realm) return nullptr;
  RefPtr<Inspector> inspector = Inspector::New(realm, name, hooks, remote != 0);
  PyObject* self = inspector ? type->tp_alloc(type, 0) : nullptr;
  if (!self) return nullptr;
  inspector->Ref();
  reinterpret_cast<InspectorObject*>(self)->inspector = inspector.get();
  return self;
}

Inspector* Get(PyObject* self) {
  Inspector* inspector = reinterpret_cast<InspectorObject*>(self)->inspector;
  if (!inspector->closed()) return inspector;
  PyErr_SetString(PyExc_RuntimeError, "the inspected worker has been disposed of");
  return nullptr;
}

PyObject* Connect(PyObject* self, PyObject* on_message) {
  Inspector* inspector = Get(self);
  if (!inspector) return nullptr;
  if (!PyCallable_Check(on_message)) {
    PyErr_SetString(PyExc_TypeError, "connect(on_message): a callable is needed");
    return nullptr;
  }
  RefPtr<InspectorSession> session = inspector->Connect(on_message);
  PyObject* object = g_session_type->tp_alloc(g_session_type, 0);
  if (!object) return nullptr;
  session->Ref();
  reinterpret_cast<SessionObject*>(object)->session = session.get();
  return object;
}

PyObject* Drain(PyObject* self, PyObject*) {
  Inspector* inspector = reinterpret_cast<InspectorObject*>(self)->inspector;
  if (!inspector->closed()) inspector->Drain();
  return Done();
}

PyObject* Resume(PyObject* self, PyObject*) {
  Inspector* inspector = reinterpret_cast<InspectorObject*>(self)->inspector;
  if (!inspector->closed()) inspector->Resume();
  return Done();
}

PyObject* FireTimer(PyObject* self, PyObject* number) {
  long value = PyLong_AsLong(number);
  if (value == -1 && PyErr_Occurred()) return nullptr;
  Inspector* inspector = reinterpret_cast<InspectorObject*>(self)->inspector;
  if (!inspector->closed()) inspector->FireTimer(static_cast<int>(value));
  return Done();
}

PyObject* Paused(PyObject* self, void*) {
  return PyBool_FromLong(reinterpret_cast<InspectorObject*>(self)->inspector->paused());
}
PyObject* Closed(PyObject* self, void*) {
  return PyBool_FromLong(reinterpret_cast<InspectorObject*>(self)->inspector->closed());
}

PyMethodDef inspector_methods[] = {
    {"connect", Connect, METH_O,
     "connect(on_message) -> InspectorSession. on_message gets each message (str), and None when the worker goes."},
    {"drain", Drain, METH_NOARGS, "Work on the messages that were posted."},
    {"resume", Resume, METH_NOARGS, "End all sessions; a paused worker goes on."},
    {"fire_timer", FireTimer, METH_O, "A timer that hooks.start_timer() was asked for has run."},
    {nullptr, nullptr, 0, nullptr}};
PyGetSetDef inspector_getset[] = {{"paused", Paused, nullptr, "Whether the worker is held by a debugger.", nullptr},
                                  {"closed", Closed, nullptr, "Whether the worker is gone.", nullptr},
                                  {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyType_Slot inspector_slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(New)},
    {Py_tp_dealloc, reinterpret_cast<void*>(Dealloc<InspectorObject, &InspectorObject::inspector>)},
    {Py_tp_methods, inspector_methods},
    {Py_tp_getset, inspector_getset},
    {Py_tp_doc,
     const_cast<char*>("Inspector(realm, name, hooks=None, remote=False): see native/inspector/inspector.h.")},
    {0, nullptr}};
PyType_Spec inspector_spec = {"workerd._native.Inspector", sizeof(InspectorObject), 0, Py_TPFLAGS_DEFAULT,
                              inspector_slots};

// ---- InspectorSession

InspectorSession* SessionOf(PyObject* self) { return reinterpret_cast<SessionObject*>(self)->session; }

PyObject* Post(PyObject* self, PyObject* text) {
  std::string message;
  if (!Utf8Of(text, &message)) return nullptr;
  InspectorSession* session = SessionOf(self);
  if (!session->closed()) session->inspector()->Post(session, std::move(message));
  Py_RETURN_NONE;
}

PyObject* PostClose(PyObject* self, PyObject*) {
  InspectorSession* session = SessionOf(self);
  if (!session->closed()) session->inspector()->Post(session, std::nullopt);
  Py_RETURN_NONE;
}

PyObject* Dispatch(PyObject* self, PyObject* text) {
  std::string message;
  if (!Utf8Of(text, &message)) return nullptr;
  RefPtr<InspectorSession> session = SessionOf(self);
  if (session->closed() || session->inspector()->closed()) {
    PyErr_SetString(PyExc_RuntimeError, "the inspector session is closed");
    return nullptr;
  }
  session->inspector()->Dispatch(session.get(), message);
  return Done();
}

PyObject* Close(PyObject* self, PyObject*) {
  RefPtr<InspectorSession> session = SessionOf(self);
  session->Close();
  return Done();
}

PyObject* SessionClosed(PyObject* self, void*) { return PyBool_FromLong(SessionOf(self)->closed()); }

PyMethodDef session_methods[] = {
    {"post", Post, METH_O, "Queue a message for Inspector.drain(); from any thread."},
    {"post_close", PostClose, METH_NOARGS, "Queue its end; from any thread."},
    {"dispatch", Dispatch, METH_O,
     "Work on a message now; the answer has been delivered when this returns, unless it takes a promise to settle."},
    {"close", Close, METH_NOARGS, "End it. A worker that it alone had paused goes on."},
    {nullptr, nullptr, 0, nullptr}};
PyGetSetDef session_getset[] = {{"closed", SessionClosed, nullptr, "Whether it has ended.", nullptr},
                                {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyType_Slot session_slots[] = {
    {Py_tp_dealloc, reinterpret_cast<void*>(Dealloc<SessionObject, &SessionObject::session>)},
    {Py_tp_methods, session_methods},
    {Py_tp_getset, session_getset},
    {0, nullptr}};
PyType_Spec session_spec = {"workerd._native.InspectorSession", sizeof(SessionObject), 0,
                            Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, session_slots};

}  // namespace

bool InitInspector(PyObject* module) {
  PyObject* type = PyType_FromSpec(&inspector_spec);
  g_session_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&session_spec));
  return type && g_session_type && PyModule_AddObjectRef(module, "Inspector", type) == 0 &&
         PyModule_AddObjectRef(module, "InspectorSession", reinterpret_cast<PyObject*>(g_session_type)) == 0;
}

}  // namespace workerd
