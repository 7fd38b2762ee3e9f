// Values between JS and Python (docs/internals.md has the table), and errors between them.
#pragma once
#include "engine/realm.h"

namespace workerd {

// New reference, or nullptr with a Python error set. Must be called inside a Turn.
PyObject* ToPython(Realm* realm, v8::Local<v8::Value> value, int depth = 0);
// As a JSValue handle, whatever it is.
PyObject* WrapValue(Realm* realm, v8::Local<v8::Value> value);
// Empty with a Python error set.
v8::MaybeLocal<v8::Value> ToJs(Realm* realm, PyObject* object, int depth = 0);

// A caught JS exception becomes the current Python error (JSError, or JSTerminated).
void RaiseFromJs(Realm* realm, v8::TryCatch& caught);
// The current Python error is cleared and becomes a JS exception value.
v8::Local<v8::Value> ErrorFromPython(Realm* realm);
// ... and is thrown.
void ThrowFromPython(Realm* realm);
// An exception nobody in JS can catch any more (a callback from C++): handed to the platform's handler.
void ReportUncaught(Realm* realm, v8::Local<v8::Value> error);
// Fills an Error for another worker or a log from a thrown value.
Error DescribeError(Realm* realm, v8::Local<v8::Value> value);

bool InitValues(PyObject* module);  // JSValue, Resolver
bool InitErrors(PyObject* module);
bool InitRealm(PyObject* module);    // Isolate, Realm
bool InitModules(PyObject* module);  // Module
bool InitFlow(PyObject* module);     // Pipe, Exchange, ChannelEnd, Target

// Functions of the `native` object.
void InstallEngineOps(Realm* realm, v8::Local<v8::Object> native);
void InstallFlowOps(Realm* realm, v8::Local<v8::Object> native);
void InstallSerializerOps(Realm* realm, v8::Local<v8::Object> native);
void InstallRpcOps(Realm* realm, v8::Local<v8::Object> native);

using Args = const v8::FunctionCallbackInfo<v8::Value>&;
void SetOp(Realm* realm, v8::Local<v8::Object> object, const char* name, v8::FunctionCallback callback, int length = 0);

// Any Awaitable becomes a promise, through hooks.spawn(awaitable, resolver).
v8::MaybeLocal<v8::Value> PromiseFromAwaitable(Realm* realm, PyObject* awaitable);

// Bytes of an ArrayBuffer or view, valid while the handle lives and JS does not run. False if it is neither.
bool BytesOf(v8::Local<v8::Value> value, const char** data, size_t* size);
v8::MaybeLocal<v8::ArrayBuffer> NewArrayBuffer(v8::Isolate* isolate, const char* data, size_t size);
v8::MaybeLocal<v8::Uint8Array> NewUint8Array(v8::Isolate* isolate, const char* data, size_t size);

// JSError.position of a message.
PyObject* PositionOf(Realm* realm, v8::Local<v8::Message> message);

// V8's code cache as bytes (None for none); frees it.
PyObject* CacheToPython(v8::ScriptCompiler::CachedData* data);

// Installed by native/engine/module.cpp on each isolate.
void InstallModuleHooks(v8::Isolate* isolate);
// Rejects what FollowUntilIdle() (module.cpp) left pending; false: there was nothing. In a realm's context.
bool RefuseUnsettled(IsolateHolder* holder);

// The WebAssembly.Module `source` of another realm as one of this realm, whose script is called `url` (wasm.cpp).
PyObject* ImportWasm(Realm* realm, PyObject* source, PyObject* url);
void InstallWasmOps(Realm* realm, v8::Local<v8::Object> native);

}  // namespace workerd
