// libmini_racer is built with Chromium's libc++ (inline namespace std::__Cr), whose smart pointers are trivially passed
// in registers. tools/build_v8_headers.py makes V8's headers name these look-alikes instead of the compiler's own std
// ones, so that mangled names and the calling convention agree with the library. They own nothing: whoever gets one
// must know who frees what.
#pragma once
#include <cstddef>
#include <memory>

namespace std {
namespace __Cr {

template <class T>
struct default_delete {
  void operator()(T*) const {}
};

template <class T, class D = default_delete<T>>
struct unique_ptr {
  T* ptr_;
  constexpr unique_ptr() : ptr_(nullptr) {}
  constexpr unique_ptr(std::nullptr_t) : ptr_(nullptr) {}
  constexpr explicit unique_ptr(T* p) : ptr_(p) {}
  template <class U, class E>
  constexpr unique_ptr(unique_ptr<U, E> o) : ptr_(o.ptr_) {}
  T* get() const { return ptr_; }
  T* operator->() const { return ptr_; }
  T& operator*() const { return *ptr_; }
  explicit operator bool() const { return ptr_ != nullptr; }
  void reset(T* p = nullptr) { ptr_ = p; }
  T* release() {
    T* p = ptr_;
    ptr_ = nullptr;
    return p;
  }
};

template <class T>
struct shared_ptr {
  T* ptr_;
  void* control_;
  constexpr shared_ptr() : ptr_(nullptr), control_(nullptr) {}
  constexpr shared_ptr(std::nullptr_t) : ptr_(nullptr), control_(nullptr) {}
  template <class U>
  shared_ptr(shared_ptr<U> o) : ptr_(o.ptr_), control_(o.control_) {}
  T* get() const { return ptr_; }
  T* operator->() const { return ptr_; }
  explicit operator bool() const { return ptr_ != nullptr; }
};

template <class T>
struct weak_ptr {
  T* ptr_;
  void* control_;
};

}  // namespace __Cr
}  // namespace std
