// application/x-www-form-urlencoded (https://url.spec.whatwg.org/#application/x-www-form-urlencoded). What V8's API
// does for each string costs more than the parsing: where all is ASCII, names and values cross as one text and their
// places.
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "web/strings.h"

namespace workerd::web {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Writes what `text` stands for, which is never longer; malformed escapes stand for themselves.
char* Decode(std::string_view text, char* out) {
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+') {
      c = ' ';
    } else if (c == '%' && i + 2 < text.size()) {
      int high = HexValue(text[i + 1]), low = HexValue(text[i + 2]);
      if (high >= 0 && low >= 0) {
        c = static_cast<char>(high << 4 | low);
        i += 2;
      }
    }
    *out++ = c;
  }
  return out;
}

// Names and values decoded, one after the other. One byte lies between two of them: bytes of two never make one
// character.
struct Form {
  std::unique_ptr<char[]> heap;
  char inline_bytes[512];
  const char* data;
  size_t size;
  // Start and end of each name and each value in turn.
  std::vector<uint32_t> places;

  std::string_view part(size_t i) const { return {data + places[i], places[i + 1] - places[i]}; }
};

void ParseInto(std::string_view text, Form& form) {
  bool plain = text.find_first_of("%+") == std::string_view::npos;
  char* buffer = form.inline_bytes;
  if (!plain && text.size() + 1 > sizeof(form.inline_bytes)) {
    form.heap = std::make_unique_for_overwrite<char[]>(text.size() + 1);
    buffer = form.heap.get();
  }
  form.data = plain ? text.data() : buffer;
  form.places.reserve(64);
  char* out = buffer;
  auto add = [&](size_t start, size_t end) {
    if (plain) {
      form.places.push_back(static_cast<uint32_t>(start));
      form.places.push_back(static_cast<uint32_t>(end));
      return;
    }
    form.places.push_back(static_cast<uint32_t>(out - buffer));
    out = Decode(text.substr(start, end - start), out);
    form.places.push_back(static_cast<uint32_t>(out - buffer));
    *out++ = '&';
  };
  for (size_t start = 0; start < text.size();) {
    size_t end = text.find('&', start);
    if (end == std::string_view::npos) end = text.size();
    if (end > start) {
      size_t equals = text.substr(start, end - start).find('=');
      if (equals == std::string_view::npos) {
        add(start, end);
        // An empty value takes no byte: there is none for it in the text.
        uint32_t at = form.places.back();
        form.places.insert(form.places.end(), 2, at);
      } else {
        add(start, start + equals);
        add(start + equals + 1, end);
      }
    }
    start = end + 1;
  }
  form.size = plain ? text.size() : static_cast<size_t>(out - buffer);
}

constexpr size_t kPlaces = 256;

// formParse(text): [name, value, name, value...], and 0 as the first of native.formPlaces. Where all is ASCII the list
// is still to be cut: its first is the decoded text, the others are empty strings; the places in the text are in
// native.formPlaces, their number first, or, when they are too many for that, second in the list with 0xFFFFFFFF there.
void Parse(Info info) {
  v8::Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsString()) return ThrowTypeErrorText(isolate, "a string is needed");
  Utf8 input(isolate, info[0].As<v8::String>());
  std::string_view text = input.view();
  Form form;
  ParseInto(text, form);
  const std::vector<uint32_t>& places = form.places;
  auto* out = static_cast<uint32_t*>(info.Data().As<v8::Uint32Array>()->Buffer()->Data());
  std::vector<v8::Local<v8::Value>> list(places.size() / 2, v8::String::Empty(isolate));
  if (!IsAscii(reinterpret_cast<const uint8_t*>(form.data), form.size)) {
    for (size_t i = 0; i < list.size(); ++i) {
      v8::Local<v8::String> string;
      if (!FromUtf8(isolate, form.part(2 * i)).ToLocal(&string)) return;
      list[i] = string;
    }
    out[0] = 0;
  } else if (list.empty()) {
    out[0] = 0;
  } else {
    list[0] = info[0];
    if (form.data != text.data()) {
      v8::Local<v8::String> string;
      if (!Latin1(isolate, {form.data, form.size}).ToLocal(&string)) return;
      list[0] = string;
    }
    if (places.size() < kPlaces) {
      out[0] = static_cast<uint32_t>(places.size());
      std::memcpy(out + 1, places.data(), places.size() * 4);
    } else {
      out[0] = 0xffffffff;
      v8::Local<v8::ArrayBuffer> buffer = v8::ArrayBuffer::New(isolate, (places.size() + 1) * 4);
      std::memcpy(static_cast<uint32_t*>(buffer->Data()) + 1, places.data(), places.size() * 4);
      list[1] = v8::Uint32Array::New(buffer, 0, places.size() + 1);
    }
  }
  info.GetReturnValue().Set(v8::Array::New(isolate, list.data(), list.size()));
}

// What a byte becomes: up to three bytes, and how many.
struct Escape {
  char bytes[3];
  uint8_t size;
};

constexpr std::array<Escape, 256> Escapes(char separator) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::array<Escape, 256> escapes{};
  for (size_t c = 0; c < 256; ++c) escapes[c] = {{'%', kDigits[c >> 4], kDigits[c & 15]}, 3};
  auto safe = [&](size_t c) { escapes[c] = {{static_cast<char>(c), 0, 0}, 1}; };
  for (size_t c = 'a'; c <= 'z'; ++c) safe(c), safe(c - 0x20);
  for (size_t c = '0'; c <= '9'; ++c) safe(c);
  for (char c : {'*', '-', '.', '_'}) safe(static_cast<size_t>(c));
  escapes[' '] = {{'+', 0, 0}, 1};
  if (separator != 0) escapes[0] = {{separator, 0, 0}, 1};
  return escapes;
}

constexpr std::array<Escape, 256> kPart = Escapes(0);
// A NUL after a name, and after a value.
constexpr std::array<Escape, 256> kJoined[] = {Escapes('='), Escapes('&')};

// Needs one byte of room more than it writes. No branch: what comes next cannot be foreseen.
char* Write(const Escape& escape, char* out) {
  std::memcpy(out, &escape, sizeof(escape));
  return out + escape.size;
}

struct Output {
  explicit Output(size_t room) {
    if (room <= sizeof(inline_bytes)) return;
    heap = std::make_unique_for_overwrite<char[]>(room);
    data = heap.get();
  }
  std::unique_ptr<char[]> heap;
  char inline_bytes[1536];
  char* data = inline_bytes;
};

// formSerialize(joined, count): `joined` are count strings with a NUL between two. Undefined when they have NULs of
// their own.
void Serialize(Info info) {
  v8::Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsString() || !info[1]->IsUint32())
    return ThrowTypeErrorText(isolate, "a string and a count are needed");
  Utf8 input(isolate, info[0].As<v8::String>());
  std::string_view text = input.view();
  Output output(text.size() * 3 + 1);
  char* out = output.data;
  uint32_t separators = 0;
  for (char c : text) {
    out = Write(kJoined[separators & 1][static_cast<unsigned char>(c)], out);
    separators += c == '\0';
  }
  if (separators + 1 != info[1].As<v8::Uint32>()->Value()) return;
  v8::Local<v8::String> string;
  if (Latin1(isolate, {output.data, static_cast<size_t>(out - output.data)}).ToLocal(&string))
    info.GetReturnValue().Set(string);
}

// formEncode(text): one name or value.
void EncodePart(Info info) {
  v8::Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsString()) return ThrowTypeErrorText(isolate, "a string is needed");
  Utf8 input(isolate, info[0].As<v8::String>());
  std::string_view text = input.view();
  Output output(text.size() * 3 + 1);
  char* out = output.data;
  for (char c : text) out = Write(kPart[static_cast<unsigned char>(c)], out);
  v8::Local<v8::String> string;
  if (Latin1(isolate, {output.data, static_cast<size_t>(out - output.data)}).ToLocal(&string))
    info.GetReturnValue().Set(string);
}

}  // namespace

void InstallFormUrlencoded(v8::Local<v8::Context> context, v8::Local<v8::Object> native) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  v8::Local<v8::Uint32Array> places = v8::Uint32Array::New(v8::ArrayBuffer::New(isolate, kPlaces * 4), 0, kPlaces);
  (void)native->CreateDataProperty(context, Literal(isolate, "formPlaces"), places);
  SetFunction(context, native, "formParse", Parse, places);
  SetFunction(context, native, "formSerialize", Serialize);
  SetFunction(context, native, "formEncode", EncodePart);
}

}  // namespace workerd::web
