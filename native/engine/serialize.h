// Structured clone through V8's ValueSerializer, with the platform's own objects written by hooks in JS.
#pragma once
#include "engine/realm.h"

namespace workerd {

// False (nothing thrown) when the value cannot be cloned.
bool Serialize(Realm* realm, v8::Local<v8::Value> value, Chunk* out);
// Empty (nothing thrown) when it cannot be read here.
v8::MaybeLocal<v8::Value> Deserialize(Realm* realm, const Chunk& bytes);

}  // namespace workerd
