// IsolateHolder: one V8 isolate, its limits and error hooks. Realm: one context in it, which is one worker's world.
#pragma once
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <v8.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/buffer_pool.h"
#include "engine/wasm_signals.h"
#include "flow/exchange.h"
#include "flow/ref.h"

namespace workerd {

class Realm;
class IsolateHolder;
class RpcMessage;
namespace web {
class JsonShapes;
}

// Counts array buffer bytes and refuses over the limit: V8's heap limit does not see them in time.
class LimitedAllocator final : public v8::ArrayBuffer::Allocator {
 public:
  explicit LimitedAllocator(size_t limit);
  ~LimitedAllocator() override;
  void* Allocate(size_t length) override;
  void* AllocateUninitialized(size_t length) override;
  void Free(void* data, size_t length) override;
  v8::PageAllocator* GetPageAllocator() override { return inner_->GetPageAllocator(); }
  size_t used() const { return used_.load(std::memory_order_relaxed); }
  size_t limit() const { return limit_; }
  // For each garbage collection that begins.
  void CountCollection() { collections_.fetch_add(1, std::memory_order_relaxed); }
  // Whether it is for want of array buffers, not of heap, that V8 says now it has no more memory.
  bool RefusedJustNow() const { return refused_at_.load(std::memory_order_relaxed) == collections_.load(); }

 private:
  bool Reserve(size_t length);
  void* New(size_t length, bool zeroed);
  v8::ArrayBuffer::Allocator* inner_;
  BufferPool pool_;
  const size_t limit_;
  std::atomic<size_t> used_{0};
  // How many collections there have been, and how many when memory was last refused.
  std::atomic<uint64_t> collections_{1};
  std::atomic<uint64_t> refused_at_{0};
};

// kExit: by the code itself, which has failed its own request; others are not affected.
enum class Termination { kNone, kCpu, kHeap, kHost, kDebugger, kExit };

class IsolateHolder : public RefCounted {
 public:
  // `snapshot`: the startup snapshot's bytes or nullptr. Limits: 0 = none. Returns null with a Python error set on
  // failure.
  static RefPtr<IsolateHolder> New(PyObject* snapshot, size_t heap_limit, size_t buffer_limit);
  v8::Isolate* isolate() const { return isolate_; }
  static IsolateHolder* From(v8::Isolate* isolate) { return static_cast<IsolateHolder*>(isolate->GetData(0)); }
  void Dispose();
  bool disposed() const { return isolate_ == nullptr; }
  // Has the heap limit enforced. V8 asks only who came last: `again` after somebody else may have come.
  void GuardHeap(bool again);

  // CPU time for one turn, in nanoseconds of wall clock while JS has the thread; 0: no limit.
  int64_t turn_limit_ns = 0;
  std::atomic<int64_t> deadline_ns{0};
  std::atomic<int> termination{0};
  int depth = 0;
  bool paused = false;     // held by a debugger: nothing new is started in it
  bool condemned = false;  // ran out of heap: nothing runs in it any more
  bool gc_stress = false;  // collect garbage at the start of each turn (needs --expose-gc)
  std::vector<std::pair<v8::Global<v8::Promise>, v8::Global<v8::Value>>> rejected;
  std::vector<v8::Global<v8::Promise>> handled_later;
  // import()s of realms that do not let them wait, by what their modules' evaluation waits for.
  std::vector<std::pair<v8::Global<v8::Promise>, v8::Global<v8::Promise::Resolver>>> unsettled;
  WasmSignals wasm_signals;
  std::atomic<bool> wants_warning{false};  // there are WebAssembly instances to be told that the deadline is near
  bool warned = false;                     // they were
  std::unique_ptr<LimitedAllocator> allocator;
  v8::StartupData snapshot{nullptr, 0};
  PyObject* snapshot_bytes = nullptr;
  void* inspector = nullptr;  // inspector/inspector.h
  v8::Global<v8::FunctionTemplate> handle_template;
  std::vector<Realm*> realms;
  int64_t turns = 0;
  size_t heap_limit = 0;
  // What Date.now() says in this isolate, in milliseconds; negative: the real time.
  double clock_ms = -1;
  // Its real time goes in steps of so many milliseconds; 0: as it comes.
  double clock_step_ms = 0;
  // Rejections are reported by a microtask that the first of them queues, not after the checkpoint.
  bool early_rejections = false;
  bool rejection_report_queued = false;

 private:
  ~IsolateHolder() override;
  v8::Isolate* isolate_ = nullptr;
};

// A JS-visible handle that owns a C++ object (RefCounted) through an internal field.
enum class HandleKind : int { kPipe = 1, kExchange = 2, kChannel = 3, kPython = 4, kTarget = 5, kMessage = 6 };

// An exchange's number is its slot's generation times this, plus the slot's place.
constexpr double kMaxSlots = 1 << 20;

class Realm : public RefCounted {
 public:
  static RefPtr<Realm> New(RefPtr<IsolateHolder> holder, PyObject* hooks);
  static Realm* From(v8::Local<v8::Context> context) {
    return static_cast<Realm*>(context->GetAlignedPointerFromEmbedderData(1, 0));
  }
  static Realm* Current(v8::Isolate* isolate) { return From(isolate->GetCurrentContext()); }
  v8::Isolate* isolate() const { return holder->isolate(); }
  v8::Local<v8::Context> context() const { return context_.Get(holder->isolate()); }
  bool dead() const { return context_.IsEmpty() || holder->disposed() || holder->condemned; }
  void Dispose();
  // The isolate was terminated in the middle of its work: requests it had not answered will not be answered.
  void FailInflight(Termination why);
  // Exchanges that JS knows by a number: those it has to answer (incoming) and those it waits for. Numbers are not used
  // twice.
  double AddExchange(RefPtr<Exchange> exchange, bool incoming);
  // nullptr when it is over.
  Exchange* FindExchange(v8::Local<v8::Value> id);
  void RemoveExchange(double id);
  size_t incoming() const { return incoming_; }
  // What the dispatch of an incoming exchange left pending hangs on this object: once it is garbage, nothing can answer
  // any more.
  void WatchContext(double id, v8::Local<v8::Object> context);
  // That object; empty when there is none any more.
  v8::Local<v8::Object> ContextOf(double id);
  // A request that will not be answered (abandoned.cpp).
  struct Abandoned {
    double id;
    RefPtr<Exchange> exchange;
  };
  // Takes out the incoming exchanges whose context was collected; the caller fails them.
  std::vector<Abandoned> TakeCollected();
  // The incoming exchange that was started last, by a number that grows through all realms; 0: there is none.
  uint64_t newest() const;
  std::vector<Abandoned> TakeNewest();
  std::unordered_set<void*> handles;  // HandleBox: see realm.cpp
  v8::Global<v8::ObjectTemplate> handle_instance;
  void CaptureBuiltin(const char* first, const char* second, const char* third, v8::Global<v8::Function>* to);
  bool IsHandle(v8::Local<v8::Value> value, HandleKind kind);

  v8::Local<v8::Object> Wrap(HandleKind kind, RefCounted* object, size_t external_bytes = 0);
  // nullptr (and a TypeError thrown in JS) when `value` is not such a handle.
  RefCounted* Unwrap(v8::Local<v8::Value> value, HandleKind kind);

  RefPtr<IsolateHolder> holder;
  PyObject* hooks = nullptr;            // the Python object with the callbacks (engine/realm.py: RealmHooks)
  PyObject* op_context = nullptr;       // first argument of Python operations
  bool imports_settle = false;          // import() fails if nothing is left that could end a module's top-level await
  std::vector<RefPtr<Target>> targets;  // the worker's capability table
  v8::Global<v8::Function> dispatch_fetch, on_timer, on_rejection, make_error, on_uncaught, top_level_frame,
      prepare_stack;
  v8::Global<v8::Function> write_host, read_host, describe_errors, restore_errors, transfer_buffer, parse_json;
  v8::Global<v8::Function> rpc_dispatch, rpc_answer, rpc_released, rpc_cancelled;
  v8::Global<v8::Value> object_prototype;
  RpcMessage* rpc_reading = nullptr;  // what rpcRead() reads: the call or answer that is being delivered
  std::unique_ptr<web::JsonShapes> json_shapes;
  v8::Global<v8::String> method_get, method_post, empty;
  std::unordered_multimap<int, std::pair<v8::Global<v8::Module>, PyObject*>>
      modules;  // identity hash -> (module, Python Module, borrowed)

 private:
  ~Realm() override;
  struct Slot {
    RefPtr<Exchange> exchange;
    uint32_t generation = 0;
    bool incoming = false, watched = false;
    uint64_t serial = 0;
    v8::Global<v8::Object> context;  // weak
  };
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_slots_;
  size_t incoming_ = 0;
  v8::Global<v8::Context> context_;
};

// Tells the platform layer of the promises that were rejected, or handled late, since the last time.
void ReportRejections(Realm* realm, IsolateHolder* holder);

// Enters a realm for the duration of one call from outside. The outermost Turn of an isolate runs microtasks and
// reports unhandled rejections at its end, and arms the CPU limit.
class Turn {
 public:
  explicit Turn(Realm* realm);
  ~Turn();
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  RefPtr<Realm> realm_;
  IsolateHolder* before_ = nullptr;
  v8::Isolate::Scope isolate_scope_;
  v8::HandleScope handle_scope_;
  v8::Context::Scope context_scope_;
};

// True while any isolate is entered.
int TurnDepth();

// Started with V8; terminates isolates over their deadline.
void StartWatchdog();
int64_t NowNs();

v8::Platform* GlobalPlatform();
void PumpForegroundTasks(bool all);

// Frees what V8's library allocated with its own operator new / new[].
void LibraryDelete(void* p);
void LibraryDeleteArray(const void* p);

inline v8::Local<v8::String> Str(v8::Isolate* isolate, const char* s) {
  return v8::String::NewFromUtf8(isolate, s).ToLocalChecked();
}
inline v8::Local<v8::String> Symbolic(v8::Isolate* isolate, const char* s) {
  return v8::String::NewFromUtf8(isolate, s, v8::NewStringType::kInternalized).ToLocalChecked();
}
inline v8::MaybeLocal<v8::String> Latin1(v8::Isolate* isolate, std::string_view s) {
  return v8::String::NewFromOneByte(isolate, reinterpret_cast<const uint8_t*>(s.data()), v8::NewStringType::kNormal,
                                    static_cast<int>(s.size()));
}
inline v8::MaybeLocal<v8::String> Utf8(v8::Isolate* isolate, std::string_view s) {
  return v8::String::NewFromUtf8(isolate, s.data(), v8::NewStringType::kNormal, static_cast<int>(s.size()));
}
std::string ToUtf8(v8::Isolate* isolate, v8::Local<v8::Value> value);
// Characters above U+00FF become '?': callers that care have checked.
std::string ToLatin1(v8::Isolate* isolate, v8::Local<v8::String> value);

void ThrowTypeError(v8::Isolate* isolate, const char* message);

}  // namespace workerd
