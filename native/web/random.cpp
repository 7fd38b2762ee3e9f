// Random bytes from the kernel, and comparison in constant time.
#include <sys/random.h>

#include <cerrno>

#include "web/strings.h"

namespace workerd::web {
namespace {

// False when the kernel refuses, which it does not for sizes it is asked in.
bool Fill(uint8_t* to, size_t size) {
  while (size > 0) {
    ssize_t n = getrandom(to, size, 0);
    if (n < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    to += n;
    size -= static_cast<size_t>(n);
  }
  return true;
}

void NoEntropy(v8::Isolate* isolate) {
  isolate->ThrowException(v8::Exception::Error(Literal(isolate, "The system has no random bytes to give")));
}

void GetRandomValues(Info info) {
  v8::Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsArrayBufferView()) return ThrowTypeErrorText(isolate, "a view is needed");
  v8::Local<v8::ArrayBufferView> view = info[0].As<v8::ArrayBufferView>();
  size_t size = view->ByteLength();
  if (size > 0 && !Fill(static_cast<uint8_t*>(view->Buffer()->Data()) + view->ByteOffset(), size)) NoEntropy(isolate);
}

// A version 4 UUID (RFC 9562). Bytes are fetched for many at a time: the system call costs more than the rest.
void RandomUuid(Info info) {
  static thread_local uint8_t pool[4096];
  static thread_local size_t used = sizeof(pool);
  v8::Isolate* isolate = info.GetIsolate();
  if (used + 16 > sizeof(pool)) {
    if (!Fill(pool, sizeof(pool))) return NoEntropy(isolate);
    used = 0;
  }
  uint8_t bytes[16];
  memcpy(bytes, pool + used, 16);
  memset(pool + used, 0, 16);
  used += 16;
  bytes[6] = (bytes[6] & 0x0F) | 0x40;
  bytes[8] = (bytes[8] & 0x3F) | 0x80;
  char text[36];
  char* to = text;
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *to++ = '-';
    *to++ = "0123456789abcdef"[bytes[i] >> 4];
    *to++ = "0123456789abcdef"[bytes[i] & 15];
  }
  v8::Local<v8::String> string;
  if (Latin1(isolate, {text, 36}).ToLocal(&string)) info.GetReturnValue().Set(string);
}

void TimingSafeEqual(Info info) {
  v8::Isolate* isolate = info.GetIsolate();
  Bytes a(info[0]), b(info[1]);
  if (!a.valid() || !b.valid()) return ThrowTypeErrorText(isolate, "two ArrayBuffers or views are needed");
  if (a.size() != b.size()) return ThrowTypeErrorText(isolate, "Input buffers must have the same byte length");
  uint8_t difference = 0;
  const volatile uint8_t* x = a.data();
  const volatile uint8_t* y = b.data();
  for (size_t i = 0; i < a.size(); ++i) difference |= static_cast<uint8_t>(x[i] ^ y[i]);
  info.GetReturnValue().Set(difference == 0);
}

}  // namespace

void InstallRandom(v8::Local<v8::Context> context, v8::Local<v8::Object> native) {
  SetFunction(context, native, "getRandomValues", GetRandomValues);
  SetFunction(context, native, "randomUUID", RandomUuid);
  SetFunction(context, native, "timingSafeEqual", TimingSafeEqual);
}

}  // namespace workerd::web
