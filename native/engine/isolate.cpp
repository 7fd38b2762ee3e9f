#include <cstdlib>
#include <cstring>

#include "engine/convert.h"
#include "engine/engine.h"
#include "engine/realm.h"
#include "flow/scheduler.h"
#include "libplatform/libplatform.h"

namespace workerd {

LimitedAllocator::LimitedAllocator(size_t limit)
    : inner_(v8::ArrayBuffer::Allocator::NewDefaultAllocator()), limit_(limit) {}

LimitedAllocator::~LimitedAllocator() {
  pool_.Drain([this](void* block, size_t size) { inner_->Free(block, size); });
  inner_->~Allocator();
  LibraryDelete(inner_);
}

// Backing stores are freed on V8's threads too: hence the atomic.
bool LimitedAllocator::Reserve(size_t length) {
  size_t now = used_.fetch_add(length, std::memory_order_relaxed) + length;
  if (limit_ && now > limit_) {
    used_.fetch_sub(length, std::memory_order_relaxed);
    return false;
  }
  return true;
}

void* LimitedAllocator::New(size_t length, bool zeroed) {
  if (!Reserve(length)) {
    refused_at_ = collections_.load();
    return nullptr;
  }
  bool pooled = BufferPool::Takes(length);
  void* p = pooled ? pool_.Take(length) : nullptr;
  if (p) {
    if (zeroed) memset(p, 0, length);
    return p;
  }
  size_t size = pooled ? BufferPool::Rounded(length) : length;
  p = zeroed ? inner_->Allocate(size) : inner_->AllocateUninitialized(size);
  if (!p) {
    used_.fetch_sub(length, std::memory_order_relaxed);
    refused_at_ = collections_.load();
  }
  return p;
}

void* LimitedAllocator::Allocate(size_t length) { return New(length, true); }

void* LimitedAllocator::AllocateUninitialized(size_t length) { return New(length, false); }

void LimitedAllocator::Free(void* data, size_t length) {
  used_.fetch_sub(length, std::memory_order_relaxed);
  if (!BufferPool::Takes(length)) return inner_->Free(data, length);
  pool_.Keep(data, length, [this](void* block, size_t size) { inner_->Free(block, size); });
}

namespace {

// V8 aborts the process when this does not give it more room, so it gets some to unwind with, and the isolate is
// terminated.
size_t NearHeapLimit(void* data, size_t current, size_t initial) {
  auto* holder = static_cast<IsolateHolder*>(data);
  // V8 also calls this when it could not get an array buffer, in spite of two collections: that will be a RangeError.
  if (holder->allocator->RefusedJustNow()) return current;
  bool again =
      holder->termination.exchange(static_cast<int>(Termination::kHeap)) == static_cast<int>(Termination::kHeap);
  holder->isolate()->TerminateExecution();
  // What does not look whether it is to end, such as JSON.parse, ends soonest with enough room: the isolate is given up
  // in any case. All isolates share 4 GiB.
  if (again && current < (1536u << 20)) return current * 2;
  return current + (initial / 4 < (64u << 20) ? (64u << 20) : initial / 4);
}

void CollectionBegins(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* data) {
  static_cast<LimitedAllocator*>(data)->CountCollection();
}

void ReportRejectionsEarly(void* data) {
  auto* isolate = static_cast<v8::Isolate*>(data);
  IsolateHolder* holder = IsolateHolder::From(isolate);
  holder->rejection_report_queued = false;
  if (holder->realms.empty() || holder->rejected.empty()) return;
  v8::HandleScope handles(isolate);
  Realm* realm = holder->realms.front();
  v8::Context::Scope scope(realm->context());
  ReportRejections(realm, holder);
}

void OnPromiseReject(v8::PromiseRejectMessage message) {
  v8::Local<v8::Promise> promise = message.GetPromise();
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  IsolateHolder* holder = IsolateHolder::From(isolate);
  switch (message.GetEvent()) {
    case v8::kPromiseRejectWithNoHandler:
      holder->rejected.emplace_back(v8::Global<v8::Promise>(isolate, promise),
                                    v8::Global<v8::Value>(isolate, message.GetValue()));
      if (holder->early_rejections && !holder->rejection_report_queued) {
        holder->rejection_report_queued = true;
        isolate->EnqueueMicrotask(ReportRejectionsEarly, isolate);
      }
      break;
    case v8::kPromiseHandlerAddedAfterReject: {
      auto& list = holder->rejected;
      for (auto it = list.begin(); it != list.end(); ++it) {
        if (it->first == promise) {
          list.erase(it);
          return;
        }
      }
      holder->handled_later.emplace_back(isolate, promise);
      break;
    }
    default:
      break;  // resolve or reject after resolved: of no interest
  }
}

// eval is off, but `new Function()` without arguments (then the source is "code-like") evaluates nothing: classes that
// extend Function rely on it. Other values than strings are refused, as in the reference, except for no value.
v8::ModifyCodeGenerationFromStringsResult AllowEmptyFunctions(v8::Local<v8::Context> context,
                                                              v8::Local<v8::Value> source, bool code_like) {
  v8::ModifyCodeGenerationFromStringsResult result;
  result.codegen_allowed = source->IsUndefined() || context->IsCodeGenerationFromStringsAllowed();
  if (!source->IsString() || !code_like) return result;
  if (source.As<v8::String>()->Length() > 64) return result;
  std::string text = ToUtf8(v8::Isolate::GetCurrent(), source);
  for (const char* kind : {"function", "function*", "async function", "async function*"})
    if (text == "(" + std::string(kind) + " anonymous(\n) {\n\n})") result.codegen_allowed = true;
  return result;
}

void OnFatalError(const char* location, const char* message) {
  fprintf(stderr, "*** Fatal V8 error: %s: %s\n", location ? location : "?", message ? message : "?");
  fflush(stderr);
  abort();
}

}  // namespace

RefPtr<IsolateHolder> IsolateHolder::New(PyObject* snapshot, size_t heap_limit, size_t buffer_limit) {
  auto holder = MakeRef<IsolateHolder>();
  holder->allocator = std::make_unique<LimitedAllocator>(buffer_limit);
  v8::Isolate::CreateParams params;
  params.array_buffer_allocator = holder->allocator.get();
  if (heap_limit) params.constraints.ConfigureDefaultsFromHeapSize(0, heap_limit);
  if (snapshot && snapshot != Py_None) {
    Py_INCREF(snapshot);
    holder->snapshot_bytes = snapshot;
    holder->snapshot = {PyBytes_AS_STRING(snapshot), static_cast<int>(PyBytes_GET_SIZE(snapshot))};
    if (!holder->snapshot.IsValid()) {
      PyErr_SetString(PyExc_ValueError, "startup snapshot was made by another V8 or with other flags");
      return {};
    }
    params.snapshot_blob = &holder->snapshot;
    params.external_references = ExternalReferences();
  }
  v8::Isolate* isolate = v8::Isolate::New(params);
  if (!isolate) {
    PyErr_SetString(PyExc_MemoryError, "cannot make a V8 isolate");
    return {};
  }
  holder->isolate_ = isolate;
  isolate->SetData(0, holder.get());
  isolate->SetMicrotasksPolicy(v8::MicrotasksPolicy::kExplicit);
  isolate->SetPromiseRejectCallback(OnPromiseReject);
  isolate->SetFatalErrorHandler(OnFatalError);
  isolate->SetModifyCodeGenerationFromStringsCallback(AllowEmptyFunctions);
  isolate->SetAllowAtomicsWait(false);  // it would stop the thread that all workers share
  isolate->SetCaptureStackTraceForUncaughtExceptions(true, 20);
  holder->heap_limit = heap_limit;
  if (heap_limit) {
    holder->GuardHeap(false);
    isolate->AddGCPrologueCallback(CollectionBegins, holder->allocator.get());
    isolate->AutomaticallyRestoreInitialHeapLimit(0.6);
  }
  InstallModuleHooks(isolate);
  RegisterHolder(holder.get());
  return holder;
}

void IsolateHolder::GuardHeap(bool again) {
  if (!heap_limit) return;
  if (again) isolate_->RemoveNearHeapLimitCallback(NearHeapLimit, 0);
  isolate_->AddNearHeapLimitCallback(NearHeapLimit, this);
}

void IsolateHolder::Dispose() {
  if (!isolate_) return;
  ForgetHolder(this);
  RefPtr<IsolateHolder> self(this);
  {
    v8::Isolate::Scope scope(isolate_);
    v8::HandleScope handles(isolate_);
    auto copy = realms;
    for (Realm* realm : copy) realm->Dispose();
  }
  rejected.clear();
  handled_later.clear();
  unsettled.clear();
  wasm_signals.Clear();
  handle_template.Reset();
  v8::Isolate* isolate = isolate_;
  v8::platform::NotifyIsolateShutdown(GlobalPlatform(), isolate);
  isolate_ = nullptr;
  isolate->Dispose();
}

IsolateHolder::~IsolateHolder() {
  Ref();  // what holds it for a moment below must not delete it again
  Dispose();
  Py_XDECREF(snapshot_bytes);
}

std::string ToUtf8(v8::Isolate* isolate, v8::Local<v8::Value> value) {
  v8::Local<v8::String> s;
  if (value.IsEmpty()) return "";
  v8::TryCatch ignore(isolate);  // a toString that throws must not leave an exception behind
  if (!value->ToString(isolate->GetCurrentContext()).ToLocal(&s)) return "<unprintable>";
  if (s->IsOneByte()) {
    // ASCII, nearly always: one pass.
    std::string latin1 = ToLatin1(isolate, s);
    unsigned char all = 0;
    for (char c : latin1) all |= static_cast<unsigned char>(c);
    if (all < 128) return latin1;
  }
  std::string out(s->Utf8LengthV2(isolate), '\0');
  s->WriteUtf8V2(isolate, out.data(), out.size(), v8::String::WriteFlags::kReplaceInvalidUtf8);
  return out;
}

std::string ToLatin1(v8::Isolate* isolate, v8::Local<v8::String> s) {
  std::string out(static_cast<size_t>(s->Length()), '\0');
  s->WriteOneByteV2(isolate, 0, static_cast<uint32_t>(out.size()), reinterpret_cast<uint8_t*>(out.data()));
  return out;
}

void ThrowTypeError(v8::Isolate* isolate, const char* message) {
  isolate->ThrowException(v8::Exception::TypeError(Str(isolate, message)));
}

}  // namespace workerd
