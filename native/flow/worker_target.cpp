#include "flow/worker_target.h"

#include "engine/convert.h"
#include "flow/scheduler.h"
#include "rpc/target.h"
#include "web/strings.h"

namespace workerd {

namespace {
constexpr size_t kStringBody = 16 * 1024;

bool IsAscii(std::string_view s) { return web::IsAscii(reinterpret_cast<const uint8_t*>(s.data()), s.size()); }
}  // namespace

v8::Local<v8::Value> BodyToJs(Realm* realm, const Body& body) {
  v8::Isolate* isolate = realm->isolate();
  if (!body.present) return v8::Null(isolate);
  if (body.pipe) return realm->Wrap(HandleKind::kPipe, body.pipe.get());
  // Small ASCII bodies (most of what services say to each other) travel as strings: no ArrayBuffer to make and to
  // collect.
  if (body.bytes.size() <= kStringBody && IsAscii(body.bytes.view())) {
    v8::Local<v8::String> text;
    if (Latin1(isolate, body.bytes.view()).ToLocal(&text)) return text;
  }
  v8::Local<v8::Uint8Array> bytes;
  if (!NewUint8Array(isolate, body.bytes.data(), body.bytes.size()).ToLocal(&bytes)) return v8::Local<v8::Value>();
  return bytes;
}

static Chunk StringChunk(v8::Isolate* isolate, v8::Local<v8::String> s) {
  size_t length = static_cast<size_t>(s->Length());
  if (s->IsOneByte()) {
    // ASCII, nearly always: the characters are the bytes.
    PyObject* bytes = PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(length));
    if (!bytes) {
      PyErr_Clear();
      return Chunk();
    }
    char* to = PyBytes_AS_STRING(bytes);
    s->WriteOneByteV2(isolate, 0, static_cast<uint32_t>(length), reinterpret_cast<uint8_t*>(to));
    if (IsAscii({to, length})) return Chunk::Steal(bytes);
    Py_DECREF(bytes);
  }
  size_t size = s->Utf8LengthV2(isolate);
  PyObject* bytes = PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(size));
  if (!bytes) {
    PyErr_Clear();
    return Chunk();
  }
  s->WriteUtf8V2(isolate, PyBytes_AS_STRING(bytes), size, v8::String::WriteFlags::kReplaceInvalidUtf8);
  return Chunk::Steal(bytes);
}

bool BodyFromJs(Realm* realm, v8::Local<v8::Value> value, Body* body) {
  if (value->IsNullOrUndefined()) {
    *body = Body::None();
    return true;
  }
  if (value->IsString()) {
    *body = Body::Of(StringChunk(realm->isolate(), value.As<v8::String>()));
    return true;
  }
  const char* data;
  size_t size;
  if (BytesOf(value, &data, &size)) {
    *body = Body::Of(Chunk::Copy(data, size));
    return true;
  }
  RefCounted* pipe = realm->Unwrap(value, HandleKind::kPipe);
  if (!pipe) return false;
  *body = Body::Of(RefPtr<Pipe>(static_cast<Pipe*>(pipe)));
  return true;
}

static void Dispatch(Realm* realm, int id, const RefPtr<Exchange>& exchange) {
  v8::Isolate* isolate = realm->isolate();
  Request& request = exchange->request;
  if (exchange->cancelled()) return;
  if (request.rpc) return DispatchRpc(realm, false, id, exchange);
  if (realm->dispatch_fetch.IsEmpty()) {
    exchange->Fail(Error{"Error", "The Worker is not running.", "", {}, false});
    return;
  }
  double id_number = realm->AddExchange(exchange, true);
  v8::TryCatch caught(isolate);
  v8::Local<v8::Value> url, headers, method;
  if (request.method == "GET")
    method = realm->method_get.Get(isolate);
  else if (request.method == "POST")
    method = realm->method_post.Get(isolate);
  else
    method = Latin1(isolate, request.method).FromMaybe(v8::String::Empty(isolate));
  url = Utf8(isolate, request.url).FromMaybe(v8::String::Empty(isolate));
  headers = Latin1(isolate, request.headers).FromMaybe(v8::String::Empty(isolate));
  v8::Local<v8::Value> body = BodyToJs(realm, request.body);
  v8::Local<v8::Value> handle = v8::Number::New(isolate, id_number);
  v8::Local<v8::Value> cf = v8::Undefined(isolate);
  if (request.cf) cf = Utf8(isolate, *request.cf).FromMaybe(v8::String::Empty(isolate));
  bool ok = !body.IsEmpty();
  if (ok) {
    v8::Local<v8::Value> args[] = {handle,  v8::Integer::New(isolate, id),
                                   method,  url,
                                   headers, body,
                                   cf,      v8::Boolean::New(isolate, request.wants_websocket)};
    v8::Local<v8::Value> undefined = v8::Undefined(isolate);
    v8::Local<v8::Data> frame = isolate->GetContinuationPreservedEmbedderDataV2();
    isolate->SetContinuationPreservedEmbedderDataV2(undefined);
    v8::Local<v8::Value> pending;
    ok = realm->dispatch_fetch.Get(isolate)->Call(realm->context(), undefined, 8, args).ToLocal(&pending);
    if (ok && pending->IsObject()) realm->WatchContext(id_number, pending.As<v8::Object>());
    if (!caught.HasTerminated()) isolate->SetContinuationPreservedEmbedderDataV2(frame);
  }
  // dispatch() answers through respond()/respondError() and does not throw; a terminated one is failed at the end of
  // the turn.
  if (!ok && caught.HasCaught() && !caught.HasTerminated()) {
    realm->RemoveExchange(id_number);
    exchange->Fail(DescribeError(realm, caught.Exception()));
  }
}

void WorkerTarget::Start(RefPtr<Exchange> exchange) {
  if (realm_->dead()) {
    exchange->Fail(
        Error{"Error",
              realm_->holder->condemned ? "Worker exceeded its memory limit." : "The Worker has been shut down.",
              "",
              {},
              true});
    return;
  }
  Scheduler::Post(
      realm_, exchange,
      [](Realm* realm, RefCounted* object, int64_t id) {
        Dispatch(realm, static_cast<int>(id), RefPtr<Exchange>(static_cast<Exchange*>(object)));
      },
      id_);
}

}  // namespace workerd
