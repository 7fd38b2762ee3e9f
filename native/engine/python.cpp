// The Python types Isolate and Realm, and the module's functions.
#include <libplatform/libplatform.h>

#include "engine/engine.h"
#include "engine/values.h"
#include "flow/scheduler.h"
#include "inspector/inspector.h"
#include "web/web_ops.h"

#include <ada.h>

#include <structmember.h>

namespace workerd {

void SetRunLater(PyObject* callable);
PyObject* SetCrashAdvice(PyObject*, PyObject* text);
PyObject* CompileModule(Realm* realm, PyObject* source, PyObject* name, PyObject* cache, bool built_in);
PyObject* MakeSyntheticModule(Realm* realm, PyObject* name, PyObject* names, PyObject* exports);

namespace {

struct IsolateObject {
  PyObject_HEAD IsolateHolder* holder;
};
struct RealmObject {
  PyObject_HEAD Realm* realm;
  PyObject* weakrefs;
};

PyTypeObject* g_isolate_type = nullptr;
PyTypeObject* g_realm_type = nullptr;

// ---- Isolate

int IsolateInit(PyObject* self, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"snapshot", "heap_limit", "buffer_limit", "turn_limit_ms", nullptr};
  PyObject* snapshot = Py_None;
  unsigned long long heap = 0, buffers = 0;
  double turn = 0;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OKKd", const_cast<char**>(names), &snapshot, &heap, &buffers, &turn))
    return -1;
  if (!GlobalPlatform()) {
    PyErr_SetString(PyExc_RuntimeError, "V8 is not initialised: call init() first");
    return -1;
  }
  if (snapshot != Py_None && !PyBytes_Check(snapshot)) {
    PyErr_SetString(PyExc_TypeError, "snapshot must be bytes");
    return -1;
  }
  auto* object = reinterpret_cast<IsolateObject*>(self);
  RefPtr<IsolateHolder> holder = IsolateHolder::New(snapshot, heap, buffers);
  if (!holder) return -1;
  holder->turn_limit_ns = static_cast<int64_t>(turn * 1e6);
  holder->Ref();
  object->holder = holder.get();
  return 0;
}

void IsolateDealloc(PyObject* self) {
  auto* object = reinterpret_cast<IsolateObject*>(self);
  PyTypeObject* type = Py_TYPE(self);
  if (object->holder) object->holder->Unref();
  type->tp_free(self);
  Py_DECREF(type);
}

IsolateHolder* HolderOf(PyObject* self) {
  auto* holder = reinterpret_cast<IsolateObject*>(self)->holder;
  if (holder && !holder->disposed()) return holder;
  PyErr_SetString(PyExc_RuntimeError, "isolate has been disposed of");
  return nullptr;
}

PyObject* IsolateDispose(PyObject* self, PyObject*) {
  auto* holder = reinterpret_cast<IsolateObject*>(self)->holder;
  if (holder && holder->depth > 0) {
    PyErr_SetString(PyExc_RuntimeError, "isolate is running");
    return nullptr;
  }
  if (holder) holder->Dispose();
  Scheduler::Run();
  Py_RETURN_NONE;
}

PyObject* IsolateHeap(PyObject* self, PyObject*) {
  IsolateHolder* holder = HolderOf(self);
  if (!holder) return nullptr;
  v8::HeapStatistics stats;
  holder->isolate()->GetHeapStatistics(&stats);
  return Py_BuildValue(
      "{s:n,s:n,s:n,s:n,s:n,s:n}", "total", static_cast<Py_ssize_t>(stats.total_heap_size()), "used",
      static_cast<Py_ssize_t>(stats.used_heap_size()), "limit", static_cast<Py_ssize_t>(stats.heap_size_limit()),
      "malloced", static_cast<Py_ssize_t>(stats.malloced_memory()), "external",
      static_cast<Py_ssize_t>(stats.external_memory()), "buffers", static_cast<Py_ssize_t>(holder->allocator->used()));
}

PyObject* IsolateTerminate(PyObject* self, PyObject*) {
  IsolateHolder* holder = HolderOf(self);
  if (!holder) return nullptr;
  holder->termination.store(static_cast<int>(Termination::kHost));
  holder->isolate()->TerminateExecution();
  Py_RETURN_NONE;
}

PyObject* IsolateLowMemory(PyObject* self, PyObject*) {
  IsolateHolder* holder = HolderOf(self);
  if (!holder) return nullptr;
  v8::Isolate::Scope scope(holder->isolate());
  holder->isolate()->LowMemoryNotification();
  Py_RETURN_NONE;
}

PyObject* IsolateSetTurnLimit(PyObject* self, PyObject* arg) {
  IsolateHolder* holder = HolderOf(self);
  double ms = PyFloat_AsDouble(arg);
  if (!holder || (ms == -1 && PyErr_Occurred())) return nullptr;
  holder->turn_limit_ns = static_cast<int64_t>(ms * 1e6);
  Py_RETURN_NONE;
}

PyObject* IsolateSetGcStress(PyObject* self, PyObject* arg) {
  IsolateHolder* holder = HolderOf(self);
  if (!holder) return nullptr;
  holder->gc_stress = PyObject_IsTrue(arg) == 1;
  Py_RETURN_NONE;
}

PyObject* IsolateTurns(PyObject* self, void*) {
  auto* holder = reinterpret_cast<IsolateObject*>(self)->holder;
  return PyLong_FromLongLong(holder ? holder->turns : 0);
}

// set_clock(milliseconds or None)
PyObject* IsolateSetClock(PyObject* self, PyObject* arg) {
  IsolateHolder* holder = HolderOf(self);
  if (!holder) return nullptr;
  double ms = arg == Py_None ? -1 : PyFloat_AsDouble(arg);
  if (ms == -1 && PyErr_Occurred()) return nullptr;
  holder->clock_ms = ms;
  Py_RETURN_NONE;
}

PyObject* IsolateCondemned(PyObject* self, void*) {
  auto* holder = reinterpret_cast<IsolateObject*>(self)->holder;
  return PyBool_FromLong(!holder || holder->disposed() || holder->condemned);
}

PyMethodDef isolate_methods[] = {
    {"dispose", IsolateDispose, METH_NOARGS, "Give everything back; its realms' values are dead from now on."},
    {"heap_statistics", IsolateHeap, METH_NOARGS, "Bytes: total, used, limit, malloced, external, buffers."},
    {"terminate", IsolateTerminate, METH_NOARGS, "End the JavaScript that is running in it."},
    {"low_memory", IsolateLowMemory, METH_NOARGS, "Collect all garbage now."},
    {"set_clock", IsolateSetClock, METH_O, "What Date says the time is, in milliseconds; None: the real time."},
    {"set_turn_limit", IsolateSetTurnLimit, METH_O, "CPU limit of one turn in milliseconds; 0: none."},
    {"set_gc_stress", IsolateSetGcStress, METH_O,
     "Whether garbage is collected at the start of each turn; needs --expose-gc."},
    {nullptr, nullptr, 0, nullptr}};
PyGetSetDef isolate_getset[] = {{"condemned", IsolateCondemned, nullptr,
                                 "Whether it ran out of memory (or was disposed of) and must be replaced.", nullptr},
                                {"turns", IsolateTurns, nullptr, "How often it was entered from outside.", nullptr},
                                {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyType_Slot isolate_slots[] = {{Py_tp_init, reinterpret_cast<void*>(IsolateInit)},
                               {Py_tp_new, reinterpret_cast<void*>(PyType_GenericNew)},
                               {Py_tp_dealloc, reinterpret_cast<void*>(IsolateDealloc)},
                               {Py_tp_methods, isolate_methods},
                               {Py_tp_getset, isolate_getset},
                               {0, nullptr}};
PyType_Spec isolate_spec = {"workerd._native.Isolate", sizeof(IsolateObject), 0, Py_TPFLAGS_DEFAULT, isolate_slots};

// ---- Realm

int RealmInit(PyObject* self, PyObject* args, PyObject*) {
  PyObject *isolate, *hooks;
  if (!PyArg_ParseTuple(args, "O!O", g_isolate_type, &isolate, &hooks)) return -1;
  IsolateHolder* holder = HolderOf(isolate);
  if (!holder) return -1;
  RefPtr<Realm> realm = Realm::New(holder, hooks);
  if (!realm) return -1;
  realm->Ref();
  reinterpret_cast<RealmObject*>(self)->realm = realm.get();
  return 0;
}

void RealmDealloc(PyObject* self) {
  auto* object = reinterpret_cast<RealmObject*>(self);
  PyTypeObject* type = Py_TYPE(self);
  if (object->weakrefs) PyObject_ClearWeakRefs(self);
  if (object->realm) object->realm->Unref();
  type->tp_free(self);
  Py_DECREF(type);
}

Realm* Get(PyObject* self) {
  Realm* realm = reinterpret_cast<RealmObject*>(self)->realm;
  if (realm && !realm->dead()) return realm;
  PyErr_SetString(PyExc_RuntimeError, "worker has been disposed of");
  return nullptr;
}

// Runs what the call queued, keeping a Python error that is set.
PyObject* Finish(PyObject* result) {
  if (TurnDepth() == 0) {
    PyObject *type, *value, *trace;
    PyErr_Fetch(&type, &value, &trace);
    Scheduler::Run();
    PyErr_Restore(type, value, trace);
  }
  return result;
}

PyObject* RealmCompileModule(PyObject* self, PyObject* const* args, Py_ssize_t count) {
  Realm* realm = Get(self);
  if (!realm) return nullptr;
  if (count < 2) {
    PyErr_SetString(PyExc_TypeError, "compile_module(source, name, cache=None, built_in=False)");
    return nullptr;
  }
  Turn turn(realm);
  return CompileModule(realm, args[0], args[1], count > 2 ? args[2] : nullptr, count > 3 && PyObject_IsTrue(args[3]));
}

PyObject* RealmSyntheticModule(PyObject* self, PyObject* args) {
  PyObject *name, *names, *exports;
  if (!PyArg_ParseTuple(args, "UOO", &name, &names, &exports)) return nullptr;
  Realm* realm = Get(self);
  if (!realm) return nullptr;
  Turn turn(realm);
  return MakeSyntheticModule(realm, name, names, exports);
}

// run_script(source, name, cache=None) -> result as JSValue. With cache=True: (result, code cache made after running).
PyObject* RealmRunScript(PyObject* self, PyObject* const* args, Py_ssize_t count) {
  Realm* realm = Get(self);
  if (!realm) return nullptr;
  if (count < 2) {
    PyErr_SetString(PyExc_TypeError, "run_script(source, name, cache=None)");
    return nullptr;
  }
  PyObject* out = nullptr;
  {
    Turn turn(realm);
    v8::Isolate* isolate = realm->isolate();
    v8::Local<v8::Context> context = realm->context();
    v8::Local<v8::Value> source, name;
    if (!ToJs(realm, args[0]).ToLocal(&source) || !ToJs(realm, args[1]).ToLocal(&name)) return nullptr;
    if (!source->IsString()) {
      PyErr_SetString(PyExc_TypeError, "source must be str");
      return nullptr;
    }
    v8::ScriptOrigin origin(name);
    bool consume = count > 2 && PyBytes_Check(args[2]), produce = count > 2 && args[2] == Py_True;
    alignas(v8::ScriptCompiler::CachedData) char storage[sizeof(v8::ScriptCompiler::CachedData)];
    v8::ScriptCompiler::CachedData* cached = nullptr;
    if (consume) {
      cached = new (storage) v8::ScriptCompiler::CachedData(
          reinterpret_cast<const uint8_t*>(PyBytes_AS_STRING(args[2])), static_cast<int>(PyBytes_GET_SIZE(args[2])),
          v8::ScriptCompiler::CachedData::BufferNotOwned);
    }
    v8::ScriptCompiler::Source compiler_source(source.As<v8::String>(), origin, cached);
    v8::TryCatch caught(isolate);
    v8::Local<v8::UnboundScript> script;
    v8::Local<v8::Value> result;
    if (!v8::ScriptCompiler::CompileUnboundScript(
             isolate, &compiler_source,
             consume ? v8::ScriptCompiler::kConsumeCodeCache : v8::ScriptCompiler::kNoCompileOptions)
             .ToLocal(&script) ||
        !script->BindToCurrentContext()->Run(context).ToLocal(&result)) {
      RaiseFromJs(realm, caught);
    } else {
      out = WrapValue(realm, result);
      if (out && produce) {
        PyObject* cache = CacheToPython(v8::ScriptCompiler::CreateCodeCache(script));
        out = cache ? Py_BuildValue("(NN)", out, cache) : nullptr;
      }
    }
  }
  return Finish(out);
}

// compile_function(source, name, parameters, cache=None) -> JSValue function; cache=True: (function, code cache).
PyObject* RealmCompileFunction(PyObject* self, PyObject* args) {
  PyObject *source, *name, *parameters, *cache = Py_None;
  if (!PyArg_ParseTuple(args, "UUO|O", &source, &name, &parameters, &cache)) return nullptr;
  Realm* realm = Get(self);
  if (!realm) return nullptr;
  Turn turn(realm);
  v8::Isolate* isolate = realm->isolate();
  v8::Local<v8::Value> js_source, js_name;
  if (!ToJs(realm, source).ToLocal(&js_source) || !ToJs(realm, name).ToLocal(&js_name)) return nullptr;
  PyObject* fast = PySequence_Fast(parameters, "parameters must be a sequence");
  if (!fast) return nullptr;
  std::vector<v8::Local<v8::String>> names;
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(fast); ++i) {
    v8::Local<v8::Value> item;
    if (!ToJs(realm, PySequence_Fast_GET_ITEM(fast, i)).ToLocal(&item) || !item->IsString()) {
      Py_DECREF(fast);
      PyErr_SetString(PyExc_TypeError, "parameters must be strings");
      return nullptr;
    }
    names.push_back(item.As<v8::String>());
  }
  Py_DECREF(fast);
  v8::ScriptOrigin origin(js_name);
  alignas(v8::ScriptCompiler::CachedData) char storage[sizeof(v8::ScriptCompiler::CachedData)];
  v8::ScriptCompiler::CachedData* cached = nullptr;
  bool consume = PyBytes_Check(cache);
  if (consume) {
    cached = new (storage) v8::ScriptCompiler::CachedData(reinterpret_cast<const uint8_t*>(PyBytes_AS_STRING(cache)),
                                                          static_cast<int>(PyBytes_GET_SIZE(cache)),
                                                          v8::ScriptCompiler::CachedData::BufferNotOwned);
  }
  v8::ScriptCompiler::Source compiler_source(js_source.As<v8::String>(), origin, cached);
  v8::TryCatch caught(isolate);
  v8::Local<v8::Function> function;
  if (!v8::ScriptCompiler::CompileFunction(
           realm->context(), &compiler_source, names.size(), names.data(), 0, nullptr,
           consume ? v8::ScriptCompiler::kConsumeCodeCache : v8::ScriptCompiler::kNoCompileOptions)
           .ToLocal(&function)) {
    RaiseFromJs(realm, caught);
    return nullptr;
  }
  PyObject* out = WrapValue(realm, function);
  if (out && cache == Py_True) {
    PyObject* bytes = CacheToPython(v8::ScriptCompiler::CreateCodeCacheForFunction(function));
    out = bytes ? Py_BuildValue("(NN)", out, bytes) : nullptr;
  }
  return out;
}

PyObject* RealmFunctionCodeCache(PyObject* self, PyObject* function) {
  Realm* realm = Get(self);
  if (!realm) return nullptr;
  Turn turn(realm);
  v8::Local<v8::Value> value;
  if (!IsJSValue(function) || !UnwrapValue(realm, function).ToLocal(&value) || !value->IsFunction()) {
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "function_code_cache() takes a JavaScript function");
    return nullptr;
  }
  return CacheToPython(v8::ScriptCompiler::CreateCodeCacheForFunction(value.As<v8::Function>()));
}

PyObject* RealmCompileWasm(PyObject* self, PyObject* bytes) {
  Realm* realm = Get(self);
  if (!realm) return nullptr;
  Py_buffer view;
  if (PyObject_GetBuffer(bytes, &view, PyBUF_SIMPLE) < 0) return nullptr;
  PyObject* out = nullptr;
  {
    Turn turn(realm);
    v8::TryCatch caught(realm->isolate());
    v8::Local<v8::WasmModuleObject> module;
    if (v8::WasmModuleObject::Compile(
            realm->isolate(),
            v8::MemorySpan<const uint8_t>(static_cast<const uint8_t*>(view.buf), static_cast<size_t>(view.len)))
            .ToLocal(&module))
      out = WrapValue(realm, module);
    else
      RaiseFromJs(realm, caught);
  }
  PyBuffer_Release(&view);
  return out;
}

// import_wasm(module, url)
PyObject* RealmImportWasm(PyObject* self, PyObject* args) {
  PyObject *source, *url;
  if (!PyArg_ParseTuple(args, "OU", &source, &url)) return nullptr;
  Realm* realm = Get(self);
  return realm ? ImportWasm(realm, source, url) : nullptr;
}

PyObject* RealmJsonParse(PyObject* self, PyObject* text) {
  Realm* realm = Get(self);
  if (!realm) return nullptr;
  Turn turn(realm);
  v8::Local<v8::Value> source, result;
  if (!ToJs(realm, text).ToLocal(&source)) return nullptr;
  if (!source->IsString()) {
    PyErr_SetString(PyExc_TypeError, "json_parse() takes str");
    return nullptr;
  }
  v8::TryCatch caught(realm->isolate());
  if (!realm->parse_json.Get(realm->isolate())
           ->Call(realm->context(), v8::Undefined(realm->isolate()), 1, &source)
           .ToLocal(&result)) {
    RaiseFromJs(realm, caught);
    return nullptr;
  }
  return WrapValue(realm, result);
}

PyObject* RealmArrayBuffer(PyObject* self, PyObject* bytes) {
  Realm* realm = Get(self);
  if (!realm) return nullptr;
  Py_buffer view;
  if (PyObject_GetBuffer(bytes, &view, PyBUF_SIMPLE) < 0) return nullptr;
  PyObject* out = nullptr;
  {
    Turn turn(realm);
    v8::TryCatch caught(realm->isolate());
    v8::Local<v8::ArrayBuffer> buffer;
    if (NewArrayBuffer(realm->isolate(), static_cast<const char*>(view.buf), static_cast<size_t>(view.len))
            .ToLocal(&buffer))
      out = WrapValue(realm, buffer);
    else
      RaiseFromJs(realm, caught);
  }
  PyBuffer_Release(&view);
  return out;
}

PyObject* RealmValue(PyObject* self, PyObject* object) {
  Realm* realm = Get(self);
  if (!realm) return nullptr;
  Turn turn(realm);
  v8::Local<v8::Value> value;
  if (!ToJs(realm, object).ToLocal(&value)) return nullptr;
  return WrapValue(realm, value);
}

PyObject* RealmInflight(PyObject* self, void*) {
  Realm* realm = reinterpret_cast<RealmObject*>(self)->realm;
  return PyLong_FromSize_t(realm ? realm->incoming() : 0);
}

// Fails what is in the list, and makes a list of (number, method, url) of it.
PyObject* FailAbandoned(std::vector<Realm::Abandoned> list, const char* message) {
  PyObject* out = PyList_New(0);
  for (auto& [id, exchange] : list) {
    const Request& request = exchange->request;
    PyObject* item = Py_BuildValue(
        "(dNN)", id,
        PyUnicode_DecodeLatin1(request.method.data(), static_cast<Py_ssize_t>(request.method.size()), nullptr),
        PyUnicode_DecodeUTF8(request.url.data(), static_cast<Py_ssize_t>(request.url.size()), "replace"));
    if (!out || !item || PyList_Append(out, item) < 0) Py_CLEAR(out);
    Py_XDECREF(item);
    exchange->Fail(Error{"Error", message, "", {}, false});
  }
  return Finish(out);
}

PyObject* RealmFailCollected(PyObject* self, PyObject* text) {
  Realm* realm = Get(self);
  const char* message = realm ? PyUnicode_AsUTF8(text) : nullptr;
  return message ? FailAbandoned(realm->TakeCollected(), message) : nullptr;
}

PyObject* RealmFailNewest(PyObject* self, PyObject* text) {
  Realm* realm = Get(self);
  const char* message = realm ? PyUnicode_AsUTF8(text) : nullptr;
  return message ? FailAbandoned(realm->TakeNewest(), message) : nullptr;
}

PyObject* RealmNewest(PyObject* self, void*) {
  Realm* realm = reinterpret_cast<RealmObject*>(self)->realm;
  return PyLong_FromUnsignedLongLong(realm ? realm->newest() : 0);
}

PyObject* RealmGlobal(PyObject* self, void*) {
  Realm* realm = Get(self);
  if (!realm) return nullptr;
  Turn turn(realm);
  return WrapValue(realm, realm->context()->Global());
}

// The object with the C++ operations, for __bootstrap. Made once a realm.
PyObject* RealmNative(PyObject* self, PyObject*) {
  Realm* realm = Get(self);
  if (!realm) return nullptr;
  Turn turn(realm);
  v8::Local<v8::Object> native = v8::Object::New(realm->isolate());
  (void)native->SetPrototypeV2(realm->context(), v8::Null(realm->isolate()));
  InstallEngineOps(realm, native);
  InstallFlowOps(realm, native);
  InstallSerializerOps(realm, native);
  InstallWasmOps(realm, native);
  InstallRpcOps(realm, native);
  InstallWebOps(realm->isolate(), realm->context(), native);
  return WrapValue(realm, native);
}

// allow_code_generation(bool, message): eval and new Function.
PyObject* RealmAllowEval(PyObject* self, PyObject* args) {
  int allow;
  const char* message = nullptr;
  if (!PyArg_ParseTuple(args, "p|z", &allow, &message)) return nullptr;
  Realm* realm = Get(self);
  if (!realm) return nullptr;
  Turn turn(realm);
  realm->context()->AllowCodeGenerationFromStrings(allow);
  if (message) realm->context()->SetErrorMessageForCodeGenerationFromStrings(Str(realm->isolate(), message));
  Py_RETURN_NONE;
}

PyObject* RealmLetImportsSettle(PyObject* self, PyObject* arg) {
  Realm* realm = Get(self);
  if (!realm) return nullptr;
  realm->imports_settle = PyObject_IsTrue(arg);
  Py_RETURN_NONE;
}

PyObject* RealmAllowWasm(PyObject* self, PyObject* arg) {
  Realm* realm = Get(self);
  if (!realm) return nullptr;
  if (PyObject_IsTrue(arg))
    realm->isolate()->SetAllowWasmCodeGenerationCallback(
        [](v8::Local<v8::Context>, v8::Local<v8::String>) { return true; });
  else
    realm->isolate()->SetAllowWasmCodeGenerationCallback([](v8::Local<v8::Context> context, v8::Local<v8::String>) {
      return context->IsCodeGenerationFromStringsAllowed();
    });
  Py_RETURN_NONE;
}

PyObject* RealmSetTargets(PyObject* self, PyObject* list) {
  Realm* realm = Get(self);
  if (!realm) return nullptr;
  PyObject* fast = PySequence_Fast(list, "targets must be a sequence");
  if (!fast) return nullptr;
  std::vector<RefPtr<Target>> targets;
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(fast); ++i) {
    PyObject* item = PySequence_Fast_GET_ITEM(fast, i);
    RefPtr<Target> target;
    if (item != Py_None) {
      target = TargetOf(item);
      if (!target) {
        Py_DECREF(fast);
        return nullptr;
      }
    }
    targets.push_back(target);
  }
  Py_DECREF(fast);
  realm->targets = std::move(targets);
  Py_RETURN_NONE;
}

PyObject* RealmAddTarget(PyObject* self, PyObject* object) {
  Realm* realm = Get(self);
  if (!realm) return nullptr;
  RefPtr<Target> target = TargetOf(object);
  if (!target) return nullptr;
  realm->targets.push_back(target);
  return PyLong_FromSize_t(realm->targets.size() - 1);
}

PyObject* RealmSetOpContext(PyObject* self, PyObject* object) {
  Realm* realm = Get(self);
  if (!realm) return nullptr;
  Py_XSETREF(realm->op_context, Py_NewRef(object));
  Py_RETURN_NONE;
}

// In a turn of the realm.
void FireTimer(Realm* realm, long number) {
  if (realm->on_timer.IsEmpty()) return;
  v8::Isolate* isolate = realm->isolate();
  v8::Local<v8::Value> args[] = {v8::Number::New(isolate, static_cast<double>(number))};
  v8::TryCatch caught(isolate);
  caught.SetVerbose(false);
  TimerTask task(realm->holder.get(), number);
  if (realm->on_timer.Get(isolate)->Call(realm->context(), v8::Undefined(isolate), 1, args).IsEmpty() &&
      !caught.HasTerminated())
    ReportUncaught(realm, caught.Exception());
}

PyObject* RealmFireTimer(PyObject* self, PyObject* id) {
  Realm* realm = reinterpret_cast<RealmObject*>(self)->realm;
  if (!realm || realm->dead()) Py_RETURN_NONE;
  long number = PyLong_AsLong(id);
  if (number == -1 && PyErr_Occurred()) return nullptr;
  if (realm->holder->paused) {
    Scheduler::Post(realm, [realm, number] { FireTimer(realm, number); });
  } else {
    Turn turn(realm);
    FireTimer(realm, number);
  }
  Scheduler::Run();
  Py_RETURN_NONE;
}

PyObject* RealmDispose(PyObject* self, PyObject*) {
  Realm* realm = reinterpret_cast<RealmObject*>(self)->realm;
  if (realm) realm->Dispose();
  Scheduler::Run();
  Py_RETURN_NONE;
}

PyMethodDef realm_methods[] = {
    {"compile_module", reinterpret_cast<PyCFunction>(RealmCompileModule), METH_FASTCALL,
     "compile_module(source, name, cache=None) -> Module"},
    {"synthetic_module", RealmSyntheticModule, METH_VARARGS,
     "synthetic_module(name, export_names, callable giving {name: value}) -> Module"},
    {"run_script", reinterpret_cast<PyCFunction>(RealmRunScript), METH_FASTCALL,
     "run_script(source, name, cache=None) -> JSValue"},
    {"compile_function", RealmCompileFunction, METH_VARARGS,
     "compile_function(source, name, parameters, cache=None) -> JSValue"},
    {"function_code_cache", RealmFunctionCodeCache, METH_O,
     "V8's code cache for a compile_function() function, after it has run."},
    {"import_wasm", RealmImportWasm, METH_VARARGS,
     "A WebAssembly.Module of another realm as one of this; (module, name of its script or '')."},
    {"let_imports_settle", RealmLetImportsSettle, METH_O,
     "Whether import() fails where nothing is left that could end a top-level await."},
    {"compile_wasm", RealmCompileWasm, METH_O,
     "A WebAssembly.Module; raises JSError (CompileError) if it does not validate."},
    {"json_parse", RealmJsonParse, METH_O, "JSON.parse."},
    {"array_buffer", RealmArrayBuffer, METH_O, "A new ArrayBuffer with these bytes."},
    {"value", RealmValue, METH_O, "A Python value converted, as JSValue."},
    {"native", RealmNative, METH_NOARGS, "The object with the C++ operations."},
    {"allow_eval", RealmAllowEval, METH_VARARGS, "allow_eval(allowed, message=None)"},
    {"allow_wasm", RealmAllowWasm, METH_O,
     "Whether WebAssembly may be compiled from bytes even where eval is not allowed."},
    {"set_targets", RealmSetTargets, METH_O, "The capability table: Targets, services or None."},
    {"add_target", RealmAddTarget, METH_O, "Appends to the capability table; its number."},
    {"set_op_context", RealmSetOpContext, METH_O, "First argument of Python operations."},
    {"fire_timer", RealmFireTimer, METH_O, "Runs the timer callback."},
    {"fail_collected", RealmFailCollected, METH_O,
     "Fails, with this message, requests whose context was collected; [(number, method, url)]."},
    {"fail_newest", RealmFailNewest, METH_O,
     "Fails, with this message, the unanswered request that was started last; [(number, method, url)]."},
    {"dispose", RealmDispose, METH_NOARGS, "Lets everything go; unanswered requests fail."},
    {nullptr, nullptr, 0, nullptr}};
PyGetSetDef realm_getset[] = {
    {"newest", RealmNewest, nullptr, "A number of the unanswered request that was started last; 0: none.", nullptr},
    {"inflight", RealmInflight, nullptr, "How many requests it has not answered.", nullptr},
    {"global_object", RealmGlobal, nullptr, "globalThis, a JSValue.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyMemberDef realm_members[] = {{"__weaklistoffset__", T_PYSSIZET, offsetof(RealmObject, weakrefs), READONLY, nullptr},
                               {nullptr, 0, 0, 0, nullptr}};
PyType_Slot realm_slots[] = {{Py_tp_init, reinterpret_cast<void*>(RealmInit)},
                             {Py_tp_new, reinterpret_cast<void*>(PyType_GenericNew)},
                             {Py_tp_dealloc, reinterpret_cast<void*>(RealmDealloc)},
                             {Py_tp_methods, realm_methods},
                             {Py_tp_getset, realm_getset},
                             {Py_tp_members, realm_members},
                             {0, nullptr}};
PyType_Spec realm_spec = {"workerd._native.Realm", sizeof(RealmObject), 0, Py_TPFLAGS_DEFAULT, realm_slots};

// ---- module functions

PyObject* Init(PyObject*, PyObject* args) {
  const char *library, *icu, *flags;
  int threads;
  if (!PyArg_ParseTuple(args, "sssi", &library, &icu, &flags, &threads)) return nullptr;
  std::string error;
  if (!InitV8(library, icu, flags, threads, &error)) {
    PyErr_SetString(PyExc_RuntimeError, error.c_str());
    return nullptr;
  }
  StartWatchdog();
  Py_RETURN_NONE;
}

// Runs the platform in a context that is thrown away, and `rehearsal` after it. V8 shares a script's compiled functions
// between contexts: those that ran here are in the snapshot compiled, and no isolate needs to do it again. That it
// fails costs no more than this.
void Rehearse(v8::Isolate* isolate, v8::Local<v8::String> text, const char* name, const char* rehearsal) {
  v8::HandleScope handles(isolate);
  v8::Local<v8::Context> context = v8::Context::New(isolate);
  v8::Context::Scope scope(context);
  v8::TryCatch caught(isolate);
  for (v8::Local<v8::String> source : {text, Utf8(isolate, rehearsal).ToLocalChecked()}) {
    v8::ScriptOrigin origin(Str(isolate, name));
    v8::ScriptCompiler::Source compiler_source(source, origin);
    v8::Local<v8::Script> script;
    if (!v8::ScriptCompiler::Compile(context, &compiler_source).ToLocal(&script) || script->Run(context).IsEmpty())
      return;
    name = "workerd:rehearsal";
  }
}

// make_snapshot(source, name, rehearsal) -> bytes: a startup snapshot holding the context after `source` ran in it.
// `source` None: the platform source, which the snapshot then refers to and does not hold. `rehearsal`: a script, or
// None (see above).
PyObject* MakeSnapshot(PyObject*, PyObject* args) {
  const char *source, *name, *rehearsal = nullptr;
  Py_ssize_t source_size;
  if (!PyArg_ParseTuple(args, "z#s|z", &source, &source_size, &name, &rehearsal)) return nullptr;
  if (!source && !PlatformSource()) {
    PyErr_SetString(PyExc_RuntimeError, "no platform source is set");
    return nullptr;
  }
  v8::Isolate::CreateParams params;
  v8::ArrayBuffer::Allocator* allocator = v8::ArrayBuffer::Allocator::NewDefaultAllocator();
  params.array_buffer_allocator = allocator;
  params.external_references = ExternalReferences();
  std::string failure;
  v8::StartupData blob{nullptr, 0};
  {
    v8::SnapshotCreator creator(params);
    v8::Isolate* isolate = creator.GetIsolate();
    isolate->SetMicrotasksPolicy(v8::MicrotasksPolicy::kExplicit);
    {
      v8::HandleScope handles(isolate);
      v8::Local<v8::Context> context = v8::Context::New(isolate);
      v8::Context::Scope scope(context);
      v8::TryCatch caught(isolate);
      v8::ScriptOrigin origin(Str(isolate, name));
      v8::Local<v8::String> text = source ? Utf8(isolate, {source, static_cast<size_t>(source_size)}).ToLocalChecked()
                                          : v8::String::NewExternalOneByte(isolate, PlatformSource()).ToLocalChecked();
      v8::ScriptCompiler::Source compiler_source(text, origin);
      v8::Local<v8::Script> script;
      if (!v8::ScriptCompiler::Compile(context, &compiler_source).ToLocal(&script) || script->Run(context).IsEmpty()) {
        failure = ToUtf8(isolate, caught.Exception());
        v8::Local<v8::Value> stack;
        if (caught.StackTrace(context).ToLocal(&stack)) failure += "\n" + ToUtf8(isolate, stack);
        if (!caught.Message().IsEmpty())
          failure += "\nline " + std::to_string(caught.Message()->GetLineNumber(context).FromMaybe(0));
      }
      if (rehearsal && failure.empty()) Rehearse(isolate, text, name, rehearsal);
      isolate->PerformMicrotaskCheckpoint();
      creator.SetDefaultContext(context);
    }
    blob = creator.CreateBlob(v8::SnapshotCreator::FunctionCodeHandling::kKeep);
  }
  allocator->~Allocator();
  LibraryDelete(allocator);
  PyObject* bytes = nullptr;
  if (!failure.empty())
    PyErr_SetString(PyExc_RuntimeError, ("the platform layer failed while the snapshot was made: " + failure).c_str());
  else if (!blob.data)
    PyErr_SetString(PyExc_RuntimeError, "V8 could not make a snapshot");
  else
    bytes = PyBytes_FromStringAndSize(blob.data, blob.raw_size);
  if (blob.data) LibraryDeleteArray(blob.data);
  return bytes;
}

PyObject* SetSource(PyObject*, PyObject* bytes) {
  if (!SetPlatformSource(bytes)) return nullptr;
  Py_RETURN_NONE;
}

PyObject* SeedRandom(PyObject*, PyObject* seed) {
  uint64_t value = PyLong_AsUnsignedLongLong(seed);
  if (PyErr_Occurred()) return nullptr;
  web::SeedRandom(value);
  Py_RETURN_NONE;
}

PyObject* Run(PyObject*, PyObject*) {
  Scheduler::Run();
  Py_RETURN_NONE;
}

PyObject* Pump(PyObject*, PyObject*) {
  PumpForegroundTasks(true);
  Scheduler::Run();
  Py_RETURN_NONE;
}

PyObject* SetLoopHook(PyObject*, PyObject* callable) {
  SetRunLater(callable == Py_None ? nullptr : callable);
  Py_RETURN_NONE;
}

// url_parse(input, base=None) -> href, or None when it does not parse (WHATWG URL, by ada).
PyObject* UrlParse(PyObject*, PyObject* args) {
  const char *input, *base = nullptr;
  Py_ssize_t input_size, base_size = 0;
  if (!PyArg_ParseTuple(args, "s#|z#", &input, &input_size, &base, &base_size)) return nullptr;
  std::string_view text(input, static_cast<size_t>(input_size));
  std::string href;
  if (base) {
    auto base_url = ada::parse<ada::url_aggregator>(std::string_view(base, static_cast<size_t>(base_size)));
    if (!base_url) Py_RETURN_NONE;
    auto url = ada::parse<ada::url_aggregator>(text, &*base_url);
    if (!url) Py_RETURN_NONE;
    href = std::string(url->get_href());
  } else {
    auto url = ada::parse<ada::url_aggregator>(text);
    if (!url) Py_RETURN_NONE;
    href = std::string(url->get_href());
  }
  return PyUnicode_DecodeUTF8(href.data(), static_cast<Py_ssize_t>(href.size()), "replace");
}

PyObject* CheckVersion(PyObject*, PyObject* version) {
  const char* text = PyUnicode_AsUTF8(version);
  if (!text) return nullptr;
  std::string why = WhyNotThisV8(text);
  if (why.empty()) Py_RETURN_NONE;
  return PyUnicode_FromString(why.c_str());
}

PyObject* Version(PyObject*, PyObject*) { return PyUnicode_FromString(v8::V8::GetVersion()); }

PyMethodDef functions[] = {
    {"init", Init, METH_VARARGS, "init(library path, icu data path, V8 flags, worker threads)"},
    {"make_snapshot", MakeSnapshot, METH_VARARGS, "make_snapshot(source, name) -> bytes"},
    {"set_platform_source", SetSource, METH_O,
     "The platform layer's source (ASCII bytes), once, before its snapshot is made or used."},
    {"run", Run, METH_NOARGS, "Run queued turns."},
    {"set_crash_advice", SetCrashAdvice, METH_O, "What to print when a signal ends the process."},
    {"seed_random", SeedRandom, METH_O, "For tests: random values are the same in every run from here on."},
    {"pump", Pump, METH_NOARGS, "Run V8's foreground tasks of all isolates."},
    {"set_loop_hook", SetLoopHook, METH_O, "A callable that arranges for run() to be called in the loop's next round."},
    {"url_parse", UrlParse, METH_VARARGS, "url_parse(input, base=None) -> href or None"},
    {"check_v8_version", CheckVersion, METH_O, "None, or why a library of this version cannot be used."},
    {"v8_version", Version, METH_NOARGS, "The version of the V8 library."},
    {nullptr, nullptr, 0, nullptr}};

}  // namespace

PyObject* CacheToPython(v8::ScriptCompiler::CachedData* data) {
  if (!data) Py_RETURN_NONE;
  PyObject* bytes = PyBytes_FromStringAndSize(reinterpret_cast<const char*>(data->data), data->length);
  data->~CachedData();
  LibraryDelete(data);
  return bytes;
}

Realm* RealmOf(PyObject* object) {
  if (Py_TYPE(object) == g_realm_type) return Get(object);
  PyErr_SetString(PyExc_TypeError, "a Realm is needed");
  return nullptr;
}

bool InitRealm(PyObject* module) {
  g_isolate_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&isolate_spec));
  g_realm_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&realm_spec));
  return g_isolate_type && g_realm_type &&
         PyModule_AddObjectRef(module, "Isolate", reinterpret_cast<PyObject*>(g_isolate_type)) == 0 &&
         PyModule_AddObjectRef(module, "Realm", reinterpret_cast<PyObject*>(g_realm_type)) == 0 &&
         PyModule_AddFunctions(module, functions) == 0;
}

}  // namespace workerd
