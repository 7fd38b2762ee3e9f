// A worker's entrypoint as something that can be asked.
#pragma once
#include "engine/realm.h"

namespace workerd {

class WorkerTarget final : public Target {
 public:
  // `id`: what dispatch() in JS is told; the JS side keeps what it stands for.
  WorkerTarget(RefPtr<Realm> realm, int id) : realm_(std::move(realm)), id_(id) {}
  void Start(RefPtr<Exchange> exchange) override;
  bool is_worker() const override { return true; }
  Realm* realm() const { return realm_.get(); }
  // Another isolate takes the worker's place (it ran out of memory); entrypoint numbers stay.
  void Rebind(RefPtr<Realm> realm) { realm_ = std::move(realm); }

 private:
  RefPtr<Realm> realm_;
  int id_;
};

v8::Local<v8::Value> BodyToJs(Realm* realm, const Body& body);
// What a failed request or call hands to JS: NativeError of platform/js/native.d.ts.
v8::Local<v8::Value> ErrorToJs(Realm* realm, const Error& error);
// False with an exception thrown in JS.
bool BodyFromJs(Realm* realm, v8::Local<v8::Value> value, Body* body);

}  // namespace workerd
