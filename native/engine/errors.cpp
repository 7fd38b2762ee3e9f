// Errors between JS and Python. The Python classes are in workerd/engine/errors.py.
#include "engine/values.h"

namespace workerd {

namespace {

PyObject* g_js_error = nullptr;       // workerd.engine.errors.JSError(name, message, stack, value, position)
PyObject* g_terminated = nullptr;     // workerd.engine.errors.JSTerminated(reason)
PyObject* g_dom_exception = nullptr;  // workerd.engine.errors.DOMException(message, name)

bool Load() {
  if (g_js_error) return true;
  PyObject* errors = PyImport_ImportModule("workerd.engine.errors");
  if (!errors) return false;
  g_js_error = PyObject_GetAttrString(errors, "JSError");
  g_terminated = PyObject_GetAttrString(errors, "JSTerminated");
  g_dom_exception = PyObject_GetAttrString(errors, "DOMException");
  Py_DECREF(errors);
  return g_js_error && g_terminated && g_dom_exception;
}

// A data property, read without running user code more than a getter that throws can hurt.
std::string Property(Realm* realm, v8::Local<v8::Object> object, const char* name) {
  v8::TryCatch ignore(realm->isolate());
  v8::Local<v8::Value> value;
  if (!object->Get(realm->context(), Symbolic(realm->isolate(), name)).ToLocal(&value) || !value->IsString()) return "";
  return ToUtf8(realm->isolate(), value);
}

PyObject* Text(const std::string& s) {
  return PyUnicode_DecodeUTF8(s.data(), static_cast<Py_ssize_t>(s.size()), "replace");
}

}  // namespace

PyObject* PositionOf(Realm* realm, v8::Local<v8::Message> message) {
  v8::Isolate* isolate = realm->isolate();
  v8::Local<v8::Context> context = realm->context();
  std::string line;
  v8::Local<v8::String> source;
  if (message->GetSourceLine(context).ToLocal(&source)) line = ToUtf8(isolate, source);
  if (line.size() > 400) line = line.substr(0, 400);
  return Py_BuildValue("(NiiiN)", Text(ToUtf8(isolate, message->GetScriptResourceName())),
                       message->GetLineNumber(context).FromMaybe(0), message->GetStartColumn(context).FromMaybe(0),
                       message->GetEndColumn(context).FromMaybe(0), Text(line));
}

void RaiseFromJs(Realm* realm, v8::TryCatch& caught) {
  v8::Isolate* isolate = realm->isolate();
  if (!Load()) return;
  if (caught.HasTerminated() || !caught.CanContinue()) {
    int why = realm->holder->termination.load();
    const char* reason = why == static_cast<int>(Termination::kHeap)   ? "memory limit"
                         : why == static_cast<int>(Termination::kCpu)  ? "CPU time limit"
                         : why == static_cast<int>(Termination::kExit) ? "exit"
                                                                       : "terminated";
    PyObject* error = PyObject_CallFunction(g_terminated, "s", reason);
    if (error) PyErr_SetObject(g_terminated, error);
    Py_XDECREF(error);
    return;
  }
  v8::HandleScope scope(isolate);
  v8::Local<v8::Value> value = caught.Exception();
  if (value.IsEmpty()) {
    PyErr_SetString(PyExc_RuntimeError, "JavaScript call failed without an exception");
    return;
  }
  Error error = DescribeError(realm, value);
  v8::Local<v8::Message> message = caught.Message();
  PyObject* position = message.IsEmpty() ? Py_NewRef(Py_None) : PositionOf(realm, message);
  PyObject* handle = WrapValue(realm, value);
  if (!position || !handle) {
    Py_XDECREF(position);
    Py_XDECREF(handle);
    return;
  }
  PyObject* object = PyObject_CallFunction(g_js_error, "NNNNN", Text(error.name), Text(error.message),
                                           Text(error.stack), handle, position);
  if (object) PyErr_SetObject(g_js_error, object);
  Py_XDECREF(object);
}

Error DescribeError(Realm* realm, v8::Local<v8::Value> value) {
  v8::Isolate* isolate = realm->isolate();
  Error error;
  if (value->IsObject()) {
    v8::Local<v8::Object> object = value.As<v8::Object>();
    error.name = Property(realm, object, "name");
    error.message = Property(realm, object, "message");
    error.stack = Property(realm, object, "stack");
    if (error.name.empty())
      error.name = value->IsNativeError() ? "Error" : ToUtf8(isolate, object->GetConstructorName());
    if (error.message.empty() && !value->IsNativeError()) {
      v8::TryCatch ignore(isolate);
      v8::Local<v8::String> detail;
      if (value->ToDetailString(realm->context()).ToLocal(&detail)) error.message = ToUtf8(isolate, detail);
    }
  } else {
    error.name = "";
    error.message = ToUtf8(isolate, value->IsSymbol() ? value.As<v8::Symbol>()->Description(isolate) : value);
  }
  return error;
}

v8::Local<v8::Value> ErrorFromPython(Realm* realm) {
  v8::Isolate* isolate = realm->isolate();
  PyObject *type, *value, *trace;
  PyErr_Fetch(&type, &value, &trace);
  PyErr_NormalizeException(&type, &value, &trace);
  if (value && trace) PyException_SetTraceback(value, trace);
  v8::Local<v8::Value> result;
  if (value && Load()) {
    // A JS error that went through Python comes back as itself.
    if (PyObject_IsInstance(value, g_js_error) == 1) {
      PyObject* original = PyObject_GetAttrString(value, "value");
      if (original && IsJSValue(original)) (void)UnwrapValue(realm, original).ToLocal(&result);
      Py_XDECREF(original);
      PyErr_Clear();
    }
    if (result.IsEmpty()) {
      // hooks.describe_error(exception) -> (name, message, is_dom_exception)
      PyObject* described = realm->hooks ? PyObject_CallMethod(realm->hooks, "describe_error", "O", value) : nullptr;
      PyObject *py_name = nullptr, *py_message = nullptr;
      int dom = 0;
      if (!described || !PyArg_ParseTuple(described, "UUp", &py_name, &py_message, &dom)) PyErr_Clear();
      // Through ToJs: there may be anything in a message that quotes what the user gave, U+0000 and lone surrogates
      // too.
      v8::Local<v8::Value> converted;
      v8::Local<v8::String> text = py_message && ToJs(realm, py_message).ToLocal(&converted) && converted->IsString()
                                       ? converted.As<v8::String>()
                                       : Str(isolate, "internal error");
      const char* name = py_name ? PyUnicode_AsUTF8(py_name) : nullptr;
      if (!name) {
        PyErr_Clear();
        name = "Error";
      }
      std::string kind = name;
      if (dom || (kind != "Error" && kind != "TypeError" && kind != "RangeError" && kind != "SyntaxError" &&
                  kind != "ReferenceError")) {
        if (!realm->make_error.IsEmpty()) {
          v8::TryCatch ignore(isolate);
          v8::Local<v8::Value> args[] = {Str(isolate, name), text, v8::Boolean::New(isolate, dom != 0)};
          (void)realm->make_error.Get(isolate)
              ->Call(realm->context(), v8::Undefined(isolate), 3, args)
              .ToLocal(&result);
        }
      }
      if (result.IsEmpty()) {
        result = kind == "TypeError"        ? v8::Exception::TypeError(text)
                 : kind == "RangeError"     ? v8::Exception::RangeError(text)
                 : kind == "SyntaxError"    ? v8::Exception::SyntaxError(text)
                 : kind == "ReferenceError" ? v8::Exception::ReferenceError(text)
                                            : v8::Exception::Error(text);
      }
      Py_XDECREF(described);
    }
  }
  PyErr_Clear();
  if (result.IsEmpty()) result = v8::Exception::Error(Str(isolate, "internal error"));
  Py_XDECREF(type);
  Py_XDECREF(value);
  Py_XDECREF(trace);
  return result;
}

void ThrowFromPython(Realm* realm) {
  // A terminated isolate must not be handed a new exception.
  if (realm->isolate()->IsExecutionTerminating()) {
    PyErr_Clear();
    return;
  }
  realm->isolate()->ThrowException(ErrorFromPython(realm));
}

bool InitErrors(PyObject*) { return true; }

}  // namespace workerd
