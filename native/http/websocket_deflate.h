// permessage-deflate (RFC 7692), on Python's zlib objects: they are there anyway, and a zlib of our own would have to
// be built.
#pragma once
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <memory>
#include <string_view>

#include "flow/chunk.h"

namespace workerd::http {

class Deflate {
 public:
  // `agreed`: the Sec-WebSocket-Extensions value of the answer. Null when it is not one this can do (or out of memory:
  // no Python error set).
  static std::unique_ptr<Deflate> New(std::string_view agreed, bool client);
  ~Deflate();

  // False: failed (reported).
  bool Compress(const Chunk& message, Chunk* out);
  enum class Inflated { kOk, kInvalid, kTooLarge };
  Inflated Decompress(const Chunk& message, size_t max, Chunk* out);

 private:
  Deflate() = default;
  // A new reference to what zlib makes of it, at most `max` bytes; null with the error set.
  PyObject* Inflate(PyObject* bytes, size_t max);
  PyObject* zlib_ = nullptr;
  PyObject *compressor_ = nullptr, *decompressor_ = nullptr;
  int out_bits_ = 15, in_bits_ = 15;
  bool out_reset_ = false, in_reset_ = false, in_reset_once_ = false;
};

}  // namespace workerd::http
