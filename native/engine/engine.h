// V8's process-wide side.
#pragma once
#include <string>

namespace workerd {

class IsolateHolder;

// The version the headers were patched for; the library must say the same.
inline constexpr const char kV8Version[] = "14.4.258";

bool InitV8(const char* library_path, const char* icu_path, const char* flags, int threads, std::string* error);
void RegisterHolder(IsolateHolder* holder);
void ForgetHolder(IsolateHolder* holder);
// Makes `holder` the isolate whose deadline the watchdog looks at; returns the one before.
IsolateHolder* Watch(IsolateHolder* holder);

}  // namespace workerd
