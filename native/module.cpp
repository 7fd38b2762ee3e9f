// The Python module workerd._native.
#include "engine/convert.h"
#include "http/http.h"
#include "inspector/inspector.h"

namespace {
PyModuleDef definition = {PyModuleDef_HEAD_INIT,
                          "workerd._native",
                          "V8, the byte flow and the HTTP front.",
                          -1,
                          nullptr,
                          nullptr,
                          nullptr,
                          nullptr,
                          nullptr};
}

PyMODINIT_FUNC PyInit__native() {
  PyObject* module = PyModule_Create(&definition);
  if (!module) return nullptr;
  using namespace workerd;
  if (!InitValues(module) || !InitErrors(module) || !InitRealm(module) || !InitModules(module) || !InitFlow(module) ||
      !InitHttp(module) || !InitInspector(module)) {
    Py_DECREF(module);
    return nullptr;
  }
  return module;
}
