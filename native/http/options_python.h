// HttpOptions, the Python type.
#pragma once
#include "http/options.h"

namespace workerd::http {

// Null with TypeError set if `object` is none.
HttpOptions* OptionsOf(PyObject* object);

bool InitOptions(PyObject* module);

}  // namespace workerd::http
