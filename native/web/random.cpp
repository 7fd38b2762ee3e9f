// Random bytes from the kernel, and comparison in constant time.
#include <pthread.h>
#include <sys/random.h>

#include <atomic>
#include <cerrno>

#include "web/strings.h"

#include "web/web_ops.h"

namespace workerd::web {
namespace {

// The state of the generator that replaces the kernel's in tests; none: not replaced.
bool g_seeded = false;
uint64_t g_state = 0;

// splitmix64 (https://prng.di.unimi.it/splitmix64.c): for repeatable tests, not for secrets.
uint64_t NextSeeded() {
  uint64_t z = g_state += 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

// False when the kernel refuses, which it does not for sizes it is asked in.
bool Fill(uint8_t* to, size_t size) {
  while (g_seeded && size > 0) {
    uint64_t next = NextSeeded();
    size_t n = size < sizeof next ? size : sizeof next;
    memcpy(to, &next, n);
    to += n;
    size -= n;
  }
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

// How many times this process is a copy of another one, which must not give the same bytes as the original.
std::atomic<unsigned> g_forks{0};

// Small amounts are fetched for many at a time: the system call costs more than the rest.
constexpr size_t kPooled = 256;

bool FillPooled(uint8_t* to, size_t size) {
  static thread_local uint8_t pool[4096];
  static thread_local size_t used = sizeof(pool);
  static thread_local unsigned forks = 0;
  if (g_seeded || size > kPooled) return Fill(to, size);
  unsigned now = g_forks.load(std::memory_order_relaxed);
  if (used + size > sizeof(pool) || forks != now) {
    if (!Fill(pool, sizeof(pool))) return false;
    used = 0;
    forks = now;
  }
  memcpy(to, pool + used, size);
  memset(pool + used, 0, size);
  used += size;
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
  if (size > 0 && !FillPooled(static_cast<uint8_t*>(view->Buffer()->Data()) + view->ByteOffset(), size))
    NoEntropy(isolate);
}

// A version 4 UUID (RFC 9562).
void RandomUuid(Info info) {
  v8::Isolate* isolate = info.GetIsolate();
  uint8_t bytes[16];
  if (!FillPooled(bytes, sizeof(bytes))) return NoEntropy(isolate);
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

void SeedRandom(uint64_t seed) {
  g_seeded = true;
  g_state = seed;
}

void InstallRandom(v8::Local<v8::Context> context, v8::Local<v8::Object> native) {
  static const int watched = pthread_atfork(nullptr, nullptr, [] { ++g_forks; });
  (void)watched;
  SetFunction(context, native, "getRandomValues", GetRandomValues);
  SetFunction(context, native, "randomUUID", RandomUuid);
  SetFunction(context, native, "timingSafeEqual", TimingSafeEqual);
}

}  // namespace workerd::web
