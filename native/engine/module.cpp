// ES modules: source text, synthetic (builtins, JSON, text, data, Wasm), dynamic import, import.meta, code cache.
#include "engine/values.h"
#include "flow/scheduler.h"

namespace workerd {

namespace {

struct ModuleObject {
  PyObject_HEAD Realm* realm;
  v8::Global<v8::Module> module;
  PyObject* name;
  PyObject* exports;  // synthetic: a callable giving a dict, called at evaluation
  bool rejected_cache;
};

PyTypeObject* g_module_type = nullptr;

ModuleObject* Find(Realm* realm, v8::Local<v8::Module> module) {
  auto range = realm->modules.equal_range(module->GetIdentityHash());
  for (auto it = range.first; it != range.second; ++it) {
    if (it->second.first == module) return reinterpret_cast<ModuleObject*>(it->second.second);
  }
  return nullptr;
}

bool Usable(ModuleObject* m) {
  if (!m->realm->dead() && !m->module.IsEmpty()) return true;
  PyErr_SetString(PyExc_RuntimeError, "the worker this module belongs to has been disposed of");
  return false;
}

PyObject* NewModule(Realm* realm, v8::Local<v8::Module> module, PyObject* name, PyObject* exports) {
  auto* m = reinterpret_cast<ModuleObject*>(g_module_type->tp_alloc(g_module_type, 0));
  if (!m) return nullptr;
  new (&m->module) v8::Global<v8::Module>(realm->isolate(), module);
  realm->Ref();
  m->realm = realm;
  m->name = Py_NewRef(name);
  m->exports = exports ? Py_NewRef(exports) : nullptr;
  // Borrowed: the Python registry (hooks) keeps modules alive as long as the realm; a dropped one takes its entry
  // along.
  realm->modules.emplace(module->GetIdentityHash(), std::make_pair(v8::Global<v8::Module>(realm->isolate(), module),
                                                                   reinterpret_cast<PyObject*>(m)));
  return reinterpret_cast<PyObject*>(m);
}

void ModuleDealloc(PyObject* self) {
  auto* m = reinterpret_cast<ModuleObject*>(self);
  PyTypeObject* type = Py_TYPE(self);
  if (m->realm) {
    auto& map = m->realm->modules;
    for (auto it = map.begin(); it != map.end();) {
      if (it->second.second == self)
        it = map.erase(it);
      else
        ++it;
    }
    if (m->realm->holder->disposed()) m->module.Clear();
    m->module.Reset();
    m->realm->Unref();
  }
  m->module.~Global();
  Py_XDECREF(m->name);
  Py_XDECREF(m->exports);
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* Attributes(Realm* realm, v8::Local<v8::FixedArray> attributes, int stride) {
  PyObject* dict = PyDict_New();
  for (int i = 0; dict && i + 1 < attributes->Length(); i += stride) {
    PyObject* key = ToPython(realm, attributes->Get(i).As<v8::Value>());
    PyObject* value = ToPython(realm, attributes->Get(i + 1).As<v8::Value>());
    if (!key || !value || PyDict_SetItem(dict, key, value) < 0) Py_CLEAR(dict);
    Py_XDECREF(key);
    Py_XDECREF(value);
  }
  return dict;
}

v8::MaybeLocal<v8::Object> SourceOf(Realm* realm, PyObject* from, v8::Local<v8::String> specifier,
                                    v8::Local<v8::FixedArray> attributes, int stride) {
  PyObject* name = ToPython(realm, specifier);
  PyObject* attrs = name ? Attributes(realm, attributes, stride) : nullptr;
  PyObject* result = attrs ? PyObject_CallMethod(realm->hooks, "resolve_source", "OOO", from, name, attrs) : nullptr;
  Py_XDECREF(name);
  Py_XDECREF(attrs);
  v8::Local<v8::Value> value;
  bool ok = result && IsJSValue(result) && UnwrapValue(realm, result).ToLocal(&value) && value->IsObject();
  Py_XDECREF(result);
  if (ok) return value.As<v8::Object>();
  if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "module has no source");
  ThrowFromPython(realm);
  return {};
}

v8::MaybeLocal<v8::Promise> ImportDynamically(v8::Local<v8::Context> context, v8::Local<v8::Data>,
                                              v8::Local<v8::Value> resource, v8::Local<v8::String> specifier,
                                              v8::Local<v8::FixedArray> attributes);

v8::MaybeLocal<v8::Module> Resolve(v8::Local<v8::Context> context, v8::Local<v8::String> specifier,
                                   v8::Local<v8::FixedArray> attributes, v8::Local<v8::Module> referrer) {
  Realm* realm = Realm::From(context);
  ModuleObject* from = Find(realm, referrer);
  PyObject* name = ToPython(realm, specifier);
  PyObject* attrs = name ? Attributes(realm, attributes, 3) : nullptr;
  PyObject* result = attrs ? PyObject_CallMethod(realm->hooks, "resolve_module", "OOOO", from ? from->name : Py_None,
                                                 name, attrs, from ? reinterpret_cast<PyObject*>(from) : Py_None)
                           : nullptr;
  Py_XDECREF(name);
  Py_XDECREF(attrs);
  if (!result) {
    ThrowFromPython(realm);
    return {};
  }
  if (Py_TYPE(result) != g_module_type || reinterpret_cast<ModuleObject*>(result)->realm != realm) {
    Py_DECREF(result);
    ThrowTypeError(realm->isolate(), "module resolution gave something that is not a module of this worker");
    return {};
  }
  v8::Local<v8::Module> module = reinterpret_cast<ModuleObject*>(result)->module.Get(realm->isolate());
  Py_DECREF(result);
  return module;
}

// `import source x from "m"`: hooks.resolve_source gives the WebAssembly.Module.
v8::MaybeLocal<v8::Object> ResolveSource(v8::Local<v8::Context> context, v8::Local<v8::String> specifier,
                                         v8::Local<v8::FixedArray> attributes, v8::Local<v8::Module> referrer) {
  Realm* realm = Realm::From(context);
  ModuleObject* from = Find(realm, referrer);
  return SourceOf(realm, from ? from->name : Py_None, specifier, attributes, 3);
}

v8::MaybeLocal<v8::Promise> ImportWithPhase(v8::Local<v8::Context> context, v8::Local<v8::Data> options,
                                            v8::Local<v8::Value> resource, v8::Local<v8::String> specifier,
                                            v8::ModuleImportPhase phase, v8::Local<v8::FixedArray> attributes) {
  if (phase == v8::ModuleImportPhase::kEvaluation)
    return ImportDynamically(context, options, resource, specifier, attributes);
  Realm* realm = Realm::From(context);
  v8::Isolate* isolate = realm->isolate();
  v8::Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(context).ToLocal(&resolver)) return {};
  v8::TryCatch caught(isolate);
  PyObject* from = ToPython(realm, resource);
  v8::Local<v8::Object> source;
  bool ok = from && SourceOf(realm, from, specifier, attributes, 2).ToLocal(&source);
  Py_XDECREF(from);
  if (ok)
    (void)resolver->Resolve(context, source);
  else if (caught.HasCaught() && !caught.HasTerminated())
    (void)resolver->Reject(context, caught.Exception());
  return resolver->GetPromise();
}

v8::MaybeLocal<v8::Value> EvaluateSynthetic(v8::Local<v8::Context> context, v8::Local<v8::Module> module) {
  Realm* realm = Realm::From(context);
  v8::Isolate* isolate = realm->isolate();
  ModuleObject* m = Find(realm, module);
  PyObject* exports = m ? PyObject_CallNoArgs(m->exports) : nullptr;
  bool ok = exports && PyDict_Check(exports);
  if (ok) {
    PyObject *key, *value;
    Py_ssize_t position = 0;
    while (ok && PyDict_Next(exports, &position, &key, &value)) {
      v8::Local<v8::Value> name, converted;
      ok = ToJs(realm, key).ToLocal(&name) && ToJs(realm, value).ToLocal(&converted);
      if (ok && module->SetSyntheticModuleExport(isolate, name.As<v8::String>(), converted).IsNothing()) {
        Py_DECREF(exports);
        return {};
      }
    }
  } else if (exports) {
    PyErr_SetString(PyExc_TypeError, "a synthetic module's exports must be a dict");
  }
  Py_XDECREF(exports);
  if (!ok) {
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_RuntimeError, "synthetic module is gone");
    ThrowFromPython(realm);
    return {};
  }
  v8::Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(context).ToLocal(&resolver) ||
      resolver->Resolve(context, v8::Undefined(isolate)).IsNothing())
    return {};
  return resolver->GetPromise();
}

struct PendingImport {
  RefPtr<Realm> realm;
  v8::Global<v8::Module> module;
  v8::Global<v8::Promise::Resolver> resolver;
  v8::Global<v8::Value> frame;
};

// Settles `resolver` like `promise`; if that is pending when there is no microtask left, RefuseUnsettled() rejects it.
void FollowUntilIdle(Realm* realm, v8::Local<v8::Promise> promise, v8::Local<v8::Promise::Resolver> resolver) {
  v8::Local<v8::Context> context = realm->context();
  v8::Local<v8::Function> resolve, reject;
  v8::Local<v8::Promise> followed;
  if (v8::Function::New(
          context,
          [](Args info) {
            (void)info.Data().As<v8::Promise::Resolver>()->Resolve(info.GetIsolate()->GetCurrentContext(), info[0]);
          },
          resolver)
          .ToLocal(&resolve) &&
      v8::Function::New(
          context,
          [](Args info) {
            (void)info.Data().As<v8::Promise::Resolver>()->Reject(info.GetIsolate()->GetCurrentContext(), info[0]);
          },
          resolver)
          .ToLocal(&reject) &&
      promise->Then(context, resolve, reject).ToLocal(&followed)) {
    realm->holder->unsettled.emplace_back(v8::Global<v8::Promise>(realm->isolate(), promise),
                                          v8::Global<v8::Promise::Resolver>(realm->isolate(), resolver));
  }
}

// The evaluation that import() asked for, as a microtask.
void RunImport(void* data) {
  std::unique_ptr<PendingImport> pending(static_cast<PendingImport*>(data));
  Realm* realm = pending->realm.get();
  if (realm->dead()) return;
  v8::Isolate* isolate = realm->isolate();
  v8::HandleScope handles(isolate);
  v8::Local<v8::Context> context = realm->context();
  v8::Context::Scope scope(context);
  v8::Local<v8::Promise::Resolver> resolver = pending->resolver.Get(isolate);
  v8::Local<v8::Module> module = pending->module.Get(isolate);
  v8::TryCatch caught(isolate);
  // Top-level code belongs to no request, whoever asked for it.
  v8::Local<v8::Data> before = isolate->GetContinuationPreservedEmbedderDataV2();
  v8::Local<v8::Value> frame = pending->frame.Get(isolate);
  if (!realm->top_level_frame.IsEmpty() && !frame->IsUndefined())
    (void)realm->top_level_frame.Get(isolate)->Call(context, v8::Undefined(isolate), 1, &frame).ToLocal(&frame);
  isolate->SetContinuationPreservedEmbedderDataV2(frame);
  v8::Local<v8::Value> evaluated;
  bool ran = module->Evaluate(context).ToLocal(&evaluated);
  if (caught.HasTerminated()) return;
  isolate->SetContinuationPreservedEmbedderDataV2(before);
  if (!ran) {
    (void)resolver->Reject(context, caught.Exception());
    return;
  }
  v8::Local<v8::Function> give;
  v8::Local<v8::Promise> done;
  if (!evaluated->IsPromise()) {
    (void)resolver->Resolve(context, module->GetModuleNamespace());
  } else if (v8::Function::New(
                 context, [](Args info) { info.GetReturnValue().Set(info.Data()); }, module->GetModuleNamespace())
                 .ToLocal(&give) &&
             evaluated.As<v8::Promise>()->Then(context, give).ToLocal(&done)) {
    if (realm->imports_settle && evaluated.As<v8::Promise>()->State() == v8::Promise::kPending) {
      FollowUntilIdle(realm, done, resolver);
    } else {
      (void)resolver->Resolve(context, done);
    }
  }
}

// Whether code that imports is of a built-in module: the name of its script may be anybody's.
bool IsBuiltIn(v8::Local<v8::Context> context, v8::Local<v8::Data> options) {
  if (options.IsEmpty() || !options->IsFixedArray()) return false;
  v8::Local<v8::FixedArray> array = options.As<v8::FixedArray>();
  if (array->Length() != 1) return false;
  v8::Local<v8::Data> mark = array->Get(0);
  return mark->IsValue() && mark.As<v8::Value>()->IsTrue();
}

v8::MaybeLocal<v8::Promise> ImportDynamically(v8::Local<v8::Context> context, v8::Local<v8::Data> options,
                                              v8::Local<v8::Value> resource, v8::Local<v8::String> specifier,
                                              v8::Local<v8::FixedArray> attributes) {
  Realm* realm = Realm::From(context);
  v8::Isolate* isolate = realm->isolate();
  v8::Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(context).ToLocal(&resolver)) return {};
  PyObject* from = ToPython(realm, resource);
  PyObject* name = from ? ToPython(realm, specifier) : nullptr;
  PyObject* attrs = name ? Attributes(realm, attributes, 2) : nullptr;
  // The module, instantiated; evaluated here.
  PyObject* built_in = IsBuiltIn(context, options) ? Py_True : Py_False;
  PyObject* result =
      attrs ? PyObject_CallMethod(realm->hooks, "import_module", "OOOO", from, name, attrs, built_in) : nullptr;
  Py_XDECREF(from);
  Py_XDECREF(name);
  Py_XDECREF(attrs);
  if (!result) {
    if (isolate->IsExecutionTerminating()) return {};
    (void)resolver->Reject(context, ErrorFromPython(realm));
    return resolver->GetPromise();
  }
  if (Py_TYPE(result) != g_module_type) {
    Py_DECREF(result);
    (void)resolver->Reject(context,
                           v8::Exception::TypeError(Str(isolate, "import() gave something that is not a module")));
    return resolver->GetPromise();
  }
  // Not now: the importer, or a module on its way to it, may be in the middle of its own evaluation, which V8 must not
  // enter again. By the time microtasks run it is not.
  v8::Local<v8::Module> module = reinterpret_cast<ModuleObject*>(result)->module.Get(isolate);
  Py_DECREF(result);
  auto* pending = new PendingImport{
      RefPtr<Realm>(realm), v8::Global<v8::Module>(isolate, module),
      v8::Global<v8::Promise::Resolver>(isolate, resolver),
      v8::Global<v8::Value>(isolate, isolate->GetContinuationPreservedEmbedderDataV2().As<v8::Value>())};
  isolate->EnqueueMicrotask(RunImport, pending);
  return resolver->GetPromise();
}

void ImportMeta(v8::Local<v8::Context> context, v8::Local<v8::Module> module, v8::Local<v8::Object> meta) {
  Realm* realm = Realm::From(context);
  ModuleObject* m = Find(realm, module);
  if (!m) return;
  PyObject* dict = PyObject_CallMethod(realm->hooks, "import_meta", "O", m->name);
  if (dict && PyDict_Check(dict)) {
    PyObject *key, *value;
    Py_ssize_t position = 0;
    while (PyDict_Next(dict, &position, &key, &value)) {
      v8::Local<v8::Value> name, converted;
      if (ToJs(realm, key).ToLocal(&name) && ToJs(realm, value).ToLocal(&converted))
        (void)meta->CreateDataProperty(context, name.As<v8::Name>(), converted);
    }
  }
  Py_XDECREF(dict);
  if (PyErr_Occurred()) PyErr_WriteUnraisable(realm->hooks);
}

PyObject* ModuleRequests(PyObject* self, PyObject*) {
  auto* m = reinterpret_cast<ModuleObject*>(self);
  if (!Usable(m)) return nullptr;
  Turn turn(m->realm);
  v8::Local<v8::Module> module = m->module.Get(m->realm->isolate());
  PyObject* list = PyList_New(0);
  if (module->IsSyntheticModule()) return list;
  v8::Local<v8::FixedArray> requests = module->GetModuleRequests();
  for (int i = 0; list && i < requests->Length(); ++i) {
    v8::Local<v8::ModuleRequest> request = requests->Get(i).As<v8::ModuleRequest>();
    v8::Location where = module->SourceOffsetToLocation(request->GetSourceOffset());
    PyObject* item = Py_BuildValue("(NNii)", ToPython(m->realm, request->GetSpecifier()),
                                   Attributes(m->realm, request->GetImportAttributes(), 3), where.GetLineNumber() + 1,
                                   where.GetColumnNumber() + 1);
    if (!item || PyList_Append(list, item) < 0) Py_CLEAR(list);
    Py_XDECREF(item);
  }
  return list;
}

PyObject* ModuleInstantiate(PyObject* self, PyObject*) {
  auto* m = reinterpret_cast<ModuleObject*>(self);
  if (!Usable(m)) return nullptr;
  Turn turn(m->realm);
  v8::TryCatch caught(m->realm->isolate());
  if (m->module.Get(m->realm->isolate())->InstantiateModule(m->realm->context(), Resolve, ResolveSource).IsNothing()) {
    RaiseFromJs(m->realm, caught);
    return nullptr;
  }
  Py_RETURN_NONE;
}

// Has a promise, rejected already or later, not count as one without a handler.
void TakeRejection(Realm* realm, v8::Local<v8::Promise> promise) {
  std::erase_if(realm->holder->rejected, [&](const auto& entry) { return entry.first == promise; });
  promise->MarkAsHandled();
}

PyObject* ModuleEvaluate(PyObject* self, PyObject*) {
  auto* m = reinterpret_cast<ModuleObject*>(self);
  if (!Usable(m)) return nullptr;
  PyObject* out = nullptr;
  {
    Turn turn(m->realm);
    v8::TryCatch caught(m->realm->isolate());
    v8::Local<v8::Module> module = m->module.Get(m->realm->isolate());
    v8::Local<v8::Value> result;
    if (module->GetStatus() < v8::Module::kInstantiated) {
      PyErr_SetString(PyExc_RuntimeError, "module is not instantiated");
    } else if (!module->Evaluate(m->realm->context()).ToLocal(&result)) {
      RaiseFromJs(m->realm, caught);
    } else {
      // Python asks for what became of it: a rejection is nobody else's business.
      if (result->IsPromise()) TakeRejection(m->realm, result.As<v8::Promise>());
      out = WrapValue(m->realm, result);
    }
  }
  if (TurnDepth() == 0) Scheduler::Run();
  return out;
}

PyObject* ModuleNamespace(PyObject* self, void*) {
  auto* m = reinterpret_cast<ModuleObject*>(self);
  if (!Usable(m)) return nullptr;
  Turn turn(m->realm);
  v8::Local<v8::Module> module = m->module.Get(m->realm->isolate());
  if (module->GetStatus() < v8::Module::kInstantiated) {
    PyErr_SetString(PyExc_RuntimeError, "module is not instantiated");
    return nullptr;
  }
  return WrapValue(m->realm, module->GetModuleNamespace());
}

PyObject* ModuleStatus(PyObject* self, void*) {
  auto* m = reinterpret_cast<ModuleObject*>(self);
  if (!Usable(m)) return nullptr;
  static const char* names[] = {"uninstantiated", "instantiating", "instantiated",
                                "evaluating",     "evaluated",     "errored"};
  int status;
  bool graph_async = false;
  {
    Turn turn(m->realm);
    v8::Local<v8::Module> module = m->module.Get(m->realm->isolate());
    status = module->GetStatus();
    graph_async = status >= v8::Module::kInstantiated && !module->IsSyntheticModule() && module->IsGraphAsync();
  }
  return Py_BuildValue("(sO)", names[status], graph_async ? Py_True : Py_False);
}

PyObject* ModuleException(PyObject* self, void*) {
  auto* m = reinterpret_cast<ModuleObject*>(self);
  if (!Usable(m)) return nullptr;
  Turn turn(m->realm);
  v8::Local<v8::Module> module = m->module.Get(m->realm->isolate());
  if (module->GetStatus() != v8::Module::kErrored) Py_RETURN_NONE;
  return WrapValue(m->realm, module->GetException());
}

PyObject* ModuleExceptionPosition(PyObject* self, void*) {
  auto* m = reinterpret_cast<ModuleObject*>(self);
  if (!Usable(m)) return nullptr;
  Turn turn(m->realm);
  v8::Local<v8::Module> module = m->module.Get(m->realm->isolate());
  if (module->GetStatus() != v8::Module::kErrored) Py_RETURN_NONE;
  return PositionOf(m->realm, v8::Exception::CreateMessage(m->realm->isolate(), module->GetException()));
}

PyObject* ModuleName(PyObject* self, void*) { return Py_NewRef(reinterpret_cast<ModuleObject*>(self)->name); }

PyObject* ModuleCacheRejected(PyObject* self, void*) {
  return PyBool_FromLong(reinterpret_cast<ModuleObject*>(self)->rejected_cache);
}

PyObject* ModuleCodeCache(PyObject* self, PyObject*) {
  auto* m = reinterpret_cast<ModuleObject*>(self);
  if (!Usable(m)) return nullptr;
  Turn turn(m->realm);
  return CacheToPython(
      v8::ScriptCompiler::CreateCodeCache(m->module.Get(m->realm->isolate())->GetUnboundModuleScript()));
}

PyMethodDef module_methods[] = {
    {"requests", ModuleRequests, METH_NOARGS, "[(specifier, attributes, line, column)] of its static imports."},
    {"instantiate", ModuleInstantiate, METH_NOARGS, "Link it and all it imports, through hooks.resolve_module."},
    {"evaluate", ModuleEvaluate, METH_NOARGS, "Run it; a JSValue promise."},
    {"code_cache", ModuleCodeCache, METH_NOARGS, "V8's code cache for it, as bytes."},
    {nullptr, nullptr, 0, nullptr}};
PyGetSetDef module_getset[] = {
    {"namespace", ModuleNamespace, nullptr, "The namespace object, a JSValue.", nullptr},
    {"status", ModuleStatus, nullptr, "(status, whether its graph has a top-level await).", nullptr},
    {"exception", ModuleException, nullptr, "What it threw, a JSValue, or None.", nullptr},
    {"exception_position", ModuleExceptionPosition, nullptr, "Where, as JSError.position; None if it threw nothing.",
     nullptr},
    {"name", ModuleName, nullptr, nullptr, nullptr},
    {"cache_rejected", ModuleCacheRejected, nullptr, "Whether V8 refused the code cache it was given.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyType_Slot module_slots[] = {{Py_tp_dealloc, reinterpret_cast<void*>(ModuleDealloc)},
                              {Py_tp_methods, module_methods},
                              {Py_tp_getset, module_getset},
                              {0, nullptr}};
PyType_Spec module_spec = {"workerd._native.Module", sizeof(ModuleObject), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, module_slots};

}  // namespace

PyObject* CompileModule(Realm* realm, PyObject* source, PyObject* name, PyObject* cache, bool built_in) {
  v8::Isolate* isolate = realm->isolate();
  v8::Local<v8::Value> js_source, js_name;
  if (!ToJs(realm, source).ToLocal(&js_source) || !ToJs(realm, name).ToLocal(&js_name)) return nullptr;
  // What import() in it is told of: see IsBuiltIn().
  v8::Local<v8::PrimitiveArray> options;
  if (built_in) {
    options = v8::PrimitiveArray::New(isolate, 1);
    options->Set(isolate, 0, v8::True(isolate));
  }
  v8::ScriptOrigin origin(js_name, 0, 0, false, -1, v8::Local<v8::Value>(), false, false, true, options);
  v8::ScriptCompiler::CachedData* cached = nullptr;
  bool with_cache = cache && PyBytes_Check(cache);
  alignas(v8::ScriptCompiler::CachedData) char storage[sizeof(v8::ScriptCompiler::CachedData)];
  if (with_cache) {
    cached = new (storage) v8::ScriptCompiler::CachedData(reinterpret_cast<const uint8_t*>(PyBytes_AS_STRING(cache)),
                                                          static_cast<int>(PyBytes_GET_SIZE(cache)),
                                                          v8::ScriptCompiler::CachedData::BufferNotOwned);
  }
  v8::ScriptCompiler::Source compiler_source(js_source.As<v8::String>(), origin, cached);
  v8::TryCatch caught(isolate);
  v8::Local<v8::Module> module;
  bool ok = v8::ScriptCompiler::CompileModule(
                isolate, &compiler_source,
                with_cache ? v8::ScriptCompiler::kConsumeCodeCache : v8::ScriptCompiler::kNoCompileOptions)
                .ToLocal(&module);
  bool rejected = cached && cached->rejected;
  if (!ok) {
    RaiseFromJs(realm, caught);
    return nullptr;
  }
  PyObject* out = NewModule(realm, module, name, nullptr);
  if (out) reinterpret_cast<ModuleObject*>(out)->rejected_cache = rejected;
  return out;
}

PyObject* MakeSyntheticModule(Realm* realm, PyObject* name, PyObject* names, PyObject* exports) {
  v8::Isolate* isolate = realm->isolate();
  v8::Local<v8::Value> js_name;
  if (!ToJs(realm, name).ToLocal(&js_name)) return nullptr;
  PyObject* fast = PySequence_Fast(names, "export names must be a sequence");
  if (!fast) return nullptr;
  std::vector<v8::Local<v8::String>> js_names;
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(fast); ++i) {
    v8::Local<v8::Value> item;
    if (!ToJs(realm, PySequence_Fast_GET_ITEM(fast, i)).ToLocal(&item) || !item->IsString()) {
      Py_DECREF(fast);
      if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "export names must be strings");
      return nullptr;
    }
    js_names.push_back(item.As<v8::String>());
  }
  Py_DECREF(fast);
  v8::Local<v8::Module> module = v8::Module::CreateSyntheticModule(
      isolate, js_name.As<v8::String>(), v8::MemorySpan<const v8::Local<v8::String>>(js_names.data(), js_names.size()),
      EvaluateSynthetic);
  return NewModule(realm, module, name, exports);
}

bool RefuseUnsettled(IsolateHolder* holder) {
  if (holder->unsettled.empty()) return false;
  v8::Isolate* isolate = holder->isolate();
  auto waiting = std::move(holder->unsettled);
  holder->unsettled.clear();
  for (auto& [promise, resolver] : waiting) {
    v8::HandleScope handles(isolate);
    v8::Local<v8::Promise> local = promise.Get(isolate);
    if (local->State() != v8::Promise::kPending) continue;
    v8::Local<v8::Value> error = v8::Exception::Error(Str(isolate, "Top-level await in module is unsettled."));
    (void)resolver.Get(isolate)->Reject(isolate->GetCurrentContext(), error);
  }
  return true;
}

void InstallModuleHooks(v8::Isolate* isolate) {
  isolate->SetHostImportModuleDynamicallyCallback(ImportDynamically);
  isolate->SetHostImportModuleWithPhaseDynamicallyCallback(ImportWithPhase);
  isolate->SetHostInitializeImportMetaObjectCallback(ImportMeta);
}

bool InitModules(PyObject* module) {
  g_module_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&module_spec));
  return g_module_type && PyModule_AddObjectRef(module, "Module", reinterpret_cast<PyObject*>(g_module_type)) == 0;
}

}  // namespace workerd
