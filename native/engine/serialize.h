// Structured clone through V8's ValueSerializer, with the platform's own objects written by hooks in JS.
#pragma once
#include "engine/realm.h"

namespace workerd {

// False (nothing thrown) when the value cannot be cloned.
bool Serialize(Realm* realm, v8::Local<v8::Value> value, Chunk* out);
// Empty (nothing thrown) when it cannot be read here.
v8::MaybeLocal<v8::Value> Deserialize(Realm* realm, const Chunk& bytes);

// As remote calls are written: instances of classes are refused, unless the hooks know them. False with an exception
// thrown. The bytes are for free().
bool SerializeStrictly(Realm* realm, v8::Local<v8::Value> value, std::pair<uint8_t*, size_t>* out);
// Empty with an exception thrown. Errors get stacks of this place (under enhanced_error_serialization).
v8::MaybeLocal<v8::Value> DeserializeBytes(Realm* realm, const uint8_t* data, size_t size);

}  // namespace workerd
