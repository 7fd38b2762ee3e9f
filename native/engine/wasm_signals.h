// WebAssembly instances that want to know when their CPU time ends: those that export __instance_signal or
// __instance_terminated, the address of 32 bits in their memory.
#pragma once
#include <v8.h>

#include <cstdint>
#include <vector>

namespace workerd {

// One isolate's. On its thread only.
class WasmSignals {
 public:
  // Offsets: negative for none. Does nothing if they are outside of the memory.
  void Add(v8::Isolate* isolate, v8::Local<v8::Object> instance, v8::Local<v8::WasmMemoryObject> memory, double signal,
           double terminated);
  bool empty() const { return entries_.empty(); }
  // The time is nearly over: writes 24 (SIGXCPU); `false` takes that back.
  void Warn(v8::Isolate* isolate, bool near);
  // Their JavaScript was ended: writes 1.
  void Terminated(v8::Isolate* isolate);
  // Lets go of the memories of instances that are garbage.
  void Prune();
  void Clear() { entries_.clear(); }

 private:
  struct Entry {
    v8::Global<v8::Object> instance;  // weak
    v8::Global<v8::WasmMemoryObject> memory;
    double signal, terminated;
  };
  std::vector<Entry> entries_;
  bool prunes_ = false;  // after each collection of garbage
};

}  // namespace workerd
