// WebAssembly modules that come from another isolate with a name of their own, and memory given back to the system.
#include <sys/mman.h>

#include <cstring>

#include "engine/values.h"

namespace workerd {

// v8::CompiledWasmModule as the library lays it out: a shared_ptr and a std::string of Chromium's libc++, which a
// program built with another standard library cannot name.
struct LibraryString {  // its long form: data, size, capacity with the top bit set
  const char* data;
  size_t size;
  size_t capacity;
};
struct LibraryCompiledModule {
  void* module = nullptr;
  void* control = nullptr;
  LibraryString url{};
  LibraryCompiledModule() {}
  // Declared, so that it is returned through memory, as the library does.
  LibraryCompiledModule(const LibraryCompiledModule&) = delete;
  ~LibraryCompiledModule() {}
};
constexpr size_t kLong = size_t{1} << 63;

#ifdef __APPLE__
#define LIBRARY_NAME(name) asm("_" name)
#else
#define LIBRARY_NAME(name) asm(name)
#endif
LibraryCompiledModule GetCompiledModule(v8::WasmModuleObject* object)
    LIBRARY_NAME("_ZN2v816WasmModuleObject17GetCompiledModuleEv");
v8::MaybeLocal<v8::WasmModuleObject> FromCompiledModule(v8::Isolate* isolate, const LibraryCompiledModule& module)
    LIBRARY_NAME("_ZN2v816WasmModuleObject18FromCompiledModuleEPNS_7IsolateERKNS_18CompiledWasmModuleE");
#undef LIBRARY_NAME

namespace {

// discardPages(buffer, offset, length): they read as zero from now on, and the system has them back. The caller has
// checked that they lie in the buffer of a WebAssembly.Memory, at multiples of 64 KiB.
void DiscardPages(Args info) {
  v8::Isolate* isolate = info.GetIsolate();
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  if (!info[0]->IsArrayBuffer() || !info[1]->IsNumber() || !info[2]->IsNumber())
    return ThrowTypeError(isolate, "discardPages(buffer, offset, length)");
  const char* data;
  size_t size;
  if (!BytesOf(info[0], &data, &size)) return ThrowTypeError(isolate, "bytes are needed");
  auto offset = static_cast<size_t>(info[1]->IntegerValue(context).FromMaybe(0));
  auto length = static_cast<size_t>(info[2]->IntegerValue(context).FromMaybe(0));
  if (offset > size || length > size - offset) return ThrowTypeError(isolate, "out of the buffer");
  if (length == 0) return;
  void* start = const_cast<char*>(data) + offset;
  // Private anonymous memory, as V8 reserves it, comes back as zeros. Elsewhere only the zeros can be had.
#ifdef __linux__
  if (reinterpret_cast<uintptr_t>(start) % 65536 == 0 && madvise(start, length, MADV_DONTNEED) == 0) return;
#endif
  memset(start, 0, length);
}

// trackWasmInstance(instance, memory, signal, terminated): see wasm_signals.h.
void TrackWasmInstance(Args info) {
  v8::Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsObject() || !info[1]->IsWasmMemoryObject() || !info[2]->IsNumber() || !info[3]->IsNumber())
    return ThrowTypeError(isolate, "trackWasmInstance(instance, memory, signal, terminated)");
  IsolateHolder* holder = IsolateHolder::From(isolate);
  holder->wasm_signals.Add(isolate, info[0].As<v8::Object>(), info[1].As<v8::WasmMemoryObject>(),
                           info[2].As<v8::Number>()->Value(), info[3].As<v8::Number>()->Value());
  // Of the turn that is under way, too.
  holder->wants_warning.store(!holder->wasm_signals.empty());
}

}  // namespace

PyObject* ImportWasm(Realm* realm, PyObject* source, PyObject* url) {
  v8::Isolate* isolate = realm->isolate();
  Py_ssize_t size;
  const char* name = PyUnicode_AsUTF8AndSize(url, &size);
  if (!name) return nullptr;
  Realm* from = RealmOfValue(source);
  if (!from || from->dead()) {
    PyErr_SetString(PyExc_TypeError, "import_wasm() takes a WebAssembly.Module of a living realm");
    return nullptr;
  }
  Turn there(from);
  v8::Local<v8::Value> value;
  if (!UnwrapValue(from, source).ToLocal(&value) || !value->IsWasmModuleObject()) {
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "import_wasm() takes a WebAssembly.Module");
    return nullptr;
  }
  LibraryCompiledModule compiled = GetCompiledModule(*value.As<v8::WasmModuleObject>());
  if (size > 0) compiled.url = {name, static_cast<size_t>(size), static_cast<size_t>(size) | kLong};
  PyObject* out = nullptr;
  {
    Turn here(realm);
    v8::TryCatch caught(isolate);
    v8::Local<v8::WasmModuleObject> module;
    if (FromCompiledModule(isolate, compiled).ToLocal(&module))
      out = WrapValue(realm, module);
    else
      RaiseFromJs(realm, caught);
  }
  // One owner less. It is not the last one: the object in the other realm is another.
  __atomic_fetch_sub(reinterpret_cast<long*>(static_cast<char*>(compiled.control) + sizeof(void*)), 1,
                     __ATOMIC_ACQ_REL);
  return out;
}

void InstallWasmOps(Realm* realm, v8::Local<v8::Object> native) {
  SetOp(realm, native, "discardPages", DiscardPages);
  SetOp(realm, native, "trackWasmInstance", TrackWasmInstance);
}

}  // namespace workerd
