// The RPC part of `native` (platform/js/native.d.ts): messages, calls, answers, capabilities.
#include "engine/convert.h"
#include "engine/serialize.h"
#include "flow/js_callback.h"
#include "flow/scheduler.h"
#include "flow/worker_target.h"
#include "rpc/target.h"

namespace workerd {

RefPtr<Target> TargetFromJs(Realm* realm, v8::Local<v8::Value> value) {
  if (value->IsInt32()) {
    auto number = static_cast<size_t>(value.As<v8::Int32>()->Value());
    if (number < realm->targets.size() && realm->targets[number]) return realm->targets[number];
    ThrowTypeError(realm->isolate(), "no such service");
    return {};
  }
  auto* ref = static_cast<TargetRef*>(realm->Unwrap(value, HandleKind::kTarget));
  if (!ref) return {};
  if (!ref->target) ThrowTypeError(realm->isolate(), "the capability was released");
  return ref->target;
}

namespace {

#define OP_REALM(info)                        \
  v8::Isolate* isolate = (info).GetIsolate(); \
  Realm* realm = Realm::Current(isolate);     \
  if (!realm) return;

v8::Local<v8::Value> WrapTarget(Realm* realm, RefPtr<Target> target) {
  auto ref = MakeRef<TargetRef>(std::move(target));
  return realm->Wrap(HandleKind::kTarget, ref.get());
}

void RpcTarget(Args info) {
  OP_REALM(info);
  RefPtr<Target> target = TargetFromJs(realm, info[0]);
  if (target) info.GetReturnValue().Set(WrapTarget(realm, target));
}

void RpcExport(Args info) {
  OP_REALM(info);
  if (!info[0]->IsNumber()) return ThrowTypeError(isolate, "a number is needed");
  auto target = MakeRef<ExportTarget>(RefPtr<Realm>(realm), static_cast<int64_t>(info[0].As<v8::Number>()->Value()));
  info.GetReturnValue().Set(WrapTarget(realm, target));
}

void RpcEntry(Args info) {
  OP_REALM(info);
  if (!info[0]->IsInt32()) return ThrowTypeError(isolate, "a number is needed");
  auto target = MakeRef<OwnedEntry>(RefPtr<Realm>(realm), info[0].As<v8::Int32>()->Value());
  info.GetReturnValue().Set(WrapTarget(realm, target));
}

void RpcHold(Args info) {
  OP_REALM(info);
  RefPtr<Target> target = TargetFromJs(realm, info[0]);
  if (!target) return;
  if (!info[1]->IsNumber()) return ThrowTypeError(isolate, "a number is needed");
  auto held =
      MakeRef<HeldTarget>(target, RefPtr<Realm>(realm), static_cast<int64_t>(info[1].As<v8::Number>()->Value()));
  info.GetReturnValue().Set(WrapTarget(realm, held));
}

void RpcRelease(Args info) {
  OP_REALM(info);
  auto* ref = static_cast<TargetRef*>(realm->Unwrap(info[0], HandleKind::kTarget));
  if (ref) RefPtr<Target> last = std::move(ref->target);
}

// A capability that is given away: besides what TargetFromJs() takes, -n for export number n. Null with an exception
// thrown.
RefPtr<Target> GivenTarget(Realm* realm, v8::Local<v8::Value> value) {
  double number = value->IsNumber() ? value.As<v8::Number>()->Value() : 0;
  if (number < 0) return MakeRef<ExportTarget>(RefPtr<Realm>(realm), static_cast<int64_t>(-number));
  return TargetFromJs(realm, value);
}

// A handle of the platform layer's, as a message carries it. False with an exception thrown.
bool AddExternal(Realm* realm, v8::Local<v8::Value> value, RpcMessage* message) {
  for (HandleKind kind : {HandleKind::kPipe, HandleKind::kChannel}) {
    if (!realm->IsHandle(value, kind)) continue;
    message->externals.push_back({kind, RefPtr<RefCounted>(realm->Unwrap(value, kind))});
    return true;
  }
  RefPtr<Target> target = GivenTarget(realm, value);
  if (!target) return false;
  message->externals.push_back({HandleKind::kTarget, target});
  return true;
}

// Null with an exception thrown. `externals`: an array that the hooks fill while the value is written.
RefPtr<RpcMessage> Pack(Realm* realm, v8::Local<v8::Value> value, v8::Local<v8::Value> externals) {
  v8::Isolate* isolate = realm->isolate();
  std::pair<uint8_t*, size_t> bytes{nullptr, 0};
  if (!SerializeStrictly(realm, value, &bytes)) return {};
  auto message = MakeRef<RpcMessage>();
  message->data = bytes.first;
  message->size = bytes.second;
  if (message->size > RpcMessage::kMaxSize) {
    std::string text =
        "Serialized RPC arguments or return values are limited to 32MiB, but the size of this value was: " +
        std::to_string(message->size) + " bytes.";
    isolate->ThrowException(v8::Exception::Error(Utf8(isolate, text).ToLocalChecked()));
    return {};
  }
  if (!externals->IsArray()) return message;
  v8::Local<v8::Array> list = externals.As<v8::Array>();
  for (uint32_t i = 0; i < list->Length(); ++i) {
    v8::Local<v8::Value> item;
    if (!list->Get(realm->context(), i).ToLocal(&item) || !AddExternal(realm, item, message.get())) return {};
  }
  return message;
}

void RpcPack(Args info) {
  OP_REALM(info);
  RefPtr<RpcMessage> message = Pack(realm, info[0], info[1]);
  if (message) info.GetReturnValue().Set(realm->Wrap(HandleKind::kMessage, message.get()));
}

// A caller that waits. The answer is kept here until its turn comes.
class RpcAsker final : public Asker {
 public:
  RpcAsker(Realm* realm, double exchange, double number) : realm_(realm), exchange_(exchange), number_(number) {}
  void OnResponse(Response&& response) override {
    answer_ = RefPtr<RpcMessage>(MessageOf(response));
    if (!answer_) error_ = Error{"TypeError", "The receiver is not an RPC object", "", {}, false};
    Post();
  }
  void OnError(Error&& error) override {
    error_ = std::move(error);
    Post();
  }

 private:
  void Post() {
    realm_->RemoveExchange(exchange_);
    Scheduler::Post(realm_, RefPtr<RefCounted>(this),
                    [](Realm*, RefCounted* object, int64_t) { static_cast<RpcAsker*>(object)->Deliver(); });
  }
  void Deliver() {
    Realm* realm = realm_.get();
    v8::Isolate* isolate = realm->isolate();
    v8::Local<v8::Value> undefined = v8::Undefined(isolate);
    v8::Local<v8::Value> args[] = {v8::Number::New(isolate, number_), undefined, undefined, undefined};
    if (answer_) {
      args[2] = v8::Boolean::New(isolate, answer_->has_disposer);
      if (answer_->pipeline) args[3] = WrapTarget(realm, answer_->pipeline);
    } else {
      args[1] = ErrorToJs(realm, error_);
    }
    realm->rpc_reading = answer_.get();
    (void)CallRpcHandler(realm, realm->rpc_answer, 4, args);
    realm->rpc_reading = nullptr;
    answer_.reset();
  }
  RefPtr<Realm> realm_;
  double exchange_, number_;
  RefPtr<RpcMessage> answer_;
  Error error_;
};

void RpcCall(Args info) {
  OP_REALM(info);
  RefPtr<Target> target = TargetFromJs(realm, info[0]);
  if (!target) return;
  RefPtr<RpcMessage> message;
  if (realm->IsHandle(info[1], HandleKind::kMessage))
    message = RefPtr<RpcMessage>(static_cast<RpcMessage*>(realm->Unwrap(info[1], HandleKind::kMessage)));
  else
    message = Pack(realm, info[1], info[2]);
  if (!message) return;
  message->get = info[3]->IsTrue();
  auto exchange = MakeRef<Exchange>();
  exchange->request.method = "RPC";
  exchange->request.rpc = message;
  double id = realm->AddExchange(exchange, false);
  exchange->asker = MakeRef<RpcAsker>(realm, id, info[4]->IsNumber() ? info[4].As<v8::Number>()->Value() : 0);
  info.GetReturnValue().Set(id);
  target->Start(exchange);
}

void RpcRead(Args info) {
  OP_REALM(info);
  RpcMessage* message = realm->rpc_reading;
  if (!message) return ThrowTypeError(isolate, "no message is being delivered");
  // Reading may run code that ends the delivery: the message is kept.
  RefPtr<RpcMessage> kept(message);
  v8::Local<v8::Value> value;
  bool ok = DeserializeBytes(realm, message->data, message->size).ToLocal(&value);
  // Whatever else is read from here on has nothing to do with this message.
  realm->rpc_reading = nullptr;
  if (ok) info.GetReturnValue().Set(value);
}

// Reads a packed message, any number of times.
void RpcUnpack(Args info) {
  OP_REALM(info);
  RefPtr<RpcMessage> message(static_cast<RpcMessage*>(realm->Unwrap(info[0], HandleKind::kMessage)));
  if (!message) return;
  RpcMessage* before = std::exchange(realm->rpc_reading, message.get());
  v8::Local<v8::Value> value;
  bool ok = DeserializeBytes(realm, message->data, message->size).ToLocal(&value);
  realm->rpc_reading = before;
  if (ok) info.GetReturnValue().Set(value);
}

void RpcExternal(Args info) {
  OP_REALM(info);
  RpcMessage* message = realm->rpc_reading;
  double index = info[0]->IsNumber() ? info[0].As<v8::Number>()->Value() : -1;
  if (!message || !(index >= 0) || index >= static_cast<double>(message->externals.size()))
    return ThrowTypeError(isolate, "no such external");
  const RpcMessage::External& external = message->externals[static_cast<size_t>(index)];
  if (external.kind == HandleKind::kTarget)
    info.GetReturnValue().Set(WrapTarget(realm, RefPtr<Target>(static_cast<Target*>(external.object.get()))));
  else
    info.GetReturnValue().Set(realm->Wrap(external.kind, external.object.get()));
}

// rpcAnswer(exchange, value, externals, hasDisposer, pipeline)
void RpcAnswer(Args info) {
  OP_REALM(info);
  RefPtr<Exchange> exchange(realm->FindExchange(info[0]));
  if (!exchange) return;  // The caller has gone, or was answered.
  RefPtr<RpcMessage> message = Pack(realm, info[1], info[2]);
  if (!message) return;
  message->has_disposer = info[3]->IsTrue();
  if (!info[4]->IsUndefined()) {
    message->pipeline = GivenTarget(realm, info[4]);
    if (!message->pipeline) return;
  }
  Response response;
  response.rpc = message;
  realm->RemoveExchange(info[0].As<v8::Number>()->Value());
  exchange->Respond(std::move(response));
}

// The caller's side says that there are calls on the result, the callee's asks.
void RpcSetPipelined(Args info) {
  OP_REALM(info);
  Exchange* exchange = realm->FindExchange(info[0]);
  if (exchange && MessageOf(exchange->request)) MessageOf(exchange->request)->pipelined = true;
}

void RpcIsPipelined(Args info) {
  OP_REALM(info);
  Exchange* exchange = realm->FindExchange(info[0]);
  info.GetReturnValue().Set(exchange && MessageOf(exchange->request) && MessageOf(exchange->request)->pipelined);
}

void PipeError(Args info) {
  OP_REALM(info);
  auto* pipe = static_cast<Pipe*>(realm->Unwrap(info[0], HandleKind::kPipe));
  if (pipe) info.GetReturnValue().Set(Utf8(isolate, pipe->error()).FromMaybe(v8::String::Empty(isolate)));
}

}  // namespace

void InstallRpcOps(Realm* realm, v8::Local<v8::Object> native) {
  SetOp(realm, native, "rpcTarget", RpcTarget);
  SetOp(realm, native, "rpcExport", RpcExport);
  SetOp(realm, native, "rpcEntry", RpcEntry);
  SetOp(realm, native, "rpcHold", RpcHold);
  SetOp(realm, native, "rpcRelease", RpcRelease);
  SetOp(realm, native, "rpcPack", RpcPack);
  SetOp(realm, native, "rpcCall", RpcCall);
  SetOp(realm, native, "rpcRead", RpcRead);
  SetOp(realm, native, "rpcUnpack", RpcUnpack);
  SetOp(realm, native, "rpcExternal", RpcExternal);
  SetOp(realm, native, "rpcAnswer", RpcAnswer);
  SetOp(realm, native, "rpcSetPipelined", RpcSetPipelined);
  SetOp(realm, native, "rpcIsPipelined", RpcIsPipelined);
  SetOp(realm, native, "pipeError", PipeError);
}

}  // namespace workerd
