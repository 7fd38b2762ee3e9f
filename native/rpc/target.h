// Capabilities that lead into a worker: objects it has given away, and entrypoints with properties of their own.
#pragma once
#include "rpc/message.h"

namespace workerd {

// An object of a worker's, by the number it has there (platform/js/rpc/exports.ts). When nobody holds it any more, the
// worker is told.
class ExportTarget final : public Target {
 public:
  ExportTarget(RefPtr<Realm> realm, int64_t id) : realm_(std::move(realm)), id_(id) {}
  void Start(RefPtr<Exchange> exchange) override;

 private:
  ~ExportTarget() override;
  RefPtr<Realm> realm_;
  int64_t id_;
};

// Somebody else's capability that this worker has passed on: its number tells the worker when nobody holds it that way
// any more.
class HeldTarget final : public Target {
 public:
  HeldTarget(RefPtr<Target> inner, RefPtr<Realm> realm, int64_t id)
      : inner_(std::move(inner)), realm_(std::move(realm)), id_(id) {}
  void Start(RefPtr<Exchange> exchange) override;

 private:
  ~HeldTarget() override;
  RefPtr<Target> inner_;
  RefPtr<Realm> realm_;
  int64_t id_;
};

// An entrypoint that exists as long as somebody holds it: `ctx.exports.Name({props})`.
class OwnedEntry final : public Target {
 public:
  OwnedEntry(RefPtr<Realm> realm, int id);
  void Start(RefPtr<Exchange> exchange) override { entry_->Start(std::move(exchange)); }

 private:
  ~OwnedEntry() override;
  RefPtr<Realm> realm_;
  RefPtr<Target> entry_;
  int id_;
};

// Inside a turn of the realm: calls a handler of the platform layer's, outside of any request. Empty with the error
// reported, or when the isolate was terminated.
v8::MaybeLocal<v8::Value> CallRpcHandler(Realm* realm, const v8::Global<v8::Function>& handler, int argc,
                                         v8::Local<v8::Value>* argv);

// Inside a turn of the realm: hands a call to platform/js/rpc/serve.ts. `id`: an export's number, or an entrypoint's.
void DispatchRpc(Realm* realm, bool is_export, int64_t id, const RefPtr<Exchange>& exchange);

// The target's answer to calls when it is no worker.
void RefuseRpc(Exchange* exchange);

// A capability as JS gives it: a handle, or a number of the worker's table. Null with an exception thrown.
RefPtr<Target> TargetFromJs(Realm* realm, v8::Local<v8::Value> value);

}  // namespace workerd
