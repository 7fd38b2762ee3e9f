// A Transport that calls an asyncio transport, by its bound methods.
#pragma once
#include "http/connection.h"

namespace workerd::http {

class PythonTransport final : public Transport {
 public:
  // `owner` (borrowed: it owns this object) is the protocol; its methods _close(linger) and _upgraded(...) are called.
  explicit PythonTransport(PyObject* owner) : owner_(owner) {}
  ~PythonTransport() override { Detach(); }
  // Takes write, pause_reading, resume_reading and abort from an asyncio transport. False with a Python error set.
  bool Attach(PyObject* transport);
  void Detach();
  int Traverse(visitproc visit, void* arg);

  // For WebSocketConnection, which is not subclassed: what its _close and connection_lost call.
  void SetHooks(PyObject* close, PyObject* lost) {
    Py_XSETREF(close_hook_, Py_NewRef(close));
    Py_XSETREF(lost_hook_, Py_NewRef(lost));
  }
  PyObject* close_hook() const { return close_hook_; }
  PyObject* lost_hook() const { return lost_hook_; }

  void Write(const Chunk& data) override;
  void PauseReading() override { Call(pause_); }
  void ResumeReading() override { Call(resume_); }
  void Close(bool linger) override;
  void Abort() override { Call(abort_); }
  void OnUpgrade(Upgrade&& upgrade) override;
  std::string WebSocketAccept(std::string_view key) override;

 private:
  void Call(PyObject* method);
  PyObject* owner_;
  PyObject *write_ = nullptr, *pause_ = nullptr, *resume_ = nullptr, *abort_ = nullptr, *close_hook_ = nullptr, *lost_hook_ = nullptr;
};

}  // namespace workerd::http
