#include "engine/values.h"

#include <structmember.h>

#include "flow/scheduler.h"

namespace workerd {

namespace {

struct JSValueObject {
  PyObject_HEAD Realm* realm;  // counted
  v8::Global<v8::Value> value;
  PyObject* weakrefs;
};

struct ResolverObject {
  PyObject_HEAD Realm* realm;
  v8::Global<v8::Promise::Resolver> resolver;
};

PyTypeObject* g_value_type = nullptr;
PyTypeObject* g_resolver_type = nullptr;

// ---- JSValue

void ValueDealloc(PyObject* self) {
  auto* v = reinterpret_cast<JSValueObject*>(self);
  PyTypeObject* type = Py_TYPE(self);
  if (v->weakrefs) PyObject_ClearWeakRefs(self);
  if (v->realm) {
    // Once the isolate is gone its handle storage is too.
    if (v->realm->holder->disposed()) v->value.Clear();
    v->value.Reset();
    v->realm->Unref();
  }
  v->value.~Global();
  type->tp_free(self);
  Py_DECREF(type);
}

bool Alive(Realm* realm) {
  if (!realm->dead()) return true;
  PyErr_SetString(PyExc_RuntimeError, "the worker this value belongs to has been disposed of");
  return false;
}

// Calls `function` with Python arguments; new reference or nullptr. `raw`: the result as JSValue.
PyObject* CallFunction(Realm* realm, v8::Local<v8::Value> function, v8::Local<v8::Value> receiver,
                       PyObject* const* args, Py_ssize_t count, bool raw) {
  v8::Isolate* isolate = realm->isolate();
  if (!function->IsFunction()) {
    PyErr_SetString(PyExc_TypeError, "JavaScript value is not a function");
    return nullptr;
  }
  std::vector<v8::Local<v8::Value>> converted(static_cast<size_t>(count));
  for (Py_ssize_t i = 0; i < count; ++i) {
    if (!ToJs(realm, args[i]).ToLocal(&converted[static_cast<size_t>(i)])) return nullptr;
  }
  v8::TryCatch caught(isolate);
  v8::Local<v8::Value> result;
  if (!function.As<v8::Function>()
           ->Call(realm->context(), receiver, static_cast<int>(count), converted.data())
           .ToLocal(&result)) {
    RaiseFromJs(realm, caught);
    return nullptr;
  }
  return raw ? WrapValue(realm, result) : ToPython(realm, result);
}

PyObject* ValueCallGeneric(PyObject* self, PyObject* const* args, Py_ssize_t count, bool raw) {
  auto* v = reinterpret_cast<JSValueObject*>(self);
  if (!Alive(v->realm)) return nullptr;
  PyObject* result;
  {
    Turn turn(v->realm);
    result =
        CallFunction(v->realm, v->value.Get(v->realm->isolate()), v8::Undefined(v->realm->isolate()), args, count, raw);
  }
  if (TurnDepth() == 0) {
    PyObject *type, *value, *trace;
    PyErr_Fetch(&type, &value, &trace);
    Scheduler::Run();
    PyErr_Restore(type, value, trace);
  }
  return result;
}

PyObject* ValueCall(PyObject* self, PyObject* args, PyObject* kwargs) {
  if (kwargs && PyDict_GET_SIZE(kwargs)) {
    PyErr_SetString(PyExc_TypeError, "JavaScript functions take no keyword arguments");
    return nullptr;
  }
  return ValueCallGeneric(self, &PyTuple_GET_ITEM(args, 0), PyTuple_GET_SIZE(args), false);
}

PyObject* ValueCallRaw(PyObject* self, PyObject* const* args, Py_ssize_t count) {
  return ValueCallGeneric(self, args, count, true);
}

PyObject* ValueGetGeneric(PyObject* self, PyObject* key, bool raw) {
  auto* v = reinterpret_cast<JSValueObject*>(self);
  if (!Alive(v->realm)) return nullptr;
  Turn turn(v->realm);
  v8::Isolate* isolate = v->realm->isolate();
  v8::Local<v8::Value> value = v->value.Get(isolate), name, out;
  if (!value->IsObject()) {
    PyErr_SetString(PyExc_TypeError, "JavaScript value is not an object");
    return nullptr;
  }
  if (!ToJs(v->realm, key).ToLocal(&name)) return nullptr;
  v8::TryCatch caught(isolate);
  if (!value.As<v8::Object>()->Get(v->realm->context(), name).ToLocal(&out)) {
    RaiseFromJs(v->realm, caught);
    return nullptr;
  }
  return raw ? WrapValue(v->realm, out) : ToPython(v->realm, out);
}

PyObject* ValueGet(PyObject* self, PyObject* key) { return ValueGetGeneric(self, key, false); }
PyObject* ValueGetRaw(PyObject* self, PyObject* key) { return ValueGetGeneric(self, key, true); }

PyObject* ValueSet(PyObject* self, PyObject* const* args, Py_ssize_t count) {
  auto* v = reinterpret_cast<JSValueObject*>(self);
  if (count != 2) {
    PyErr_SetString(PyExc_TypeError, "set(name, value)");
    return nullptr;
  }
  if (!Alive(v->realm)) return nullptr;
  Turn turn(v->realm);
  v8::Isolate* isolate = v->realm->isolate();
  v8::Local<v8::Value> object = v->value.Get(isolate), name, value;
  if (!object->IsObject()) {
    PyErr_SetString(PyExc_TypeError, "JavaScript value is not an object");
    return nullptr;
  }
  if (!ToJs(v->realm, args[0]).ToLocal(&name) || !ToJs(v->realm, args[1]).ToLocal(&value)) return nullptr;
  v8::TryCatch caught(isolate);
  if (object.As<v8::Object>()->Set(v->realm->context(), name, value).IsNothing()) {
    RaiseFromJs(v->realm, caught);
    return nullptr;
  }
  Py_RETURN_NONE;
}

PyObject* ValueKeys(PyObject* self, PyObject*) {
  auto* v = reinterpret_cast<JSValueObject*>(self);
  if (!Alive(v->realm)) return nullptr;
  Turn turn(v->realm);
  v8::Local<v8::Value> value = v->value.Get(v->realm->isolate());
  if (!value->IsObject()) return PyList_New(0);
  v8::TryCatch caught(v->realm->isolate());
  v8::Local<v8::Array> names;
  if (!value.As<v8::Object>()
           ->GetOwnPropertyNames(v->realm->context(),
                                 static_cast<v8::PropertyFilter>(v8::ONLY_ENUMERABLE | v8::SKIP_SYMBOLS),
                                 v8::KeyConversionMode::kConvertToString)
           .ToLocal(&names)) {
    RaiseFromJs(v->realm, caught);
    return nullptr;
  }
  return ToPython(v->realm, names);
}

PyObject* ValueToPython(PyObject* self, PyObject*) {
  auto* v = reinterpret_cast<JSValueObject*>(self);
  if (!Alive(v->realm)) return nullptr;
  Turn turn(v->realm);
  return ToPython(v->realm, v->value.Get(v->realm->isolate()));
}

PyObject* ValueTypeof(PyObject* self, PyObject*) {
  auto* v = reinterpret_cast<JSValueObject*>(self);
  if (!Alive(v->realm)) return nullptr;
  Turn turn(v->realm);
  v8::Local<v8::Value> value = v->value.Get(v->realm->isolate());
  if (value->IsPromise()) return PyUnicode_FromString("promise");
  return ToPython(v->realm, value->TypeOf(v->realm->isolate()));
}

// then(on_fulfilled, on_rejected): both called with JSValue or converted values. The way for Python to wait for a
// promise.
PyObject* ValueThen(PyObject* self, PyObject* const* args, Py_ssize_t count) {
  auto* v = reinterpret_cast<JSValueObject*>(self);
  if (count != 2) {
    PyErr_SetString(PyExc_TypeError, "then(on_fulfilled, on_rejected)");
    return nullptr;
  }
  if (!Alive(v->realm)) return nullptr;
  {
    Turn turn(v->realm);
    v8::Isolate* isolate = v->realm->isolate();
    v8::Local<v8::Value> value = v->value.Get(isolate);
    v8::Local<v8::Context> context = v->realm->context();
    v8::Local<v8::Promise> promise;
    if (value->IsPromise()) {
      promise = value.As<v8::Promise>();
    } else {
      v8::Local<v8::Promise::Resolver> resolver;
      if (!v8::Promise::Resolver::New(context).ToLocal(&resolver) || resolver->Resolve(context, value).IsNothing()) {
        PyErr_SetString(PyExc_RuntimeError, "cannot make a promise");
        return nullptr;
      }
      promise = resolver->GetPromise();
    }
    v8::Local<v8::Value> ok, bad;
    if (!FunctionFromPython(v->realm, args[0]).ToLocal(&ok) || !FunctionFromPython(v->realm, args[1]).ToLocal(&bad))
      return nullptr;
    v8::TryCatch caught(isolate);
    if (promise->Then(context, ok.As<v8::Function>(), bad.As<v8::Function>()).IsEmpty()) {
      RaiseFromJs(v->realm, caught);
      return nullptr;
    }
  }
  if (TurnDepth() == 0) Scheduler::Run();
  Py_RETURN_NONE;
}

// Without running anything: "pending", "fulfilled", "rejected", or None for other values.
PyObject* ValuePromiseState(PyObject* self, PyObject*) {
  auto* v = reinterpret_cast<JSValueObject*>(self);
  if (!Alive(v->realm)) return nullptr;
  Turn turn(v->realm);
  v8::Local<v8::Value> value = v->value.Get(v->realm->isolate());
  if (!value->IsPromise()) Py_RETURN_NONE;
  static const char* names[] = {"pending", "fulfilled", "rejected"};
  return PyUnicode_FromString(names[static_cast<int>(value.As<v8::Promise>()->State())]);
}

// Zero-copy view of an ArrayBuffer or view; the handle must outlive it (the memoryview holds it through the buffer
// protocol).
int ValueGetBuffer(PyObject* self, Py_buffer* view, int flags) {
  auto* v = reinterpret_cast<JSValueObject*>(self);
  const char* data = nullptr;
  size_t size = 0;
  if (!Alive(v->realm)) return -1;
  Turn turn(v->realm);
  if (!BytesOf(v->value.Get(v->realm->isolate()), &data, &size)) {
    PyErr_SetString(PyExc_BufferError, "JavaScript value is not an ArrayBuffer or a view");
    return -1;
  }
  return PyBuffer_FillInfo(view, self, const_cast<char*>(data), static_cast<Py_ssize_t>(size), 1, flags);
}

PyObject* ValueRepr(PyObject* self) {
  auto* v = reinterpret_cast<JSValueObject*>(self);
  if (v->realm->dead()) return PyUnicode_FromString("<JSValue (disposed)>");
  Turn turn(v->realm);
  v8::Local<v8::Value> value = v->value.Get(v->realm->isolate());
  // Never runs user code: no toString().
  std::string text = value->IsObject()
                         ? "[" + ToUtf8(v->realm->isolate(), value.As<v8::Object>()->GetConstructorName()) + "]"
                     : value->IsSymbol() ? "symbol"
                                         : ToUtf8(v->realm->isolate(), value);
  return PyUnicode_FromFormat("<JSValue %.200s>", text.c_str());
}

PyObject* ValueRealmIs(PyObject* self, PyObject* other) {
  return PyBool_FromLong(IsJSValue(other) && reinterpret_cast<JSValueObject*>(other)->realm ==
                                                 reinterpret_cast<JSValueObject*>(self)->realm);
}

PyMethodDef value_methods[] = {
    {"call_raw", reinterpret_cast<PyCFunction>(ValueCallRaw), METH_FASTCALL, "Call it; the result stays a JSValue."},
    {"get", ValueGet, METH_O, "A property, converted."},
    {"get_raw", ValueGetRaw, METH_O, "A property as a JSValue."},
    {"set", reinterpret_cast<PyCFunction>(ValueSet), METH_FASTCALL, "set(name, value)."},
    {"keys", ValueKeys, METH_NOARGS, "Own enumerable string keys."},
    {"to_python", ValueToPython, METH_NOARGS, "Converted by the table in docs/internals.md."},
    {"typeof", ValueTypeof, METH_NOARGS, "JavaScript's typeof, or 'promise'."},
    {"promise_state", ValuePromiseState, METH_NOARGS, "pending, fulfilled, rejected; None if it is no promise."},
    {"then", reinterpret_cast<PyCFunction>(ValueThen), METH_FASTCALL, "then(on_fulfilled, on_rejected)."},
    {"same_realm", ValueRealmIs, METH_O, "Whether another JSValue lives in the same worker."},
    {nullptr, nullptr, 0, nullptr}};

PyMemberDef value_members[] = {{"__weaklistoffset__", T_PYSSIZET, offsetof(JSValueObject, weakrefs), READONLY, nullptr},
                               {nullptr, 0, 0, 0, nullptr}};

PyType_Slot value_slots[] = {{Py_tp_dealloc, reinterpret_cast<void*>(ValueDealloc)},
                             {Py_tp_call, reinterpret_cast<void*>(ValueCall)},
                             {Py_tp_repr, reinterpret_cast<void*>(ValueRepr)},
                             {Py_tp_methods, value_methods},
                             {Py_tp_members, value_members},
                             {Py_bf_getbuffer, reinterpret_cast<void*>(ValueGetBuffer)},
                             {0, nullptr}};
PyType_Spec value_spec = {"workerd._native.JSValue", sizeof(JSValueObject), 0,
                          Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, value_slots};

// ---- Resolver

void ResolverDealloc(PyObject* self) {
  auto* r = reinterpret_cast<ResolverObject*>(self);
  PyTypeObject* type = Py_TYPE(self);
  if (r->realm) {
    if (r->realm->holder->disposed()) r->resolver.Clear();
    r->resolver.Reset();
    r->realm->Unref();
  }
  r->resolver.~Global();
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* Settle(PyObject* self, PyObject* arg, bool ok) {
  auto* r = reinterpret_cast<ResolverObject*>(self);
  if (r->realm->dead() || r->resolver.IsEmpty()) Py_RETURN_NONE;  // the worker is gone, and so is whoever waited
  {
    Turn turn(r->realm);
    v8::Isolate* isolate = r->realm->isolate();
    v8::Local<v8::Context> context = r->realm->context();
    v8::Local<v8::Promise::Resolver> resolver = r->resolver.Get(isolate);
    r->resolver.Reset();
    v8::Local<v8::Value> value;
    bool converted = true;
    if (ok) {
      converted = ToJs(r->realm, arg).ToLocal(&value);
      if (converted) (void)resolver->Resolve(context, value);
    } else {
      PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(arg)), arg);
      converted = false;
    }
    if (!converted) (void)resolver->Reject(context, ErrorFromPython(r->realm));
  }
  Scheduler::Run();
  Py_RETURN_NONE;
}

PyObject* ResolverResolve(PyObject* self, PyObject* value) { return Settle(self, value, true); }
PyObject* ResolverReject(PyObject* self, PyObject* error) {
  if (!PyExceptionInstance_Check(error)) {
    PyErr_SetString(PyExc_TypeError, "reject() takes an exception");
    return nullptr;
  }
  return Settle(self, error, false);
}

PyMethodDef resolver_methods[] = {
    {"resolve", ResolverResolve, METH_O, "Resolve the promise with a value and run its reactions."},
    {"reject", ResolverReject, METH_O, "Reject it with a Python exception."},
    {nullptr, nullptr, 0, nullptr}};
PyType_Slot resolver_slots[] = {
    {Py_tp_dealloc, reinterpret_cast<void*>(ResolverDealloc)}, {Py_tp_methods, resolver_methods}, {0, nullptr}};
PyType_Spec resolver_spec = {"workerd._native.Resolver", sizeof(ResolverObject), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, resolver_slots};

// ---- Python objects inside JS

struct PyHolder final : RefCounted {
  PyObject* object;
  // It takes buffers as memoryviews for the time of a call (platform/ops.py, borrows).
  bool borrows;
  explicit PyHolder(PyObject* o, bool borrows = false) : object(Py_NewRef(o)), borrows(borrows) {}
  ~PyHolder() override { Py_DECREF(object); }
};

// Below this a copy costs less than a view.
constexpr size_t kWorthBorrowing = 2048;

// The memory of a large buffer, for the time of a call. nullptr with no exception set: not a large buffer.
PyObject* Borrow(v8::Local<v8::Value> value) {
  const char* data;
  size_t size;
  if (!value->IsObject() || !BytesOf(value, &data, &size) || size < kWorthBorrowing) return nullptr;
  return PyMemoryView_FromMemory(const_cast<char*>(data), static_cast<Py_ssize_t>(size), PyBUF_WRITE);
}

// Ends all views among a call's arguments. Whatever still refers to one has an error to find: its memory may go any
// time.
bool ReturnBorrowed(PyObject** args, size_t count) {
  PyObject *type, *error, *trace;
  PyErr_Fetch(&type, &error, &trace);
  bool ok = true;
  for (size_t i = 0; i < count; ++i) {
    if (!PyMemoryView_Check(args[i])) continue;
    PyObject* done = PyObject_CallMethod(args[i], "release", nullptr);
    if (!done) ok = false;
    Py_XDECREF(done);
  }
  if (ok)
    PyErr_Restore(type, error, trace);
  else {
    Py_XDECREF(type);
    Py_XDECREF(error);
    Py_XDECREF(trace);
  }
  return ok;
}

void CallPython(Args info, bool op) {
  v8::Isolate* isolate = info.GetIsolate();
  Realm* realm = Realm::Current(isolate);
  if (!realm) return;
  auto* holder = static_cast<PyHolder*>(info.Data().As<v8::Object>()->GetAlignedPointerFromInternalField(0, 0));
  PyObject* callable = Py_NewRef(holder->object);
  bool borrows = holder->borrows;
  int count = info.Length();
  PyObject* small[9];
  std::vector<PyObject*> large;
  PyObject** args = small;
  size_t base = op ? 1 : 0;
  if (static_cast<size_t>(count) + base > 9) {
    large.resize(static_cast<size_t>(count) + base);
    args = large.data();
  }
  size_t n = 0;
  if (op) args[n++] = Py_NewRef(realm->op_context ? realm->op_context : Py_None);
  bool ok = true;
  for (int i = 0; i < count && ok; ++i) {
    PyObject* arg = borrows ? Borrow(info[i]) : nullptr;
    if (!arg && !PyErr_Occurred()) arg = ToPython(realm, info[i]);
    if (arg)
      args[n++] = arg;
    else
      ok = false;
  }
  if (ok) {
    PyObject* result = PyObject_Vectorcall(callable, args, n, nullptr);
    if (borrows && !ReturnBorrowed(args, n)) Py_CLEAR(result);
    v8::Local<v8::Value> value;
    if (result && ToJs(realm, result).ToLocal(&value))
      info.GetReturnValue().Set(value);
    else
      ok = false;
    Py_XDECREF(result);
  }
  for (size_t i = 0; i < n; ++i) Py_DECREF(args[i]);
  Py_DECREF(callable);
  if (!ok) ThrowFromPython(realm);
}

void CallPlain(Args info) { CallPython(info, false); }
void CallOp(Args info) { CallPython(info, true); }

}  // namespace

bool IsJSValue(PyObject* object) { return Py_TYPE(object) == g_value_type; }

Realm* RealmOfValue(PyObject* object) {
  return IsJSValue(object) ? reinterpret_cast<JSValueObject*>(object)->realm : nullptr;
}

v8::MaybeLocal<v8::Value> UnwrapValue(Realm* realm, PyObject* object) {
  auto* v = reinterpret_cast<JSValueObject*>(object);
  if (v->realm->dead() || v->realm->holder.get() != realm->holder.get()) {
    PyErr_SetString(PyExc_ValueError, "JavaScript value belongs to another isolate");
    return {};
  }
  return v->value.Get(realm->isolate());
}

PyObject* WrapValue(Realm* realm, v8::Local<v8::Value> value) {
  auto* v = reinterpret_cast<JSValueObject*>(g_value_type->tp_alloc(g_value_type, 0));
  if (!v) return nullptr;
  new (&v->value) v8::Global<v8::Value>(realm->isolate(), value);
  realm->Ref();
  v->realm = realm;
  v->weakrefs = nullptr;
  return reinterpret_cast<PyObject*>(v);
}

v8::MaybeLocal<v8::Value> FunctionFromPython(Realm* realm, PyObject* callable, bool op) {
  PyObject* borrows = PyObject_GetAttrString(callable, "__borrows__");
  if (!borrows) PyErr_Clear();
  auto holder = MakeRef<PyHolder>(callable, borrows == Py_True);
  Py_XDECREF(borrows);
  v8::Local<v8::Object> data = realm->Wrap(HandleKind::kPython, holder.get());
  v8::Local<v8::Function> function;
  if (data.IsEmpty() ||
      !v8::Function::New(realm->context(), op ? CallOp : CallPlain, data, 0, v8::ConstructorBehavior::kThrow)
           .ToLocal(&function)) {
    PyErr_SetString(PyExc_MemoryError, "cannot make a JavaScript function");
    return {};
  }
  return function;
}

v8::MaybeLocal<v8::Value> WrapPython(Realm* realm, PyObject* object) {
  auto holder = MakeRef<PyHolder>(object);
  v8::Local<v8::Object> handle = realm->Wrap(HandleKind::kPython, holder.get());
  if (handle.IsEmpty()) {
    PyErr_SetString(PyExc_MemoryError, "cannot make a handle");
    return {};
  }
  return handle;
}

PyObject* UnwrapPython(Realm*, v8::Local<v8::Object> handle) {
  return Py_NewRef(static_cast<PyHolder*>(handle->GetAlignedPointerFromInternalField(0, 0))->object);
}

v8::MaybeLocal<v8::Value> PromiseFromAwaitable(Realm* realm, PyObject* awaitable) {
  v8::Isolate* isolate = realm->isolate();
  v8::Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(realm->context()).ToLocal(&resolver)) {
    PyErr_SetString(PyExc_RuntimeError, "cannot make a promise");
    return {};
  }
  auto* r = reinterpret_cast<ResolverObject*>(g_resolver_type->tp_alloc(g_resolver_type, 0));
  if (!r) return {};
  new (&r->resolver) v8::Global<v8::Promise::Resolver>(isolate, resolver);
  realm->Ref();
  r->realm = realm;
  PyObject* done = PyObject_CallMethod(realm->hooks, "spawn", "OO", awaitable, r);
  Py_DECREF(r);
  if (!done) return {};
  Py_DECREF(done);
  return resolver->GetPromise();
}

bool InitValues(PyObject* module) {
  g_value_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&value_spec));
  g_resolver_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&resolver_spec));
  return g_value_type && g_resolver_type &&
         PyModule_AddObjectRef(module, "JSValue", reinterpret_cast<PyObject*>(g_value_type)) == 0 &&
         PyModule_AddObjectRef(module, "Resolver", reinterpret_cast<PyObject*>(g_resolver_type)) == 0;
}

}  // namespace workerd
