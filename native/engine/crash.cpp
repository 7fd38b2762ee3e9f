// What is said when a signal ends the process, before Python's faulthandler, which is chained to, shows where it was.
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "engine/engine.h"

namespace workerd {

namespace {
// V8 ends the process with SIGTRAP or SIGILL when it finds itself in a state that cannot be.
constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP};
struct sigaction g_before[NSIG];
char g_advice[4096];
size_t g_size = 0;

// Only what a signal handler may call.
void Say(const char* text, size_t size) {
  while (size > 0) {
    ssize_t n = write(STDERR_FILENO, text, size);
    if (n <= 0) return;
    text += n;
    size -= static_cast<size_t>(n);
  }
}

const char* Name(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "11: Segmentation fault";
    case SIGBUS:
      return "7: Bus error";
    case SIGILL:
      return "4: Illegal instruction";
    case SIGFPE:
      return "8: Floating point exception";
    case SIGTRAP:
      return "5: Trace/breakpoint trap";
    default:
      return "6: Aborted";
  }
}

void Handle(int signal) {
  // The form is the reference's: tools look for it.
  constexpr char kHead[] = "\n*** Received signal #";
  Say(kHead, sizeof kHead - 1);
  Say(Name(signal), strlen(Name(signal)));
  Say("\n", 1);
  Say(g_advice, g_size);
  sigaction(signal, &g_before[signal], nullptr);
  raise(signal);  // delivered when this returns
}
}  // namespace

// set_crash_advice(text): from here on printed when a signal ends the process.
PyObject* SetCrashAdvice(PyObject*, PyObject* text) {
  Py_ssize_t size;
  const char* utf8 = PyUnicode_AsUTF8AndSize(text, &size);
  if (!utf8) return nullptr;
  size_t fits = static_cast<size_t>(size) < sizeof g_advice ? static_cast<size_t>(size) : sizeof g_advice;
  bool installed = g_size > 0;
  memcpy(g_advice, utf8, fits);
  g_size = fits;
  if (installed) Py_RETURN_NONE;
  struct sigaction action{};
  action.sa_handler = Handle;
  action.sa_flags = SA_ONSTACK;  // the stack may be what is exhausted
  sigemptyset(&action.sa_mask);
  for (int signal : kSignals) sigaction(signal, &action, &g_before[signal]);
  Py_RETURN_NONE;
}

}  // namespace workerd
