// The HTTP front's part of the Python module `workerd._native`.
#pragma once
#define PY_SSIZE_T_CLEAN
#include <Python.h>

namespace workerd {

// Adds HttpConnection and WebSocketConnection. False with a Python error set.
bool InitHttp(PyObject* module);

}  // namespace workerd
