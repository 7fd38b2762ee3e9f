// jsonTape(): the native half of platform/js/json.ts.
#include <memory>

#include "engine/realm.h"
#include "web/json_tape.h"
#include "web/strings.h"

namespace workerd::web {

namespace {

constexpr size_t kMaxSize = 64u << 20;
// V8 needs 80 bytes and more for each bracket that is open, and ends the process when it wants 2 GB at once.
constexpr size_t kMaxOpen = 8u << 20;
constexpr int kPatience = 4, kMaxSkip = 6;

template <class T>
bool IsTooDeep(const T* text, size_t size) {
  if (size <= kMaxOpen) return false;
  size_t brackets = 0;
  for (size_t i = 0; i < size; ++i) brackets += (text[i] | 0x20) == '{';  // and '['
  if (brackets <= kMaxOpen) return false;
  size_t open = 0;
  bool in_string = false;
  for (size_t i = 0; i < size; ++i) {
    T c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if ((c | 0x20) == '{') {
      if (++open > kMaxOpen) return true;
    } else if ((c | 0x20) == '}' && open > 0) {
      --open;
    }
  }
  return false;
}

bool IsTooDeep(v8::Isolate* isolate, v8::Local<v8::Value> source, const Bytes& bytes) {
  if (bytes.valid()) return IsTooDeep(bytes.data(), bytes.size());
  v8::String::ValueView view(isolate, source.As<v8::String>());
  return view.is_one_byte() ? IsTooDeep(view.data8(), view.length()) : IsTooDeep(view.data16(), view.length());
}

template <class View, class T>
bool Numbers(v8::Isolate* isolate, const std::vector<T>& from, v8::Local<v8::Value>* out) {
  v8::Local<v8::ArrayBuffer> buffer;
  if (!v8::ArrayBuffer::MaybeNew(isolate, from.size() * sizeof(T), v8::BackingStoreInitializationMode::kUninitialized)
           .ToLocal(&buffer))
    return false;
  if (!from.empty()) memcpy(buffer->Data(), from.data(), from.size() * sizeof(T));
  *out = View::New(buffer, 0, from.size());
  return true;
}

// Of each shape from the `known`th on, its keys.
v8::Local<v8::Value> Learned(v8::Isolate* isolate, const JsonShapes& shapes, size_t known) {
  std::vector<v8::Local<v8::Value>> out;
  for (size_t i = known; i < shapes.learned.size(); ++i) {
    std::vector<v8::Local<v8::Value>> keys;
    for (std::string_view key : JsonShapes::Keys(shapes.learned[i])) {
      v8::Local<v8::String> name;
      if (!Latin1(isolate, key).ToLocal(&name)) return {};
      keys.push_back(name);
    }
    out.push_back(v8::Array::New(isolate, keys.data(), keys.size()));
  }
  return v8::Array::New(isolate, out.data(), out.size());
}

// jsonTape(string or ASCII, number of shapes known): [words, doubles, values, shapes], or undefined when JSON.parse is
// to read the whole; null for bytes that are no ASCII.
void JsonTapeOf(Info info) {
  v8::Isolate* isolate = info.GetIsolate();
  Bytes bytes(info[0]);
  if (bytes.valid() && !IsAscii(bytes.data(), bytes.size())) return info.GetReturnValue().SetNull();
  if (IsTooDeep(isolate, info[0], bytes)) {
    isolate->ThrowException(v8::Exception::SyntaxError(Literal(isolate, "JSON is nested too deeply")));
    return;
  }
  Realm* realm = Realm::Current(isolate);
  if (!realm->json_shapes) realm->json_shapes = std::make_unique<JsonShapes>();
  JsonShapes* shapes = realm->json_shapes.get();
  if (shapes->skip > 0) {
    --shapes->skip;
    return;
  }
  std::unique_ptr<char[]> copy;
  std::string_view text = bytes.view();
  if (info[0]->IsString()) {
    v8::Local<v8::String> string = info[0].As<v8::String>();
    // V8 may move what it has while values are made.
    auto size = static_cast<size_t>(string->Length());
    if (!string->IsOneByte() || size > kMaxSize) return;
    copy.reset(new char[size]);
    string->WriteOneByteV2(isolate, 0, static_cast<uint32_t>(size), reinterpret_cast<uint8_t*>(copy.get()));
    text = {copy.get(), size};
  }
  if (text.size() > kMaxSize) return;
  auto tape = std::make_unique<JsonTape>(isolate, realm->parse_json.Get(isolate), shapes, text);
  v8::TryCatch caught(isolate);
  if (!tape->Read()) {
    if (caught.HasTerminated()) caught.ReThrow();
    return;
  }
  // Documents with ever new keys cost a reading more.
  if (tape->left_to_v8 > text.size() / 2) {
    if (++shapes->unlike > kPatience) shapes->skip = 1 << std::min(shapes->unlike - kPatience, kMaxSkip);
  } else {
    shapes->unlike = 0;
  }
  size_t known = info[1].As<v8::Uint32>()->Value();
  v8::Local<v8::Value> out[4];
  if (!Numbers<v8::Int32Array>(isolate, tape->tape, &out[0]) ||
      !Numbers<v8::Float64Array>(isolate, tape->doubles, &out[1]))
    return;
  out[2] = v8::Array::New(isolate, tape->values.data(), tape->values.size());
  out[3] = Learned(isolate, *shapes, known);
  if (!out[3].IsEmpty()) info.GetReturnValue().Set(v8::Array::New(isolate, out, 4));
}

}  // namespace

void InstallJson(v8::Local<v8::Context> context, v8::Local<v8::Object> native) {
  SetFunction(context, native, "jsonTape", JsonTapeOf);
}

}  // namespace workerd::web
