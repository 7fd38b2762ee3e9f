#include "flow/channel.h"

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
  if (peer->held_.empty()) peer->listener_ = nullptr;
  Unref();
  peer->Unref();
}

void ChannelEnd::Send(Message message) {
  if (!peer_ || finished_) return;
  RefPtr<ChannelEnd> self(this), peer(peer_);
  bool last = message.kind == Message::Kind::kClose || message.kind == Message::Kind::kError;
  if (last) finished_ = true;
  if (peer->listener_ && peer->held_.empty()) {
    auto listener = peer->listener_;
    listener(std::move(message));
  } else {
    peer->held_bytes_ += message.data.size();
    peer->held_.push_back(std::move(message));
  }
  if (finished_ && peer->finished_ && peer->held_.empty() && held_.empty()) Disconnect();
}

void ChannelEnd::Listen(Listener listener) {
  listener_ = std::move(listener);
  RefPtr<ChannelEnd> self(this);
  while (listener_ && !held_.empty()) {
    Message message = std::move(held_.front());
    held_.pop_front();
    held_bytes_ -= message.data.size();
    auto copy = listener_;
    copy(std::move(message));
  }
  if (!peer_ && held_.empty()) listener_ = nullptr;
}

}  // namespace workerd
