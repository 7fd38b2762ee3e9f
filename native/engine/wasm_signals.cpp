#include "engine/wasm_signals.h"

#include <cstring>

#include "engine/realm.h"

namespace workerd {

namespace {

// The memory may have grown, and be elsewhere, since the last time.
bool Write(v8::Isolate* isolate, v8::Local<v8::WasmMemoryObject> memory, double offset, uint32_t value) {
  v8::Local<v8::ArrayBuffer> buffer = memory->Buffer();
  size_t size = buffer->ByteLength();
  if (!(offset >= 0) || offset + sizeof(value) > static_cast<double>(size)) return false;
  memcpy(static_cast<char*>(buffer->Data()) + static_cast<size_t>(offset), &value, sizeof(value));
  return true;
}

void PruneAfterGc(v8::Isolate* isolate, v8::GCType, v8::GCCallbackFlags, void* data) {
  static_cast<WasmSignals*>(data)->Prune();
}

}  // namespace

void WasmSignals::Add(v8::Isolate* isolate, v8::Local<v8::Object> instance, v8::Local<v8::WasmMemoryObject> memory,
                      double signal, double terminated) {
  auto size = static_cast<double>(memory->Buffer()->ByteLength());
  if (signal + 4 > size || terminated + 4 > size) return;
  // What was in the memory from the start is no signal.
  if (signal >= 0) Write(isolate, memory, signal, 0);
  if (!prunes_) isolate->AddGCEpilogueCallback(PruneAfterGc, this, v8::kGCTypeMarkSweepCompact);
  prunes_ = true;
  Entry& entry = entries_.emplace_back();
  entry.instance.Reset(isolate, instance);
  entry.instance.SetWeak();
  entry.memory.Reset(isolate, memory);
  entry.signal = signal;
  entry.terminated = terminated;
}

void WasmSignals::Warn(v8::Isolate* isolate, bool near) {
  v8::HandleScope handles(isolate);
  for (Entry& entry : entries_)
    if (!entry.instance.IsEmpty()) Write(isolate, entry.memory.Get(isolate), entry.signal, near ? 24 : 0);
}

void WasmSignals::Terminated(v8::Isolate* isolate) {
  v8::HandleScope handles(isolate);
  for (Entry& entry : entries_)
    if (!entry.instance.IsEmpty()) Write(isolate, entry.memory.Get(isolate), entry.terminated, 1);
}

void WasmSignals::Prune() {
  std::erase_if(entries_, [](const Entry& entry) { return entry.instance.IsEmpty(); });
}

}  // namespace workerd
