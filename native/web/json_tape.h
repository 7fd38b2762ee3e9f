// Reads a JSON document (https://www.rfc-editor.org/rfc/rfc8259, as ECMAScript's JSON.parse has it) into a tape that
// platform/js/json.ts makes the value from. What the reader does not know well it leaves to V8, piece by piece.
#pragma once

#include <v8.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "web/json_shapes.h"

namespace workerd::web {

// In the low three bits of a word of the tape; the rest of the word is the operand.
enum class JsonOp : int32_t {
  kInt = 0,      // the number
  kDouble = 1,   // index in `doubles`
  kValue = 2,    // index in `values`
  kObject = 3,   // a shape's id; the values of its keys follow
  kArray = 4,    // index in `values` of an array of the right length, to be filled with what follows
  kLiteral = 5,  // an array of so many elements, which follow
  kNumbers = 6,  // likewise, and all are numbers
};

class JsonTape {
 public:
  // `text` is Latin-1. `parse` is JSON.parse.
  JsonTape(v8::Isolate* isolate, v8::Local<v8::Function> parse, JsonShapes* shapes, std::string_view text)
      : isolate_(isolate),
        parse_(parse),
        shapes_(shapes),
        begin_(text.data()),
        at_(begin_),
        end_(begin_ + text.size()) {}

  // False when this is not JSON, or not for this reader: JSON.parse of the whole tells. Nothing is thrown.
  bool Read();

  std::vector<int32_t> tape;
  std::vector<double> doubles;
  std::vector<v8::Local<v8::Value>> values;
  // Bytes that V8 had to read.
  size_t left_to_v8 = 0;

 private:
  struct Mark {
    size_t tape, doubles, pending;
  };
  // A value that is made at the end only: what it is in may be left to V8 as a whole.
  struct Pending {
    size_t index;
    std::string_view text;  // for V8 to read; empty: an array of `length` to be filled
    size_t length = 0;
  };
  struct Short {
    uint64_t low = 0, high = 0;
    int32_t word = -1;
    uint32_t size = 0;
  };

  void Space() {
    // Mostly there is none.
    if (at_ < end_ && static_cast<uint8_t>(*at_) > ' ') return;
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }
  bool Value(JsonShape** expected, int depth);
  bool Object(JsonShape** expected, int depth);
  bool Array(JsonShape** expected, int depth);
  bool String();
  bool Escaped(const char* start);
  bool Escape(uint16_t* unit);
  bool Number();
  bool Word(std::string_view word, int32_t value);
  bool Key(std::string_view* key);
  bool Colon() {
    Space();
    if (at_ == end_ || *at_ != ':') return false;
    ++at_;
    Space();
    return true;
  }
  // After a value: past the bracket that ends what it is in, or to the value or key after a comma.
  bool Next(char bracket, bool* ends) {
    Space();
    if (at_ == end_) return false;
    *ends = *at_ == bracket;
    if (!*ends && *at_ != ',') return false;
    ++at_;
    if (!*ends) Space();
    return true;
  }
  void Emit(JsonOp op, size_t operand) {
    tape.push_back(static_cast<int32_t>(op) | static_cast<int32_t>(operand << 3));
  }
  void EmitValue(v8::Local<v8::Value> value) {
    values.push_back(value);
    Emit(JsonOp::kValue, values.size() - 1);
  }
  Mark Here() const { return {tape.size(), doubles.size(), pending_.size()}; }
  // Instead of what was read since the mark.
  void LeaveToV8(const Mark& mark, const char* start);
  void Later(std::string_view text, size_t length = 0) {
    values.push_back(values[0]);
    pending_.push_back({values.size() - 1, text, length});
  }
  bool MakePending();

  v8::Isolate* isolate_;
  v8::Local<v8::Function> parse_;
  JsonShapes* shapes_;
  const char* begin_;
  const char* at_;
  const char* end_;
  std::vector<Pending> pending_;
  std::string bytes_;
  std::vector<uint16_t> units_;
  Short short_[256];
};

}  // namespace workerd::web
