// Base64: the plain encoders of `native`, and atob()/btoa() of https://html.spec.whatwg.org/#atob.
#include <array>
#include <memory>

#include "web/strings.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace workerd::web {
namespace {

constexpr char kStandard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char kUrl[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Memory for the time of one call; small sizes are on the stack.
template <class T>
class Scratch {
 public:
  explicit Scratch(size_t size) {
    if (size > sizeof(inline_)) heap_ = std::make_unique_for_overwrite<T[]>(size);
  }
  T* get() { return heap_ ? heap_.get() : inline_; }

 private:
  std::unique_ptr<T[]> heap_;
  T inline_[4096];
};

enum : uint8_t { kSpace = 64, kPad = 65, kInvalid = 66 };

constexpr std::array<uint8_t, 256> MakeTable() {
  std::array<uint8_t, 256> table{};
  for (auto& entry : table) entry = kInvalid;
  for (uint8_t i = 0; i < 64; ++i) table[static_cast<uint8_t>(kStandard[i])] = i;
  for (char c : {' ', '\t', '\n', '\f', '\r'}) table[static_cast<uint8_t>(c)] = kSpace;
  table['='] = kPad;
  return table;
}
constexpr std::array<uint8_t, 256> kTable = MakeTable();

// The two characters for each 12 bits.
struct Pairs {
  char text[4096][2];
  explicit constexpr Pairs(const char* alphabet) : text() {
    for (int i = 0; i < 4096; ++i) {
      text[i][0] = alphabet[i >> 6];
      text[i][1] = alphabet[i & 63];
    }
  }
};
constexpr Pairs kStandardPairs(kStandard);
constexpr Pairs kUrlPairs(kUrl);

#if defined(__x86_64__)
// 12 bytes to 16 characters at a time with the standard alphabet; how many bytes it was. Reads 4 bytes more than it
// takes. As W. Muła and D. Lemire describe it in "Faster Base64 Encoding and Decoding using AVX2 Instructions"
// (https://arxiv.org/abs/1704.00605).
__attribute__((target("ssse3"))) size_t EncodeBlocks(const uint8_t* in, size_t size, char* to) {
  const __m128i spread = _mm_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
  // What to add to a digit, by its kind: 0 for a-z, 1 to 10 for 0-9, 11 for +, 12 for /, 13 for A-Z.
  const __m128i shifts = _mm_setr_epi8('a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                                       '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0);
  size_t i = 0;
  for (; i + 16 <= size; i += 12, to += 16) {
    __m128i v = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(in + i)), spread);
    __m128i high = _mm_mulhi_epu16(_mm_and_si128(v, _mm_set1_epi32(0x0FC0FC00)), _mm_set1_epi32(0x04000040));
    __m128i low = _mm_mullo_epi16(_mm_and_si128(v, _mm_set1_epi32(0x003F03F0)), _mm_set1_epi32(0x01000010));
    __m128i digits = _mm_or_si128(high, low);
    __m128i kind = _mm_subs_epu8(digits, _mm_set1_epi8(51));
    kind = _mm_or_si128(kind, _mm_and_si128(_mm_cmpgt_epi8(_mm_set1_epi8(26), digits), _mm_set1_epi8(13)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_add_epi8(digits, _mm_shuffle_epi8(shifts, kind)));
  }
  return i;
}

// 16 characters to 12 bytes at a time, until one is not a digit; how many characters it was. Writes 4 bytes more than
// it makes: `to` may be `in`, for what is written over has been read. By the same authors: sets of characters are told
// apart by both halves of a character.
__attribute__((target("ssse3"))) size_t DecodeBlocks(const uint8_t* in, size_t size, uint8_t* to) {
  const __m128i by_low =
      _mm_setr_epi8(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1A, 0x1B, 0x1B, 0x1B, 0x1A);
  const __m128i by_high =
      _mm_setr_epi8(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
  // What to add to a character for its value, by its upper half; one less for '/'.
  const __m128i shifts =
      _mm_setr_epi8(0, 63 - '/', 62 - '+', 52 - '0', -'A', -'A', 26 - 'a', 26 - 'a', 0, 0, 0, 0, 0, 0, 0, 0);
  const __m128i order = _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
  const __m128i half = _mm_set1_epi8(0x0F);
  size_t i = 0;
  for (; i + 16 <= size; i += 16, to += 12) {
    __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + i));
    __m128i high = _mm_and_si128(_mm_srli_epi32(v, 4), half);
    __m128i bad = _mm_and_si128(_mm_shuffle_epi8(by_low, _mm_and_si128(v, half)), _mm_shuffle_epi8(by_high, high));
    if (_mm_movemask_epi8(_mm_cmpgt_epi8(bad, _mm_setzero_si128())) != 0) break;
    __m128i kind = _mm_add_epi8(high, _mm_cmpeq_epi8(v, _mm_set1_epi8('/')));
    __m128i digits = _mm_add_epi8(v, _mm_shuffle_epi8(shifts, kind));
    __m128i twelve_bits = _mm_maddubs_epi16(digits, _mm_set1_epi32(0x01400140));
    __m128i words = _mm_madd_epi16(twelve_bits, _mm_set1_epi32(0x00011000));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_shuffle_epi8(words, order));
  }
  return i;
}

// Asked once.
const bool kHasBlocks = __builtin_cpu_supports("ssse3");
#endif

v8::MaybeLocal<v8::String> Encode(v8::Isolate* isolate, const uint8_t* in, size_t size, bool url) {
  const char* alphabet = url ? kUrl : kStandard;
  size_t length = url ? (size * 4 + 2) / 3 : (size + 2) / 3 * 4;
  if (length > static_cast<size_t>(v8::String::kMaxLength)) return TooLong(isolate);
  const auto& pairs = (url ? kUrlPairs : kStandardPairs).text;
  Scratch<char> out(length);
  char* to = out.get();
  size_t i = 0;
#if defined(__x86_64__)
  if (kHasBlocks && !url) {
    i = EncodeBlocks(in, size, to);
    to += i / 3 * 4;
  }
#endif
  for (; i + 3 <= size; i += 3) {
    uint32_t v = static_cast<uint32_t>(in[i]) << 16 | static_cast<uint32_t>(in[i + 1]) << 8 | in[i + 2];
    memcpy(to, pairs[v >> 12], 2);
    memcpy(to + 2, pairs[v & 0xFFF], 2);
    to += 4;
  }
  if (i < size) {
    bool two = i + 1 < size;
    uint32_t v = static_cast<uint32_t>(in[i]) << 16 | (two ? static_cast<uint32_t>(in[i + 1]) << 8 : 0);
    *to++ = alphabet[v >> 18];
    *to++ = alphabet[v >> 12 & 63];
    if (two)
      *to++ = alphabet[v >> 6 & 63];
    else if (!url)
      *to++ = '=';
    if (!url) *to++ = '=';
  }
  return Latin1(isolate, {out.get(), length});
}

// Forgiving-base64 decode (https://infra.spec.whatwg.org/#forgiving-base64-decode). False if malformed. `out` has room
// for `size` bytes.
bool Decode(const uint8_t* in, size_t size, uint8_t* out, size_t* written) {
  size_t i = 0, n = 0;
#if defined(__x86_64__)
  if (kHasBlocks) {
    i = DecodeBlocks(in, size, out);
    n = i / 4 * 3;
  }
#endif
  // Four digits at a time, until something else comes.
  for (; i + 4 <= size; i += 4) {
    uint8_t a = kTable[in[i]], b = kTable[in[i + 1]], c = kTable[in[i + 2]], d = kTable[in[i + 3]];
    if ((a | b | c | d) >= 64) break;
    uint32_t v = static_cast<uint32_t>(a) << 18 | static_cast<uint32_t>(b) << 12 | static_cast<uint32_t>(c) << 6 | d;
    out[n] = static_cast<uint8_t>(v >> 16);
    out[n + 1] = static_cast<uint8_t>(v >> 8);
    out[n + 2] = static_cast<uint8_t>(v);
    n += 3;
  }
  uint32_t bits = 0;
  size_t digits = 0, pads = 0;
  for (; i < size; ++i) {
    uint8_t value = kTable[in[i]];
    if (value < 64) {
      if (pads > 0) return false;
      bits = bits << 6 | value;
      if ((++digits & 3) == 0) {
        out[n++] = static_cast<uint8_t>(bits >> 16);
        out[n++] = static_cast<uint8_t>(bits >> 8);
        out[n++] = static_cast<uint8_t>(bits);
      }
    } else if (value == kPad) {
      if (++pads > 2) return false;
    } else if (value != kSpace) {
      return false;
    }
  }
  size_t rest = digits & 3;
  if (rest == 1 || (pads > 0 && (rest == 0 || rest + pads != 4))) return false;
  if (rest == 2) out[n++] = static_cast<uint8_t>(bits >> 4);
  if (rest == 3) {
    out[n++] = static_cast<uint8_t>(bits >> 10);
    out[n++] = static_cast<uint8_t>(bits >> 2);
  }
  *written = n;
  return true;
}

// base64Encode(bytes, url): with `url` the URL alphabet and no padding.
void Base64Encode(Info info) {
  Bytes bytes(info[0]);
  if (!bytes.valid()) return ThrowTypeErrorText(info.GetIsolate(), "an ArrayBuffer or a view is needed");
  v8::Local<v8::String> string;
  if (Encode(info.GetIsolate(), bytes.data(), bytes.size(), info[1]->IsTrue()).ToLocal(&string))
    info.GetReturnValue().Set(string);
}

// base64UrlDecode(string): the bytes of base64 in either alphabet, padded or not; undefined when there is anything else
// in it, white space too.
void Base64UrlDecode(Info info) {
  v8::Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsString()) return ThrowTypeErrorText(isolate, "a string is needed");
  v8::Local<v8::String> string = info[0].As<v8::String>();
  if (!string->IsOneByte()) return;
  size_t length = static_cast<size_t>(string->Length());
  Scratch<uint8_t> text(length);
  if (length > 0) string->WriteOneByteV2(isolate, 0, static_cast<uint32_t>(length), text.get());
  const uint8_t* in = text.get();
  size_t padding = 0;
  while (padding < 3 && length > 0 && in[length - 1] == '=') --length, ++padding;
  if (length % 4 == 1 || padding > 2 || (padding > 0 && (length + padding) % 4 != 0)) return;
  size_t size = length / 4 * 3 + (length % 4 == 0 ? 0 : length % 4 - 1);
  v8::Local<v8::ArrayBuffer> buffer;
  if (!v8::ArrayBuffer::MaybeNew(isolate, size, v8::BackingStoreInitializationMode::kUninitialized).ToLocal(&buffer)) {
    isolate->ThrowException(v8::Exception::RangeError(Literal(isolate, "Array buffer allocation failed")));
    return;
  }
  auto* out = static_cast<uint8_t*>(buffer->Data());
  uint32_t held = 0, bits = 0;
  for (size_t i = 0, n = 0; i < length; ++i) {
    uint8_t value = in[i] == '-' ? 62 : in[i] == '_' ? 63 : kTable[in[i]];
    if (value >= 64) return;
    held = held << 6 | value;
    bits += 6;
    if (bits >= 8) out[n++] = static_cast<uint8_t>(held >> (bits -= 8));
  }
  info.GetReturnValue().Set(v8::Uint8Array::New(buffer, 0, size));
}

// btoa(string): undefined when a code unit is above 0xFF.
void Btoa(Info info) {
  v8::Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsString()) return ThrowTypeErrorText(isolate, "a string is needed");
  v8::Local<v8::String> string = info[0].As<v8::String>();
  if (!string->IsOneByte() && !string->ContainsOnlyOneByte()) return;
  uint32_t size = static_cast<uint32_t>(string->Length());
  Scratch<uint8_t> bytes(size);
  string->WriteOneByteV2(isolate, 0, size, bytes.get());
  v8::Local<v8::String> result;
  if (Encode(isolate, bytes.get(), size, false).ToLocal(&result)) info.GetReturnValue().Set(result);
}

// atob(string): undefined when malformed.
void Atob(Info info) {
  v8::Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsString()) return ThrowTypeErrorText(isolate, "a string is needed");
  v8::Local<v8::String> string = info[0].As<v8::String>();
  if (!string->IsOneByte() && !string->ContainsOnlyOneByte()) return;
  uint32_t size = static_cast<uint32_t>(string->Length());
  Scratch<uint8_t> bytes(size);
  string->WriteOneByteV2(isolate, 0, size, bytes.get());
  size_t written;
  // Never longer than its input, and never ahead of it.
  if (!Decode(bytes.get(), size, bytes.get(), &written)) return;
  v8::Local<v8::String> result;
  if (Latin1(isolate, {reinterpret_cast<char*>(bytes.get()), written}).ToLocal(&result))
    info.GetReturnValue().Set(result);
}

}  // namespace

void InstallBase64(v8::Local<v8::Context> context, v8::Local<v8::Object> native) {
  SetFunction(context, native, "base64Encode", Base64Encode);
  SetFunction(context, native, "base64UrlDecode", Base64UrlDecode);
  SetFunction(context, native, "btoa", Btoa);
  SetFunction(context, native, "atob", Atob);
}

}  // namespace workerd::web
