// Turns: entering a worker, microtasks, unhandled rejections, limits; and the scheduler that runs queued turns.
#include <deque>

#include "engine/convert.h"
#include "engine/engine.h"
#include "engine/realm.h"
#include "flow/scheduler.h"

namespace workerd {

namespace {
int g_depth = 0;
bool g_running = false;
struct Item {
  RefPtr<Realm> realm;
  RefPtr<RefCounted> object;
  void (*run)(Realm*, RefCounted*, int64_t) = nullptr;
  int64_t argument = 0;
  std::function<void()> task;
  void operator()() const {
    if (run)
      run(realm.get(), object.get(), argument);
    else
      task();
  }
};
std::deque<Item> g_queue;
std::vector<std::function<void()>> g_idle;
std::deque<Item> g_held;          // for isolates that a debugger holds
PyObject* g_run_later = nullptr;  // Python callable: arrange for Scheduler::Run() in the loop's next round
}  // namespace

int TurnDepth() { return g_depth; }

void SetRunLater(PyObject* callable) {
  Py_XINCREF(callable);
  Py_XSETREF(g_run_later, callable);
}

Turn::Turn(Realm* realm)
    : realm_(realm),
      isolate_scope_(realm->isolate()),
      handle_scope_(realm->isolate()),
      context_scope_(realm->context()) {
  IsolateHolder* holder = realm->holder.get();
  ++g_depth;
  if (holder->depth++ == 0) {
    ++holder->turns;
    if (holder->gc_stress) realm->isolate()->RequestGarbageCollectionForTesting(v8::Isolate::kFullGarbageCollection);
    if (holder->turn_limit_ns) {
      if (!holder->wasm_signals.empty()) {
        if (holder->warned) holder->wasm_signals.Warn(realm->isolate(), false);
        holder->warned = false;
        holder->wants_warning.store(true);
      }
      holder->deadline_ns.store(NowNs() + holder->turn_limit_ns, std::memory_order_relaxed);
      before_ = Watch(holder);
    }
  }
}

void ReportRejections(Realm* realm, IsolateHolder* holder) {
  v8::Isolate* isolate = holder->isolate();
  auto rejected = std::move(holder->rejected);
  holder->rejected.clear();
  auto handled = std::move(holder->handled_later);
  holder->handled_later.clear();
  if (realm->on_rejection.IsEmpty()) return;
  v8::Local<v8::Context> context = realm->context();
  v8::Local<v8::Function> callback = realm->on_rejection.Get(isolate);
  auto call = [&](v8::Local<v8::Value> promise, v8::Local<v8::Value> reason, bool was_handled) {
    v8::TryCatch caught(isolate);
    v8::Local<v8::Value> args[] = {v8::Boolean::New(isolate, was_handled), promise, reason};
    (void)callback->Call(context, v8::Undefined(isolate), 3, args);
  };
  for (auto& [promise, reason] : rejected) call(promise.Get(isolate), reason.Get(isolate), false);
  for (auto& promise : handled) call(promise.Get(isolate), v8::Undefined(isolate), true);
}

// hooks.terminated(reason), where the hooks have it.
static void TellTerminated(Realm* realm, Termination why) {
  PyObject* hooks = realm->hooks;
  if (!hooks || !PyObject_HasAttrString(hooks, "terminated")) return;
  const char* reason = why == Termination::kCpu        ? "cpu"
                       : why == Termination::kHeap     ? "heap"
                       : why == Termination::kDebugger ? "debugger"
                                                       : "host";
  PyObject* result = PyObject_CallMethod(hooks, "terminated", "s", reason);
  if (!result) PyErr_WriteUnraisable(hooks);
  Py_XDECREF(result);
}

Turn::~Turn() {
  IsolateHolder* holder = realm_->holder.get();
  if (holder->depth == 1 && !holder->disposed()) {
    // What runs below may call Python: an error that is on its way out must neither confuse it nor get lost.
    PyObject *type, *value, *trace;
    PyErr_Fetch(&type, &value, &trace);
    v8::Isolate* isolate = holder->isolate();
    // Reporting a rejection runs code that may queue more microtasks or reject more promises: bounded by the turn's CPU
    // limit.
    do {
      isolate->PerformMicrotaskCheckpoint();
      if (holder->termination.load()) break;
      if (RefuseUnsettled(holder)) continue;
      if (holder->rejected.empty() && holder->handled_later.empty()) break;
      ReportRejections(realm_.get(), holder);
    } while (!holder->termination.load());
    holder->rejection_report_queued = false;  // the microtask may have been discarded
    if (holder->turn_limit_ns) {
      holder->deadline_ns.store(0, std::memory_order_relaxed);
      Watch(before_);
    }
    int why = holder->termination.exchange(0);
    if (why) {
      isolate->CancelTerminateExecution();
      if (why != static_cast<int>(Termination::kExit)) holder->wasm_signals.Terminated(isolate);
      holder->rejected.clear();
      holder->handled_later.clear();
      holder->unsettled.clear();
      if (why == static_cast<int>(Termination::kHeap)) {
        isolate->LowMemoryNotification();
        v8::HeapStatistics stats;
        isolate->GetHeapStatistics(&stats);
        // What it holds on to is nearly all it may have: it would run into the limit again at once.
        if (stats.used_heap_size() > holder->heap_limit / 5 * 4) holder->condemned = true;
      }
      for (Realm* realm : std::vector<Realm*>(holder->realms)) {
        if (why == static_cast<int>(Termination::kExit)) break;
        realm->FailInflight(static_cast<Termination>(why));
        TellTerminated(realm, static_cast<Termination>(why));
      }
    }
    PyErr_Restore(type, value, trace);
  }
  --holder->depth;
  --g_depth;
}

void Scheduler::Post(RefPtr<Realm> realm, std::function<void()> task) {
  g_queue.push_back(Item{std::move(realm), {}, nullptr, 0, std::move(task)});
}

void Scheduler::Post(RefPtr<Realm> realm, RefPtr<RefCounted> object, void (*run)(Realm*, RefCounted*, int64_t),
                     int64_t argument) {
  g_queue.push_back(Item{std::move(realm), std::move(object), run, argument, {}});
}

void Scheduler::AtIdle(std::function<void()> flush) { g_idle.push_back(std::move(flush)); }

void Scheduler::Run() {
  if (g_running || g_depth > 0) return;
  if (g_queue.empty() && g_idle.empty()) return;
  g_running = true;
  int64_t stop = 0;
  int count = 0;
  while (true) {
    while (!g_queue.empty()) {
      // Other connections must get their turn, however much two workers have to say to each other.
      if ((++count & 63) == 0) {
        int64_t now = NowNs();
        if (!stop) stop = now + 5'000'000;
        if (now > stop) break;
      }
      Item item = std::move(g_queue.front());
      g_queue.pop_front();
      if (!item.realm) {
        item();
      } else if (item.realm->holder->paused) {
        g_held.push_back(std::move(item));
      } else if (!item.realm->dead()) {
        Turn turn(item.realm.get());
        item();
      }
    }
    if (g_idle.empty()) break;
    auto idle = std::move(g_idle);
    g_idle.clear();
    for (auto& flush : idle) flush();
    if (stop && NowNs() > stop) break;
  }
  g_running = false;
  if ((!g_queue.empty() || !g_idle.empty()) && g_run_later) {
    PyObject* result = PyObject_CallNoArgs(g_run_later);
    if (!result) PyErr_WriteUnraisable(g_run_later);
    Py_XDECREF(result);
  }
}

Scheduler::Suspension::Suspension(IsolateHolder* holder) : holder_(holder), depth_(g_depth), running_(g_running) {
  holder->paused = true;
  g_depth = 0;
  g_running = false;
}

Scheduler::Suspension::~Suspension() {
  holder_->paused = false;
  g_depth = depth_;
  g_running = running_;
  // Back to the head of the queue, in their order.
  for (auto it = g_held.rbegin(); it != g_held.rend(); ++it) {
    if (it->realm->holder.get() == holder_) g_queue.push_front(std::move(*it));
  }
  std::erase_if(g_held, [](const auto& item) { return !item.realm; });
}

}  // namespace workerd
