#include "web/json_tape.h"

#include <charconv>
#include <cmath>
#include <cstring>

#include "web/strings.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace workerd::web {

namespace {

constexpr int kMaxDepth = 128, kOuterDepth = 3;
constexpr size_t kMaxLiteral = 8;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Where the first byte is that is not a plain character of a string: a quote, a backslash, a control character, or one
// above 0x7F.
const char* PlainEnd(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), space = _mm_set1_epi8(' ');
  while (end - at >= 16) {
    __m128i chunk = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    // Signed: bytes above 0x7F are less than a space too.
    __m128i odd = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(chunk, quote), _mm_cmpeq_epi8(chunk, backslash)),
                               _mm_cmplt_epi8(chunk, space));
    int mask = _mm_movemask_epi8(odd);
    if (mask) return at + __builtin_ctz(static_cast<unsigned>(mask));
    at += 16;
  }
#endif
  while (at < end && static_cast<signed char>(*at) >= ' ' && *at != '"' && *at != '\\') ++at;
  return at;
}

// The bytes of a text of at most 16, each text having its own pair.
void Pack(std::string_view text, uint64_t* low, uint64_t* high) {
  size_t size = text.size();
  *low = *high = 0;
  if (size >= 8) {
    memcpy(low, text.data(), 8);
    memcpy(high, text.data() + size - 8, 8);
  } else if (size >= 4) {
    memcpy(low, text.data(), 4);
    memcpy(high, text.data() + size - 4, 4);
  } else {
    for (size_t i = 0; i < size; ++i) *low = *low << 8 | static_cast<uint8_t>(text[i]);
  }
}

int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

constexpr double kPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                              1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

}  // namespace

bool JsonTape::Read() {
  size_t size = static_cast<size_t>(end_ - begin_);
  tape.reserve(size / 8);
  values.reserve(size / 16);
  // Words of their own, see Value().
  values = {v8::Null(isolate_), v8::False(isolate_), v8::True(isolate_)};
  shapes_->Forget();
  Space();
  if (!Value(&shapes_->expected, 0)) return false;
  Space();
  return at_ == end_ && MakePending();
}

bool JsonTape::Word(std::string_view word, int32_t value) {
  if (static_cast<size_t>(end_ - at_) < word.size() || memcmp(at_, word.data(), word.size()) != 0) return false;
  at_ += word.size();
  Emit(JsonOp::kValue, static_cast<size_t>(value));
  return true;
}

bool JsonTape::Value(JsonShape** expected, int depth) {
  if (at_ == end_ || depth > kMaxDepth) return false;
  switch (*at_) {
    case '"':
      return String();
    case '{':
      return Object(expected, depth);
    case '[':
      return Array(expected, depth);
    case 'n':
      return Word("null", 0);
    case 'f':
      return Word("false", 1);
    case 't':
      return Word("true", 2);
    default:
      return Number();
  }
}

bool JsonTape::Number() {
  const char *const start = at_, *const end = end_, *at = at_;
  bool negative = *at == '-';
  if (negative) ++at;
  uint64_t digits = 0;
  const char* first = at;
  while (at < end && IsDigit(*at)) digits = digits * 10 + static_cast<uint64_t>(*at++ - '0');
  auto count = at - first;
  if (count == 0 || (*first == '0' && count > 1)) return false;
  int exponent = 0;
  bool whole = true;
  if (at < end && *at == '.') {
    const char* point = ++at;
    while (at < end && IsDigit(*at)) digits = digits * 10 + static_cast<uint64_t>(*at++ - '0');
    if (at == point) return false;
    count += at - point;
    exponent = static_cast<int>(point - at);
    whole = false;
  }
  if (at < end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at < end && (*at == '+' || *at == '-')) ++at;
    const char* power = at;
    while (at < end && IsDigit(*at)) ++at;
    if (at == power) return false;
    count = 100;  // not in what follows
  }
  at_ = at;
  double value;
  if (count <= 18 && whole) {
    auto integer = static_cast<int64_t>(digits);
    if (negative) integer = -integer;
    if (integer > -(1 << 28) && integer < (1 << 28) && !(negative && integer == 0)) {
      Emit(JsonOp::kInt, static_cast<size_t>(integer));
      return true;
    }
    value = negative && integer == 0 ? -0.0 : static_cast<double>(integer);
  } else if (count <= 18 && digits < (uint64_t{1} << 53) && exponent >= -22) {
    // Both are exact, so the quotient is rounded once.
    value = static_cast<double>(digits) / kPowers[-exponent];
    if (negative) value = -value;
  } else {
    auto [stop, error] = std::from_chars(start, at, value);
    if (error != std::errc() || stop != at) return false;
  }
  doubles.push_back(value);
  Emit(JsonOp::kDouble, doubles.size() - 1);
  return true;
}

bool JsonTape::String() {
  const char* start = ++at_;
  at_ = PlainEnd(at_, end_);
  if (at_ == end_) return false;
  if (*at_ != '"') return Escaped(start);
  std::string_view text(start, static_cast<size_t>(at_ - start));
  ++at_;
  v8::Local<v8::String> string;
  if (text.size() > 16) {
    if (!Latin1(isolate_, text).ToLocal(&string)) return false;
    EmitValue(string);
    return true;
  }
  // Short ones tend to come again.
  uint64_t low, high;
  Pack(text, &low, &high);
  uint64_t hash = (low ^ high * 0x9E3779B97F4A7C15u ^ text.size()) * 0xFF51AFD7ED558CCDu;
  Short& slot = short_[hash >> 56];
  if (slot.word < 0 || slot.low != low || slot.high != high || slot.size != text.size()) {
    if (!Latin1(isolate_, text).ToLocal(&string)) return false;
    EmitValue(string);
    slot = {low, high, tape.back(), static_cast<uint32_t>(text.size())};
  } else {
    tape.push_back(slot.word);
  }
  return true;
}

// With a backslash or something above 0x7F in it.
bool JsonTape::Escaped(const char* start) {
  bytes_.clear();
  bool narrow = true;
  for (const char* plain = start;;) {
    at_ = PlainEnd(at_, end_);
    if (at_ == end_) return false;
    auto c = static_cast<uint8_t>(*at_);
    if (c >= 0x80) {
      ++at_;
      continue;
    }
    if (c < 0x20) return false;
    auto* from = reinterpret_cast<const uint8_t*>(plain);
    auto* to = reinterpret_cast<const uint8_t*>(at_++);
    if (narrow)
      bytes_.append(plain, at_ - 1);
    else
      units_.insert(units_.end(), from, to);
    if (c == '"') break;
    uint16_t unit;
    if (!Escape(&unit)) return false;
    if (narrow && unit > 0xFF) {
      narrow = false;
      units_.assign(bytes_.begin(), bytes_.end());
      for (uint16_t& each : units_) each &= 0xFF;  // chars have signs
    }
    if (narrow)
      bytes_.push_back(static_cast<char>(unit));
    else
      units_.push_back(unit);
    plain = at_;
  }
  v8::Local<v8::String> string;
  bool ok = narrow ? Latin1(isolate_, bytes_).ToLocal(&string)
                   : v8::String::NewFromTwoByte(isolate_, units_.data(), v8::NewStringType::kNormal,
                                                static_cast<int>(units_.size()))
                         .ToLocal(&string);
  if (ok) EmitValue(string);
  return ok;
}

// What follows a backslash.
bool JsonTape::Escape(uint16_t* unit) {
  if (at_ == end_) return false;
  char c = *at_++;
  switch (c) {
    case '"':
    case '\\':
    case '/':
      *unit = static_cast<uint8_t>(c);
      return true;
    case 'b':
      *unit = '\b';
      return true;
    case 'f':
      *unit = '\f';
      return true;
    case 'n':
      *unit = '\n';
      return true;
    case 'r':
      *unit = '\r';
      return true;
    case 't':
      *unit = '\t';
      return true;
    case 'u':
      if (end_ - at_ < 4) return false;
      *unit = 0;
      for (int i = 0; i < 4; ++i) {
        int digit = HexDigit(*at_++);
        if (digit < 0) return false;
        *unit = static_cast<uint16_t>(*unit << 4 | digit);
      }
      return true;
    default:
      return false;
  }
}

bool JsonTape::Array(JsonShape** expected, int depth) {
  const char* start = at_++;
  Mark mark = Here();
  tape.push_back(0);
  size_t count = 0, numbers = 0;
  Space();
  bool ends = at_ < end_ && *at_ == ']';
  if (ends) ++at_;
  while (!ends) {
    size_t element = tape.size();
    if (!Value(expected, depth + 1) || !Next(']', &ends)) return false;
    ++count;
    numbers += (tape[element] & 7) <= static_cast<int32_t>(JsonOp::kDouble);
  }
  if (count > kMaxLiteral && numbers == count) {
    // V8 has its own kinds of arrays for these.
    LeaveToV8(mark, start);
    return true;
  }
  if (count <= kMaxLiteral) {
    auto op = numbers == count ? JsonOp::kNumbers : JsonOp::kLiteral;
    tape[mark.tape] = static_cast<int32_t>(op) | static_cast<int32_t>(count << 3);
    return true;
  }
  Later({}, count);
  tape[mark.tape] = static_cast<int32_t>(JsonOp::kArray) | static_cast<int32_t>((values.size() - 1) << 3);
  return true;
}

// With the quote that ends it.
bool JsonTape::Key(std::string_view* key) {
  if (at_ == end_ || *at_ != '"') return false;
  const char* start = ++at_;
  for (;; ++at_) {
    at_ = PlainEnd(at_, end_);
    if (at_ == end_ || static_cast<uint8_t>(*at_) < 0x20) return false;
    if (*at_ == '"') break;
    // One with a backslash or such suits no shape, and V8 checks it.
    if (*at_ == '\\' && ++at_ == end_) return false;
  }
  ++at_;
  *key = {start, static_cast<size_t>(at_ - start)};
  return true;
}

bool JsonTape::Object(JsonShape** expected, int depth) {
  const char* start = at_++;
  Mark mark = Here();
  tape.push_back(0);
  // What comes next is mostly what came next the last time. nullptr: of a kind that is left to V8.
  JsonShape *shape = shapes_->root(), **guess = expected;
  JsonShape* nothing = nullptr;
  Space();
  bool ends = at_ < end_ && *at_ == '}';
  if (ends) ++at_;
  while (!ends) {
    if (at_ == end_ || *at_ != '"') return false;
    JsonShape* next = *guess;
    if (next && next->parent == shape && next->key.IsAt(at_ + 1, end_)) {
      at_ += 1 + next->key.size();
    } else {
      std::string_view key;
      if (!Key(&key)) return false;
      next = shape ? shapes_->With(shape, key) : nullptr;
      *guess = next;
    }
    nothing = nullptr;
    if (!Colon() || !Value(next ? &next->expected : &nothing, depth + 1) || !Next('}', &ends)) return false;
    shape = next;
    guess = next ? &next->last : &nothing;
  }
  if (!shape || !shapes_->See(shape, depth < kOuterDepth)) {
    LeaveToV8(mark, start);
    return true;
  }
  tape[mark.tape] = static_cast<int32_t>(JsonOp::kObject) | (shape->id << 3);
  return true;
}

void JsonTape::LeaveToV8(const Mark& mark, const char* start) {
  tape.resize(mark.tape);
  doubles.resize(mark.doubles);
  pending_.resize(mark.pending);
  Later({start, static_cast<size_t>(at_ - start)});
  Emit(JsonOp::kValue, values.size() - 1);
}

bool JsonTape::MakePending() {
  v8::Local<v8::Context> context = isolate_->GetCurrentContext();
  std::vector<v8::Local<v8::Value>> blanks;
  for (const Pending& each : pending_) {
    if (each.text.empty()) {
      if (blanks.size() < each.length) blanks.resize(each.length, v8::Undefined(isolate_));
      values[each.index] = v8::Array::New(isolate_, blanks.data(), each.length);
      continue;
    }
    v8::Local<v8::String> text;
    if (!Latin1(isolate_, each.text).ToLocal(&text)) return false;
    v8::Local<v8::Value> argument = text;
    if (!parse_->Call(context, v8::Undefined(isolate_), 1, &argument).ToLocal(&values[each.index])) return false;
    left_to_v8 += each.text.size();
  }
  return true;
}

}  // namespace workerd::web
