// WebSocketConnection, the Python type around WebSocketProtocol.
#pragma once
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <string_view>

#include "flow/channel.h"

namespace workerd::http {

// A new WebSocketConnection for one end of a channel, or null with a Python error set. `owner`: see PythonTransport.
PyObject* NewWebSocket(RefPtr<ChannelEnd> channel, std::string_view extension, bool client, PyObject* owner);

bool InitWebSocket(PyObject* module);

}  // namespace workerd::http
