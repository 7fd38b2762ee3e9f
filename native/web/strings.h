// Strings and bytes between V8 and the web operations.
#pragma once

#include <v8.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace workerd::web {

using Info = const v8::FunctionCallbackInfo<v8::Value>&;

/// True if every byte is below 0x80.
bool IsAscii(const uint8_t* data, size_t size);

/// A JS string as UTF-8, lone surrogates replaced by U+FFFD. Short ones need no allocation.
class Utf8 {
 public:
  Utf8(v8::Isolate* isolate, v8::Local<v8::String> string) {
    size_t length = static_cast<size_t>(string->Length());
    char* to = inline_;
    data_ = to;
    if (length <= sizeof(inline_) && string->IsOneByte()) {
      // ASCII nearly always, and then Latin-1 and UTF-8 are the same.
      string->WriteOneByteV2(isolate, 0, static_cast<uint32_t>(length), reinterpret_cast<uint8_t*>(to));
      size_ = length;
      if (IsAscii(reinterpret_cast<uint8_t*>(to), length)) return;
    }
    size_t room = sizeof(inline_);
    // A code unit takes at most 3 bytes.
    if (length * 3 > room) {
      room = string->Utf8LengthV2(isolate);
      heap_.resize(room);
      to = heap_.data();
      data_ = to;
    }
    size_ = string->WriteUtf8V2(isolate, to, room, v8::String::WriteFlags::kReplaceInvalidUtf8);
  }
  Utf8(const Utf8&) = delete;
  Utf8& operator=(const Utf8&) = delete;
  std::string_view view() const { return {data_, size_}; }

 private:
  const char* data_;
  size_t size_;
  std::string heap_;
  char inline_[768];
};

/// The bytes of an ArrayBuffer, SharedArrayBuffer or view. Small views that live on V8's heap are copied, not moved off
/// it.
class Bytes {
 public:
  explicit Bytes(v8::Local<v8::Value> value) {
    if (value->IsArrayBufferView()) {
      auto contents = value.As<v8::ArrayBufferView>()->GetContents({inline_, sizeof(inline_)});
      data_ = contents.data();
      size_ = contents.size();
    } else if (value->IsArrayBuffer()) {
      data_ = static_cast<uint8_t*>(value.As<v8::ArrayBuffer>()->Data());
      size_ = value.As<v8::ArrayBuffer>()->ByteLength();
    } else if (value->IsSharedArrayBuffer()) {
      data_ = static_cast<uint8_t*>(value.As<v8::SharedArrayBuffer>()->Data());
      size_ = value.As<v8::SharedArrayBuffer>()->ByteLength();
    } else {
      valid_ = false;
    }
  }
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;
  bool valid() const { return valid_; }
  const uint8_t* data() const { return data_; }
  size_t size() const { return size_; }
  std::string_view view() const { return {reinterpret_cast<const char*>(data_), size_}; }

 private:
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
  bool valid_ = true;
  uint8_t inline_[128];  // More than V8's limit for bytes of views on its heap (64).
};

inline v8::Local<v8::String> Literal(v8::Isolate* isolate, const char* text) {
  return v8::String::NewFromUtf8(isolate, text, v8::NewStringType::kInternalized).ToLocalChecked();
}

inline void ThrowTypeErrorText(v8::Isolate* isolate, const char* text) {
  isolate->ThrowException(v8::Exception::TypeError(Literal(isolate, text)));
}

/// Throws RangeError and returns empty when V8 cannot hold a string that long.
inline v8::MaybeLocal<v8::String> TooLong(v8::Isolate* isolate) {
  isolate->ThrowException(v8::Exception::RangeError(Literal(isolate, "Invalid string length")));
  return {};
}

inline v8::MaybeLocal<v8::String> Latin1(v8::Isolate* isolate, std::string_view text) {
  if (text.size() > static_cast<size_t>(v8::String::kMaxLength)) return TooLong(isolate);
  return v8::String::NewFromOneByte(isolate, reinterpret_cast<const uint8_t*>(text.data()), v8::NewStringType::kNormal,
                                    static_cast<int>(text.size()));
}

/// A string from UTF-8. With `fatal`, throws TypeError for malformed bytes; else they become U+FFFD as the Encoding
/// standard has it.
v8::MaybeLocal<v8::String> DecodeUtf8(v8::Isolate* isolate, std::string_view text, bool fatal);

inline v8::MaybeLocal<v8::String> FromUtf8(v8::Isolate* isolate, std::string_view text) {
  return DecodeUtf8(isolate, text, false);
}

/// How far an encoder came.
struct Encoded {
  size_t read;     // code units
  size_t written;  // bytes
};

/// Encodes as much as there is room for; lone surrogates become U+FFFD.
Encoded EncodeUtf8(const uint16_t* in, size_t length, uint8_t* out, size_t room);
Encoded EncodeUtf8(const uint8_t* latin1, size_t length, uint8_t* out, size_t room);

/// The same for the whole, where there is room for Utf8Size() bytes. How many bytes it was.
size_t EncodeUtf8Whole(const uint16_t* in, size_t length, uint8_t* out);
size_t EncodeUtf8Whole(const uint8_t* latin1, size_t length, uint8_t* out);

/// The bytes that the whole takes.
size_t Utf8Size(const uint16_t* in, size_t length);
size_t Utf8Size(const uint8_t* latin1, size_t length);

bool IsValidUtf8(const uint8_t* data, size_t size);

/// How many bytes at the end begin a sequence that more bytes could complete (0 to 3).
size_t IncompleteTail(const uint8_t* data, size_t size);

inline void SetFunction(v8::Local<v8::Context> context, v8::Local<v8::Object> target, const char* name,
                        v8::FunctionCallback callback, v8::Local<v8::Value> data = {}) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  v8::Local<v8::Function> function;
  if (!v8::Function::New(context, callback, data, 0, v8::ConstructorBehavior::kThrow).ToLocal(&function)) return;
  v8::Local<v8::String> key = Literal(isolate, name);
  function->SetName(key);
  (void)target->CreateDataProperty(context, key, function);
}

// One for each file of native/web.
void InstallText(v8::Local<v8::Context> context, v8::Local<v8::Object> native);
void InstallBase64(v8::Local<v8::Context> context, v8::Local<v8::Object> native);
void InstallRandom(v8::Local<v8::Context> context, v8::Local<v8::Object> native);
void InstallUrl(v8::Local<v8::Context> context, v8::Local<v8::Object> native);
void InstallUrlPattern(v8::Local<v8::Context> context, v8::Local<v8::Object> native);
void InstallFormUrlencoded(v8::Local<v8::Context> context, v8::Local<v8::Object> native);
void InstallJson(v8::Local<v8::Context> context, v8::Local<v8::Object> native);
void InstallMessages(v8::Local<v8::Context> context, v8::Local<v8::Object> native);

}  // namespace workerd::web
