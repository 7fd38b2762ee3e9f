// HttpConnection, the Python type: an asyncio protocol, so that the event loop calls C++ without a Python
// frame in between; what happens once in a connection's life is told to the listener that made it.
#include "http/http.h"
#include "http/options_python.h"
#include "http/python_transport.h"
#include "http/websocket_python.h"

namespace workerd {
RefPtr<Target> TargetOf(PyObject* object);  // engine/values.h, which would bring in V8's headers
}

namespace workerd::http {

namespace {

struct ConnectionObject {
  PyObject_HEAD Connection* connection;
  PythonTransport* transport;
};

ConnectionObject* As(PyObject* self) { return reinterpret_cast<ConnectionObject*>(self); }

int Init(PyObject* self, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"target", "options", "owner", nullptr};
  PyObject *target_object, *options_object, *owner;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOO", const_cast<char**>(names), &target_object, &options_object,
                                   &owner))
    return -1;
  if (As(self)->connection) {
    PyErr_SetString(PyExc_RuntimeError, "HttpConnection is initialised already");
    return -1;
  }
  RefPtr<Target> target = TargetOf(target_object);
  if (!target) {
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "target: a Target is needed");
    return -1;
  }
  HttpOptions* options = OptionsOf(options_object);
  if (!options) return -1;
  As(self)->transport = new PythonTransport(self, owner);
  auto connection = MakeRef<Connection>(target, options, As(self)->transport);
  connection->Ref();
  As(self)->connection = connection.get();
  return 0;
}

int Traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  return As(self)->transport ? As(self)->transport->Traverse(visit, arg) : 0;
}

int Clear(PyObject* self) {
  if (As(self)->transport) As(self)->transport->Clear();
  return 0;
}

void Dealloc(PyObject* self) {
  PyObject_GC_UnTrack(self);
  PyTypeObject* type = Py_TYPE(self);
  if (Connection* connection = As(self)->connection) {
    As(self)->transport->Detach();
    connection->Lost(false);
    connection->Unref();
  }
  delete As(self)->transport;
  type->tp_free(self);
  Py_DECREF(type);
}

Connection* Get(PyObject* self) {
  if (!As(self)->connection) PyErr_SetString(PyExc_RuntimeError, "HttpConnection is not initialised");
  return As(self)->connection;
}

// The bytes to parse, as a bytes object; null with a Python error set.
bool ToChunk(PyObject* data, Chunk* out) {
  if (PyBytes_CheckExact(data)) {
    *out = Chunk::Borrow(data);
    return true;
  }
  PyObject* bytes = PyBytes_FromObject(data);
  if (!bytes) return false;
  *out = Chunk::Steal(bytes);
  return true;
}

PyObject* Feed(PyObject* self, PyObject* data) {
  Connection* connection = Get(self);
  Chunk chunk;
  if (!connection || !ToChunk(data, &chunk)) return nullptr;
  connection->Feed(std::move(chunk));
  if (connection->out().empty()) Py_RETURN_NONE;
  PyObject* out =
      PyBytes_FromStringAndSize(connection->out().data(), static_cast<Py_ssize_t>(connection->out().size()));
  if (out) connection->ClearOut();
  return out;
}

PyObject* DataReceived(PyObject* self, PyObject* data) {
  Connection* connection = Get(self);
  Chunk chunk;
  if (!connection || !ToChunk(data, &chunk)) return nullptr;
  connection->Feed(std::move(chunk));
  if (!connection->out().empty()) {
    Chunk out = Chunk::Copy(connection->out().data(), connection->out().size());
    connection->ClearOut();
    As(self)->transport->Write(out);
  }
  Py_RETURN_NONE;
}

PyObject* ConnectionMade(PyObject* self, PyObject* transport) {
  return Get(self) ? As(self)->transport->TellOwner("connection_made", transport) : nullptr;
}

PyObject* Attach(PyObject* self, PyObject* args) {
  PyObject* transport;
  const char* cf = "";
  Py_ssize_t size = 0;
  Connection* connection = Get(self);
  if (!connection || !PyArg_ParseTuple(args, "O|s#", &transport, &cf, &size)) return nullptr;
  if (!As(self)->transport->Attach(transport)) return nullptr;
  if (size) connection->set_cf({cf, static_cast<size_t>(size)});
  Py_RETURN_NONE;
}

PyObject* SetTarget(PyObject* self, PyObject* object) {
  Connection* connection = Get(self);
  RefPtr<Target> target = connection ? TargetOf(object) : RefPtr<Target>();
  if (!target) {
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "target: a Target is needed");
    return nullptr;
  }
  connection->set_target(std::move(target));
  Py_RETURN_NONE;
}

PyObject* EofReceived(PyObject* self, PyObject*) {
  Connection* connection = Get(self);
  return connection ? PyBool_FromLong(connection->EofReceived()) : nullptr;
}

PyObject* ConnectionLost(PyObject* self, PyObject*) {
  Connection* connection = Get(self);
  if (!connection) return nullptr;
  connection->Lost();
  As(self)->transport->Detach();
  return As(self)->transport->TellOwner("connection_lost");
}

template <void (Connection::*kMethod)()>
PyObject* Simple(PyObject* self, PyObject*) {
  Connection* connection = Get(self);
  if (!connection) return nullptr;
  (connection->*kMethod)();
  Py_RETURN_NONE;
}

PyObject* CheckTimeout(PyObject* self, PyObject* args) {
  double now;
  Py_ssize_t unsent;
  Connection* connection = Get(self);
  if (!connection || !PyArg_ParseTuple(args, "dn", &now, &unsent)) return nullptr;
  connection->CheckTimeout(now, static_cast<size_t>(unsent));
  Py_RETURN_NONE;
}

PyObject* StartRaw(PyObject* self, PyObject* args) {
  Connection* connection = Get(self);
  const char *address, *headers = "";
  if (!connection || !PyArg_ParseTuple(args, "s|s", &address, &headers)) return nullptr;
  connection->StartRaw(address, headers);
  Py_RETURN_NONE;
}

PyObject* Idle(PyObject* self, void*) {
  return As(self)->connection ? PyBool_FromLong(As(self)->connection->idle()) : Py_NewRef(Py_False);
}
PyObject* IdleSince(PyObject* self, void*) {
  double since = As(self)->connection ? As(self)->connection->idle_since() : 0;
  if (!since) Py_RETURN_NONE;
  return PyFloat_FromDouble(since);
}
PyObject* Closed(PyObject* self, void*) {
  return PyBool_FromLong(!As(self)->connection || As(self)->connection->closed());
}

PyMethodDef methods[] = {
    {"connection_made", ConnectionMade, METH_O, "Passed on to the owner, who calls attach()."},
    {"attach", Attach, METH_VARARGS,
     "attach(transport, cf=''): takes the the methods of an asyncio transport. cf: request.cf as JSON text where no "
     "header brings one."},
    {"set_target", SetTarget, METH_O, "Who is asked from the next request on."},
    {"feed", Feed, METH_O,
     "feed(data) -> bytes | None: parses, asks the target, runs the scheduler; what there is to write so far."},
    {"data_received", DataReceived, METH_O, "feed(), with the output written to the transport."},
    {"eof_received", EofReceived, METH_NOARGS,
     "The client will send no more. True: keep the transport open, an answer is to come."},
    {"connection_lost", ConnectionLost, METH_O, "The transport is gone: what is under way is cancelled."},
    {"pause_writing", Simple<&Connection::PauseWriting>, METH_NOARGS, "The transport's buffer is full."},
    {"resume_writing", Simple<&Connection::ResumeWriting>, METH_NOARGS, "The transport's buffer has drained."},
    {"shutdown", Simple<&Connection::Shutdown>, METH_NOARGS,
     "Finish the request under way, then close; close now when there is none."},
    {"check_timeout", CheckTimeout, METH_VARARGS,
     "check_timeout(now, unsent_bytes): called now and then; ends what has been waiting for too long."},
    {"start_raw", StartRaw, METH_VARARGS,
     "start_raw(address, headers=''): no HTTP; the target gets a CONNECT request whose bodies are the bytes of the "
     "connection."},
    {nullptr, nullptr, 0, nullptr}};
PyGetSetDef getset[] = {
    {"idle", Idle, nullptr, "Whether it is between requests.", nullptr},
    {"idle_since", IdleSince, nullptr, "Monotonic time in seconds, or None when it is not idle.", nullptr},
    {"closed", Closed, nullptr, "Whether the connection is closing or gone.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyType_Slot slots[] = {
    {Py_tp_init, reinterpret_cast<void*>(Init)},
    {Py_tp_new, reinterpret_cast<void*>(PyType_GenericNew)},
    {Py_tp_dealloc, reinterpret_cast<void*>(Dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(Traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(Clear)},
    {Py_tp_methods, methods},
    {Py_tp_getset, getset},
    {Py_tp_doc,
     const_cast<char*>(
         "HttpConnection(target, options, owner): one HTTP/1.1 server connection, an asyncio protocol. `owner` is "
         "told connection_made(self, transport), connection_closing(self, linger), "
         "connection_upgraded(self, websocket, rest, request_headers, response_headers), "
         "connection_control(self, channel) and connection_lost(self).")},
    {0, nullptr}};
PyType_Spec spec = {"workerd._native.HttpConnection", sizeof(ConnectionObject), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots};

}  // namespace

}  // namespace workerd::http

namespace workerd {

bool InitHttp(PyObject* module) {
  using namespace http;
  if (!InitOptions(module)) return false;
  PyObject* type = PyType_FromSpec(&spec);
  if (!type) return false;
  int failed = PyModule_AddObjectRef(module, "HttpConnection", type);
  Py_DECREF(type);
  return !failed && InitWebSocket(module);
}

}  // namespace workerd
