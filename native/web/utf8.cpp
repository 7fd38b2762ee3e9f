// UTF-8 (https://encoding.spec.whatwg.org/#utf-8): in decoding, each maximal part of a malformed sequence becomes one
// U+FFFD.
#include <algorithm>
#include <memory>

#include "web/strings.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace workerd::web {

bool IsAscii(const uint8_t* data, size_t size) {
  size_t i = 0;
  uint64_t seen = 0;
  for (; i + 32 <= size; i += 32) {
    uint64_t words[4];
    memcpy(words, data + i, 32);
    seen = words[0] | words[1] | words[2] | words[3];
    if (seen & 0x8080808080808080u) return false;
  }
  for (; i < size; ++i) seen |= data[i];
  return (seen & 0x8080808080808080u) == 0;
}

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

bool IsValidUtf8(const uint8_t* data, size_t size) {
  size_t i = 0;
  while (i < size) {
    if (data[i] < 0x80) {
      uint64_t word;
      while (i + 8 <= size && (memcpy(&word, data + i, 8), (word & 0x8080808080808080u) == 0)) i += 8;
      while (i < size && data[i] < 0x80) ++i;
      continue;
    }
    size_t length = SequenceLength(data[i]);
    if (length == 0 || i + length > size) return false;
    uint8_t low, high;
    SecondByteBounds(data[i], &low, &high);
    if (data[i + 1] < low || data[i + 1] > high) return false;
    for (size_t j = 2; j < length; ++j)
      if (!IsContinuation(data[i + j])) return false;
    i += length;
  }
  return true;
}

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

// Copies leading ASCII, widened; how many bytes it was.
size_t WidenAscii(const uint8_t* from, size_t size, uint16_t* to) {
  size_t i = 0;
#if defined(__SSE2__)
  const __m128i zero = _mm_setzero_si128();
  for (; i + 16 <= size; i += 16) {
    __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i));
    if (_mm_movemask_epi8(bytes) != 0) break;
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), _mm_unpacklo_epi8(bytes, zero));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i + 8), _mm_unpackhi_epi8(bytes, zero));
  }
#endif
  for (; i < size && from[i] < 0x80; ++i) to[i] = from[i];
  return i;
}

struct Decoded {
  size_t length;
  uint16_t seen;  // All units or-ed: tells whether Latin-1 will do.
  bool malformed;
};

// `to` has room for a unit for each byte.
Decoded Decode(const uint8_t* in, size_t size, uint16_t* to, bool fatal) {
  uint16_t* start = to;
  uint16_t seen = 0;
  size_t i = 0;
  while (i < size) {
    uint8_t lead = in[i];
    if (lead < 0x80) {
      size_t n = WidenAscii(in + i, size - i, to);
      to += n;
      i += n;
      continue;
    }
    if (lead >= 0xC2 && lead <= 0xDF && i + 1 < size && IsContinuation(in[i + 1])) {
      uint16_t unit = static_cast<uint16_t>((lead & 0x1F) << 6 | (in[i + 1] & 0x3F));
      seen |= unit;
      *to++ = unit;
      i += 2;
      continue;
    }
    size_t length = SequenceLength(lead);
    size_t good = 1;
    if (length > 2) {
      uint8_t low, high;
      SecondByteBounds(lead, &low, &high);
      if (i + 1 < size && in[i + 1] >= low && in[i + 1] <= high) {
        good = 2;
        while (good < length && i + good < size && IsContinuation(in[i + good])) ++good;
      }
      if (good == length) {
        uint32_t c = lead & (0x7F >> length);
        for (size_t j = 1; j < length; ++j) c = c << 6 | (in[i + j] & 0x3F);
        if (c < 0x10000) {
          *to++ = static_cast<uint16_t>(c);
        } else {
          *to++ = static_cast<uint16_t>(0xD7C0 + (c >> 10));
          *to++ = static_cast<uint16_t>(0xDC00 | (c & 0x3FF));
        }
        seen = 0xFFFF;
        i += length;
        continue;
      }
    }
    if (fatal) return {0, 0, true};
    *to++ = 0xFFFD;
    seen = 0xFFFF;
    i += good;
  }
  return {static_cast<size_t>(to - start), seen, false};
}

}  // namespace

namespace {

#if defined(__x86_64__)
// For each set of eight units that are ASCII (bit n: unit n): which bytes of the eight pairs remain.
struct Packing {
  uint8_t bytes[256][16];
  constexpr Packing() : bytes() {
    for (int set = 0; set < 256; ++set) {
      int n = 0;
      for (int unit = 0; unit < 8; ++unit) {
        bytes[set][n++] = static_cast<uint8_t>(unit * 2);
        if (!(set >> unit & 1)) bytes[set][n++] = static_cast<uint8_t>(unit * 2 + 1);
      }
    }
  }
};
constexpr Packing kPacking;

// Eight units at a time as long as all of them are below U+0800. Needs 16 bytes of room for each eight.
__attribute__((target("ssse3"))) Encoded EncodePairs(const uint16_t* in, size_t length, uint8_t* out, size_t room) {
  size_t i = 0, n = 0;
  const __m128i zero = _mm_setzero_si128();
  for (; i + 8 <= length && n + 16 <= room; i += 8) {
    __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + i));
    if (_mm_movemask_epi8(_mm_cmpeq_epi16(_mm_and_si128(v, _mm_set1_epi16(static_cast<short>(0xF800))), zero)) !=
        0xFFFF)
      break;
    __m128i ascii = _mm_cmpeq_epi16(_mm_and_si128(v, _mm_set1_epi16(static_cast<short>(0xFF80))), zero);
    __m128i lead = _mm_or_si128(_mm_srli_epi16(v, 6), _mm_set1_epi16(0x00C0));
    __m128i rest = _mm_or_si128(_mm_slli_epi16(_mm_and_si128(v, _mm_set1_epi16(0x3F)), 8),
                                _mm_set1_epi16(static_cast<short>(0x8000)));
    __m128i pairs = _mm_or_si128(_mm_and_si128(ascii, v), _mm_andnot_si128(ascii, _mm_or_si128(lead, rest)));
    unsigned set = static_cast<unsigned>(_mm_movemask_epi8(_mm_packs_epi16(ascii, zero)));
    __m128i order = _mm_loadu_si128(reinterpret_cast<const __m128i*>(kPacking.bytes[set]));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + n), _mm_shuffle_epi8(pairs, order));
    n += 16 - static_cast<size_t>(__builtin_popcount(set));
  }
  return {i, n};
}

const bool kHasPairs = __builtin_cpu_supports("ssse3");
#endif

// With `kRoomy` there is room for everything.
template <bool kRoomy>
Encoded EncodeUnits(const uint16_t* in, size_t length, uint8_t* out, size_t room) {
  size_t i = 0, n = 0;
  auto fits = [&](size_t bytes) { return kRoomy || room - n >= bytes; };
  while (i < length) {
#if defined(__x86_64__)
    if (kHasPairs && i + 8 <= length) {
      Encoded some = EncodePairs(in + i, length - i, out + n, room - n);
      i += some.read;
      n += some.written;
    }
#endif
    // What stands in the way, or is left, one by one.
    for (size_t end = std::min(length, i + 8); i < end;) {
      uint32_t c = in[i];
      if (c < 0x80) {
        if (!fits(1)) return {i, n};
        out[n++] = static_cast<uint8_t>(c);
        ++i;
      } else if (c < 0x800) {
        if (!fits(2)) return {i, n};
        out[n++] = static_cast<uint8_t>(0xC0 | c >> 6);
        out[n++] = static_cast<uint8_t>(0x80 | (c & 0x3F));
        ++i;
      } else if ((c & 0xFC00) == 0xD800 && i + 1 < length && (in[i + 1] & 0xFC00) == 0xDC00) {
        if (!fits(4)) return {i, n};
        c = (c << 10) + in[i + 1] - ((0xD800u << 10) + 0xDC00 - 0x10000);
        out[n++] = static_cast<uint8_t>(0xF0 | c >> 18);
        out[n++] = static_cast<uint8_t>(0x80 | (c >> 12 & 0x3F));
        out[n++] = static_cast<uint8_t>(0x80 | (c >> 6 & 0x3F));
        out[n++] = static_cast<uint8_t>(0x80 | (c & 0x3F));
        i += 2;
      } else {
        if (!fits(3)) return {i, n};
        if ((c & 0xF800) == 0xD800) c = 0xFFFD;
        out[n++] = static_cast<uint8_t>(0xE0 | c >> 12);
        out[n++] = static_cast<uint8_t>(0x80 | (c >> 6 & 0x3F));
        out[n++] = static_cast<uint8_t>(0x80 | (c & 0x3F));
        ++i;
      }
    }
  }
  return {i, n};
}

}  // namespace

Encoded EncodeUtf8(const uint16_t* in, size_t length, uint8_t* out, size_t room) {
  return length * 3 <= room ? EncodeUnits<true>(in, length, out, room) : EncodeUnits<false>(in, length, out, room);
}

Encoded EncodeUtf8(const uint8_t* latin1, size_t length, uint8_t* out, size_t room) {
  // ASCII nearly always.
  if (length <= room && IsAscii(latin1, length)) {
    if (length > 0) memcpy(out, latin1, length);
    return {length, length};
  }
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

size_t Utf8Size(const uint16_t* in, size_t length) {
  size_t size = length;
  for (size_t i = 0; i < length; ++i) {
    uint16_t c = in[i];
    size += (c >= 0x80) + (c >= 0x800);
    // A pair takes 4 bytes, not 3 for each half.
    if ((c & 0xFC00) == 0xDC00 && i > 0 && (in[i - 1] & 0xFC00) == 0xD800) size -= 2;
  }
  return size;
}

size_t Utf8Size(const uint8_t* latin1, size_t length) {
  size_t size = length;
  for (size_t i = 0; i < length; ++i) size += latin1[i] >> 7;
  return size;
}

v8::MaybeLocal<v8::String> DecodeUtf8(v8::Isolate* isolate, std::string_view text, bool fatal) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  size_t size = text.size();
  if (IsAscii(bytes, size)) return Latin1(isolate, text);
  uint16_t inline_units[1024];
  std::unique_ptr<uint16_t[]> heap_units;
  uint16_t* units = inline_units;
  if (size > 1024) {
    heap_units = std::make_unique_for_overwrite<uint16_t[]>(size);
    units = heap_units.get();
  }
  Decoded decoded = Decode(bytes, size, units, fatal);
  if (decoded.malformed) {
    ThrowTypeErrorText(isolate, "Failed to decode input.");
    return {};
  }
  if (decoded.length > static_cast<size_t>(v8::String::kMaxLength)) return TooLong(isolate);
  if (decoded.seen <= 0xFF) {
    // In place: every unit is read before its byte is written.
    auto* narrow = reinterpret_cast<uint8_t*>(units);
    for (size_t i = 0; i < decoded.length; ++i) narrow[i] = static_cast<uint8_t>(units[i]);
    return Latin1(isolate, {reinterpret_cast<char*>(narrow), decoded.length});
  }
  return v8::String::NewFromTwoByte(isolate, units, v8::NewStringType::kNormal, static_cast<int>(decoded.length));
}

}  // namespace workerd::web
