// A JS function kept by C++ to be called later, in a turn of its own.
#pragma once
#include "engine/convert.h"
#include "flow/scheduler.h"

namespace workerd {

class JsFunction {
 public:
  JsFunction(Realm* realm, v8::Local<v8::Function> function) : realm_(realm), function_(realm->isolate(), function) {}
  JsFunction(const JsFunction&) = delete;
  JsFunction& operator=(const JsFunction&) = delete;
  ~JsFunction() {
    // Once the isolate is gone its handle storage is too.
    if (realm_->holder->disposed()) function_.Clear();
  }
  Realm* realm() const { return realm_.get(); }
  // Inside a turn of the realm. An exception is reported as uncaught.
  void Call(int argc, v8::Local<v8::Value>* argv) {
    v8::Isolate* isolate = realm_->isolate();
    if (function_.IsEmpty()) return;
    v8::TryCatch caught(isolate);
    v8::Local<v8::Value> receiver = v8::Undefined(isolate);
    v8::Local<v8::Data> frame = isolate->GetContinuationPreservedEmbedderDataV2();
    isolate->SetContinuationPreservedEmbedderDataV2(receiver);
    bool ok = !function_.Get(isolate)->Call(realm_->context(), receiver, argc, argv).IsEmpty();
    if (!ok && (caught.HasTerminated() || isolate->IsExecutionTerminating())) return;
    isolate->SetContinuationPreservedEmbedderDataV2(frame);
    if (!ok) ReportUncaught(realm_.get(), caught.Exception());
  }
  void Drop() { function_.Reset(); }

 private:
  RefPtr<Realm> realm_;
  v8::Global<v8::Function> function_;
};

class JsCallback final : public RefCounted, public JsFunction {
 public:
  using JsFunction::JsFunction;
};

}  // namespace workerd
