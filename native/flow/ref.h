// Intrusive reference counting. Everything runs under the GIL, so counts are plain integers.
#pragma once
#include <cstdint>
#include <utility>

namespace workerd {

class RefCounted {
 public:
  RefCounted() = default;
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;
  void Ref() { ++refs_; }
  void Unref() {
    if (--refs_ == 0) delete this;
  }

 protected:
  virtual ~RefCounted() = default;

 private:
  int64_t refs_ = 0;
};

template <class T>
class RefPtr {
 public:
  RefPtr() = default;
  RefPtr(T* p) : p_(p) {
    if (p_) p_->Ref();
  }
  RefPtr(const RefPtr& o) : RefPtr(o.p_) {}
  RefPtr(RefPtr&& o) noexcept : p_(std::exchange(o.p_, nullptr)) {}
  template <class U>
  RefPtr(const RefPtr<U>& o) : RefPtr(o.get()) {}
  ~RefPtr() {
    if (p_) p_->Unref();
  }
  RefPtr& operator=(RefPtr o) noexcept {
    std::swap(p_, o.p_);
    return *this;
  }
  T* get() const { return p_; }
  T* operator->() const { return p_; }
  T& operator*() const { return *p_; }
  explicit operator bool() const { return p_ != nullptr; }
  bool operator==(const RefPtr& o) const { return p_ == o.p_; }
  void reset() { *this = RefPtr(); }

 private:
  T* p_ = nullptr;
};

template <class T, class... A>
RefPtr<T> MakeRef(A&&... args) {
  return RefPtr<T>(new T(std::forward<A>(args)...));
}

}  // namespace workerd
