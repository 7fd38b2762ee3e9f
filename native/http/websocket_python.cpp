#include "http/websocket_python.h"

#include "http/python_transport.h"
#include "http/websocket.h"

namespace workerd {
ChannelEnd* ChannelEndOf(PyObject* object);  // engine/values.h, which would bring in V8's headers
}

namespace workerd::http {

namespace {

PyTypeObject* g_type = nullptr;

struct WebSocketObject {
  PyObject_HEAD WebSocketProtocol* protocol;
  PythonTransport* transport;
};

WebSocketObject* As(PyObject* self) { return reinterpret_cast<WebSocketObject*>(self); }

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
  if (WebSocketProtocol* protocol = As(self)->protocol) {
    As(self)->transport->Detach();
    protocol->Lost(false);
    protocol->Unref();
  }
  delete As(self)->transport;
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* Attach(PyObject* self, PyObject* transport) {
  if (!As(self)->transport->Attach(transport)) return nullptr;
  As(self)->protocol->Start();
  Py_RETURN_NONE;
}

PyObject* DataReceived(PyObject* self, PyObject* data) {
  if (!PyBytes_Check(data))
    return PyErr_Format(PyExc_TypeError, "bytes are needed, not %.100s", Py_TYPE(data)->tp_name);
  As(self)->protocol->Feed(Chunk::Borrow(data));
  Py_RETURN_NONE;
}

PyObject* Eof(PyObject* self, PyObject*) {
  As(self)->protocol->Eof();
  Py_RETURN_FALSE;
}
PyObject* Lost(PyObject* self, PyObject*) {
  As(self)->protocol->Lost();
  As(self)->transport->Detach();
  return As(self)->transport->TellOwner("connection_lost");
}
PyObject* PauseWriting(PyObject*, PyObject*) { Py_RETURN_NONE; }
PyObject* ResumeWriting(PyObject* self, PyObject*) {
  As(self)->protocol->ResumeWriting();
  Py_RETURN_NONE;
}
PyObject* Shutdown(PyObject* self, PyObject*) {
  As(self)->protocol->Shutdown();
  Py_RETURN_NONE;
}
PyObject* CheckTimeout(PyObject* self, PyObject* args) {
  double now;
  Py_ssize_t unsent;
  if (!PyArg_ParseTuple(args, "dn", &now, &unsent)) return nullptr;
  As(self)->protocol->CheckTimeout(now);
  Py_RETURN_NONE;
}
PyObject* Closed(PyObject* self, void*) { return PyBool_FromLong(As(self)->protocol->closed()); }

PyObject* New(PyTypeObject*, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"channel", "owner", "extension", "client", nullptr};
  PyObject *channel, *owner;
  const char* extension = "";
  Py_ssize_t size = 0;
  int client = 0;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|s#p", const_cast<char**>(names), &channel, &owner, &extension,
                                   &size, &client))
    return nullptr;
  ChannelEnd* end = ChannelEndOf(channel);
  if (!end) return PyErr_Format(PyExc_TypeError, "a ChannelEnd is needed, not %.100s", Py_TYPE(channel)->tp_name);
  return NewWebSocket(end, {extension, static_cast<size_t>(size)}, client != 0, owner);
}

PyMethodDef methods[] = {
    {"attach", Attach, METH_O, "Takes the asyncio transport and starts to deliver the worker's messages."},
    {"data_received", DataReceived, METH_O,
     "Bytes from the socket; what there is to write is written to the transport."},
    {"eof_received", Eof, METH_NOARGS, "The peer has closed its direction."},
    {"connection_lost", Lost, METH_O, "The transport is gone."},
    {"pause_writing", PauseWriting, METH_NOARGS, "The transport's buffer is full; the worker can ask how full."},
    {"resume_writing", ResumeWriting, METH_NOARGS, "The transport's buffer has drained."},
    {"shutdown", Shutdown, METH_NOARGS, "Start the closing handshake, code 1001."},
    {"check_timeout", CheckTimeout, METH_VARARGS,
     "check_timeout(now, unsent_bytes): called now and then; ends a closing handshake that hangs."},
    {nullptr, nullptr, 0, nullptr}};
PyGetSetDef getset[] = {{"closed", Closed, nullptr, "Whether the connection is closing or gone.", nullptr},
                        {nullptr, nullptr, nullptr, nullptr, nullptr}};
const char kDoc[] =
    "WebSocketConnection(channel, owner, extension='', client=False): an asyncio protocol for a connection after its "
    "handshake. `channel`: this side's "
    "ChannelEnd; `owner`: has connection_closing(self, linger) and connection_lost(self), or is None; `extension`: the "
    "agreed "
    "Sec-WebSocket-Extensions value. Call attach(transport), then data_received() with what "
    "came along with the handshake.";
PyType_Slot slots[] = {{Py_tp_new, reinterpret_cast<void*>(New)},
                       {Py_tp_doc, const_cast<char*>(kDoc)},
                       {Py_tp_dealloc, reinterpret_cast<void*>(Dealloc)},
                       {Py_tp_traverse, reinterpret_cast<void*>(Traverse)},
                       {Py_tp_clear, reinterpret_cast<void*>(Clear)},
                       {Py_tp_methods, methods},
                       {Py_tp_getset, getset},
                       {0, nullptr}};
PyType_Spec spec = {"workerd._native.WebSocketConnection", sizeof(WebSocketObject), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, slots};

}  // namespace

PyObject* NewWebSocket(RefPtr<ChannelEnd> channel, std::string_view extension, bool client, PyObject* owner) {
  PyObject* self = g_type->tp_alloc(g_type, 0);
  if (!self) return nullptr;
  As(self)->transport = new PythonTransport(self, owner);
  auto protocol = MakeRef<WebSocketProtocol>(std::move(channel), extension, client, As(self)->transport);
  protocol->Ref();
  As(self)->protocol = protocol.get();
  return self;
}

bool InitWebSocket(PyObject* module) {
  g_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  return g_type && PyModule_AddObjectRef(module, "WebSocketConnection", reinterpret_cast<PyObject*>(g_type)) == 0;
}

}  // namespace workerd::http
