// UTF-8 (https://encoding.spec.whatwg.org/#utf-8) by simdutf: in decoding, each maximal part of a malformed sequence
// becomes one U+FFFD, in encoding each lone surrogate does.
#include <simdutf.h>

#include <algorithm>
#include <memory>

#include "web/strings.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace workerd::web {

namespace {

const char* Chars(const uint8_t* bytes) { return reinterpret_cast<const char*>(bytes); }
char* Chars(uint8_t* bytes) { return reinterpret_cast<char*>(bytes); }
const char16_t* Units(const uint16_t* units) { return reinterpret_cast<const char16_t*>(units); }

}  // namespace

bool IsAscii(const uint8_t* data, size_t size) { return simdutf::validate_ascii(Chars(data), size); }

bool IsValidUtf8(const uint8_t* data, size_t size) { return simdutf::validate_utf8(Chars(data), size); }

namespace {

bool IsContinuation(uint8_t byte) { return (byte & 0xC0) == 0x80; }

// The bounds of the byte after a lead byte (Unicode 15, table 3-7).
void SecondByteBounds(uint8_t lead, uint8_t* low, uint8_t* high) {
  *low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  *high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
}

size_t SequenceLength(uint8_t lead) {
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

}  // namespace

// How many bytes at the end begin a sequence that more bytes could complete.
size_t IncompleteTail(const uint8_t* data, size_t size) {
  for (size_t back = 1; back <= 3 && back <= size; ++back) {
    uint8_t byte = data[size - back];
    if (IsContinuation(byte)) continue;
    if (SequenceLength(byte) <= back) return 0;
    if (back > 1) {
      uint8_t low, high, second = data[size - back + 1];
      SecondByteBounds(byte, &low, &high);
      if (second < low || second > high) return 0;
    }
    return back;
  }
  return 0;
}

namespace {

// Whether no byte can begin a character above U+00FF. Looks at the beginning first, where it nearly always shows.
bool MayBeLatin1(const uint8_t* data, size_t size) {
  size_t i = 0;
#if defined(__SSE2__)
  const __m128i limit = _mm_set1_epi8(static_cast<char>(0xC3));
  for (; i + 16 <= size; i += 16) {
    __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + i));
    if (_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(bytes, limit), limit)) != 0xFFFF) return false;
  }
#endif
  for (; i < size; ++i)
    if (data[i] > 0xC3) return false;
  return true;
}

bool IsHigh(uint16_t unit) { return (unit & 0xFC00) == 0xD800; }
bool IsLow(uint16_t unit) { return (unit & 0xFC00) == 0xDC00; }

// Unit by unit, until the room does not do for the next character.
Encoded EncodeTail(const uint16_t* in, size_t length, uint8_t* out, size_t room) {
  size_t i = 0, n = 0;
  while (i < length) {
    bool pair = IsHigh(in[i]) && i + 1 < length && IsLow(in[i + 1]);
    size_t size = pair ? 4 : in[i] < 0x80 ? 1 : in[i] < 0x800 ? 2 : 3;
    if (room - n < size) break;
    size_t units = pair ? 2 : 1;
    n += simdutf::convert_utf16_to_utf8_with_replacement(Units(in + i), units, Chars(out + n));
    i += units;
  }
  return {i, n};
}

Encoded EncodeTail(const uint8_t* latin1, size_t length, uint8_t* out, size_t room) {
  size_t i = 0, n = 0;
  for (; i < length; ++i) {
    uint8_t c = latin1[i];
    if (n + (c < 0x80 ? 1 : 2) > room) break;
    if (c < 0x80) {
      out[n++] = c;
    } else {
      out[n++] = static_cast<uint8_t>(0xC0 | c >> 6);
      out[n++] = static_cast<uint8_t>(0x80 | (c & 0x3F));
    }
  }
  return {i, n};
}

// Fewer units than these are not worth the call.
constexpr size_t kFew = 16;

}  // namespace

size_t EncodeUtf8Whole(const uint16_t* in, size_t length, uint8_t* out) {
  return simdutf::convert_utf16_to_utf8_with_replacement(Units(in), length, Chars(out));
}

size_t EncodeUtf8Whole(const uint8_t* latin1, size_t length, uint8_t* out) {
  return simdutf::convert_latin1_to_utf8(Chars(latin1), length, Chars(out));
}

Encoded EncodeUtf8(const uint16_t* in, size_t length, uint8_t* out, size_t room) {
  size_t read = 0, written = 0;
  for (;;) {
    // A unit takes at most 3 bytes, half a pair 2.
    size_t fits = std::min(length - read, (room - written) / 3);
    bool last = fits == length - read;
    if (!last && (fits < kFew || (IsHigh(in[read + fits - 1]) && --fits < kFew))) break;
    written += EncodeUtf8Whole(in + read, fits, out + written);
    read += fits;
    if (last) return {read, written};
  }
  Encoded rest = EncodeTail(in + read, length - read, out + written, room - written);
  return {read + rest.read, written + rest.written};
}

Encoded EncodeUtf8(const uint8_t* latin1, size_t length, uint8_t* out, size_t room) {
  // ASCII nearly always.
  size_t read = simdutf::validate_ascii_with_errors(Chars(latin1), std::min(length, room)).count;
  if (read > 0) memcpy(out, latin1, read);
  size_t written = read;
  for (;;) {
    size_t fits = std::min(length - read, (room - written) / 2);
    bool last = fits == length - read;
    if (!last && fits < kFew) break;
    written += EncodeUtf8Whole(latin1 + read, fits, out + written);
    read += fits;
    if (last) return {read, written};
  }
  Encoded rest = EncodeTail(latin1 + read, length - read, out + written, room - written);
  return {read + rest.read, written + rest.written};
}

size_t Utf8Size(const uint16_t* in, size_t length) {
  return simdutf::utf8_length_from_utf16_with_replacement(Units(in), length).count;
}

size_t Utf8Size(const uint8_t* latin1, size_t length) {
  return simdutf::utf8_length_from_latin1(Chars(latin1), length);
}

namespace {

// simdutf looks at all that is left again after each malformed part: with many of them this takes a tenth of its time.
size_t DecodeMalformed(const uint8_t* in, size_t size, uint16_t* out) {
  size_t i = 0, n = 0;
  while (i < size) {
    uint8_t lead = in[i];
    if (lead < 0x80) {
      out[n++] = lead;
      ++i;
      continue;
    }
    size_t length = SequenceLength(lead), good = 1;
    uint32_t c = lead & (0x7F >> length);
    if (length > 0) {
      uint8_t low, high;
      SecondByteBounds(lead, &low, &high);
      for (; good < length && i + good < size && in[i + good] >= low && in[i + good] <= high; ++good) {
        c = c << 6 | (in[i + good] & 0x3F);
        low = 0x80;
        high = 0xBF;
      }
    }
    i += good;
    if (good != length) c = 0xFFFD;
    if (c >= 0x10000) {
      out[n++] = static_cast<uint16_t>(0xD7C0 + (c >> 10));
      c = 0xDC00 | (c & 0x3FF);
    }
    out[n++] = static_cast<uint16_t>(c);
  }
  return n;
}

}  // namespace

v8::MaybeLocal<v8::String> DecodeUtf8(v8::Isolate* isolate, std::string_view text, bool fatal) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  size_t size = text.size();
  if (IsAscii(bytes, size)) return Latin1(isolate, text);
  constexpr size_t kInline = 1024;
  uint16_t inline_units[kInline];
  std::unique_ptr<uint16_t[]> heap_units;
  uint16_t* units = inline_units;
  if (size > kInline) {
    heap_units = std::make_unique_for_overwrite<uint16_t[]>(size);
    units = heap_units.get();
  }
  if (MayBeLatin1(bytes, size)) {
    char* narrow = reinterpret_cast<char*>(units);
    size_t length = simdutf::convert_utf8_to_latin1(text.data(), size, narrow);
    if (length > 0) return Latin1(isolate, {narrow, length});
  }
  auto* wide = reinterpret_cast<char16_t*>(units);
  size_t length = simdutf::convert_utf8_to_utf16(text.data(), size, wide);
  if (length == 0) {
    if (fatal) {
      ThrowTypeErrorText(isolate, "Failed to decode input.");
      return {};
    }
    length = DecodeMalformed(bytes, size, units);
  }
  if (length > static_cast<size_t>(v8::String::kMaxLength)) return TooLong(isolate);
  return v8::String::NewFromTwoByte(isolate, units, v8::NewStringType::kNormal, static_cast<int>(length));
}

}  // namespace workerd::web
