#include "http/python_transport.h"

#include "http/websocket_python.h"

namespace workerd {
PyObject* NewPythonChannelEnd(RefPtr<ChannelEnd> end);  // engine/values.h, which would bring in V8's headers
}

namespace workerd::http {

namespace {
// An exception from the event loop's side has nobody to go to: it is reported, and the connection goes on or is found
// lost.
void Done(PyObject* result, PyObject* context) {
  if (!result) {
    PyErr_WriteUnraisable(context);
  } else {
    Py_DECREF(result);
  }
}
}  // namespace

bool PythonTransport::Attach(PyObject* transport) {
  Detach();
  write_ = PyObject_GetAttrString(transport, "write");
  pause_ = write_ ? PyObject_GetAttrString(transport, "pause_reading") : nullptr;
  resume_ = pause_ ? PyObject_GetAttrString(transport, "resume_reading") : nullptr;
  abort_ = resume_ ? PyObject_GetAttrString(transport, "abort") : nullptr;
  unsent_ = abort_ ? PyObject_GetAttrString(transport, "get_write_buffer_size") : nullptr;
  return unsent_ != nullptr;
}

void PythonTransport::Detach() {
  Py_CLEAR(write_);
  Py_CLEAR(pause_);
  Py_CLEAR(resume_);
  Py_CLEAR(abort_);
  Py_CLEAR(unsent_);
}

void PythonTransport::Clear() {
  Detach();
  Py_CLEAR(owner_);
}

PyObject* PythonTransport::TellOwner(const char* method, PyObject* argument) {
  if (!owner_ || owner_ == Py_None) Py_RETURN_NONE;
  PyObject* name = PyUnicode_InternFromString(method);
  if (!name) return nullptr;
  PyObject* result = PyObject_CallMethodObjArgs(owner_, name, self_, argument, nullptr);
  Py_DECREF(name);
  return result;
}

int PythonTransport::Traverse(visitproc visit, void* arg) {
  Py_VISIT(write_);
  Py_VISIT(pause_);
  Py_VISIT(resume_);
  Py_VISIT(abort_);
  Py_VISIT(unsent_);
  Py_VISIT(owner_);
  return 0;
}

void PythonTransport::Call(PyObject* method) {
  if (method) Done(PyObject_CallNoArgs(method), method);
}

void PythonTransport::Write(const Chunk& data) {
  if (!write_) return;
  PyObject* bytes = data.ToPython();
  if (!bytes) {
    PyErr_WriteUnraisable(write_);
    return;
  }
  Done(PyObject_CallOneArg(write_, bytes), write_);
  Py_DECREF(bytes);
}

size_t PythonTransport::Unsent() {
  PyObject* result = unsent_ ? PyObject_CallNoArgs(unsent_) : nullptr;
  if (!result) {
    if (unsent_) PyErr_WriteUnraisable(unsent_);
    return 0;
  }
  size_t size = PyLong_AsSize_t(result);
  Py_DECREF(result);
  if (size != static_cast<size_t>(-1) || !PyErr_Occurred()) return size;
  PyErr_WriteUnraisable(unsent_);
  return 0;
}

void PythonTransport::Close(bool linger) { Done(TellOwner("connection_closing", linger ? Py_True : Py_False), self_); }

void PythonTransport::OnUpgrade(Upgrade&& upgrade) {
  PyObject* socket = NewWebSocket(std::move(upgrade.channel), upgrade.extension, false, owner_);
  if (!socket) {
    PyErr_WriteUnraisable(self_);
    Abort();
    return;
  }
  auto latin1 = [](const std::string& s) {
    return PyUnicode_DecodeLatin1(s.data(), static_cast<Py_ssize_t>(s.size()), nullptr);
  };
  PyObject* rest = upgrade.rest.ToPython();
  PyObject* request = rest ? latin1(upgrade.request_headers) : nullptr;
  PyObject* response = request ? latin1(upgrade.response_headers) : nullptr;
  PyObject* result =
      response ? PyObject_CallMethod(owner_, "connection_upgraded", "OOOOO", self_, socket, rest, request, response)
               : nullptr;
  for (PyObject* object : {rest, request, response, socket}) Py_XDECREF(object);
  Done(result, self_);
}

void PythonTransport::OnControl(RefPtr<ChannelEnd> channel) {
  PyObject* end = NewPythonChannelEnd(std::move(channel));
  Done(end ? TellOwner("connection_control", end) : nullptr, self_);
  Py_XDECREF(end);
}

namespace {
PyObject* Text(const std::string& text) {
  return PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace");
}
}  // namespace

void PythonTransport::OnRequest(const Observed& request) {
  if (!owner_ || !PyObject_HasAttrString(owner_, "request_finished")) return;
  Done(PyObject_CallMethod(owner_, "request_finished", "ONNiNdKKdN", self_, Text(request.method), Text(request.url),
                           request.status, PyBool_FromLong(request.complete), request.seconds,
                           static_cast<unsigned long long>(request.received),
                           static_cast<unsigned long long>(request.sent), request.number, Text(request.trace)),
       self_);
}

void PythonTransport::OnFailure(const std::string& method, const std::string& url, const Error& error) {
  if (!owner_ || !PyObject_HasAttrString(owner_, "request_failed")) return;
  Done(PyObject_CallMethod(owner_, "request_failed", "ONNNNN", self_, Text(method), Text(url), Text(error.name),
                           Text(error.message), Text(error.stack)),
       self_);
}

std::string PythonTransport::WebSocketAccept(std::string_view key) {
  std::string text(key);
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455, 1.3
  std::string out;
  PyObject* hashlib = PyImport_ImportModule("hashlib");
  PyObject* binascii = hashlib ? PyImport_ImportModule("binascii") : nullptr;
  PyObject* hash = binascii
                       ? PyObject_CallMethod(hashlib, "sha1", "y#", text.data(), static_cast<Py_ssize_t>(text.size()))
                       : nullptr;
  PyObject* digest = hash ? PyObject_CallMethod(hash, "digest", nullptr) : nullptr;
  PyObject* encoded = digest ? PyObject_CallMethod(binascii, "b2a_base64", "O", digest) : nullptr;
  if (encoded && PyBytes_Check(encoded))
    out.assign(PyBytes_AS_STRING(encoded), static_cast<size_t>(PyBytes_GET_SIZE(encoded)));
  if (!encoded) PyErr_WriteUnraisable(self_);
  while (!out.empty() && out.back() == '\n') out.pop_back();
  for (PyObject* object : {hashlib, binascii, hash, digest, encoded}) Py_XDECREF(object);
  return out;
}

}  // namespace workerd::http
