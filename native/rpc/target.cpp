#include "rpc/target.h"

#include "engine/convert.h"
#include "flow/scheduler.h"
#include "flow/worker_target.h"

namespace workerd {

namespace {

// Tells the worker that an export (or an entrypoint) of its own is not held by anybody any more.
void PostReleased(const RefPtr<Realm>& realm, bool is_export, int64_t id) {
  if (realm->dead()) return;
  Scheduler::Post(
      realm, {},
      [](Realm* realm, RefCounted*, int64_t tagged) {
        v8::Isolate* isolate = realm->isolate();
        v8::Local<v8::Value> args[] = {v8::Boolean::New(isolate, (tagged & 1) != 0),
                                       v8::Number::New(isolate, static_cast<double>(tagged >> 1))};
        (void)CallRpcHandler(realm, realm->rpc_released, 2, args);
      },
      id * 2 + (is_export ? 1 : 0));
}

void FailDead(Realm* realm, Exchange* exchange) {
  exchange->Fail(
      Error{"Error",
            realm->holder->condemned ? "Worker exceeded its memory limit." : "The Worker has been shut down.",
            "",
            {},
            true});
}

// The caller has gone: what the call keeps alive in this worker may end. Done in a turn of the worker, later.
void Abandoned(void* owner, double id) {
  auto* realm = static_cast<Realm*>(owner);
  if (realm->dead()) return realm->RemoveExchange(id);
  Scheduler::Post(RefPtr<Realm>(realm), [realm, id] {
    v8::Local<v8::Object> context = realm->ContextOf(id);
    realm->RemoveExchange(id);
    if (context.IsEmpty()) return;
    v8::Local<v8::Value> args[] = {context, v8::Number::New(realm->isolate(), id)};
    (void)CallRpcHandler(realm, realm->rpc_cancelled, 2, args);
  });
}

}  // namespace

v8::MaybeLocal<v8::Value> CallRpcHandler(Realm* realm, const v8::Global<v8::Function>& handler, int argc,
                                         v8::Local<v8::Value>* argv) {
  if (handler.IsEmpty()) return {};
  v8::Isolate* isolate = realm->isolate();
  v8::TryCatch caught(isolate);
  v8::Local<v8::Value> undefined = v8::Undefined(isolate);
  // The handler enters a request: it must not stay entered, or nothing would ever be found to hang.
  v8::Local<v8::Data> frame = isolate->GetContinuationPreservedEmbedderDataV2();
  isolate->SetContinuationPreservedEmbedderDataV2(undefined);
  v8::MaybeLocal<v8::Value> result = handler.Get(isolate)->Call(realm->context(), undefined, argc, argv);
  if (caught.HasTerminated() || isolate->IsExecutionTerminating()) return {};
  isolate->SetContinuationPreservedEmbedderDataV2(frame);
  if (result.IsEmpty()) ReportUncaught(realm, caught.Exception());
  return result;
}

void RefuseRpc(Exchange* exchange) {
  exchange->Fail(Error{"TypeError", "The receiver is not an RPC object", "", {}, false});
}

void ExportTarget::Start(RefPtr<Exchange> exchange) {
  RpcMessage* message = MessageOf(exchange->request);
  if (!message) return (void)exchange->Fail(Error{"TypeError", "An RPC stub takes no requests.", "", {}, false});
  if (realm_->dead()) return FailDead(realm_.get(), exchange.get());
  message->callees.push_back(RefPtr<Target>(this));
  Scheduler::Post(
      realm_, exchange,
      [](Realm* realm, RefCounted* object, int64_t id) {
        DispatchRpc(realm, true, id, RefPtr<Exchange>(static_cast<Exchange*>(object)));
      },
      id_);
}

ExportTarget::~ExportTarget() { PostReleased(realm_, true, id_); }

void HeldTarget::Start(RefPtr<Exchange> exchange) {
  if (RpcMessage* message = MessageOf(exchange->request)) message->callees.push_back(RefPtr<Target>(this));
  inner_->Start(std::move(exchange));
}

HeldTarget::~HeldTarget() { PostReleased(realm_, true, id_); }

OwnedEntry::OwnedEntry(RefPtr<Realm> realm, int id)
    : realm_(realm), entry_(MakeRef<WorkerTarget>(std::move(realm), id)), id_(id) {}

OwnedEntry::~OwnedEntry() { PostReleased(realm_, false, id_); }

void DispatchRpc(Realm* realm, bool is_export, int64_t id, const RefPtr<Exchange>& exchange) {
  if (exchange->cancelled()) return;
  if (realm->rpc_dispatch.IsEmpty()) return RefuseRpc(exchange.get());
  v8::Isolate* isolate = realm->isolate();
  RpcMessage* message = MessageOf(exchange->request);
  double number = realm->AddExchange(exchange, true);
  exchange->on_abandoned = Abandoned;
  v8::Local<v8::Value> args[] = {v8::Number::New(isolate, number), v8::Boolean::New(isolate, is_export),
                                 v8::Number::New(isolate, static_cast<double>(id)),
                                 v8::Boolean::New(isolate, message->get)};
  realm->rpc_reading = message;
  v8::Local<v8::Value> context;
  bool ok = CallRpcHandler(realm, realm->rpc_dispatch, 4, args).ToLocal(&context);
  realm->rpc_reading = nullptr;
  message->Clear();
  // The handler answers through rpcAnswer()/respondError() and does not throw; a terminated one is failed at the end of
  // the turn.
  if (ok && context->IsObject()) realm->WatchContext(number, context.As<v8::Object>());
}

}  // namespace workerd
