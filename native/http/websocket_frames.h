// RFC 6455 frames: headers, masks, UTF-8, close codes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace workerd::http {

enum class Opcode : uint8_t { kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10 };

struct FrameHeader {
  bool fin, rsv1, masked;
  Opcode opcode;
  uint64_t length;
  uint8_t mask[4];
  bool control() const { return static_cast<uint8_t>(opcode) >= 8; }
};

enum class FrameResult { kOk, kIncomplete, kReservedBits, kOpcode, kControl, kLength };

// *used: bytes of the header. Checks what a header alone can get wrong, except masking, RSV1 and continuations, which
// depend on the connection.
FrameResult ParseFrameHeader(const char* data, size_t size, FrameHeader* header, size_t* used);

// mask: nullptr for a server's frames.
void AppendFrameHeader(std::string* out, Opcode opcode, bool rsv1, size_t length, const uint8_t* mask);

// to = from ^ mask; the two may be the same. `phase`: offset of the first byte in the frame's payload.
void ApplyMask(char* to, const char* from, size_t size, const uint8_t mask[4], size_t phase = 0);

bool IsUtf8(std::string_view text);

// Checks UTF-8 that comes in pieces, and fails with the first byte that cannot belong to it.
class Utf8Check {
 public:
  bool Add(std::string_view piece);
  bool complete() const { return count_ == 0; }  // no character is cut off

 private:
  char begun_[4];  // of the character that the last piece ended in
  size_t count_ = 0;
};

// At most `max` bytes of valid UTF-8, cut between characters.
std::string_view CutUtf8(std::string_view text, size_t max);

// Codes that may stand in a close frame.
bool IsSendableCloseCode(int code);

}  // namespace workerd::http
