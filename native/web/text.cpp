// UTF-8, UTF-16 and Latin-1 (https://encoding.spec.whatwg.org/), the encodings that must be fast. The others are in JS.
#include <simdutf.h>

#include <memory>
#include <vector>

#include "web/strings.h"

namespace workerd::web {

namespace {

v8::Local<v8::Uint8Array> NewBytes(v8::Isolate* isolate, size_t size, uint8_t** data) {
  v8::Local<v8::ArrayBuffer> buffer;
  if (!v8::ArrayBuffer::MaybeNew(isolate, size, v8::BackingStoreInitializationMode::kUninitialized).ToLocal(&buffer)) {
    isolate->ThrowException(v8::Exception::RangeError(Literal(isolate, "Array buffer allocation failed")));
    return {};
  }
  *data = static_cast<uint8_t*>(buffer->Data());
  return v8::Uint8Array::New(buffer, 0, size);
}

bool StringArgument(Info info, int index, v8::Local<v8::String>* out) {
  if (!info[index]->IsString()) {
    ThrowTypeErrorText(info.GetIsolate(), "a string is needed");
    return false;
  }
  *out = info[index].As<v8::String>();
  return true;
}

Encoded EncodeString(v8::Isolate* isolate, v8::Local<v8::String> string, uint8_t* to, size_t room) {
  v8::String::ValueView view(isolate, string);
  return view.is_one_byte() ? EncodeUtf8(view.data8(), view.length(), to, room)
                            : EncodeUtf8(view.data16(), view.length(), to, room);
}

// bytesNew(size): with anything in it. Who asks fills it.
void BytesNew(Info info) {
  uint8_t* data;
  if (!info[0]->IsUint32()) return ThrowTypeErrorText(info.GetIsolate(), "a size is needed");
  v8::Local<v8::Uint8Array> bytes = NewBytes(info.GetIsolate(), info[0].As<v8::Uint32>()->Value(), &data);
  if (!bytes.IsEmpty()) info.GetReturnValue().Set(bytes);
}

void Utf8Encode(Info info) {
  v8::Isolate* isolate = info.GetIsolate();
  v8::Local<v8::String> string;
  if (!StringArgument(info, 0, &string)) return;
  uint8_t* data;
  // Nothing may be allocated on V8's heap while a view of a string is there.
  size_t size;
  bool ascii;
  {
    v8::String::ValueView view(isolate, string);
    size = view.is_one_byte() ? Utf8Size(view.data8(), view.length()) : Utf8Size(view.data16(), view.length());
    ascii = view.is_one_byte() && size == view.length();
  }
  v8::Local<v8::Uint8Array> bytes = NewBytes(isolate, size, &data);
  if (bytes.IsEmpty()) return;
  if (size > 0) {
    v8::String::ValueView view(isolate, string);
    if (ascii)
      memcpy(data, view.data8(), size);
    else if (view.is_one_byte())
      EncodeUtf8Whole(view.data8(), view.length(), data);
    else
      EncodeUtf8Whole(view.data16(), view.length(), data);
  }
  info.GetReturnValue().Set(bytes);
}

bool EncodeInto(Info info, size_t* read, size_t* written) {
  v8::Isolate* isolate = info.GetIsolate();
  v8::Local<v8::String> string;
  if (!StringArgument(info, 0, &string)) return false;
  if (!info[1]->IsUint8Array()) {
    ThrowTypeErrorText(isolate, "a Uint8Array is needed");
    return false;
  }
  v8::Local<v8::Uint8Array> view = info[1].As<v8::Uint8Array>();
  size_t room = view->ByteLength();
  *read = *written = 0;
  if (room > 0) {
    uint8_t* to = static_cast<uint8_t*>(view->Buffer()->Data()) + view->ByteOffset();
    Encoded encoded = EncodeString(isolate, string, to, room);
    *read = encoded.read;
    *written = encoded.written;
  }
  return true;
}

void Utf8EncodeInto(Info info) {
  size_t read, written;
  if (!EncodeInto(info, &read, &written)) return;
  v8::Isolate* isolate = info.GetIsolate();
  v8::Local<v8::Value> out[] = {v8::Number::New(isolate, static_cast<double>(read)),
                                v8::Number::New(isolate, static_cast<double>(written))};
  info.GetReturnValue().Set(v8::Array::New(isolate, out, 2));
}

// utf8EncodeTo(string, view): the two counts go into native.utf8Counts, the data of the function. No object per call.
void Utf8EncodeTo(Info info) {
  size_t read, written;
  if (!EncodeInto(info, &read, &written)) return;
  auto* out = static_cast<uint32_t*>(info.Data().As<v8::Uint32Array>()->Buffer()->Data());
  out[0] = static_cast<uint32_t>(read);
  out[1] = static_cast<uint32_t>(written);
}

void Utf8ByteLength(Info info) {
  v8::Local<v8::String> string;
  if (!StringArgument(info, 0, &string)) return;
  info.GetReturnValue().Set(static_cast<double>(string->Utf8LengthV2(info.GetIsolate())));
}

// utf8Decode(bytes, fatal, ignoreBOM)
void Utf8Decode(Info info) {
  v8::Isolate* isolate = info.GetIsolate();
  Bytes bytes(info[0]);
  if (!bytes.valid()) return ThrowTypeErrorText(isolate, "an ArrayBuffer or a view is needed");
  std::string_view text = bytes.view();
  if (!info[2]->IsTrue() && text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  v8::Local<v8::String> string;
  if (DecodeUtf8(isolate, text, info[1]->IsTrue()).ToLocal(&string)) info.GetReturnValue().Set(string);
}

void Utf8Tail(Info info) {
  Bytes bytes(info[0]);
  if (!bytes.valid()) return ThrowTypeErrorText(info.GetIsolate(), "an ArrayBuffer or a view is needed");
  info.GetReturnValue().Set(static_cast<uint32_t>(IncompleteTail(bytes.data(), bytes.size())));
}

// utf16Decode(bytes of an even number, bigEndian, fatal, replace): lone surrogates become U+FFFD, or with `fatal` the
// result is undefined; without `replace` they are let through.
void Utf16Decode(Info info) {
  v8::Isolate* isolate = info.GetIsolate();
  Bytes bytes(info[0]);
  if (!bytes.valid()) return ThrowTypeErrorText(isolate, "an ArrayBuffer or a view is needed");
  size_t length = bytes.size() / 2;
  if (length > static_cast<size_t>(v8::String::kMaxLength)) {
    TooLong(isolate);
    return;
  }
  auto units = std::make_unique_for_overwrite<char16_t[]>(length);
  if (length > 0) memcpy(units.get(), bytes.data(), length * 2);
  bool swap = info[1]->IsTrue(), fatal = info[2]->IsTrue(), replace = info[3]->IsTrue();
  if (swap) simdutf::change_endianness_utf16(units.get(), length, units.get());
  if (replace && !simdutf::validate_utf16(units.get(), length)) {
    if (fatal) return;
    simdutf::to_well_formed_utf16(units.get(), length, units.get());
  }
  v8::Local<v8::String> string;
  if (v8::String::NewFromTwoByte(isolate, reinterpret_cast<uint16_t*>(units.get()), v8::NewStringType::kNormal,
                                 static_cast<int>(length))
          .ToLocal(&string))
    info.GetReturnValue().Set(string);
}

void Latin1Encode(Info info) {
  v8::Isolate* isolate = info.GetIsolate();
  v8::Local<v8::String> string;
  if (!StringArgument(info, 0, &string)) return;
  uint32_t size = static_cast<uint32_t>(string->Length());
  uint8_t* data;
  v8::Local<v8::Uint8Array> bytes = NewBytes(isolate, size, &data);
  if (bytes.IsEmpty()) return;
  if (size > 0) string->WriteOneByteV2(isolate, 0, size, data);
  info.GetReturnValue().Set(bytes);
}

void Latin1Decode(Info info) {
  v8::Isolate* isolate = info.GetIsolate();
  Bytes bytes(info[0]);
  if (!bytes.valid()) return ThrowTypeErrorText(isolate, "an ArrayBuffer or a view is needed");
  v8::Local<v8::String> string;
  if (Latin1(isolate, bytes.view()).ToLocal(&string)) info.GetReturnValue().Set(string);
}

// Of windows-1252 only 0x80 to 0x9F differ from Latin-1 (https://encoding.spec.whatwg.org/#windows-1252).
constexpr uint16_t kWindows1252[32] = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                       0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                       0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                       0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

void Windows1252Decode(Info info) {
  v8::Isolate* isolate = info.GetIsolate();
  Bytes bytes(info[0]);
  if (!bytes.valid()) return ThrowTypeErrorText(isolate, "an ArrayBuffer or a view is needed");
  const uint8_t* data = bytes.data();
  size_t size = bytes.size(), first = 0;
  while (first < size && (data[first] & 0xE0) != 0x80) ++first;
  v8::Local<v8::String> string;
  if (first == size) {
    if (Latin1(isolate, bytes.view()).ToLocal(&string)) info.GetReturnValue().Set(string);
    return;
  }
  if (size > static_cast<size_t>(v8::String::kMaxLength)) {
    TooLong(isolate);
    return;
  }
  std::vector<uint16_t> units(size);
  for (size_t i = 0; i < size; ++i) units[i] = (data[i] & 0xE0) == 0x80 ? kWindows1252[data[i] & 0x1F] : data[i];
  if (v8::String::NewFromTwoByte(isolate, units.data(), v8::NewStringType::kNormal, static_cast<int>(size))
          .ToLocal(&string))
    info.GetReturnValue().Set(string);
}

void IsAsciiBytes(Info info) {
  Bytes bytes(info[0]);
  if (!bytes.valid()) return ThrowTypeErrorText(info.GetIsolate(), "an ArrayBuffer or a view is needed");
  info.GetReturnValue().Set(IsAscii(bytes.data(), bytes.size()));
}

void IsUtf8Bytes(Info info) {
  Bytes bytes(info[0]);
  if (!bytes.valid()) return ThrowTypeErrorText(info.GetIsolate(), "an ArrayBuffer or a view is needed");
  info.GetReturnValue().Set(IsValidUtf8(bytes.data(), bytes.size()));
}

}  // namespace

void InstallText(v8::Local<v8::Context> context, v8::Local<v8::Object> native) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  v8::Local<v8::Uint32Array> counts = v8::Uint32Array::New(v8::ArrayBuffer::New(isolate, 8), 0, 2);
  (void)native->CreateDataProperty(context, Literal(isolate, "utf8Counts"), counts);
  SetFunction(context, native, "bytesNew", BytesNew);
  SetFunction(context, native, "utf8Encode", Utf8Encode);
  SetFunction(context, native, "utf8EncodeInto", Utf8EncodeInto);
  SetFunction(context, native, "utf8EncodeTo", Utf8EncodeTo, counts);
  SetFunction(context, native, "utf8ByteLength", Utf8ByteLength);
  SetFunction(context, native, "utf8Decode", Utf8Decode);
  SetFunction(context, native, "utf8Tail", Utf8Tail);
  SetFunction(context, native, "utf16Decode", Utf16Decode);
  SetFunction(context, native, "latin1Encode", Latin1Encode);
  SetFunction(context, native, "latin1Decode", Latin1Decode);
  SetFunction(context, native, "windows1252Decode", Windows1252Decode);
  SetFunction(context, native, "isAscii", IsAsciiBytes);
  SetFunction(context, native, "isUtf8", IsUtf8Bytes);
}

}  // namespace workerd::web
