// A Transport that calls an asyncio transport, by its bound methods.
#pragma once
#include "http/connection.h"

namespace workerd::http {

class PythonTransport final : public Transport {
 public:
  // `self` (borrowed: it owns this object) is the Python protocol. `owner` is told what becomes of it, by its methods
  // connection_closing(protocol, linger), connection_upgraded(protocol, websocket, rest, request_headers,
  // response_headers), connection_control(protocol, channel) and connection_lost(protocol); it may be None. If it has
  // them, request_failed(protocol, method, url, name, message, stack) for each error that was answered with 500, and,
  // where the options say so, request_finished(protocol, method, url, status, complete, seconds, received, sent,
  // number, traceparent).
  PythonTransport(PyObject* self, PyObject* owner) : self_(self), owner_(Py_NewRef(owner)) {}
  ~PythonTransport() override { Clear(); }
  // Takes (in place of those of a former one) write, pause_reading, resume_reading, abort and get_write_buffer_size
  // from an asyncio transport. False with a Python error set.
  bool Attach(PyObject* transport);
  void Detach();
  void Clear();
  int Traverse(visitproc visit, void* arg);
  PyObject* owner() const { return owner_; }
  // A new reference, or null with a Python error set.
  PyObject* TellOwner(const char* method, PyObject* argument = nullptr);

  void Write(const Chunk& data) override;
  size_t Unsent() override;
  void PauseReading() override { Call(pause_); }
  void ResumeReading() override { Call(resume_); }
  void Close(bool linger) override;
  void Abort() override { Call(abort_); }
  void OnUpgrade(Upgrade&& upgrade) override;
  void OnControl(RefPtr<ChannelEnd> channel) override;
  void OnRequest(const Observed& request) override;
  void OnFailure(const std::string& method, const std::string& url, const Error& error) override;
  std::string WebSocketAccept(std::string_view key) override;

 private:
  void Call(PyObject* method);
  PyObject *self_, *owner_;
  PyObject *write_ = nullptr, *pause_ = nullptr, *resume_ = nullptr, *abort_ = nullptr, *unsent_ = nullptr;
};

}  // namespace workerd::http
