#include "engine/buffer_pool.h"

#include <bit>

namespace workerd {

std::atomic<size_t> BufferPool::held_{0};

size_t BufferPool::ClassOf(size_t size) {
  size_t last = size - 1;
  size_t bit = static_cast<size_t>(std::bit_width(last)) - 1;
  return (bit - kFirstBit) * 4 + ((last >> (bit - 2)) & 3);
}

size_t BufferPool::SizeOf(size_t index) { return (5 + (index & 3)) << (index / 4 + kFirstBit - 2); }

size_t BufferPool::Rounded(size_t size) { return SizeOf(ClassOf(size)); }

void* BufferPool::Take(size_t size) {
  size_t index = ClassOf(size);
  std::lock_guard lock(mutex_);
  classes_[index].asked = ++clock_;
  return classes_[index].blocks.empty() ? nullptr : Remove(index);
}

void* BufferPool::Remove(size_t index) {
  void* block = classes_[index].blocks.back();
  classes_[index].blocks.pop_back();
  held_.fetch_sub(SizeOf(index), std::memory_order_relaxed);
  return block;
}

// Of the classes that hold something.
size_t BufferPool::Oldest() const {
  size_t oldest = kClasses;
  for (size_t i = 0; i < kClasses; ++i) {
    if (!classes_[i].blocks.empty() && (oldest == kClasses || classes_[i].asked < classes_[oldest].asked)) oldest = i;
  }
  return oldest;
}

}  // namespace workerd
