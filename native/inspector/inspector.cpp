#include "inspector/inspector.h"

#include <chrono>

#include "engine/convert.h"
#include "flow/scheduler.h"
#include "inspector/ticker.h"

namespace workerd {

namespace {

// What goes to V8 as text (but for protocol messages) is Latin-1 or UTF-16, not UTF-8.
class Text {
 public:
  explicit Text(v8::Isolate* isolate, v8::Local<v8::Value> value) {
    v8::Local<v8::String> s;
    if (value.IsEmpty() || !value->ToString(isolate->GetCurrentContext()).ToLocal(&s)) return;
    units_.resize(static_cast<size_t>(s->Length()));
    s->WriteV2(isolate, 0, static_cast<uint32_t>(units_.size()), units_.data());
  }
  v8_inspector::StringView view() const { return {units_.data(), units_.size()}; }

 private:
  std::vector<uint16_t> units_;
};

// All contexts of an isolate are one group: sessions see all of them.
constexpr int kGroup = 1;
}  // namespace

CpuLimitPause::CpuLimitPause(IsolateHolder* holder) : holder_(holder), left_ns_(0) {
  int64_t deadline = holder->deadline_ns.exchange(0, std::memory_order_relaxed);
  if (!deadline) return;
  left_ns_ = deadline - NowNs();
  if (left_ns_ < 1) left_ns_ = 1;
}

CpuLimitPause::~CpuLimitPause() {
  if (left_ns_ && !holder_->disposed()) holder_->deadline_ns.store(NowNs() + left_ns_, std::memory_order_relaxed);
}

RefPtr<Inspector> Inspector::New(Realm* realm, const std::string& name, PyObject* hooks, bool remote) {
  IsolateHolder* holder = realm->holder.get();
  if (holder->inspector) {
    PyErr_SetString(PyExc_RuntimeError, "the isolate has an inspector already");
    return {};
  }
  auto self = MakeRef<Inspector>();
  self->holder_ = holder;
  self->realm_ = realm;
  self->hooks_ = Py_NewRef(hooks);
  self->remote_ = remote;
  {
    Turn turn(realm);
    self->v8_ = v8_inspector::V8Inspector::create(holder->isolate(), self.get()).get();
    v8_inspector::V8ContextInfo info{realm->context(), kGroup, v8_inspector::StringView(name), {}, {}};
    self->v8_->contextCreated(info);
  }
  holder->inspector = self.get();
  self->Ref();  // by the holder, until Close(): interrupts that are under way name it too
  if (remote) StartTicking(self.get());
  return self;
}

Inspector::~Inspector() { Py_XDECREF(hooks_); }

void Inspector::Close() {
  if (!v8_) return;
  StopTicking(this);
  RefPtr<Inspector> self(this);
  posted_.clear();
  LoseSessions();
  {
    v8::Isolate::Scope scope(holder_->isolate());
    v8::HandleScope handles(holder_->isolate());
    v8_->contextDestroyed(realm_->context());
    delete v8_;
    v8_ = nullptr;
  }
  timers_.clear();
  realm_ = nullptr;
  holder_->inspector = nullptr;
  Py_CLEAR(hooks_);
  Unref();
}

void Inspector::LoseSessions() {
  for (InspectorSession* session : std::vector<InspectorSession*>(sessions_)) {
    RefPtr<InspectorSession> keep(session);
    session->Lost();
  }
}

RefPtr<InspectorSession> Inspector::Connect(PyObject* on_message) {
  auto session = MakeRef<InspectorSession>(this, on_message);
  sessions_.push_back(session.get());
  return session;
}

void Inspector::Post(RefPtr<InspectorSession> session, std::optional<std::string> message) {
  posted_.emplace_back(std::move(session), std::move(message));
}

void Inspector::Drain() {
  RefPtr<Inspector> self(this);
  while (!posted_.empty()) {
    auto [session, message] = std::move(posted_.front());
    posted_.pop_front();
    if (message)
      Dispatch(session.get(), *message);
    else
      session->Close();
  }
}

void Inspector::Dispatch(InspectorSession* raw, const std::string& message) {
  RefPtr<Inspector> self(this);
  RefPtr<InspectorSession> session(raw);
  if (closed() || session->closed() || realm_->dead()) return;
  Turn turn(realm_);
  CpuLimitPause no_limit(holder_);
  session->Open();
  // V8 terminates the code that runs and forgets about it; whoever waits for that code must be told.
  if (holder_->depth > 1 && message.find("\"Runtime.terminateExecution\"") != std::string::npos)
    holder_->termination.store(static_cast<int>(Termination::kDebugger));
  ++session->dispatching_;
  session->v8_->dispatchProtocolMessage(v8_inspector::StringView(message));
  // V8's debugger would have code at the limit pause, then let it go on and the process abort.
  if (!closed()) holder_->GuardHeap(true);
  if (--session->dispatching_ == 0 && session->closed()) session->End();
}

void Inspector::Resume() {
  LoseSessions();
  paused_ = false;
}

void Inspector::runMessageLoopOnPause(int) {
  // V8 does not pause within a pause, but an instrumentation breakpoint may end in one.
  if (paused_ || closed() || sessions_.empty()) return;
  RefPtr<Inspector> self(this);
  CpuLimitPause no_limit(holder_);
  Scheduler::Suspension others_go_on(holder_);
  paused_ = true;
  CallHook("pause", Py_BuildValue("()"));
  if (paused_) Resume();  // the hook failed
}

void Inspector::CallHook(const char* name, PyObject* args) {
  if (!hooks_ || !args) return PyErr_Clear();
  PyObject* hooks = Py_NewRef(hooks_);
  PyObject* method = PyObject_GetAttrString(hooks, name);
  PyObject* result = method ? PyObject_Call(method, args, nullptr) : nullptr;
  if (!result) PyErr_WriteUnraisable(hooks);
  Py_XDECREF(result);
  Py_XDECREF(method);
  Py_DECREF(args);
  Py_DECREF(hooks);
}

v8::Local<v8::Context> Inspector::ensureDefaultContextInGroup(int) {
  return realm_ && !realm_->dead() ? realm_->context() : v8::Local<v8::Context>();
}

double Inspector::currentTimeMS() {
  return std::chrono::duration<double, std::milli>(std::chrono::system_clock::now().time_since_epoch()).count();
}

void Inspector::startRepeatingTimer(double seconds, TimerCallback callback, void* data) {
  int number = next_timer_++;
  timers_[number] = {callback, data};
  CallHook("start_timer", Py_BuildValue("(id)", number, seconds));
}

void Inspector::cancelTimer(void* data) {
  for (auto it = timers_.begin(); it != timers_.end(); ++it) {
    if (it->second.second != data) continue;
    int number = it->first;
    timers_.erase(it);
    return CallHook("cancel_timer", Py_BuildValue("(i)", number));
  }
}

void Inspector::FireTimer(int number) {
  auto it = timers_.find(number);
  if (closed() || it == timers_.end() || realm_->dead()) return;
  Turn turn(realm_);
  it->second.first(it->second.second);
}

void Inspector::ReportException(Realm* realm, v8::Local<v8::Value> error) {
  if (closed()) return;
  v8::Isolate* isolate = realm->isolate();
  v8::HandleScope handles(isolate);
  v8::TryCatch ignore(isolate);
  v8::Local<v8::Context> context = realm->context();
  v8::Local<v8::Message> message = v8::Exception::CreateMessage(isolate, error);
  v8::Local<v8::StackTrace> stack = message->GetStackTrace();
  if (stack.IsEmpty()) stack = v8::Exception::GetStackTrace(error);
  Text text(isolate, message->Get()), url(isolate, message->GetScriptResourceName());
  std::__Cr::unique_ptr<v8_inspector::V8StackTrace> trace;
  if (!stack.IsEmpty()) trace = v8_->createStackTrace(stack);
  v8_->exceptionThrown(context, v8_inspector::StringView("Uncaught"), error, text.view(), url.view(),
                       static_cast<unsigned>(message->GetLineNumber(context).FromMaybe(0)),
                       static_cast<unsigned>(message->GetStartColumn(context).FromMaybe(0) + 1), trace, 0);
}

void Inspector::Tick() {
  if (!tick_pending_.exchange(true)) holder_->isolate()->RequestInterrupt(Interrupted, this);
}

void Inspector::Interrupted(v8::Isolate*, void* data) {
  auto* self = static_cast<Inspector*>(data);
  self->tick_pending_.store(false);
  // The thread that talks to clients needs the interpreter, which JavaScript would hold until it ends.
  Py_BEGIN_ALLOW_THREADS;
  Py_END_ALLOW_THREADS;
  if (!self->posted_.empty() && !self->paused_) self->Drain();
}

// ---- sessions

InspectorSession::InspectorSession(Inspector* inspector, PyObject* on_message)
    : inspector_(inspector), on_message_(Py_NewRef(on_message)) {}

InspectorSession::~InspectorSession() {
  Ref();  // what holds it for a moment below must not delete it again
  Close();
}

void InspectorSession::Close() {
  if (!on_message_) return;
  Py_CLEAR(on_message_);
  if (!inspector_->closed()) End();
}

void InspectorSession::Lost() {
  if (!on_message_) return;
  PyObject* on_message = Py_NewRef(on_message_);
  Close();
  PyObject* result = PyObject_CallOneArg(on_message, Py_None);
  if (!result) PyErr_WriteUnraisable(on_message);
  Py_XDECREF(result);
  Py_DECREF(on_message);
}

void InspectorSession::Open() {
  if (v8_) return;
  v8_ = inspector_->v8_
            ->connect(kGroup, this, {}, v8_inspector::V8Inspector::kFullyTrusted,
                      v8_inspector::V8Inspector::kNotWaitingForDebugger)
            .get();
}

void InspectorSession::End() {
  if (v8_) {
    v8::Isolate::Scope scope(inspector_->holder_->isolate());
    v8::HandleScope handles(inspector_->holder_->isolate());
    if (dispatching_) return v8_->stop();
    delete v8_;
    v8_ = nullptr;
  }
  std::erase(inspector_->sessions_, this);
}

void InspectorSession::Send(v8_inspector::StringBuffer* buffer) {
  v8_inspector::StringView text = buffer->string();
  PyObject* message = nullptr;
  if (on_message_) {
    auto length = static_cast<Py_ssize_t>(text.length());
    int order = -1;  // little-endian, as the machine
    message = text.is8Bit() ? PyUnicode_DecodeLatin1(reinterpret_cast<const char*>(text.characters8()), length, nullptr)
                            : PyUnicode_DecodeUTF16(reinterpret_cast<const char*>(text.characters16()), length * 2,
                                                    "replace", &order);
  }
  delete buffer;
  if (!on_message_) return;
  PyObject* on_message = Py_NewRef(on_message_);
  PyObject* result = message ? PyObject_CallOneArg(on_message, message) : nullptr;
  if (!result) PyErr_WriteUnraisable(on_message);
  Py_XDECREF(result);
  Py_XDECREF(message);
  Py_DECREF(on_message);
}

// ---- for the engine

namespace {
// V8 wants an address that is nobody else's. The odd ones are promises.
void* TaskOf(long id) { return reinterpret_cast<void*>(static_cast<uintptr_t>(id) * 2); }
}  // namespace

void TimerTask::Scheduled(IsolateHolder* holder, long id) {
  Inspector::From(holder)->v8_->asyncTaskScheduled(v8_inspector::StringView("setTimeout"), TaskOf(id), false);
}

void TimerTask::Cancelled(IsolateHolder* holder, long id) {
  Inspector::From(holder)->v8_->asyncTaskCanceled(TaskOf(id));
}

TimerTask::TimerTask(IsolateHolder* holder, long id) : holder_(holder), id_(id) {
  if (holder->inspector) Inspector::From(holder)->v8_->asyncTaskStarted(TaskOf(id));
}

TimerTask::~TimerTask() {
  if (holder_->inspector) Inspector::From(holder_)->v8_->asyncTaskFinished(TaskOf(id_));
}

void CloseInspector(Realm* realm) {
  Inspector* inspector = Inspector::From(realm->holder.get());
  if (inspector && inspector->realm() == realm) inspector->Close();
}

}  // namespace workerd
