#include "http/websocket_frames.h"

#include <cstring>

namespace workerd::web {
bool IsValidUtf8(const uint8_t* data, size_t size);  // web/strings.h, which would bring in V8's headers
}

namespace workerd::http {

FrameResult ParseFrameHeader(const char* data, size_t size, FrameHeader* header, size_t* used) {
  if (size < 2) return FrameResult::kIncomplete;
  auto byte = [&](size_t i) { return static_cast<uint8_t>(data[i]); };
  header->fin = byte(0) & 0x80;
  header->rsv1 = byte(0) & 0x40;
  header->masked = byte(1) & 0x80;
  uint8_t opcode = byte(0) & 0x0f;
  header->opcode = static_cast<Opcode>(opcode);
  uint64_t length = byte(1) & 0x7f;
  if (byte(0) & 0x30) return FrameResult::kReservedBits;
  if ((opcode > 2 && opcode < 8) || opcode > 10) return FrameResult::kOpcode;
  if (opcode >= 8 && (!header->fin || header->rsv1 || length > 125)) return FrameResult::kControl;
  size_t extra = length == 126 ? 2 : length == 127 ? 8 : 0;
  size_t total = 2 + extra + (header->masked ? 4 : 0);
  if (size < total) return FrameResult::kIncomplete;
  if (extra) {
    length = 0;
    for (size_t i = 0; i < extra; ++i) length = length << 8 | byte(2 + i);
    if (length >> 63 || length < (extra == 2 ? 126u : 65536u))
      return FrameResult::kLength;  // the shortest form must be used
  }
  header->length = length;
  if (header->masked) memcpy(header->mask, data + total - 4, 4);
  *used = total;
  return FrameResult::kOk;
}

void AppendFrameHeader(std::string* out, Opcode opcode, bool rsv1, size_t length, const uint8_t* mask) {
  char head[14];
  size_t n = 0;
  head[n++] = static_cast<char>(0x80 | (rsv1 ? 0x40 : 0) | static_cast<uint8_t>(opcode));
  char masked = mask ? static_cast<char>(0x80) : 0;
  if (length < 126) {
    head[n++] = static_cast<char>(masked | static_cast<char>(length));
  } else if (length < 65536) {
    head[n++] = static_cast<char>(masked | 126);
    head[n++] = static_cast<char>(length >> 8);
    head[n++] = static_cast<char>(length);
  } else {
    head[n++] = static_cast<char>(masked | 127);
    for (int shift = 56; shift >= 0; shift -= 8) head[n++] = static_cast<char>(static_cast<uint64_t>(length) >> shift);
  }
  if (mask) {
    memcpy(head + n, mask, 4);
    n += 4;
  }
  out->append(head, n);
}

void ApplyMask(char* to, const char* from, size_t size, const uint8_t mask[4], size_t phase) {
  uint8_t rotated[8];
  for (size_t i = 0; i < 8; ++i) rotated[i] = mask[(phase + i) & 3];
  uint64_t wide;
  memcpy(&wide, rotated, 8);
  size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    uint64_t word;
    memcpy(&word, from + i, 8);
    word ^= wide;
    memcpy(to + i, &word, 8);
  }
  for (; i < size; ++i) to[i] = static_cast<char>(static_cast<uint8_t>(from[i]) ^ rotated[i & 7]);
}

namespace {

bool Valid(std::string_view text) {
  return web::IsValidUtf8(reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

// How much of `text` is whole characters; *bad: what follows those is no beginning of one either.
size_t WholeCharacters(std::string_view text, bool* bad) {
  const auto* p = reinterpret_cast<const uint8_t*>(text.data());
  const uint8_t* end = p + text.size();
  auto done = [&] { return static_cast<size_t>(reinterpret_cast<const char*>(p) - text.data()); };
  *bad = false;
  while (p < end) {
    uint64_t word;
    while (end - p >= 8) {
      memcpy(&word, p, 8);
      if (word & 0x8080808080808080u) break;
      p += 8;
    }
    if (p == end) break;
    uint8_t c = *p;
    if (c < 0x80) {
      ++p;
      continue;
    }
    // Ranges of the second byte keep out overlong forms, surrogates and what is above U+10FFFF.
    uint8_t low = 0x80, high = 0xbf;
    int more;
    if (c >= 0xc2 && c <= 0xdf) {
      more = 1;
    } else if (c >= 0xe0 && c <= 0xef) {
      more = 2;
      if (c == 0xe0) low = 0xa0;
      if (c == 0xed) high = 0x9f;
    } else if (c >= 0xf0 && c <= 0xf4) {
      more = 3;
      if (c == 0xf0) low = 0x90;
      if (c == 0xf4) high = 0x8f;
    } else {
      *bad = true;
      return done();
    }
    for (int i = 1; i <= more; ++i) {
      if (p + i == end) return done();
      if (i == 1 ? p[1] < low || p[1] > high : (p[i] & 0xc0) != 0x80) {
        *bad = true;
        return done();
      }
    }
    p += more + 1;
  }
  return done();
}

}  // namespace

bool IsUtf8(std::string_view text) { return Valid(text); }

bool Utf8Check::Add(std::string_view piece) {
  bool bad = false;
  while (count_ > 0 && !piece.empty()) {
    begun_[count_++] = piece.front();
    piece.remove_prefix(1);
    if (WholeCharacters({begun_, count_}, &bad) > 0) count_ = 0;
    if (bad) return false;
  }
  // Fast for all but a character that the piece may end in.
  size_t sure = piece.size();
  for (size_t i = 1; i <= 3 && i <= piece.size(); ++i) {
    if (static_cast<uint8_t>(piece[piece.size() - i]) >= 0xc0) {
      sure = piece.size() - i;
      break;
    }
  }
  if (!Valid(piece.substr(0, sure))) return false;
  size_t whole = sure + WholeCharacters(piece.substr(sure), &bad);
  if (bad) return false;
  for (char c : piece.substr(whole)) begun_[count_++] = c;
  return true;
}

std::string_view CutUtf8(std::string_view text, size_t max) {
  if (text.size() <= max) return text;
  size_t n = max;
  while (n > 0 && (static_cast<uint8_t>(text[n]) & 0xc0) == 0x80) --n;
  return text.substr(0, n);
}

bool IsSendableCloseCode(int code) {
  return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
         (code >= 3000 && code <= 4999);
}

}  // namespace workerd::http
