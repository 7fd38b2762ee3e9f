// Requests that will never be answered. All that could go on with a request refers to its context
// (platform/js/io-context.ts): continuations, timers, callbacks of operations. When nothing refers to it any more, the
// garbage collector says so.
#include <algorithm>

#include "engine/realm.h"

namespace workerd {

void Realm::WatchContext(double id, v8::Local<v8::Object> context) {
  auto generation = static_cast<uint32_t>(id / kMaxSlots);
  auto index = static_cast<uint32_t>(id - static_cast<double>(generation) * kMaxSlots);
  if (index >= slots_.size() || slots_[index].generation != generation || !slots_[index].exchange)
    return;  // is answered
  slots_[index].context.Reset(isolate(), context);
  slots_[index].context.SetWeak();
  slots_[index].watched = true;
}

v8::Local<v8::Object> Realm::ContextOf(double id) {
  auto generation = static_cast<uint32_t>(id / kMaxSlots);
  auto index = static_cast<uint32_t>(id - static_cast<double>(generation) * kMaxSlots);
  if (index >= slots_.size() || slots_[index].generation != generation || slots_[index].context.IsEmpty()) return {};
  return slots_[index].context.Get(isolate());
}

std::vector<Realm::Abandoned> Realm::TakeCollected() {
  std::vector<Abandoned> out;
  for (uint32_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    if (!slot.exchange || !slot.watched || !slot.context.IsEmpty()) continue;
    double id = static_cast<double>(slot.generation) * kMaxSlots + i;
    out.push_back({id, slot.exchange});
    RemoveExchange(id);
  }
  return out;
}

uint64_t Realm::newest() const {
  uint64_t newest = 0;
  for (const Slot& slot : slots_) {
    if (slot.exchange && slot.incoming) newest = std::max(newest, slot.serial);
  }
  return newest;
}

std::vector<Realm::Abandoned> Realm::TakeNewest() {
  uint64_t serial = newest();
  for (uint32_t i = 0; serial && i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    if (!slot.exchange || !slot.incoming || slot.serial != serial) continue;
    double id = static_cast<double>(slot.generation) * kMaxSlots + i;
    std::vector<Abandoned> out{{id, slot.exchange}};
    RemoveExchange(id);
    return out;
  }
  return {};
}

}  // namespace workerd
