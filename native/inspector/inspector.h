// The inspector of one isolate: V8's own (the Chrome DevTools Protocol's Runtime, Debugger, Profiler, HeapProfiler,
// Console and Schema domains), between whoever speaks the protocol (Python, see workerd/observe/inspector) and the
// isolate.
#pragma once
#include <deque>
#include <map>
#include <optional>

#include "engine/realm.h"
#include "inspector/v8_inspector.h"

namespace workerd {

class InspectorSession;

class Inspector final : public RefCounted, public v8_inspector::V8InspectorClient {
 public:
  // `hooks`, a Python object: pause(inspector) returns when `paused` is false again; start_timer(number, seconds) has
  // fire_timer(number) called repeatedly until cancel_timer(number). With `remote`, running JavaScript is interrupted
  // every now and then, so that other Python threads get to run and messages posted by them are dispatched. Null with a
  // Python error set on failure.
  static RefPtr<Inspector> New(Realm* realm, const std::string& name, PyObject* hooks, bool remote);
  static Inspector* From(IsolateHolder* holder) { return static_cast<Inspector*>(holder->inspector); }

  bool closed() const { return v8_ == nullptr; }
  bool paused() const { return paused_; }
  Realm* realm() const { return realm_; }
  // Before the realm goes. Sessions end.
  void Close();

  // From any thread that has the GIL: V8 hears of the session when it works on its first message.
  RefPtr<InspectorSession> Connect(PyObject* on_message);
  // Queues a message, or the session's end, for Drain(). From any thread that has the GIL.
  void Post(RefPtr<InspectorSession> session, std::optional<std::string> message);
  // Dispatches what was posted. On the isolate's thread: from the event loop, from pause(), or in the middle of
  // JavaScript.
  void Drain();
  void Dispatch(InspectorSession* session, const std::string& message);
  // The isolate goes on, and pauses no more until a session connects: for the end of the process.
  void Resume();
  void ReportException(Realm* realm, v8::Local<v8::Value> error);
  void FireTimer(int number);

  void runMessageLoopOnPause(int group) override;
  void quitMessageLoopOnPause() override { paused_ = false; }
  v8::Local<v8::Context> ensureDefaultContextInGroup(int group) override;
  double currentTimeMS() override;
  void startRepeatingTimer(double seconds, TimerCallback callback, void* data) override;
  void cancelTimer(void* data) override;

  static void Interrupted(v8::Isolate* isolate, void* self);
  // By the ticker's thread, under its lock.
  void Tick();

 private:
  friend class InspectorSession;
  friend class TimerTask;
  ~Inspector() override;
  void LoseSessions();
  void CallHook(const char* name, PyObject* args);

  v8_inspector::V8Inspector* v8_ = nullptr;
  IsolateHolder* holder_ = nullptr;
  Realm* realm_ = nullptr;  // not counted: it calls CloseInspector() before it goes
  PyObject* hooks_ = nullptr;
  bool remote_ = false;
  bool paused_ = false;
  std::atomic<bool> tick_pending_{false};
  std::vector<InspectorSession*> sessions_;
  std::deque<std::pair<RefPtr<InspectorSession>, std::optional<std::string>>> posted_;
  std::map<int, std::pair<TimerCallback, void*>> timers_;
  int next_timer_ = 1;
};

// One client of an inspector.
class InspectorSession final : public RefCounted, public v8_inspector::V8Inspector::Channel {
 public:
  InspectorSession(Inspector* inspector, PyObject* on_message);
  bool closed() const { return on_message_ == nullptr; }
  // Ends it from our side; Python is told nothing. While one of its messages is being worked on, V8's part ends after
  // that.
  void Close();
  // Ends it because the isolate goes: Python gets None as the last message.
  void Lost();
  Inspector* inspector() const { return inspector_.get(); }

  void sendResponse(int call, std::__Cr::unique_ptr<v8_inspector::StringBuffer> message) override {
    Send(message.get());
  }
  void sendNotification(std::__Cr::unique_ptr<v8_inspector::StringBuffer> message) override { Send(message.get()); }
  void flushProtocolNotifications() override {}

 private:
  friend class Inspector;
  ~InspectorSession() override;
  void Open();
  void Send(v8_inspector::StringBuffer* message);
  void End();

  RefPtr<Inspector> inspector_;
  PyObject* on_message_;
  v8_inspector::V8InspectorSession* v8_ = nullptr;
  int dispatching_ = 0;
};

// Links the stack of a timer's callback to the one that started the timer, in what debuggers show.
class TimerTask {
 public:
  static void Scheduled(IsolateHolder* holder, long id);
  static void Cancelled(IsolateHolder* holder, long id);
  // Around the callback.
  TimerTask(IsolateHolder* holder, long id);
  ~TimerTask();
  TimerTask(const TimerTask&) = delete;
  TimerTask& operator=(const TimerTask&) = delete;

 private:
  IsolateHolder* holder_;
  long id_;
};

// No CPU limit while a person looks at the isolate.
class CpuLimitPause {
 public:
  explicit CpuLimitPause(IsolateHolder* holder);
  ~CpuLimitPause();
  CpuLimitPause(const CpuLimitPause&) = delete;
  CpuLimitPause& operator=(const CpuLimitPause&) = delete;

 private:
  IsolateHolder* holder_;
  int64_t left_ns_;
};

bool InitInspector(PyObject* module);  // Inspector, InspectorSession
// Functions of the `native` object.
void InstallInspectorOps(Realm* realm, v8::Local<v8::Object> native);
// Called by the engine before a realm goes.
void CloseInspector(Realm* realm);

}  // namespace workerd
