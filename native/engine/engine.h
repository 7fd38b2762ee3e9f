// V8's process-wide side.
#pragma once
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <v8.h>

#include <string>

namespace workerd {

class IsolateHolder;

// The version the headers were patched for; the library must say the same.
inline constexpr const char kV8Version[] = "14.4.258";

// The platform layer's source text, shared by all isolates of the process instead of copied into each: snapshots refer
// to it by its place in this table. Null-terminated.
const intptr_t* ExternalReferences();
// Takes a bytes object of ASCII text; once for the process. False with a Python error set.
bool SetPlatformSource(PyObject* bytes);
v8::String::ExternalOneByteStringResource* PlatformSource();

// Empty, or why a library of this version cannot be used: the headers' layouts are those of one version only.
std::string WhyNotThisV8(const std::string& version);

bool InitV8(const char* library_path, const char* icu_path, const char* flags, int threads, std::string* error);
void RegisterHolder(IsolateHolder* holder);
void ForgetHolder(IsolateHolder* holder);
// Makes `holder` the isolate whose deadline the watchdog looks at; returns the one before.
IsolateHolder* Watch(IsolateHolder* holder);

}  // namespace workerd
