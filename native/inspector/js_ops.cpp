// The inspector's part of `native` (platform/js/native.d.ts).
#include "engine/convert.h"
#include "inspector/inspector.h"

namespace workerd {

namespace {

void ReportException(Args info) {
  Realm* realm = Realm::Current(info.GetIsolate());
  if (!realm) return;
  if (Inspector* inspector = Inspector::From(realm->holder.get())) inspector->ReportException(realm, info[0]);
}

// Calls the two functions of its data, with what it was called with.
void CallBoth(Args info) {
  v8::Isolate* isolate = info.GetIsolate();
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  std::vector<v8::Local<v8::Value>> args;
  for (int i = 0; i < info.Length(); ++i) args.push_back(info[i]);
  for (uint32_t i = 0; i < 2; ++i) {
    v8::Local<v8::Value> function;
    if (!info.Data().As<v8::Array>()->Get(context, i).ToLocal(&function) || !function->IsFunction()) return;
    if (function.As<v8::Function>()->Call(context, info.This(), info.Length(), args.data()).IsEmpty()) return;
  }
}

void Tee(Args info) {
  v8::Isolate* isolate = info.GetIsolate();
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  if (!info[0]->IsString() || !info[1]->IsFunction() || !info[2]->IsFunction())
    return ThrowTypeError(isolate, "tee(name, first, second)");
  v8::Local<v8::Value> both[] = {info[1], info[2]};
  v8::Local<v8::Function> function;
  if (!v8::Function::New(context, CallBoth, v8::Array::New(isolate, both, 2), 0, v8::ConstructorBehavior::kThrow)
           .ToLocal(&function))
    return;
  function->SetName(info[0].As<v8::String>());
  info.GetReturnValue().Set(function);
}

}  // namespace

void InstallInspectorOps(Realm* realm, v8::Local<v8::Object> native) {
  SetOp(realm, native, "reportException", ReportException);
  if (realm->holder->inspector) SetOp(realm, native, "tee", Tee);
}

}  // namespace workerd
