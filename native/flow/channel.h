// Messages both ways between two ends: what a WebSocket is once the protocol is taken off.
#pragma once
#include <deque>
#include <functional>
#include <string>

#include "flow/chunk.h"
#include "flow/ref.h"

namespace workerd {

struct Message {
  enum class Kind { kText, kBinary, kClose, kError } kind;
  Chunk data;          // text: UTF-8 (may hold WTF-8 surrogates replaced), binary: the bytes, error: the message
  int code = 1005;     // close
  std::string reason;  // close
};

class ChannelEnd : public RefCounted {
 public:
  using Listener = std::function<void(Message&&)>;
  static std::pair<RefPtr<ChannelEnd>, RefPtr<ChannelEnd>> NewPair();

  // Delivers to the other end's listener at once (synchronously; JS listeners queue on the Scheduler), or holds it
  // until there is one.
  void Send(Message message);
  // Starts delivery to this end; held messages come first.
  void Listen(Listener listener);
  // Called when the other end breaks the connection while this one does not listen.
  void SetOnBroken(std::function<void()> on_broken) { on_broken_ = std::move(on_broken); }
  bool listening() const { return static_cast<bool>(listener_); }
  // Bytes of the longest message that this end takes from the network; messages within the process have no limit.
  static constexpr size_t kMaxMessage = 32 * 1024 * 1024;  // as the reference has it
  void set_max_message(size_t max) { max_message_ = max; }
  size_t peer_max_message() const { return peer_ ? peer_->max_message_ : kMaxMessage; }
  // Bytes this end has sent that nobody has taken at the other end, or that wait behind it.
  size_t buffered() const {
    if (!peer_) return 0;
    return peer_->held_bytes_ + peer_->slow_bytes_ + (peer_->backlog_ ? peer_->backlog_() : 0);
  }
  // For a listener that passes messages on: how many bytes of them wait there; it calls Drained() when they are out.
  void SetBacklog(std::function<size_t()> backlog) { backlog_ = std::move(backlog); }
  void Drained() {
    if (peer_ && peer_->on_drained_) peer_->on_drained_();
  }
  // Called when less may be buffered() than before.
  void SetOnDrained(std::function<void()> on_drained) { on_drained_ = std::move(on_drained); }
  void AddSlow(size_t n) { slow_bytes_ += n; }
  void RemoveSlow(size_t n) { slow_bytes_ -= n < slow_bytes_ ? n : slow_bytes_; }
  void Disconnect();  // breaks the pair (each end holds the other)
  ~ChannelEnd() override = default;

 private:
  ChannelEnd* peer_ = nullptr;  // counted by hand: see Disconnect
  Listener listener_;
  std::function<void()> on_broken_, on_drained_;
  std::function<size_t()> backlog_;
  std::deque<Message> held_;
  size_t held_bytes_ = 0;
  size_t slow_bytes_ = 0;
  size_t max_message_ = kMaxMessage;
  bool finished_ = false;  // has sent a close or an error
};

}  // namespace workerd
