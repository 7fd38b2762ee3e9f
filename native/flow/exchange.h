// One request and its one response. The asker (HTTP connection, worker, Python) makes it and sets on_response/on_error;
// the answerer (worker or Python service) calls Respond or Fail once.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "flow/channel.h"
#include "flow/chunk.h"
#include "flow/pipe.h"
#include "flow/ref.h"

namespace workerd {

// Nothing, one complete chunk, or a stream.
struct Body {
  bool present = false;
  Chunk bytes;
  RefPtr<Pipe> pipe;  // set: a stream, and `bytes` is not used
  static Body None() { return {}; }
  static Body Of(Chunk c) { return {true, std::move(c), {}}; }
  static Body Of(RefPtr<Pipe> p) { return {true, {}, std::move(p)}; }
};

struct Request {
  std::string method;
  std::string url;                // absolute; as received (UTF-8 or percent-encoded)
  std::string headers;            // "Name: value\r\nName: value\r\n", latin-1
  std::optional<std::string> cf;  // JSON
  Body body;
  bool wants_websocket = false;
  RefPtr<RefCounted> rpc;  // set: a remote call (rpc/message.h), and the rest does not count
};

struct Response {
  int status = 200;
  std::string status_text;
  std::string headers;  // as above; neither Content-Length nor Transfer-Encoding are needed for framing
  Body body;
  RefPtr<ChannelEnd> websocket;
  RefPtr<RefCounted> rpc;  // the answer to a remote call
};

struct Error {
  std::string name = "Error";
  std::string message;
  std::string stack;  // for logs; never sent to a client
  Chunk value;        // the thrown value in V8's serialization, when it could be cloned
  bool overloaded = false;
};

// Who asked, when that is more than two callbacks (a worker: see js_ops.cpp).
class Asker : public RefCounted {
 public:
  virtual void OnResponse(Response&& response) = 0;
  virtual void OnError(Error&& error) = 0;
};

class Exchange : public RefCounted {
 public:
  Request request;
  // Instead of on_response and on_error.
  RefPtr<Asker> asker;
  // Called when the asker cancels: for the answerer's own bookkeeping, beside SetOnCancel().
  void (*on_abandoned)(void* owner, double id) = nullptr;
  void* abandoned_owner = nullptr;
  double abandoned_id = 0;
  std::function<void(Response&&)> on_response;
  std::function<void(Error&&)> on_error;

  // The answerer's side. Only the first call counts; returns false for a later one.
  bool Respond(Response&& response) {
    if (answered_) return false;
    answered_ = true;
    on_cancel_ = nullptr;
    if (asker) {
      RefPtr<Asker> to = std::move(asker);
      if (!cancelled_) to->OnResponse(std::move(response));
      return true;
    }
    auto callback = std::move(on_response);
    Clear();
    if (callback && !cancelled_) callback(std::move(response));
    return true;
  }
  bool Fail(Error&& error) {
    if (answered_) return false;
    answered_ = true;
    on_cancel_ = nullptr;
    if (asker) {
      RefPtr<Asker> to = std::move(asker);
      if (!cancelled_) to->OnError(std::move(error));
      return true;
    }
    auto callback = std::move(on_error);
    Clear();
    if (callback && !cancelled_) callback(std::move(error));
    return true;
  }
  bool answered() const { return answered_; }

  // The asker goes away: the answerer is told (once) and the answer will be dropped. Bodies under way are cancelled
  // through their pipes.
  void Cancel() {
    if (cancelled_) return;
    cancelled_ = true;
    RefPtr<Exchange> self(this);
    auto callback = std::move(on_cancel_);
    on_cancel_ = nullptr;
    Clear();
    if (callback) callback();
    if (!answered_ && on_abandoned) on_abandoned(abandoned_owner, abandoned_id);
  }
  bool cancelled() const { return cancelled_; }
  void SetOnCancel(std::function<void()> callback) {
    if (cancelled_) {
      callback();
    } else if (!answered_) {
      on_cancel_ = std::move(callback);
    }
  }
  // What to do when the last reference goes without an answer.
  ~Exchange() override {
    if (answered_ || cancelled_) return;
    Error error{"Error", "The script will never generate a response.", "", {}, false};
    if (asker)
      asker->OnError(std::move(error));
    else if (on_error)
      on_error(std::move(error));
  }

 private:
  void Clear() { on_response = nullptr, on_error = nullptr, asker.reset(); }
  bool answered_ = false;
  bool cancelled_ = false;
  std::function<void()> on_cancel_;
};

// What can be asked: a worker's entrypoint or a Python service. Start() never calls back synchronously into JS of
// another isolate: it queues.
class Target : public RefCounted {
 public:
  virtual void Start(RefPtr<Exchange> exchange) = 0;
  virtual bool is_switch() const { return false; }
  virtual bool is_worker() const { return false; }
};

}  // namespace workerd
