#include "http/options.h"

#include "http/text.h"

namespace workerd::http {

namespace {

bool ToText(PyObject* value, std::string* out) {
  if (value == Py_None) return true;
  Py_ssize_t size;
  const char* text = PyUnicode_AsUTF8AndSize(value, &size);
  if (!text) return false;
  out->assign(text, static_cast<size_t>(size));
  return true;
}

bool ToSize(PyObject* value, size_t* out) {
  size_t n = PyLong_AsSize_t(value);
  if (n == static_cast<size_t>(-1) && PyErr_Occurred()) return false;
  *out = n;
  return true;
}

bool ToSeconds(PyObject* value, double* out) {
  double n = PyFloat_AsDouble(value);
  if (n == -1.0 && PyErr_Occurred()) return false;
  *out = n;
  return true;
}

// A header text that would split the response or the request must not get in through the config either.
bool IsHeaderText(const std::string& text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos;
}

bool ToEdits(PyObject* value, std::vector<HeaderEdit>* out) {
  PyObject* items = PySequence_Fast(value, "header edits: a sequence of (name, value) is needed");
  if (!items) return false;
  bool ok = true;
  for (Py_ssize_t i = 0; ok && i < PySequence_Fast_GET_SIZE(items); ++i) {
    PyObject* item = PySequence_Fast_GET_ITEM(items, i);
    PyObject *name, *text;
    HeaderEdit edit;
    ok = PyTuple_Check(item) && PyArg_ParseTuple(item, "UO", &name, &text) && ToText(name, &edit.name);
    if (ok && text != Py_None) ok = ToText(text, &edit.value.emplace());
    if (ok && (edit.name.empty() || !IsHeaderText(edit.name) || (edit.value && !IsHeaderText(*edit.value)))) {
      PyErr_Format(PyExc_ValueError, "not a valid header to inject: %R", item);
      ok = false;
    }
    if (!ok && !PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "header edits: tuples (name, value) are needed");
    if (ok) {
      edit.lower = ToLower(edit.name);
      out->push_back(std::move(edit));
    }
  }
  Py_DECREF(items);
  return ok;
}

}  // namespace

RefPtr<HttpOptions> ParseOptions(PyObject* dict) {
  auto options = MakeRef<HttpOptions>();
  if (!PyDict_Check(dict)) {
    PyErr_SetString(PyExc_TypeError, "HTTP options: a dict is needed");
    return {};
  }
  PyObject *key, *value;
  Py_ssize_t pos = 0;
  while (PyDict_Next(dict, &pos, &key, &value)) {
    std::string name, text;
    if (!ToText(key, &name)) return {};
    bool ok;
    if (name == "style") {
      ok = ToText(value, &text);
      if (ok && text != "host" && text != "proxy") {
        PyErr_Format(PyExc_ValueError, "style: \"host\" or \"proxy\", not %R", value);
        ok = false;
      }
      options->proxy_style = text == "proxy";
    } else if (name == "scheme") {
      ok = ToText(value, &options->scheme);
    } else if (name == "forwarded_proto_header") {
      ok = ToText(value, &text);
      options->forwarded_proto_header = ToLower(text);
    } else if (name == "cf_blob_header") {
      ok = ToText(value, &text);
      options->cf_blob_header = ToLower(text);
    } else if (name == "inject_request_headers") {
      ok = ToEdits(value, &options->request_edits);
    } else if (name == "inject_response_headers") {
      ok = ToEdits(value, &options->response_edits);
    } else if (name == "max_url") {
      ok = ToSize(value, &options->max_url);
    } else if (name == "max_head") {
      ok = ToSize(value, &options->max_head);
    } else if (name == "max_headers") {
      ok = ToSize(value, &options->max_headers);
    } else if (name == "head_timeout") {
      ok = ToSeconds(value, &options->head_timeout);
    } else if (name == "idle_timeout") {
      ok = ToSeconds(value, &options->idle_timeout);
    } else if (name == "observe") {
      int truth = PyObject_IsTrue(value);
      ok = truth >= 0;
      options->observe = truth > 0;
    } else if (name == "body_timeout") {
      ok = ToSeconds(value, &options->body_timeout);
    } else {
      PyErr_Format(PyExc_ValueError, "unknown HTTP option %R", key);
      ok = false;
    }
    if (!ok) return {};
  }
  return options;
}

}  // namespace workerd::http
