// A bounded byte stream with one producer and one consumer. Either side may be JS, Python or C++ (an HTTP connection).
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include "flow/chunk.h"
#include "flow/ref.h"

namespace workerd {

class Pipe : public RefCounted {
 public:
  static constexpr size_t kDefaultHighWater = 64 * 1024;
  enum class State { kOpen, kEnded, kAborted, kCancelled };

  explicit Pipe(size_t high_water = kDefaultHighWater, int64_t length = -1)
      : high_water_(high_water), length_(length) {}

  // ---- producer
  // False: the queue is at or over the high-water mark (or nobody wants more): wait for on_drain. Data written after
  // End/Abort or after the consumer cancelled is dropped.
  bool Write(Chunk chunk);
  void End();
  void Abort(std::string message);
  bool full() const { return queued_ >= high_water_; }
  bool cancelled() const { return state_ == State::kCancelled; }
  // Called (once a fill) when there is room again, and when the consumer cancels. Replaces the former callback. Called
  // synchronously from Read()/Cancel(): JS callbacks must be queued on the Scheduler by whoever sets it.
  void SetOnDrain(std::function<void()> callback);
  // Called once, when the consumer first waits for data: for producers that must not start before (Expect:
  // 100-continue).
  void SetOnWanted(std::function<void()> callback) { on_wanted_ = std::move(callback); }

  // ---- consumer
  // True and a chunk, if there is one. At most `max` bytes.
  bool Read(Chunk* out, size_t max = SIZE_MAX);
  bool at_end() const { return queue_.empty() && state_ == State::kEnded; }     // everything was read
  bool aborted() const { return queue_.empty() && state_ == State::kAborted; }  // error after what was queued
  const std::string& error() const { return error_; }
  size_t queued() const { return queued_; }
  // Called whenever a chunk, the end or an abort arrives (synchronously from the producer's call). Called at once if
  // something is there.
  void SetOnReadable(std::function<void()> callback);
  void Cancel(std::string message);

  // Each is called once when the pipe is ended, aborted or cancelled; at once if it is.
  void AddOnClosed(std::function<void()> callback);

  // Bytes in total as promised by the producer, or -1. `received()`: what was written so far.
  int64_t length() const { return length_; }
  void set_length(int64_t n) { length_ = n; }
  uint64_t received() const { return received_; }
  uint64_t consumed() const { return received_ - queued_; }
  State state() const { return state_; }
  void set_high_water(size_t n) { high_water_ = n; }

 private:
  void Notify(std::function<void()>& callback);
  void Closed();
  std::deque<Chunk> queue_;
  size_t queued_ = 0;
  size_t high_water_;
  int64_t length_;
  uint64_t received_ = 0;
  State state_ = State::kOpen;
  std::string error_;
  std::function<void()> on_drain_, on_readable_, on_wanted_, on_closed_;
  bool was_full_ = false;
};

}  // namespace workerd
