// The engine part of `native` (platform/js/native.d.ts).
#include "engine/values.h"
#include "inspector/inspector.h"

namespace workerd {

void SetOp(Realm* realm, v8::Local<v8::Object> object, const char* name, v8::FunctionCallback callback, int length) {
  v8::Isolate* isolate = realm->isolate();
  v8::Local<v8::Function> function;
  if (!v8::Function::New(realm->context(), callback, v8::Local<v8::Value>(), length, v8::ConstructorBehavior::kThrow)
           .ToLocal(&function))
    return;
  v8::Local<v8::String> key = Symbolic(isolate, name);
  function->SetName(key);
  (void)object->CreateDataProperty(realm->context(), key, function);
}

void ReportUncaught(Realm* realm, v8::Local<v8::Value> error) {
  v8::Isolate* isolate = realm->isolate();
  if (realm->on_uncaught.IsEmpty()) return;
  v8::TryCatch caught(isolate);
  (void)realm->on_uncaught.Get(isolate)->Call(realm->context(), v8::Undefined(isolate), 1, &error);
}

namespace {

#define OP_REALM(info)                        \
  v8::Isolate* isolate = (info).GetIsolate(); \
  Realm* realm = Realm::Current(isolate);     \
  if (!realm) return;

// pyOp(name): hooks.op(name) gives the callable, cached by the JS side.
void PyOp(Args info) {
  OP_REALM(info);
  PyObject* name = ToPython(realm, info[0]);
  PyObject* callable = name ? PyObject_CallMethod(realm->hooks, "op", "O", name) : nullptr;
  Py_XDECREF(name);
  v8::Local<v8::Value> function;
  if (callable && FunctionFromPython(realm, callable, true).ToLocal(&function))
    info.GetReturnValue().Set(function);
  else
    ThrowFromPython(realm);
  Py_XDECREF(callable);
}

// The platform decides which frames a stack shows (stack-traces.ts).
v8::MaybeLocal<v8::Value> PrepareStack(v8::Local<v8::Context> context, v8::Local<v8::Value> error,
                                       v8::Local<v8::Array> sites) {
  Realm* realm = Realm::From(context);
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  if (!realm || realm->prepare_stack.IsEmpty()) return v8::Undefined(isolate).As<v8::Value>();
  v8::Local<v8::Value> args[] = {error, sites};
  return realm->prepare_stack.Get(isolate)->Call(context, v8::Undefined(isolate), 2, args);
}

// setHandlers({dispatch, timer, rejection, makeError, uncaught})
void SetHandlers(Args info) {
  OP_REALM(info);
  if (!info[0]->IsObject()) return ThrowTypeError(isolate, "an object is needed");
  v8::Local<v8::Object> object = info[0].As<v8::Object>();
  auto take = [&](const char* name, v8::Global<v8::Function>* to) {
    v8::Local<v8::Value> value;
    if (object->Get(realm->context(), Symbolic(isolate, name)).ToLocal(&value) && value->IsFunction())
      to->Reset(isolate, value.As<v8::Function>());
  };
  take("dispatch", &realm->dispatch_fetch);
  take("timer", &realm->on_timer);
  take("rejection", &realm->on_rejection);
  take("makeError", &realm->make_error);
  take("uncaught", &realm->on_uncaught);
  take("topLevelFrame", &realm->top_level_frame);
  take("prepareStack", &realm->prepare_stack);
  v8::Local<v8::Value> option;
  if (object->Get(realm->context(), Symbolic(isolate, "earlyRejections")).ToLocal(&option))
    realm->holder->early_rejections = option->IsTrue();
  if (object->Get(realm->context(), Symbolic(isolate, "clockStep")).ToLocal(&option) && option->IsNumber())
    realm->holder->clock_step_ms = option.As<v8::Number>()->Value();
  if (!realm->prepare_stack.IsEmpty()) isolate->SetPrepareStackTraceCallback(PrepareStack);
  take("rpcDispatch", &realm->rpc_dispatch);
  take("rpcAnswer", &realm->rpc_answer);
  take("rpcReleased", &realm->rpc_released);
  take("rpcCancelled", &realm->rpc_cancelled);
}

void GetAsyncFrame(Args info) {
  info.GetReturnValue().Set(info.GetIsolate()->GetContinuationPreservedEmbedderDataV2().As<v8::Value>());
}
void SetAsyncFrame(Args info) {
  v8::Local<v8::Value> frame = info[0];
  info.GetIsolate()->SetContinuationPreservedEmbedderDataV2(frame);
}

// V8 has builtins for the two above, which its compilers inline: whatever asks which request is running costs next to
// nothing.
void UseV8FrameBuiltins(Realm* realm, v8::Local<v8::Object> native) {
  v8::Isolate* isolate = realm->isolate();
  v8::Local<v8::Context> context = realm->context();
  v8::Local<v8::Object> extras = context->GetExtrasBindingObject();
  for (auto [from, to] : {std::pair{"getContinuationPreservedEmbedderData", "getAsyncFrame"},
                          std::pair{"setContinuationPreservedEmbedderData", "setAsyncFrame"}}) {
    v8::Local<v8::Value> builtin;
    if (extras->Get(context, Symbolic(isolate, from)).ToLocal(&builtin) && builtin->IsFunction())
      (void)native->Set(context, Symbolic(isolate, to), builtin);
  }
}

void EnqueueMicrotask(Args info) {
  if (!info[0]->IsFunction()) return ThrowTypeError(info.GetIsolate(), "a function is needed");
  info.GetIsolate()->EnqueueMicrotask(info[0].As<v8::Function>());
}

void PromiseDetails(Args info) {
  OP_REALM(info);
  if (!info[0]->IsPromise()) return;
  v8::Local<v8::Promise> promise = info[0].As<v8::Promise>();
  int state = static_cast<int>(promise->State());
  v8::Local<v8::Value> undefined = v8::Undefined(isolate);
  v8::Local<v8::Value> out[] = {v8::Integer::New(isolate, state), state ? promise->Result() : undefined};
  info.GetReturnValue().Set(v8::Array::New(isolate, out, 2));
}

void ProxyDetails(Args info) {
  OP_REALM(info);
  if (!info[0]->IsProxy()) return;
  v8::Local<v8::Proxy> proxy = info[0].As<v8::Proxy>();
  v8::Local<v8::Value> out[] = {proxy->GetTarget(), proxy->GetHandler()};
  info.GetReturnValue().Set(v8::Array::New(isolate, out, 2));
}

void PreviewEntries(Args info) {
  OP_REALM(info);
  if (!info[0]->IsObject()) return;
  bool key_value = false;
  v8::Local<v8::Array> entries;
  if (!info[0].As<v8::Object>()->PreviewEntries(&key_value).ToLocal(&entries)) return;
  v8::Local<v8::Value> out[] = {entries, v8::Boolean::New(isolate, key_value)};
  info.GetReturnValue().Set(v8::Array::New(isolate, out, 2));
}

void GetConstructorName(Args info) {
  if (info[0]->IsObject()) info.GetReturnValue().Set(info[0].As<v8::Object>()->GetConstructorName());
}

void GetOwnNonIndexProperties(Args info) {
  OP_REALM(info);
  if (!info[0]->IsObject()) return;
  auto filter = info[1]->IsTrue() ? v8::ONLY_ENUMERABLE : v8::ALL_PROPERTIES;
  v8::Local<v8::Array> names;
  if (info[0]
          .As<v8::Object>()
          ->GetPropertyNames(realm->context(), v8::KeyCollectionMode::kOwnOnly, filter, v8::IndexFilter::kSkipIndices)
          .ToLocal(&names))
    info.GetReturnValue().Set(names);
}

// The order is that of platform/js/type-bits.ts.
// The platform layer's scripts have names that begin so; users' have URLs (node modules of ours are the platform's
// too).
void IsPlatformFunction(Args info) {
  bool ours = false;
  if (info[0]->IsFunction()) {
    v8::Local<v8::Value> name = info[0].As<v8::Function>()->GetScriptOrigin().ResourceName();
    if (!name.IsEmpty() && name->IsString()) {
      v8::Isolate* isolate = info.GetIsolate();
      std::string text = ToUtf8(isolate, name);
      ours = text.starts_with("workerd:") || text.starts_with("node:internal");
    }
  }
  info.GetReturnValue().Set(ours);
}

void TypeBits(Args info) {
  v8::Local<v8::Value> v = info[0];
  uint32_t bits = 0;
  int n = 0;
  for (bool is : {v->IsArgumentsObject(),
                  v->IsAsyncFunction(),
                  v->IsGeneratorFunction(),
                  v->IsGeneratorObject(),
                  v->IsMap(),
                  v->IsMapIterator(),
                  v->IsSet(),
                  v->IsSetIterator(),
                  v->IsWeakMap(),
                  v->IsWeakSet(),
                  v->IsPromise(),
                  v->IsProxy(),
                  v->IsRegExp(),
                  v->IsDate(),
                  v->IsNativeError(),
                  v->IsModuleNamespaceObject(),
                  v->IsExternal(),
                  v->IsArrayBuffer(),
                  v->IsSharedArrayBuffer(),
                  v->IsDataView(),
                  v->IsTypedArray(),
                  v->IsBooleanObject(),
                  v->IsNumberObject(),
                  v->IsStringObject(),
                  v->IsSymbolObject(),
                  v->IsBigIntObject(),
                  v->IsWasmModuleObject()}) {
    if (is) bits |= 1u << n;
    ++n;
  }
  info.GetReturnValue().Set(bits);
}

void DetachArrayBuffer(Args info) {
  if (!info[0]->IsArrayBuffer()) return ThrowTypeError(info.GetIsolate(), "an ArrayBuffer is needed");
  v8::Local<v8::ArrayBuffer> buffer = info[0].As<v8::ArrayBuffer>();
  if (!buffer->IsDetachable()) return ThrowTypeError(info.GetIsolate(), "ArrayBuffer is not detachable");
  (void)buffer->Detach(v8::Local<v8::Value>());
}

void MarkPromiseHandled(Args info) {
  if (!info[0]->IsPromise()) return;
  info[0].As<v8::Promise>()->MarkAsHandled();
  auto& list = IsolateHolder::From(info.GetIsolate())->rejected;
  std::erase_if(list, [&](auto& entry) { return entry.first == info[0].As<v8::Promise>(); });
}

void CallSites(Args info) {
  OP_REALM(info);
  v8::Local<v8::Context> context = realm->context();
  int skip = info[0]->IsInt32() ? info[0].As<v8::Int32>()->Value() : 0;
  v8::Local<v8::StackTrace> trace = v8::StackTrace::CurrentStackTrace(isolate, 200);
  v8::Local<v8::Array> out = v8::Array::New(isolate);
  uint32_t n = 0;
  for (int i = skip; i < trace->GetFrameCount(); ++i) {
    v8::Local<v8::StackFrame> frame = trace->GetFrame(isolate, static_cast<uint32_t>(i));
    v8::Local<v8::Object> site = v8::Object::New(isolate);
    auto text = [&](v8::Local<v8::String> s) { return s.IsEmpty() ? v8::String::Empty(isolate) : s; };
    (void)site->CreateDataProperty(context, Symbolic(isolate, "functionName"), text(frame->GetFunctionName()));
    (void)site->CreateDataProperty(context, Symbolic(isolate, "scriptName"), text(frame->GetScriptName()));
    (void)site->CreateDataProperty(context, Symbolic(isolate, "lineNumber"),
                                   v8::Integer::New(isolate, frame->GetLineNumber()));
    (void)site->CreateDataProperty(context, Symbolic(isolate, "column"), v8::Integer::New(isolate, frame->GetColumn()));
    (void)out->CreateDataProperty(context, n++, site);
  }
  info.GetReturnValue().Set(out);
}

// compileFunction(source, name, params): also where eval is forbidden to users.
void CompileFunction(Args info) {
  OP_REALM(info);
  if (!info[0]->IsString() || !info[1]->IsString()) return ThrowTypeError(isolate, "source and name must be strings");
  std::vector<v8::Local<v8::String>> names;
  if (info[2]->IsArray()) {
    v8::Local<v8::Array> list = info[2].As<v8::Array>();
    for (uint32_t i = 0; i < list->Length(); ++i) {
      v8::Local<v8::Value> item;
      if (!list->Get(realm->context(), i).ToLocal(&item) || !item->IsString())
        return ThrowTypeError(isolate, "parameters must be strings");
      names.push_back(item.As<v8::String>());
    }
  }
  v8::ScriptOrigin origin(info[1]);
  v8::ScriptCompiler::Source source(info[0].As<v8::String>(), origin);
  v8::Local<v8::Function> function;
  if (v8::ScriptCompiler::CompileFunction(realm->context(), &source, names.size(), names.data(), 0, nullptr,
                                          v8::ScriptCompiler::kNoCompileOptions)
          .ToLocal(&function)) {
    if (info[3]->IsTrue()) function->SetName(info[1].As<v8::String>());
    info.GetReturnValue().Set(function);
  }
}

// What a script runs may itself evaluate text and compile WebAssembly, until the script ends.
class EvalAllowed {
 public:
  explicit EvalAllowed(v8::Local<v8::Context> context)
      : context_(context), before_(context->IsCodeGenerationFromStringsAllowed()) {
    context->AllowCodeGenerationFromStrings(true);
  }
  ~EvalAllowed() { context_->AllowCodeGenerationFromStrings(before_); }
  EvalAllowed(const EvalAllowed&) = delete;
  EvalAllowed& operator=(const EvalAllowed&) = delete;

 private:
  v8::Local<v8::Context> context_;
  bool before_;
};

void RunScript(Args info) {
  OP_REALM(info);
  if (!info[0]->IsString() || !info[1]->IsString()) return ThrowTypeError(isolate, "source and name must be strings");
  v8::ScriptOrigin origin(info[1]);
  v8::ScriptCompiler::Source source(info[0].As<v8::String>(), origin);
  v8::Local<v8::Script> script;
  v8::Local<v8::Value> result;
  EvalAllowed allowed(realm->context());
  if (v8::ScriptCompiler::Compile(realm->context(), &source).ToLocal(&script) &&
      script->Run(realm->context()).ToLocal(&result))
    info.GetReturnValue().Set(result);
}

void CompileWasm(Args info) {
  OP_REALM(info);
  const char* data;
  size_t size;
  if (!BytesOf(info[0], &data, &size)) return ThrowTypeError(isolate, "bytes are needed");
  std::string copy(data, size);
  v8::Local<v8::WasmModuleObject> module;
  if (v8::WasmModuleObject::Compile(
          isolate, v8::MemorySpan<const uint8_t>(reinterpret_cast<const uint8_t*>(copy.data()), copy.size()))
          .ToLocal(&module))
    info.GetReturnValue().Set(module);
}

void Gc(Args info) { info.GetIsolate()->RequestGarbageCollectionForTesting(v8::Isolate::kFullGarbageCollection); }

// The JavaScript that runs ends, without `finally` or `catch`. The request it belongs to must have been failed.
void ExitTurn(Args info) {
  IsolateHolder::From(info.GetIsolate())->termination.store(static_cast<int>(Termination::kExit));
  info.GetIsolate()->TerminateExecution();
}

void Now(Args info) {
  static const int64_t start = NowNs();
  info.GetReturnValue().Set(static_cast<double>(NowNs() - start) / 1e6);
}

void TimerStart(Args info) {
  OP_REALM(info);
  double ms = info[1]->IsNumber() ? info[1].As<v8::Number>()->Value() : 0;
  long id = info[0]->IsNumber() ? static_cast<long>(info[0].As<v8::Number>()->Value()) : 0;
  if (realm->holder->inspector) TimerTask::Scheduled(realm->holder.get(), id);
  PyObject* done = PyObject_CallMethod(realm->hooks, "start_timer", "ld", id, ms);
  if (!done) ThrowFromPython(realm);
  Py_XDECREF(done);
}

void TimerCancel(Args info) {
  OP_REALM(info);
  long id = info[0]->IsNumber() ? static_cast<long>(info[0].As<v8::Number>()->Value()) : 0;
  if (realm->holder->inspector) TimerTask::Cancelled(realm->holder.get(), id);
  PyObject* done = PyObject_CallMethod(realm->hooks, "cancel_timer", "l", id);
  if (!done) ThrowFromPython(realm);
  Py_XDECREF(done);
}

}  // namespace

void InstallEngineOps(Realm* realm, v8::Local<v8::Object> native) {
  SetOp(realm, native, "pyOp", PyOp);
  SetOp(realm, native, "setHandlers", SetHandlers);
  SetOp(realm, native, "getAsyncFrame", GetAsyncFrame);
  SetOp(realm, native, "setAsyncFrame", SetAsyncFrame);
  UseV8FrameBuiltins(realm, native);
  SetOp(realm, native, "enqueueMicrotask", EnqueueMicrotask);
  SetOp(realm, native, "promiseDetails", PromiseDetails);
  SetOp(realm, native, "proxyDetails", ProxyDetails);
  SetOp(realm, native, "previewEntries", PreviewEntries);
  SetOp(realm, native, "getConstructorName", GetConstructorName);
  SetOp(realm, native, "getOwnNonIndexProperties", GetOwnNonIndexProperties);
  SetOp(realm, native, "typeBits", TypeBits);
  SetOp(realm, native, "isPlatformFunction", IsPlatformFunction);
  SetOp(realm, native, "detachArrayBuffer", DetachArrayBuffer);
  SetOp(realm, native, "markPromiseHandled", MarkPromiseHandled);
  SetOp(realm, native, "callSites", CallSites);
  SetOp(realm, native, "compileFunction", CompileFunction);
  SetOp(realm, native, "runScript", RunScript);
  SetOp(realm, native, "compileWasm", CompileWasm);
  SetOp(realm, native, "gc", Gc);
  SetOp(realm, native, "exitTurn", ExitTurn);
  SetOp(realm, native, "now", Now);
  SetOp(realm, native, "timerStart", TimerStart);
  SetOp(realm, native, "timerCancel", TimerCancel);
  InstallInspectorOps(realm, native);
}

}  // namespace workerd
