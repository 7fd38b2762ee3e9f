#include "inspector/ticker.h"

#include <chrono>
#include <mutex>
#include <set>
#include <thread>

#include "inspector/inspector.h"

namespace workerd {

namespace {
std::mutex g_mutex;
std::set<Inspector*> g_inspectors;
bool g_running = false;

void Loop() {
  for (;;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    std::lock_guard lock(g_mutex);
    if (g_inspectors.empty()) {
      g_running = false;
      return;
    }
    for (Inspector* inspector : g_inspectors) inspector->Tick();
  }
}
}  // namespace

void StartTicking(Inspector* inspector) {
  std::lock_guard lock(g_mutex);
  g_inspectors.insert(inspector);
  if (g_running) return;
  g_running = true;
  std::thread(Loop).detach();
}

void StopTicking(Inspector* inspector) {
  std::lock_guard lock(g_mutex);
  g_inspectors.erase(inspector);
}

}  // namespace workerd
