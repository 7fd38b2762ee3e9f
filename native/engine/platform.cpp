// V8's process-wide side: initialisation, the platform, the CPU watchdog, and freeing what the library allocated.
#include <dlfcn.h>
#include <libplatform/libplatform.h>
#include <v8-initialization.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <mutex>
#include <set>
#include <thread>

#include "engine/engine.h"
#include "engine/realm.h"

namespace workerd {

namespace {
v8::Platform* g_platform = nullptr;
void (*g_delete)(void*) = nullptr;
void (*g_delete_array)(void*) = nullptr;
std::mutex g_watch_mutex;
IsolateHolder* g_watched = nullptr;
std::set<IsolateHolder*> g_holders;
bool g_watchdog_started = false;
}  // namespace

namespace {
class SourceText final : public v8::String::ExternalOneByteStringResource {
 public:
  const char* data() const override { return PyBytes_AS_STRING(bytes); }
  size_t length() const override { return static_cast<size_t>(PyBytes_GET_SIZE(bytes)); }
  // Isolates come and go; the text stays.
  void Dispose() override {}
  PyObject* bytes = nullptr;
};
SourceText g_source;
intptr_t g_references[2] = {0, 0};
}  // namespace

const intptr_t* ExternalReferences() { return g_references; }
v8::String::ExternalOneByteStringResource* PlatformSource() { return g_source.bytes ? &g_source : nullptr; }

bool SetPlatformSource(PyObject* bytes) {
  if (!PyBytes_Check(bytes)) {
    PyErr_SetString(PyExc_TypeError, "the platform source must be bytes");
    return false;
  }
  for (Py_ssize_t i = 0; i < PyBytes_GET_SIZE(bytes); ++i) {
    if (PyBytes_AS_STRING(bytes)[i] & 0x80) {
      PyErr_SetString(PyExc_ValueError, "the platform source must be ASCII");
      return false;
    }
  }
  if (g_source.bytes) {
    PyErr_SetString(PyExc_RuntimeError, "the platform source was set before");
    return false;
  }
  g_source.bytes = Py_NewRef(bytes);
  g_references[0] = reinterpret_cast<intptr_t>(static_cast<v8::String::ExternalOneByteStringResource*>(&g_source));
  return true;
}

int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

v8::Platform* GlobalPlatform() { return g_platform; }

void LibraryDelete(void* p) {
  if (g_delete) g_delete(p);
}

void LibraryDeleteArray(const void* p) {
  if (g_delete_array) g_delete_array(const_cast<void*>(p));
}

namespace {
double (*g_real_clock)(v8::Platform*) = nullptr;

double Clock(v8::Platform* platform) {
  v8::Isolate* isolate = v8::Isolate::TryGetCurrent();
  if (isolate) {
    IsolateHolder* holder = IsolateHolder::From(isolate);
    if (holder && holder->clock_ms >= 0) return holder->clock_ms;
    if (holder && holder->clock_step_ms > 0)
      return std::floor(g_real_clock(platform) / holder->clock_step_ms) * holder->clock_step_ms;
  }
  return g_real_clock(platform);
}

// Date asks the platform for the time. The default platform's table of virtual functions is copied, with that one entry
// replaced: a subclass of our own would have to repeat the whole class as this V8 has it.
bool ReplaceClock(void* library, std::string* error) {
  void* clock = dlsym(library, "_ZN2v88platform15DefaultPlatform22CurrentClockTimeMillisEv");
  if (!clock) {
    *error = "the V8 library does not export the default platform's clock";
    return false;
  }
  constexpr size_t kEntries = 64;
  static void* table[kEntries + 2];
  void*** object = reinterpret_cast<void***>(g_platform);
  // Two entries before the first function belong to the table (offset to top, type information).
  memcpy(table, *object - 2, sizeof(table));
  for (size_t i = 2; i < kEntries + 2; ++i) {
    if (table[i] != clock) continue;
    g_real_clock = reinterpret_cast<double (*)(v8::Platform*)>(clock);
    table[i] = reinterpret_cast<void*>(&Clock);
    *object = table + 2;
    return true;
  }
  *error = "the default platform's clock is not where it should be";
  return false;
}
}  // namespace

std::string WhyNotThisV8(const std::string& version) {
  std::string wanted = kV8Version;
  if (version.rfind(wanted + ".", 0) == 0) return "";
  return "V8 " + wanted + " is required (mini-racer==0.14.1), but the installed library is V8 " + version;
}

bool InitV8(const char* library_path, const char* icu_path, const char* flags, int threads, std::string* error) {
  if (g_platform) return true;
  *error = WhyNotThisV8(v8::V8::GetVersion());
  if (!error->empty()) return false;
  void* library = dlopen(library_path, RTLD_NOLOAD | RTLD_NOW);
  if (!library) {
    *error = std::string("cannot find the loaded V8 library: ") + dlerror();
    return false;
  }
  g_delete = reinterpret_cast<void (*)(void*)>(dlsym(library, "_ZdlPv"));
  g_delete_array = reinterpret_cast<void (*)(void*)>(dlsym(library, "_ZdaPv"));
  if (!g_delete || !g_delete_array) {
    *error = "the V8 library does not export its operator delete";
    return false;
  }
  // Optimised loops must stay interruptible: with unrolling, some can be ended by nothing (docs/internals.md, "Traps").
  v8::V8::SetFlagsFromString("--no-turboshaft-loop-unrolling");
  v8::V8::SetFlagsFromString("--js-source-phase-imports");
  if (flags && *flags) v8::V8::SetFlagsFromString(flags);
  if (!v8::V8::InitializeICU(icu_path)) {
    *error = std::string("cannot read ICU data from ") + icu_path;
    return false;
  }
  g_platform = v8::platform::NewDefaultPlatform(threads).get();
  if (!ReplaceClock(library, error)) return false;
  v8::V8::InitializePlatform(g_platform);
  if (!v8::V8::Initialize()) {
    *error = "V8 failed to initialize";
    return false;
  }
  return true;
}

void RegisterHolder(IsolateHolder* holder) {
  std::lock_guard lock(g_watch_mutex);
  g_holders.insert(holder);
}

void ForgetHolder(IsolateHolder* holder) {
  std::lock_guard lock(g_watch_mutex);
  g_holders.erase(holder);
  if (g_watched == holder) g_watched = nullptr;
}

IsolateHolder* Watch(IsolateHolder* holder) {
  std::lock_guard lock(g_watch_mutex);
  IsolateHolder* before = g_watched;
  g_watched = holder;
  return before;
}

void StartWatchdog() {
  if (g_watchdog_started) return;
  g_watchdog_started = true;
  std::thread([] {
    for (;;) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      std::lock_guard lock(g_watch_mutex);
      IsolateHolder* holder = g_watched;
      if (!holder) continue;
      int64_t deadline = holder->deadline_ns.load(std::memory_order_relaxed);
      if (!deadline) continue;
      int64_t now = NowNs();
      // On the isolate's own thread: the memories of its WebAssembly may move.
      if (now > deadline - holder->turn_limit_ns / 10 && holder->wants_warning.exchange(false)) {
        holder->isolate()->RequestInterrupt(
            [](v8::Isolate* isolate, void* data) {
              auto* told = static_cast<IsolateHolder*>(data);
              // It may come late, in a turn that has its time before it.
              int64_t end = told->deadline_ns.load(std::memory_order_relaxed);
              if (!end || NowNs() <= end - told->turn_limit_ns / 10) return;
              told->warned = true;
              told->wasm_signals.Warn(isolate, true);
            },
            holder);
      }
      if (now > deadline) {
        holder->termination.store(static_cast<int>(Termination::kCpu));
        holder->isolate()->TerminateExecution();
      }
    }
  }).detach();
}

void PumpForegroundTasks(bool all) {
  // A task may dispose of isolates or make new ones: walk a copy, and look each up again.
  std::set<IsolateHolder*> holders;
  {
    std::lock_guard lock(g_watch_mutex);
    holders = g_holders;
  }
  for (IsolateHolder* raw : holders) {
    {
      std::lock_guard lock(g_watch_mutex);
      if (!g_holders.count(raw)) continue;
    }
    RefPtr<IsolateHolder> holder(raw);
    if (holder->depth > 0 || holder->disposed()) continue;
    bool ran = false;
    {
      v8::Isolate::Scope scope(holder->isolate());
      v8::HandleScope handles(holder->isolate());
      for (int i = 0; i < 64 && v8::platform::PumpMessageLoop(g_platform, holder->isolate()); ++i) ran = true;
    }
    // Tasks resolve promises (Wasm compilation, FinalizationRegistry): their reactions run in a turn of their own.
    if (ran && !holder->realms.empty()) Turn turn(holder->realms.front());
  }
}

}  // namespace workerd
