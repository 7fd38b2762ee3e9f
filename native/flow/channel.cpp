#include "flow/channel.h"

#include <utility>

namespace workerd {

// Each end holds a reference to the other until one of them is finished with both ways closed, or Disconnect() is
// called.
std::pair<RefPtr<ChannelEnd>, RefPtr<ChannelEnd>> ChannelEnd::NewPair() {
  auto a = MakeRef<ChannelEnd>(), b = MakeRef<ChannelEnd>();
  a->peer_ = b.get();
  b->peer_ = a.get();
  a->Ref();
  b->Ref();
  return {a, b};
}

void ChannelEnd::Disconnect() {
  ChannelEnd* peer = peer_;
  if (!peer) return;
  peer_ = nullptr;
  peer->peer_ = nullptr;
  // Messages held for the peer stay with it. Listeners hold references to their owners, who hold the ends: drop both,
  // if nothing can come any more.
  RefPtr<ChannelEnd> self(this);
  listener_ = nullptr;
  on_broken_ = nullptr;
  if (peer->held_.empty()) peer->listener_ = nullptr;
  Unref();
  peer->Unref();
}

void ChannelEnd::Send(Message message) {
  // After a Close an error may still tell that the other direction has come to its end, too.
  bool broken = message.kind == Message::Kind::kError;
  if (!peer_ || (finished_ && !broken)) return;
  RefPtr<ChannelEnd> self(this), peer(peer_);
  if (broken || message.kind == Message::Kind::kClose) finished_ = true;
  if (peer->listener_ && peer->held_.empty()) {
    auto listener = peer->listener_;
    listener(std::move(message));
  } else {
    peer->held_bytes_ += message.data.size();
    peer->held_.push_back(std::move(message));
    if (broken && peer->on_broken_) std::exchange(peer->on_broken_, nullptr)();
  }
  // Whoever sends an error listens no more.
  if (broken || (finished_ && peer->finished_ && peer->held_.empty() && held_.empty())) Disconnect();
}

void ChannelEnd::Listen(Listener listener) {
  listener_ = std::move(listener);
  on_broken_ = nullptr;
  RefPtr<ChannelEnd> self(this);
  while (listener_ && !held_.empty()) {
    Message message = std::move(held_.front());
    held_.pop_front();
    held_bytes_ -= message.data.size();
    auto copy = listener_;
    copy(std::move(message));
  }
  if (!peer_ && held_.empty()) listener_ = nullptr;
  Drained();
}

}  // namespace workerd
