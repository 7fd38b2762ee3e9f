#include "flow/pipe.h"

namespace workerd {

// The callback may replace itself or drop the last reference to the pipe.
void Pipe::Notify(std::function<void()>& callback) {
  if (!callback) return;
  RefPtr<Pipe> self(this);
  auto copy = callback;
  copy();
}

bool Pipe::Write(Chunk chunk) {
  if (state_ != State::kOpen) return false;
  if (!chunk.empty()) {
    queued_ += chunk.size();
    received_ += chunk.size();
    queue_.push_back(std::move(chunk));
    Notify(on_readable_);
  }
  if (full()) was_full_ = true;
  return !full() && state_ == State::kOpen;
}

void Pipe::Closed() {
  auto callback = std::move(on_closed_);
  on_closed_ = nullptr;
  if (callback) callback();
}

void Pipe::AddOnClosed(std::function<void()> callback) {
  if (state_ != State::kOpen) return callback();
  if (on_closed_) {
    callback = [first = std::move(on_closed_), then = std::move(callback)] {
      first();
      then();
    };
  }
  on_closed_ = std::move(callback);
}

void Pipe::End() {
  if (state_ != State::kOpen) return;
  RefPtr<Pipe> self(this);
  state_ = State::kEnded;
  on_drain_ = nullptr;
  Notify(on_readable_);
  Closed();
}

void Pipe::Abort(std::string message) {
  if (state_ != State::kOpen) return;
  state_ = State::kAborted;
  RefPtr<Pipe> self(this);
  error_ = std::move(message);
  on_drain_ = nullptr;
  Notify(on_readable_);
  Closed();
}

void Pipe::SetOnDrain(std::function<void()> callback) { on_drain_ = std::move(callback); }

bool Pipe::Read(Chunk* out, size_t max) {
  if (queue_.empty()) return false;
  Chunk& front = queue_.front();
  if (front.size() <= max) {
    *out = std::move(front);
    queue_.pop_front();
  } else {
    *out = front.Slice(0, max);
    front.RemovePrefix(max);
  }
  queued_ -= out->size();
  if (was_full_ && queued_ < high_water_ && state_ == State::kOpen) {
    was_full_ = false;
    Notify(on_drain_);
  }
  return true;
}

void Pipe::SetOnReadable(std::function<void()> callback) {
  on_readable_ = std::move(callback);
  if (on_readable_ && on_wanted_) std::exchange(on_wanted_, nullptr)();
  if (on_readable_ && (!queue_.empty() || state_ != State::kOpen)) Notify(on_readable_);
}

void Pipe::Cancel(std::string message) {
  on_readable_ = nullptr;
  if (state_ == State::kEnded || state_ == State::kAborted) {
    queue_.clear();
    queued_ = 0;
    return;
  }
  if (state_ == State::kCancelled) return;
  state_ = State::kCancelled;
  error_ = std::move(message);
  queue_.clear();
  queued_ = 0;
  auto drain = std::move(on_drain_);
  on_drain_ = nullptr;
  RefPtr<Pipe> self(this);
  if (drain) drain();
  Closed();
}

}  // namespace workerd
