// The Python types JSValue and Resolver, Python objects and functions inside JS, and Pipe/Exchange/ChannelEnd on the
// Python side.
#pragma once
#include "engine/convert.h"

namespace workerd {

bool IsJSValue(PyObject* object);
// Empty with a Python error set when it belongs to another isolate.
v8::MaybeLocal<v8::Value> UnwrapValue(Realm* realm, PyObject* object);
// Whose value it is; nullptr without an error if it is no JSValue.
Realm* RealmOfValue(PyObject* object);
// A JS function that calls `callable`; with `op` the realm's op_context is passed first.
v8::MaybeLocal<v8::Value> FunctionFromPython(Realm* realm, PyObject* callable, bool op = false);
v8::MaybeLocal<v8::Value> WrapPython(Realm* realm, PyObject* object);
PyObject* UnwrapPython(Realm* realm, v8::Local<v8::Object> handle);
// For Python's Pipe and ChannelEnd objects; empty without an error for anything else (flow/python.cpp).
v8::MaybeLocal<v8::Value> FlowToJs(Realm* realm, PyObject* object);
PyObject* NewPythonPipe(RefPtr<Pipe> pipe);
PyObject* NewPythonChannelEnd(RefPtr<ChannelEnd> end);
PyObject* NewPythonExchange(RefPtr<Exchange> exchange);
Pipe* PipeOf(PyObject* object);  // nullptr without an error if it is not one
ChannelEnd* ChannelEndOf(PyObject* object);
Exchange* ExchangeOf(PyObject* object);
// Sets TypeError and returns empty unless `object` is a _native.Target or a Python service (has .request): then wraps
// it.
RefPtr<Target> TargetOf(PyObject* object);
PyObject* NewPythonTarget(RefPtr<Target> target);
Realm* RealmOf(PyObject* object);  // nullptr with TypeError set

}  // namespace workerd
