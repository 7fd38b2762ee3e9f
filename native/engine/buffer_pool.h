// Freed array buffer memory, kept for the next buffer of about the same size. V8's own allocator gives pages back to
// the system at once, and touching them again costs a page fault each: some 40 us for a chunk of 64 KiB, many times
// what filling it takes.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

namespace workerd {

// One for each isolate's allocator; buffers are freed on V8's threads too.
class BufferPool {
 public:
  // Four sizes for each power of two.
  static constexpr size_t kFirstBit = 6, kLastBit = 22;
  // Sizes it cares for. Larger buffers are rare, smaller ones share pages that stay.
  static constexpr size_t kSmallest = 65, kLargest = size_t{1} << kLastBit;

  static bool Takes(size_t size) { return size >= kSmallest && size <= kLargest; }
  // What to allocate for a buffer of `size` bytes: at most a quarter more.
  static size_t Rounded(size_t size);

  // A block of Rounded(size) bytes with anything in it, or nullptr.
  void* Take(size_t size);

  // Keeps a block of Rounded(size) bytes. If the pools of the process hold enough already, something goes to
  // `free(block, size)`: blocks of the size that has not been asked for the longest, or this one.
  template <typename F>
  void Keep(void* block, size_t size, F free) {
    std::lock_guard lock(mutex_);
    size_t index = ClassOf(size);
    classes_[index].blocks.push_back(block);
    held_.fetch_add(SizeOf(index), std::memory_order_relaxed);
    while (held_.load(std::memory_order_relaxed) > kMost) {
      size_t victim = Oldest();
      free(Remove(victim), SizeOf(victim));
      if (victim == index) return;
    }
  }

  // Hands all blocks to `free(block, size)`.
  template <typename F>
  void Drain(F free) {
    std::lock_guard lock(mutex_);
    for (size_t i = 0; i < kClasses; ++i) {
      while (!classes_[i].blocks.empty()) free(Remove(i), SizeOf(i));
    }
  }

 private:
  // Of the whole process. V8 collects when some 64 MiB of buffers are waiting for it, and frees them all at once: with
  // less room than that, a worker that streams pays for a part of its pages each time round.
  static constexpr size_t kMost = size_t{96} << 20;
  static constexpr size_t kClasses = (kLastBit - kFirstBit) * 4;
  struct Class {
    std::vector<void*> blocks;
    uint64_t asked = 0;  // when, in calls of Take
  };

  static size_t ClassOf(size_t size);
  static size_t SizeOf(size_t index);
  size_t Oldest() const;
  void* Remove(size_t index);

  std::mutex mutex_;
  uint64_t clock_ = 0;
  Class classes_[kClasses];
  static std::atomic<size_t> held_;
};

}  // namespace workerd
