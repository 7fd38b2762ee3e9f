#include "http/websocket_deflate.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "http/websocket_offer.h"

namespace workerd::http {

namespace {
constexpr char kTail[] = {0x00, 0x00, static_cast<char>(0xff), static_cast<char>(0xff)};
constexpr int kSyncFlush = 2;
constexpr size_t kLong = 16 * 1024;

// zlib-ng is about twice as fast, but takes ten times the memory for a connection and is not there on all platforms: it
// compresses long messages, each for itself. Borrowed; null: not there.
PyObject* Fast() {
  static PyObject* module = [] {
    PyObject* found = PyImport_ImportModule("zlib_ng.zlib_ng");
    if (!found) PyErr_Clear();
    return found;
  }();
  return module;
}
}  // namespace

std::unique_ptr<Deflate> Deflate::New(std::string_view agreed, bool client) {
  auto parameters = ParseDeflate(agreed, false);
  if (!parameters) return nullptr;
  PyObject* zlib = PyImport_ImportModule("zlib");
  if (!zlib) {
    PyErr_WriteUnraisable(nullptr);
    return nullptr;
  }
  std::unique_ptr<Deflate> self(new Deflate);
  self->zlib_ = zlib;
  auto& p = *parameters;
  // A window of 2^8 is beyond zlib when compressing raw; when decompressing a larger one is always right.
  int bits = client ? p.client_max_window_bits : p.server_max_window_bits;
  self->out_bits_ = bits ? std::max(bits, 9) : 15;
  self->out_reset_ = client ? p.client_no_context_takeover : p.server_no_context_takeover;
  self->in_reset_ = client ? p.server_no_context_takeover : p.client_no_context_takeover;
  return self;
}

Deflate::~Deflate() {
  Py_XDECREF(compressor_);
  Py_XDECREF(decompressor_);
  Py_XDECREF(zlib_);
}

bool Deflate::Compress(const Chunk& message, Chunk* out) {
  PyObject* fast = message.size() >= kLong ? Fast() : nullptr;
  // A sender may forget its window before any message; what it keeps must be what the receiver has.
  if (fast) Py_CLEAR(compressor_);
  // A low level and a small state: what matters for messages is memory and time; 8 (DEFLATED) is the only method.
  if (fast) {
    compressor_ = PyObject_CallMethod(fast, "compressobj", "iiii", 2, 8, -out_bits_, 8);
  } else if (!compressor_) {
    compressor_ = PyObject_CallMethod(zlib_, "compressobj", "iiii", 1, 8, -out_bits_, 5);
  }
  PyObject* head = nullptr;
  PyObject* tail = nullptr;
  PyObject* bytes = compressor_ ? message.ToPython() : nullptr;
  if (bytes) head = PyObject_CallMethod(compressor_, "compress", "N", bytes);
  if (head) tail = PyObject_CallMethod(compressor_, "flush", "i", kSyncFlush);
  bool ok = head && tail && PyBytes_Check(head) && PyBytes_Check(tail);
  if (ok) {
    PyBytes_ConcatAndDel(&head, std::exchange(tail, nullptr));  // null on failure
    ok = head != nullptr;
  }
  if (ok) {
    // The empty block that ends a flush is left out on the wire.
    Py_ssize_t size = PyBytes_GET_SIZE(head) - 4;
    ok = size < 0 || memcmp(PyBytes_AS_STRING(head) + size, kTail, 4) != 0 || _PyBytes_Resize(&head, size) == 0;
    if (ok) *out = Chunk::Steal(std::exchange(head, nullptr));
  } else {
    PyErr_WriteUnraisable(zlib_);
  }
  Py_XDECREF(head);
  Py_XDECREF(tail);
  if (out_reset_ || fast || !ok) Py_CLEAR(compressor_);
  return ok;
}

PyObject* Deflate::Inflate(PyObject* bytes, size_t max) {
  if (!bytes) return nullptr;
  PyObject* data = PyObject_CallMethod(decompressor_, "decompress", "Nn", bytes, static_cast<Py_ssize_t>(max));
  if (data && !PyBytes_Check(data)) Py_CLEAR(data);
  return data;
}

Deflate::Inflated Deflate::Decompress(const Chunk& message, size_t max, Chunk* out) {
  if (!decompressor_) decompressor_ = PyObject_CallMethod(zlib_, "decompressobj", "i", -in_bits_);
  Inflated result = Inflated::kInvalid;
  PyObject* data = decompressor_ ? Inflate(message.ToPython(), max + 1) : nullptr;
  if (data && static_cast<size_t>(PyBytes_GET_SIZE(data)) <= max) {
    PyObject* rest =
        Inflate(PyBytes_FromStringAndSize(kTail, sizeof kTail), max + 1 - static_cast<size_t>(PyBytes_GET_SIZE(data)));
    PyBytes_ConcatAndDel(&data, rest);  // null without the rest
  }
  if (data) {
    result = static_cast<size_t>(PyBytes_GET_SIZE(data)) > max ? Inflated::kTooLarge : Inflated::kOk;
    // A final block ends zlib's stream; the next message starts a new one then.
    PyObject* eof = PyObject_GetAttrString(decompressor_, "eof");
    if (eof == Py_True) in_reset_once_ = true;
    Py_XDECREF(eof);
    *out = Chunk::Steal(data);
  }
  if (PyErr_Occurred()) PyErr_Clear();  // zlib.error: the peer's fault, told by the result
  if (in_reset_ || std::exchange(in_reset_once_, false)) Py_CLEAR(decompressor_);
  return result;
}

}  // namespace workerd::http
