#include "http/options_python.h"

#include "http/rewrite.h"
#include "http/text.h"

namespace workerd::http {

namespace {

struct OptionsObject {
  PyObject_HEAD HttpOptions* options;
};

PyTypeObject* g_type = nullptr;

HttpOptions* Of(PyObject* self) { return reinterpret_cast<OptionsObject*>(self)->options; }

PyObject* New(PyTypeObject* type, PyObject* args, PyObject*) {
  PyObject* dict;
  if (!PyArg_ParseTuple(args, "O", &dict)) return nullptr;
  RefPtr<HttpOptions> options = ParseOptions(dict);
  if (!options) return nullptr;
  PyObject* self = type->tp_alloc(type, 0);
  if (!self) return nullptr;
  options->Ref();
  reinterpret_cast<OptionsObject*>(self)->options = options.get();
  return self;
}

void Dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  if (HttpOptions* options = Of(self)) options->Unref();
  type->tp_free(self);
  Py_DECREF(type);
}

bool Latin1(PyObject* text, std::string* out) {
  PyObject* bytes = PyUnicode_AsLatin1String(text);
  if (!bytes) return false;
  out->assign(PyBytes_AS_STRING(bytes), static_cast<size_t>(PyBytes_GET_SIZE(bytes)));
  Py_DECREF(bytes);
  return true;
}

PyObject* ToLatin1(const std::string& text) {
  return PyUnicode_DecodeLatin1(text.data(), static_cast<Py_ssize_t>(text.size()), nullptr);
}

// All values of a header, joined, and the header removed.
std::string Take(std::string* block, const std::string& lower, bool* found) {
  std::string joined;
  std::string_view rest = *block;
  HeaderLine line;
  while (NextHeader(&rest, &line)) {
    if (!EqualsLower(line.name, lower)) continue;
    if (*found) joined.append(", ");
    joined.append(line.value);
    *found = true;
  }
  if (*found) RemoveHeader(block, lower);
  return joined;
}

PyObject* RewriteRequest(PyObject* self, PyObject* args) {
  PyObject *target_text, *host_text, *headers_text;
  std::string target, host, headers;
  if (!PyArg_ParseTuple(args, "UUU", &target_text, &host_text, &headers_text) || !Latin1(target_text, &target) ||
      !Latin1(host_text, &host) || !Latin1(headers_text, &headers)) {
    return nullptr;
  }
  const HttpOptions& options = *Of(self);
  std::string proto, cf;
  bool has_proto = false, has_cf = false;
  if (!options.cf_blob_header.empty()) cf = Take(&headers, options.cf_blob_header, &has_cf);
  std::string url;
  if (options.proxy_style) {
    url = target;
  } else {
    if (!options.forwarded_proto_header.empty()) proto = Take(&headers, options.forwarded_proto_header, &has_proto);
    if (!ValidAuthority(host, proto)) Py_RETURN_NONE;
    url = MakeUrl(options, target, host, proto);
  }
  EditHeaders(&headers, options.request_edits);
  PyObject* cf_object =
      has_cf ? PyUnicode_DecodeUTF8(cf.data(), static_cast<Py_ssize_t>(cf.size()), "replace") : Py_NewRef(Py_None);
  return Py_BuildValue("NNN", ToLatin1(url), ToLatin1(headers), cf_object);
}

PyObject* RewriteResponse(PyObject* self, PyObject* headers_text) {
  std::string headers, out;
  if (!Latin1(headers_text, &headers)) return nullptr;
  EditHeaders(&headers, Of(self)->response_edits);
  std::string_view rest = headers;
  HeaderLine line;
  while (NextHeader(&rest, &line)) {
    if (!IsFraming(line.name)) AppendHeader(&out, line.name, line.value);
  }
  return ToLatin1(out);
}

PyObject* Observe(PyObject* self, void*) { return PyBool_FromLong(Of(self)->observe); }
PyObject* HasCfBlob(PyObject* self, void*) { return PyBool_FromLong(!Of(self)->cf_blob_header.empty()); }
PyObject* ProxyStyle(PyObject* self, void*) { return PyBool_FromLong(Of(self)->proxy_style); }
PyObject* MaxUrl(PyObject* self, void*) { return PyLong_FromSize_t(Of(self)->max_url); }
PyObject* MaxHead(PyObject* self, void*) { return PyLong_FromSize_t(Of(self)->max_head); }
PyObject* IdleTimeout(PyObject* self, void*) { return PyFloat_FromDouble(Of(self)->idle_timeout); }
PyObject* BodyTimeout(PyObject* self, void*) { return PyFloat_FromDouble(Of(self)->body_timeout); }

PyMethodDef methods[] = {{"rewrite_request", RewriteRequest, METH_VARARGS,
                          "rewrite_request(target, host, headers) -> (url, headers, cf or None), or None if the "
                          "request must be refused. Header blocks are latin-1 text."},
                         {"rewrite_response", RewriteResponse, METH_O,
                          "rewrite_response(headers) -> headers, edited and without those of the framing."},
                         {nullptr, nullptr, 0, nullptr}};
PyGetSetDef getset[] = {
    {"observe", Observe, nullptr, "Whether the owner is told what became of each request.", nullptr},
    {"has_cf_blob", HasCfBlob, nullptr, "Whether request.cf comes from a header only.", nullptr},
    {"proxy_style", ProxyStyle, nullptr, nullptr, nullptr},
    {"max_url", MaxUrl, nullptr, nullptr, nullptr},
    {"max_head", MaxHead, nullptr, nullptr, nullptr},
    {"idle_timeout", IdleTimeout, nullptr, nullptr, nullptr},
    {"body_timeout", BodyTimeout, nullptr, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyType_Slot slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(New)},
    {Py_tp_dealloc, reinterpret_cast<void*>(Dealloc)},
    {Py_tp_methods, methods},
    {Py_tp_getset, getset},
    {Py_tp_doc, const_cast<char*>("HttpOptions(dict): what a socket does to its requests; see native/http/options.h.")},
    {0, nullptr}};
PyType_Spec spec = {"workerd._native.HttpOptions", sizeof(OptionsObject), 0, Py_TPFLAGS_DEFAULT, slots};

}  // namespace

HttpOptions* OptionsOf(PyObject* object) {
  if (Py_TYPE(object) == g_type) return Of(object);
  PyErr_Format(PyExc_TypeError, "HttpOptions are needed, not %.100s", Py_TYPE(object)->tp_name);
  return nullptr;
}

bool InitOptions(PyObject* module) {
  g_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  return g_type && PyModule_AddObjectRef(module, "HttpOptions", reinterpret_cast<PyObject*>(g_type)) == 0;
}

}  // namespace workerd::http
