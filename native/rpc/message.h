// What a remote call carries, either way: a value in V8's serialization and, in a table beside it, what of the value
// cannot be bytes.
#pragma once
#include <cstdlib>
#include <vector>

#include "engine/realm.h"

namespace workerd {

class RpcMessage final : public RefCounted {
 public:
  static constexpr size_t kMaxSize = size_t{1} << 25;
  // Pipes, channels and capabilities: handles of the sender's that become the receiver's.
  struct External {
    HandleKind kind;
    RefPtr<RefCounted> object;
  };

  uint8_t* data = nullptr;
  size_t size = 0;
  std::vector<External> externals;

  // ---- calls
  bool get = false;                     // reads a property instead of calling it
  std::vector<RefPtr<Target>> callees;  // whom the call has gone to and through; kept until it is over
  bool pipelined = false;               // calls on the result wait already

  // ---- answers
  bool has_disposer = false;
  RefPtr<Target> pipeline;  // for calls on the result, where that is an object

  void Clear() {
    free(data);
    data = nullptr;
    size = 0;
    externals.clear();
  }

 private:
  ~RpcMessage() override { free(data); }
};

// The message of an exchange that is a call, or an answer to one; nullptr for others.
inline RpcMessage* MessageOf(const Request& request) { return static_cast<RpcMessage*>(request.rpc.get()); }
inline RpcMessage* MessageOf(const Response& response) { return static_cast<RpcMessage*>(response.rpc.get()); }

// A Target as JS holds it: what can be let go before the handle is garbage.
class TargetRef final : public RefCounted {
 public:
  explicit TargetRef(RefPtr<Target> target) : target(std::move(target)) {}
  RefPtr<Target> target;
};

}  // namespace workerd
