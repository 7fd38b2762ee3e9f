#include "engine/convert.h"

#include <cmath>
#include <cstring>

#include "engine/values.h"

namespace workerd {

namespace {
constexpr int kMaxDepth = 200;
constexpr double kMaxSafe = 9007199254740992.0;

PyObject* StringToPython(v8::Isolate* isolate, v8::Local<v8::String> s) {
  uint32_t length = static_cast<uint32_t>(s->Length());
  if (s->IsOneByte()) {
    // Nearly all is ASCII, for which Python's compact form takes the bytes as they are; Latin-1 costs a second copy.
    PyObject* out = PyUnicode_New(length, 127);
    if (!out) return nullptr;
    unsigned char* p = PyUnicode_1BYTE_DATA(out);
    s->WriteOneByteV2(isolate, 0, length, p);
    unsigned char all = 0;
    for (uint32_t i = 0; i < length; ++i) all |= p[i];
    if (all < 128) return out;
    PyObject* latin1 = PyUnicode_New(length, 255);
    if (latin1) memcpy(PyUnicode_1BYTE_DATA(latin1), p, length);
    // What was written is not ASCII: make it so before the object goes.
    memset(p, '?', length);
    Py_DECREF(out);
    return latin1;
  }
  std::vector<uint16_t> buffer(length);
  s->WriteV2(isolate, 0, length, buffer.data());
  int order = -1;
  return PyUnicode_DecodeUTF16(reinterpret_cast<const char*>(buffer.data()), static_cast<Py_ssize_t>(length) * 2,
                               "surrogatepass", &order);
}

}  // namespace

bool BytesOf(v8::Local<v8::Value> value, const char** data, size_t* size) {
  if (value->IsArrayBufferView()) {
    v8::Local<v8::ArrayBufferView> view = value.As<v8::ArrayBufferView>();
    *size = view->ByteLength();
    *data = *size ? static_cast<const char*>(view->Buffer()->Data()) + view->ByteOffset() : "";
    return true;
  }
  if (value->IsArrayBuffer()) {
    v8::Local<v8::ArrayBuffer> buffer = value.As<v8::ArrayBuffer>();
    *size = buffer->ByteLength();
    *data = *size ? static_cast<const char*>(buffer->Data()) : "";
    return true;
  }
  if (value->IsSharedArrayBuffer()) {
    v8::Local<v8::SharedArrayBuffer> buffer = value.As<v8::SharedArrayBuffer>();
    *size = buffer->ByteLength();
    *data = *size ? static_cast<const char*>(buffer->Data()) : "";
    return true;
  }
  return false;
}

v8::MaybeLocal<v8::ArrayBuffer> NewArrayBuffer(v8::Isolate* isolate, const char* data, size_t size) {
  v8::Local<v8::ArrayBuffer> buffer;
  if (!v8::ArrayBuffer::MaybeNew(isolate, size, v8::BackingStoreInitializationMode::kUninitialized).ToLocal(&buffer)) {
    isolate->ThrowException(v8::Exception::RangeError(Str(isolate, "Array buffer allocation failed")));
    return {};
  }
  if (size) memcpy(buffer->Data(), data, size);
  return buffer;
}

v8::MaybeLocal<v8::Uint8Array> NewUint8Array(v8::Isolate* isolate, const char* data, size_t size) {
  v8::Local<v8::ArrayBuffer> buffer;
  if (!NewArrayBuffer(isolate, data, size).ToLocal(&buffer)) return {};
  return v8::Uint8Array::New(buffer, 0, size);
}

// More than what a view without a buffer can have (V8's limit is 64).
constexpr size_t kOnHeapBytes = 128;

PyObject* ToPython(Realm* realm, v8::Local<v8::Value> value, int depth) {
  v8::Isolate* isolate = realm->isolate();
  if (depth > kMaxDepth) {
    PyErr_SetString(PyExc_ValueError, "value is nested too deeply");
    return nullptr;
  }
  if (value->IsNullOrUndefined()) Py_RETURN_NONE;
  if (value->IsString()) return StringToPython(isolate, value.As<v8::String>());
  if (value->IsInt32()) return PyLong_FromLong(value.As<v8::Int32>()->Value());
  if (value->IsNumber()) {
    double d = value.As<v8::Number>()->Value();
    if (std::trunc(d) == d && std::fabs(d) <= kMaxSafe && !(d == 0 && std::signbit(d))) return PyLong_FromDouble(d);
    return PyFloat_FromDouble(d);
  }
  if (value->IsBoolean()) return PyBool_FromLong(value->IsTrue());
  if (value->IsBigInt()) {
    v8::Local<v8::BigInt> big = value.As<v8::BigInt>();
    int count = big->WordCount(), sign = 0;
    std::vector<uint64_t> words(static_cast<size_t>(count));
    big->ToWordsArray(&sign, &count, words.data());
    PyObject* magnitude = _PyLong_FromByteArray(reinterpret_cast<const unsigned char*>(words.data()),
                                                static_cast<size_t>(count) * 8, 1, 0);
    if (!magnitude || !sign) return magnitude;
    PyObject* negative = PyNumber_Negative(magnitude);
    Py_DECREF(magnitude);
    return negative;
  }
  if (value->IsArrayBufferView() && !value.As<v8::ArrayBufferView>()->HasBuffer()) {
    // Its bytes are on V8's heap. Asking for its buffer would move them, which costs some microseconds.
    char bytes[kOnHeapBytes];
    size_t copied = value.As<v8::ArrayBufferView>()->CopyContents(bytes, sizeof(bytes));
    return PyBytes_FromStringAndSize(bytes, static_cast<Py_ssize_t>(copied));
  }
  const char* data;
  size_t size;
  if (BytesOf(value, &data, &size)) return PyBytes_FromStringAndSize(data, static_cast<Py_ssize_t>(size));
  v8::Local<v8::Context> context = realm->context();
  if (value->IsArray()) {
    v8::Local<v8::Array> array = value.As<v8::Array>();
    uint32_t length = array->Length();
    PyObject* list = PyList_New(0);
    if (!list) return nullptr;
    for (uint32_t i = 0; i < length; ++i) {
      v8::TryCatch caught(isolate);
      v8::Local<v8::Value> item;
      if (!array->Get(context, i).ToLocal(&item)) {
        Py_DECREF(list);
        RaiseFromJs(realm, caught);
        return nullptr;
      }
      PyObject* converted = ToPython(realm, item, depth + 1);
      if (!converted || PyList_Append(list, converted) < 0) {
        Py_XDECREF(converted);
        Py_DECREF(list);
        return nullptr;
      }
      Py_DECREF(converted);
    }
    return list;
  }
  if (value->IsObject()) {
    v8::Local<v8::Object> object = value.As<v8::Object>();
    if (realm->IsHandle(value, HandleKind::kPython)) return UnwrapPython(realm, object);
    bool plain = !value->IsFunction() && !value->IsPromise() && !value->IsProxy() && !value->IsNativeError() &&
                 !value->IsDate() && !value->IsRegExp() && !value->IsMap() && !value->IsSet() &&
                 object->InternalFieldCount() == 0;
    if (plain) {
      v8::Local<v8::Value> proto = object->GetPrototypeV2();
      plain = proto->IsNull() ||
              (proto->IsObject() && proto.As<v8::Object>()->GetPrototypeV2()->IsNull() && !proto->IsProxy());
    }
    if (!plain) return WrapValue(realm, value);
    v8::TryCatch caught(isolate);
    v8::Local<v8::Array> names;
    if (!object
             ->GetOwnPropertyNames(context, static_cast<v8::PropertyFilter>(v8::ONLY_ENUMERABLE | v8::SKIP_SYMBOLS),
                                   v8::KeyConversionMode::kConvertToString)
             .ToLocal(&names)) {
      RaiseFromJs(realm, caught);
      return nullptr;
    }
    PyObject* dict = PyDict_New();
    if (!dict) return nullptr;
    for (uint32_t i = 0; i < names->Length(); ++i) {
      v8::Local<v8::Value> name, item;
      if (!names->Get(context, i).ToLocal(&name) || !object->Get(context, name).ToLocal(&item)) {
        Py_DECREF(dict);
        RaiseFromJs(realm, caught);
        return nullptr;
      }
      PyObject* key = ToPython(realm, name, depth + 1);
      PyObject* converted = key ? ToPython(realm, item, depth + 1) : nullptr;
      bool ok = converted && PyDict_SetItem(dict, key, converted) == 0;
      Py_XDECREF(key);
      Py_XDECREF(converted);
      if (!ok) {
        Py_DECREF(dict);
        return nullptr;
      }
    }
    return dict;
  }
  return WrapValue(realm, value);
}

static v8::MaybeLocal<v8::String> StringToJs(v8::Isolate* isolate, PyObject* s) {
  Py_ssize_t length = PyUnicode_GET_LENGTH(s);
  if (length > v8::String::kMaxLength) {
    PyErr_SetString(PyExc_ValueError, "string is too long for JavaScript");
    return {};
  }
  v8::MaybeLocal<v8::String> out;
  switch (PyUnicode_KIND(s)) {
    case PyUnicode_1BYTE_KIND:
      out = v8::String::NewFromOneByte(isolate, PyUnicode_1BYTE_DATA(s), v8::NewStringType::kNormal,
                                       static_cast<int>(length));
      break;
    case PyUnicode_2BYTE_KIND:
      out = v8::String::NewFromTwoByte(isolate, PyUnicode_2BYTE_DATA(s), v8::NewStringType::kNormal,
                                       static_cast<int>(length));
      break;
    default: {
      PyObject* utf16 = PyUnicode_AsEncodedString(s, "utf-16-le", "surrogatepass");
      if (!utf16) return {};
      out = v8::String::NewFromTwoByte(isolate, reinterpret_cast<const uint16_t*>(PyBytes_AS_STRING(utf16)),
                                       v8::NewStringType::kNormal, static_cast<int>(PyBytes_GET_SIZE(utf16) / 2));
      Py_DECREF(utf16);
    }
  }
  if (out.IsEmpty()) PyErr_SetString(PyExc_MemoryError, "cannot make a JavaScript string");
  return out;
}

v8::MaybeLocal<v8::Value> ToJs(Realm* realm, PyObject* object, int depth) {
  v8::Isolate* isolate = realm->isolate();
  v8::Local<v8::Context> context = realm->context();
  if (depth > kMaxDepth) {
    PyErr_SetString(PyExc_ValueError, "value is nested too deeply");
    return {};
  }
  if (object == Py_None) return v8::Undefined(isolate);
  if (object == Py_True) return v8::True(isolate);
  if (object == Py_False) return v8::False(isolate);
  if (PyUnicode_Check(object)) return StringToJs(isolate, object);
  if (PyLong_Check(object)) {
    int overflow = 0;
    long long n = PyLong_AsLongLongAndOverflow(object, &overflow);
    if (n == -1 && PyErr_Occurred()) return {};
    if (!overflow && n >= INT32_MIN && n <= INT32_MAX) return v8::Integer::New(isolate, static_cast<int>(n));
    if (!overflow && n >= -(1LL << 53) && n <= (1LL << 53)) return v8::Number::New(isolate, static_cast<double>(n));
    size_t bits = _PyLong_NumBits(object);
    std::vector<uint64_t> words(bits / 64 + 1);
    PyObject* magnitude = PyNumber_Absolute(object);
    if (!magnitude) return {};
    int failed = _PyLong_AsByteArray(reinterpret_cast<PyLongObject*>(magnitude),
                                     reinterpret_cast<unsigned char*>(words.data()), words.size() * 8, 1, 0
#if PY_VERSION_HEX >= 0x030D0000
                                     ,
                                     1
#endif
    );
    Py_DECREF(magnitude);
    if (failed) return {};
    v8::Local<v8::BigInt> big;
    bool negative = overflow < 0 || (!overflow && n < 0);
    if (!v8::BigInt::NewFromWords(context, negative, static_cast<int>(words.size()), words.data()).ToLocal(&big)) {
      PyErr_SetString(PyExc_OverflowError, "integer is too large");
      return {};
    }
    return big;
  }
  if (PyFloat_Check(object)) return v8::Number::New(isolate, PyFloat_AS_DOUBLE(object));
  if (IsJSValue(object)) return UnwrapValue(realm, object);
  if (PyObject_CheckBuffer(object)) {
    Py_buffer view;
    if (PyObject_GetBuffer(object, &view, PyBUF_SIMPLE) < 0) return {};
    v8::TryCatch caught(isolate);
    v8::Local<v8::Uint8Array> array;
    bool ok = NewUint8Array(isolate, static_cast<const char*>(view.buf), static_cast<size_t>(view.len)).ToLocal(&array);
    PyBuffer_Release(&view);
    if (!ok) {
      RaiseFromJs(realm, caught);
      return {};
    }
    return array;
  }
  if (PyList_Check(object) || PyTuple_Check(object)) {
    Py_ssize_t count = PySequence_Fast_GET_SIZE(object);
    std::vector<v8::Local<v8::Value>> items;
    items.reserve(static_cast<size_t>(count));
    for (Py_ssize_t i = 0; i < count && i < PySequence_Fast_GET_SIZE(object); ++i) {
      v8::Local<v8::Value> item;
      if (!ToJs(realm, PySequence_Fast_GET_ITEM(object, i), depth + 1).ToLocal(&item)) return {};
      items.push_back(item);
    }
    return v8::Array::New(isolate, items.data(), items.size());
  }
  if (PyDict_Check(object)) {
    v8::Local<v8::Object> out = v8::Object::New(isolate);
    PyObject *key, *item;
    Py_ssize_t position = 0;
    while (PyDict_Next(object, &position, &key, &item)) {
      if (!PyUnicode_Check(key)) {
        PyErr_SetString(PyExc_TypeError, "only dicts with string keys can become JavaScript objects");
        return {};
      }
      v8::Local<v8::String> name;
      v8::Local<v8::Value> converted;
      if (!StringToJs(isolate, key).ToLocal(&name) || !ToJs(realm, item, depth + 1).ToLocal(&converted)) return {};
      // Define, not set: a setter on a patched Object.prototype must not see internal data.
      if (out->CreateDataProperty(context, name, converted).IsNothing()) {
        PyErr_SetString(PyExc_RuntimeError, "cannot define a property");
        return {};
      }
    }
    return out;
  }
  if (v8::Local<v8::Value> flow; FlowToJs(realm, object).ToLocal(&flow)) return flow;
  if (PyErr_Occurred()) return {};
  if (PyCallable_Check(object)) return FunctionFromPython(realm, object);
  if (Py_TYPE(object)->tp_as_async && Py_TYPE(object)->tp_as_async->am_await)
    return PromiseFromAwaitable(realm, object);
  if (PyObject_HasAttrString(object, "__await__")) return PromiseFromAwaitable(realm, object);
  // Anything else travels as an opaque handle and comes back as itself.
  return WrapPython(realm, object);
}

}  // namespace workerd
