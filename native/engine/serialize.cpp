#include "engine/serialize.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "engine/convert.h"

namespace workerd {

namespace {

void ThrowDom(Realm* realm, const char* name, v8::Local<v8::String> message) {
  v8::Isolate* isolate = realm->isolate();
  v8::Local<v8::Value> error;
  if (!realm->make_error.IsEmpty()) {
    v8::Local<v8::Value> args[] = {Str(isolate, name), message, v8::True(isolate)};
    if (!realm->make_error.Get(isolate)->Call(realm->context(), v8::Undefined(isolate), 3, args).ToLocal(&error))
      return;
  } else {
    error = v8::Exception::Error(message);
  }
  isolate->ThrowException(error);
}

// A plain object cannot be one of the platform's: no call into JS for it.
bool IsPlain(v8::Local<v8::Object> object) {
  v8::Local<v8::Value> proto = object->GetPrototypeV2();
  return proto->IsNull() || (proto->IsObject() && proto.As<v8::Object>()->GetPrototypeV2()->IsNull());
}

// Shared buffers that a clone has in common with its original.
using SharedBuffers = std::vector<v8::Global<v8::SharedArrayBuffer>>;

class Writer final : public v8::ValueSerializer::Delegate {
 public:
  explicit Writer(Realm* realm, bool strict = false)
      : realm_(realm), strict_(strict), serializer_(realm->isolate(), this) {}
  v8::ValueSerializer& serializer() { return serializer_; }

  void ThrowDataCloneError(v8::Local<v8::String> message) override { ThrowDom(realm_, "DataCloneError", message); }
  bool HasCustomHostObject(v8::Isolate*) override { return true; }

  v8::Maybe<bool> IsHostObject(v8::Isolate* isolate, v8::Local<v8::Object> object) override {
    if (object->InternalFieldCount() > 0) return v8::Just(true);
    if (object->GetPrototypeV2() == realm_->object_prototype || (!strict_ && IsPlain(object))) return v8::Just(false);
    if (realm_->write_host.IsEmpty()) return v8::Just(false);
    v8::Local<v8::Value> args[] = {object, v8::Boolean::New(isolate, strict_)}, result;
    if (!realm_->write_host.Get(isolate)->Call(realm_->context(), v8::Undefined(isolate), 2, args).ToLocal(&result))
      return v8::Nothing<bool>();
    if (!result->IsArray()) return v8::Just(false);
    pending_ = result.As<v8::Array>();
    return v8::Just(true);
  }

  // Only within one isolate: elsewhere shared memory cannot be cloned.
  v8::Maybe<uint32_t> GetSharedArrayBufferId(v8::Isolate* isolate, v8::Local<v8::SharedArrayBuffer> buffer) override {
    if (!shared_) return v8::ValueSerializer::Delegate::GetSharedArrayBufferId(isolate, buffer);
    for (size_t i = 0; i < shared_->size(); ++i)
      if ((*shared_)[i] == buffer) return v8::Just(static_cast<uint32_t>(i));
    shared_->emplace_back(isolate, buffer);
    return v8::Just(static_cast<uint32_t>(shared_->size() - 1));
  }
  void set_shared(SharedBuffers* shared) { shared_ = shared; }

  v8::Maybe<bool> WriteHostObject(v8::Isolate* isolate, v8::Local<v8::Object> object) override {
    v8::Local<v8::Context> context = realm_->context();
    if (pending_.IsEmpty()) {
      std::string name = ToUtf8(isolate, object->GetConstructorName());
      ThrowDom(realm_, "DataCloneError", Utf8(isolate, "#<" + name + "> could not be cloned.").ToLocalChecked());
      return v8::Nothing<bool>();
    }
    v8::Local<v8::Array> pair = pending_;
    pending_.Clear();
    v8::Local<v8::Value> tag, data;
    if (!pair->Get(context, 0).ToLocal(&tag) || !pair->Get(context, 1).ToLocal(&data)) return v8::Nothing<bool>();
    serializer_.WriteUint32(tag->Uint32Value(context).FromMaybe(0));
    return serializer_.WriteValue(context, data);
  }

  // Our own allocator on both sides of Release(): the library's may be another.
  void* ReallocateBufferMemory(void* old, size_t size, size_t* actual) override {
    // V8 begins with next to nothing; most of what is cloned fits without growing.
    size = std::max(size, size_t{1024});
    buffer_ = realloc(old, size);
    *actual = capacity_ = buffer_ ? size : 0;
    return buffer_;
  }
  // What was written, and some bytes more.
  std::string_view buffer() const { return {static_cast<const char*>(buffer_), capacity_}; }
  void FreeBufferMemory(void* buffer) override { free(buffer); }

 private:
  Realm* realm_;
  bool strict_;  // class instances that the hook does not know are refused by it
  v8::Local<v8::Array> pending_;
  SharedBuffers* shared_ = nullptr;
  void* buffer_ = nullptr;
  size_t capacity_ = 0;
  v8::ValueSerializer serializer_;
};

class Reader final : public v8::ValueDeserializer::Delegate {
 public:
  Reader(Realm* realm, const char* data, size_t size)
      : realm_(realm), deserializer_(realm->isolate(), reinterpret_cast<const uint8_t*>(data), size, this) {}
  v8::ValueDeserializer& deserializer() { return deserializer_; }

  v8::MaybeLocal<v8::Object> ReadHostObject(v8::Isolate* isolate) override {
    v8::Local<v8::Context> context = realm_->context();
    uint32_t tag;
    v8::Local<v8::Value> data, result;
    if (!deserializer_.ReadUint32(&tag) || !deserializer_.ReadValue(context).ToLocal(&data)) return {};
    if (realm_->read_host.IsEmpty()) {
      ThrowDom(realm_, "DataCloneError", Str(isolate, "Unable to deserialize cloned data."));
      return {};
    }
    v8::Local<v8::Value> args[] = {v8::Integer::NewFromUnsigned(isolate, tag), data};
    // V8 forbids JavaScript while it reads. The platform's hooks only make objects: they run no user code.
    v8::Isolate::AllowJavascriptExecutionScope allow(isolate);
    if (!realm_->read_host.Get(isolate)->Call(context, v8::Undefined(isolate), 2, args).ToLocal(&result) ||
        !result->IsObject())
      return {};
    return result.As<v8::Object>();
  }

  v8::MaybeLocal<v8::SharedArrayBuffer> GetSharedArrayBufferFromId(v8::Isolate* isolate, uint32_t id) override {
    if (!shared_ || id >= shared_->size())
      return v8::ValueDeserializer::Delegate::GetSharedArrayBufferFromId(isolate, id);
    // Another object on the same memory; the reference that comes goes on to the new one.
    return v8::SharedArrayBuffer::New(isolate, (*shared_)[id].Get(isolate)->GetBackingStore());
  }
  void set_shared(SharedBuffers* shared) { shared_ = shared; }

 private:
  Realm* realm_;
  SharedBuffers* shared_ = nullptr;
  v8::ValueDeserializer deserializer_;
};

// The buffers of a transfer list. False with an exception thrown.
bool TransferList(Realm* realm, v8::Local<v8::Value> list, std::vector<v8::Local<v8::ArrayBuffer>>* out) {
  if (!list->IsArray()) return true;
  v8::Local<v8::Array> array = list.As<v8::Array>();
  for (uint32_t i = 0; i < array->Length(); ++i) {
    v8::Local<v8::Value> item;
    if (!array->Get(realm->context(), i).ToLocal(&item)) return false;
    if (!item->IsArrayBuffer()) {
      ThrowDom(realm, "DataCloneError", Str(realm->isolate(), "Value not transferable"));
      return false;
    }
    v8::Local<v8::ArrayBuffer> buffer = item.As<v8::ArrayBuffer>();
    if (buffer->WasDetached() || !buffer->IsDetachable()) {
      ThrowDom(realm, "DataCloneError", Str(realm->isolate(), "An ArrayBuffer is detached and could not be cloned."));
      return false;
    }
    out->push_back(buffer);
  }
  return true;
}

// ArrayBuffer.prototype.transfer as it was before user code: moves the memory without a copy.
v8::MaybeLocal<v8::ArrayBuffer> Move(Realm* realm, v8::Local<v8::ArrayBuffer> buffer) {
  v8::Local<v8::Value> moved;
  if (!realm->transfer_buffer.Get(realm->isolate())->Call(realm->context(), buffer, 0, nullptr).ToLocal(&moved))
    return {};
  return moved.As<v8::ArrayBuffer>();
}

// Moves past a string of V8's format. False if there is none.
bool SkipString(std::string_view* from) {
  size_t at = 0, length = 0;
  while (at < from->size() && (*from)[at] == '\0') ++at;
  if (at == from->size() || ((*from)[at] != '"' && (*from)[at] != 'c' && (*from)[at] != 'S')) return false;
  ++at;
  for (int shift = 0; at < from->size() && shift < 35; shift += 7) {
    unsigned char byte = static_cast<unsigned char>((*from)[at++]);
    length |= static_cast<size_t>(byte & 127) << shift;
    if (byte < 128) break;
  }
  if (length > from->size() - at) return false;
  from->remove_prefix(at + length);
  return true;
}

// Whether what V8 wrote may have an error in it. Errors are 'r', perhaps the letter of a type, 'm' and the message, 's'
// and the stack, 'c' and the cause, '.'. An error with nothing of those is not looked for: it would be taken for text
// all the time.
bool MayHaveErrors(std::string_view written) {
  constexpr std::string_view types = "ERFSTU", values = "'\"cSoAaIND_0TF^r;$\\?ZnUduVB";
  for (size_t i = written.find('r'); i < written.size(); i = written.find('r', i + 1)) {
    std::string_view rest = written.substr(i + 1);
    if (!rest.empty() && types.find(rest[0]) != types.npos) rest.remove_prefix(1);
    bool strings = false;
    while (rest.size() > 2 && (rest[0] == 'm' || rest[0] == 's')) {
      rest.remove_prefix(1);
      strings = SkipString(&rest);
      if (!strings) break;
    }
    if (rest.empty()) continue;
    if (strings && (rest[0] == 'c' || rest[0] == '.')) return true;
    if (rest.size() > 1 && rest[0] == 'c' && (values.find(rest[1]) != values.npos || rest[1] == '\0')) return true;
  }
  return false;
}

// After the value, by its number: what V8 leaves out of errors (see clone-errors.ts).
constexpr uint32_t kErrors = 1;

bool WriteErrors(Realm* realm, v8::Local<v8::Value> value, v8::ValueSerializer* serializer) {
  v8::Local<v8::Value> list;
  if (!realm->describe_errors.Get(realm->isolate())
           ->Call(realm->context(), v8::Undefined(realm->isolate()), 1, &value)
           .ToLocal(&list))
    return false;
  if (!list->IsArray()) return true;
  serializer->WriteUint32(kErrors);
  return serializer->WriteValue(realm->context(), list).FromMaybe(false);
}

bool ReadErrors(Realm* realm, v8::ValueDeserializer* deserializer, bool keep_stacks) {
  v8::Isolate* isolate = realm->isolate();
  v8::Local<v8::Value> list;
  uint32_t what;
  if (!deserializer->ReadUint32(&what) || what != kErrors || realm->restore_errors.IsEmpty()) return true;
  if (!deserializer->ReadValue(realm->context()).ToLocal(&list)) return false;
  v8::Local<v8::Value> args[] = {list, v8::Boolean::New(isolate, keep_stacks)};
  return !realm->restore_errors.Get(isolate)->Call(realm->context(), v8::Undefined(isolate), 2, args).IsEmpty();
}

bool Write(Realm* realm, v8::Local<v8::Value> value, const std::vector<v8::Local<v8::ArrayBuffer>>& transfer,
           std::pair<uint8_t*, size_t>* out, SharedBuffers* shared = nullptr, bool strict = false) {
  Writer writer(realm, strict);
  writer.set_shared(shared);
  for (size_t i = 0; i < transfer.size(); ++i)
    writer.serializer().TransferArrayBuffer(static_cast<uint32_t>(i), transfer[i]);
  writer.serializer().WriteHeader();
  if (!writer.serializer().WriteValue(realm->context(), value).FromMaybe(false)) return false;
  if (!realm->describe_errors.IsEmpty() && value->IsObject() &&
      (value->IsNativeError() || MayHaveErrors(writer.buffer())) && !WriteErrors(realm, value, &writer.serializer()))
    return false;
  *out = writer.serializer().Release();
  return true;
}

v8::MaybeLocal<v8::Value> Read(Realm* realm, const char* data, size_t size,
                               const std::vector<v8::Local<v8::ArrayBuffer>>& transferred,
                               SharedBuffers* shared = nullptr, bool keep_stacks = true) {
  Reader reader(realm, data, size);
  reader.set_shared(shared);
  for (size_t i = 0; i < transferred.size(); ++i)
    reader.deserializer().TransferArrayBuffer(static_cast<uint32_t>(i), transferred[i]);
  if (!reader.deserializer().ReadHeader(realm->context()).FromMaybe(false)) return {};
  v8::Local<v8::Value> value;
  if (!reader.deserializer().ReadValue(realm->context()).ToLocal(&value)) return {};
  if (value->IsObject() && !ReadErrors(realm, &reader.deserializer(), keep_stacks)) return {};
  return value;
}

void StructuredSerialize(Args info) {
  v8::Isolate* isolate = info.GetIsolate();
  Realm* realm = Realm::Current(isolate);
  std::vector<v8::Local<v8::ArrayBuffer>> transfer;
  std::pair<uint8_t*, size_t> bytes{nullptr, 0};
  if (!TransferList(realm, info[1], &transfer) || !Write(realm, info[0], transfer, &bytes)) return;
  v8::Local<v8::Uint8Array> out;
  bool ok = NewUint8Array(isolate, reinterpret_cast<const char*>(bytes.first), bytes.second).ToLocal(&out);
  free(bytes.first);
  if (ok) info.GetReturnValue().Set(out);
}

void StructuredDeserialize(Args info) {
  Realm* realm = Realm::Current(info.GetIsolate());
  const char* data;
  size_t size;
  if (!BytesOf(info[0], &data, &size)) return ThrowTypeError(info.GetIsolate(), "bytes are needed");
  std::vector<v8::Local<v8::ArrayBuffer>> transferred;
  if (!TransferList(realm, info[1], &transferred)) return;
  // Reading may run hooks that change the buffer: read a copy.
  std::string copy(data, size);
  v8::Local<v8::Value> value;
  if (Read(realm, copy.data(), copy.size(), transferred, nullptr, !info[2]->IsTrue()).ToLocal(&value))
    info.GetReturnValue().Set(value);
}

void StructuredClone(Args info) {
  Realm* realm = Realm::Current(info.GetIsolate());
  std::vector<v8::Local<v8::ArrayBuffer>> transfer, moved;
  std::pair<uint8_t*, size_t> bytes{nullptr, 0};
  SharedBuffers shared;
  if (!TransferList(realm, info[1], &transfer) || !Write(realm, info[0], transfer, &bytes, &shared)) return;
  bool ok = shared.empty() || !info[2]->IsString();
  if (!ok) {
    info.GetIsolate()->ThrowException(v8::Exception::TypeError(info[2].As<v8::String>()));
    transfer.clear();
  }
  for (auto& buffer : transfer) {
    v8::Local<v8::ArrayBuffer> now;
    ok = Move(realm, buffer).ToLocal(&now);
    if (!ok) break;
    moved.push_back(now);
  }
  v8::Local<v8::Value> value;
  if (ok && Read(realm, reinterpret_cast<const char*>(bytes.first), bytes.second, moved, &shared).ToLocal(&value))
    info.GetReturnValue().Set(value);
  free(bytes.first);
}

void SetHostObjectHooks(Args info) {
  Realm* realm = Realm::Current(info.GetIsolate());
  if (!info[0]->IsFunction() || !info[1]->IsFunction())
    return ThrowTypeError(info.GetIsolate(), "two functions are needed");
  realm->write_host.Reset(info.GetIsolate(), info[0].As<v8::Function>());
  realm->read_host.Reset(info.GetIsolate(), info[1].As<v8::Function>());
  if (info[2]->IsFunction()) realm->describe_errors.Reset(info.GetIsolate(), info[2].As<v8::Function>());
  if (info[3]->IsFunction()) realm->restore_errors.Reset(info.GetIsolate(), info[3].As<v8::Function>());
}

void TransferArrayBuffer(Args info) {
  Realm* realm = Realm::Current(info.GetIsolate());
  if (!info[0]->IsArrayBuffer()) return ThrowTypeError(info.GetIsolate(), "an ArrayBuffer is needed");
  v8::Local<v8::ArrayBuffer> moved;
  if (Move(realm, info[0].As<v8::ArrayBuffer>()).ToLocal(&moved)) info.GetReturnValue().Set(moved);
}

}  // namespace

bool Serialize(Realm* realm, v8::Local<v8::Value> value, Chunk* out) {
  v8::TryCatch ignore(realm->isolate());
  std::pair<uint8_t*, size_t> bytes{nullptr, 0};
  if (!Write(realm, value, {}, &bytes)) return false;
  *out = Chunk::Copy(reinterpret_cast<const char*>(bytes.first), bytes.second);
  free(bytes.first);
  return true;
}

v8::MaybeLocal<v8::Value> Deserialize(Realm* realm, const Chunk& bytes) {
  v8::TryCatch ignore(realm->isolate());
  return Read(realm, bytes.data(), bytes.size(), {});
}

bool SerializeStrictly(Realm* realm, v8::Local<v8::Value> value, std::pair<uint8_t*, size_t>* out) {
  return Write(realm, value, {}, out, nullptr, true);
}

v8::MaybeLocal<v8::Value> DeserializeBytes(Realm* realm, const uint8_t* data, size_t size) {
  return Read(realm, reinterpret_cast<const char*>(data), size, {}, nullptr, false);
}

void InstallSerializerOps(Realm* realm, v8::Local<v8::Object> native) {
  SetOp(realm, native, "structuredSerialize", StructuredSerialize);
  SetOp(realm, native, "structuredDeserialize", StructuredDeserialize);
  SetOp(realm, native, "structuredClone", StructuredClone);
  SetOp(realm, native, "setHostObjectHooks", SetHostObjectHooks);
  SetOp(realm, native, "transferArrayBuffer", TransferArrayBuffer);
}

}  // namespace workerd
