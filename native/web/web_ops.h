// Operations of the `native` object that serve the Web platform's text, bytes and URLs (typed in
// platform/js/native.d.ts).
#pragma once

#include <v8.h>

namespace workerd {

/// Adds the operations to `native`. Every context gets its own functions; they hold no state but the isolate's.
void InstallWebOps(v8::Isolate* isolate, v8::Local<v8::Context> context, v8::Local<v8::Object> native);

namespace web {
/// From here on getRandomValues() and randomUUID() give a sequence that depends on `seed` alone: for tests.
void SeedRandom(uint64_t seed);
}  // namespace web

}  // namespace workerd
