// A slice of a Python `bytes` object: what travels through pipes. Copying a Chunk copies a reference, never bytes.
#pragma once
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <cstddef>
#include <string_view>
#include <utility>

namespace workerd {

class Chunk {
 public:
  Chunk() = default;
  // Takes over the reference to `bytes` (a bytes object).
  static Chunk Steal(PyObject* bytes) { return Chunk(bytes, 0, static_cast<size_t>(PyBytes_GET_SIZE(bytes))); }
  static Chunk Borrow(PyObject* bytes) {
    Py_INCREF(bytes);
    return Steal(bytes);
  }
  // One copy. An empty chunk when out of memory.
  static Chunk Copy(const char* data, size_t size) {
    PyObject* bytes = PyBytes_FromStringAndSize(data, static_cast<Py_ssize_t>(size));
    if (!bytes) {
      PyErr_Clear();
      return Chunk();
    }
    return Steal(bytes);
  }
  Chunk(const Chunk& o) : bytes_(o.bytes_), offset_(o.offset_), size_(o.size_) { Py_XINCREF(bytes_); }
  Chunk(Chunk&& o) noexcept
      : bytes_(std::exchange(o.bytes_, nullptr)), offset_(o.offset_), size_(std::exchange(o.size_, 0)) {}
  Chunk& operator=(Chunk o) noexcept {
    std::swap(bytes_, o.bytes_);
    std::swap(offset_, o.offset_);
    std::swap(size_, o.size_);
    return *this;
  }
  ~Chunk() { Py_XDECREF(bytes_); }

  const char* data() const { return bytes_ ? PyBytes_AS_STRING(bytes_) + offset_ : ""; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::string_view view() const { return {data(), size_}; }
  Chunk Slice(size_t offset, size_t size) const {
    Py_XINCREF(bytes_);
    return Chunk(bytes_, offset_ + offset, size);
  }
  void RemovePrefix(size_t n) {
    offset_ += n;
    size_ -= n;
  }
  // A new reference to a bytes object with exactly these bytes: the original when it is whole, else a copy. nullptr:
  // MemoryError set.
  PyObject* ToPython() const {
    if (!bytes_) return PyBytes_FromStringAndSize(nullptr, 0);
    if (offset_ == 0 && size_ == static_cast<size_t>(PyBytes_GET_SIZE(bytes_))) {
      Py_INCREF(bytes_);
      return bytes_;
    }
    return PyBytes_FromStringAndSize(data(), static_cast<Py_ssize_t>(size_));
  }

 private:
  Chunk(PyObject* bytes, size_t offset, size_t size) : bytes_(bytes), offset_(offset), size_(size) {}
  PyObject* bytes_ = nullptr;
  size_t offset_ = 0;
  size_t size_ = 0;
};

}  // namespace workerd
