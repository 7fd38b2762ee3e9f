// The flow part of `native` (platform/js/native.d.ts): pipes, exchanges, channels.
#include "engine/convert.h"
#include "engine/serialize.h"
#include "flow/js_callback.h"
#include "flow/scheduler.h"
#include "flow/worker_target.h"
#include "rpc/target.h"

namespace workerd {

v8::Local<v8::Value> ErrorToJs(Realm* realm, const Error& error) {
  v8::Isolate* isolate = realm->isolate();
  v8::Local<v8::Context> context = realm->context();
  v8::Local<v8::Object> out = v8::Object::New(isolate);
  auto set = [&](const char* name, v8::Local<v8::Value> value) {
    (void)out->CreateDataProperty(context, Symbolic(isolate, name), value);
  };
  set("name", Utf8(isolate, error.name).ToLocalChecked());
  set("message", Utf8(isolate, error.message).ToLocalChecked());
  if (!error.stack.empty()) set("stack", Utf8(isolate, error.stack).ToLocalChecked());
  v8::Local<v8::Value> value;
  if (!error.value.empty() && Deserialize(realm, error.value).ToLocal(&value)) set("value", value);
  set("overloaded", v8::Boolean::New(isolate, error.overloaded));
  return out;
}

namespace {

// The realm, and argument `i` as a handle of C++ type T; returns from the op with a TypeError thrown otherwise.
#define OP_REALM(info)                        \
  v8::Isolate* isolate = (info).GetIsolate(); \
  Realm* realm = Realm::Current(isolate);     \
  if (!realm) return;
#define OP_HANDLE(T, name, kind, i)                                          \
  RefPtr<T> name(static_cast<T*>(realm->Unwrap(info[i], HandleKind::kind))); \
  if (!name) return;
#define OP_FUNCTION(name, i)                                                          \
  if (!info[i]->IsFunction()) return ThrowTypeError(isolate, "a function is needed"); \
  auto name = MakeRef<JsCallback>(realm, info[i].As<v8::Function>());

bool ChunkFromJs(Realm* realm, v8::Local<v8::Value> value, Chunk* chunk) {
  Body body;
  if (!value->IsString() && !value->IsArrayBuffer() && !value->IsArrayBufferView() && !value->IsSharedArrayBuffer()) {
    ThrowTypeError(realm->isolate(), "a chunk must be a string, an ArrayBuffer or a view");
    return false;
  }
  if (!BodyFromJs(realm, value, &body)) return false;
  *chunk = std::move(body.bytes);
  return true;
}

std::string Utf8Arg(v8::Isolate* isolate, v8::Local<v8::Value> value) {
  return value->IsUndefined() ? "" : ToUtf8(isolate, value);
}

void PipeNew(Args info) {
  OP_REALM(info);
  double high = info[0]->IsNumber() ? info[0].As<v8::Number>()->Value() : static_cast<double>(Pipe::kDefaultHighWater);
  int64_t length = info[1]->IsNumber() ? static_cast<int64_t>(info[1].As<v8::Number>()->Value()) : -1;
  auto pipe = MakeRef<Pipe>(static_cast<size_t>(high < 1 ? 1 : high), length);
  info.GetReturnValue().Set(realm->Wrap(HandleKind::kPipe, pipe.get()));
}

void PipeWrite(Args info) {
  OP_REALM(info);
  OP_HANDLE(Pipe, pipe, kPipe, 0);
  Chunk chunk;
  if (!ChunkFromJs(realm, info[1], &chunk)) return;
  bool more = pipe->Write(std::move(chunk));
  info.GetReturnValue().Set(more ? 0 : pipe->cancelled() ? 2 : 1);
}

void PipeOnDrain(Args info) {
  OP_REALM(info);
  OP_HANDLE(Pipe, pipe, kPipe, 0);
  OP_FUNCTION(callback, 1);
  Pipe* raw = pipe.get();
  auto fire = [callback](bool cancelled) {
    Scheduler::Post(callback->realm(), [callback, cancelled] {
      v8::Local<v8::Value> args[] = {v8::Boolean::New(callback->realm()->isolate(), cancelled)};
      callback->Call(1, args);
      callback->Drop();
    });
  };
  if (!raw->full() || raw->cancelled()) {
    fire(raw->cancelled());
    return;
  }
  raw->SetOnDrain([raw, fire] {
    bool cancelled = raw->cancelled();
    auto copy = fire;
    raw->SetOnDrain(nullptr);
    copy(cancelled);
  });
}

void PipeOnClosed(Args info) {
  OP_REALM(info);
  OP_HANDLE(Pipe, pipe, kPipe, 0);
  OP_FUNCTION(callback, 1);
  pipe->AddOnClosed([callback] {
    Scheduler::Post(callback->realm(), [callback] {
      callback->Call(0, nullptr);
      callback->Drop();
    });
  });
}

void PipeClose(Args info) {
  OP_REALM(info);
  OP_HANDLE(Pipe, pipe, kPipe, 0);
  pipe->End();
}

void PipeAbort(Args info) {
  OP_REALM(info);
  OP_HANDLE(Pipe, pipe, kPipe, 0);
  pipe->Abort(Utf8Arg(isolate, info[1]));
}

void PipeRead(Args info) {
  OP_REALM(info);
  OP_HANDLE(Pipe, pipe, kPipe, 0);
  double max = info[1]->IsNumber() ? info[1].As<v8::Number>()->Value() : 0;
  Chunk chunk;
  if (pipe->Read(&chunk, max >= 1 ? static_cast<size_t>(max) : SIZE_MAX)) {
    v8::Local<v8::Uint8Array> bytes;
    if (NewUint8Array(isolate, chunk.data(), chunk.size()).ToLocal(&bytes)) info.GetReturnValue().Set(bytes);
    return;
  }
  if (pipe->at_end()) {
    info.GetReturnValue().SetNull();
    return;
  }
  if (pipe->state() != Pipe::State::kOpen) {
    std::string message = pipe->error().empty() ? "The stream was cancelled." : pipe->error();
    isolate->ThrowException(v8::Exception::Error(Utf8(isolate, message).ToLocalChecked()));
    return;
  }
  OP_FUNCTION(callback, 2);
  Pipe* raw = pipe.get();
  raw->SetOnReadable([raw, callback] {
    auto copy = callback;
    raw->SetOnReadable(nullptr);
    Scheduler::Post(copy->realm(), [copy] {
      copy->Call(0, nullptr);
      copy->Drop();
    });
  });
}

// Collects a pipe to its end. Keeps itself alive through the pipe's callback.
class ReadAll final : public RefCounted {
 public:
  ReadAll(RefPtr<Pipe> pipe, int as, bool strip_bom, RefPtr<JsCallback> callback)
      : pipe_(std::move(pipe)), as_(as), strip_bom_(strip_bom), callback_(std::move(callback)) {}

  void Pump() {
    Chunk chunk;
    while (pipe_->Read(&chunk)) {
      size_ += chunk.size();
      chunks_.push_back(std::move(chunk));
    }
    size_t limit = callback_->realm()->holder->allocator->limit();
    if (size_ > (limit ? limit : kNoLimit) && !done_) {
      // What a worker may not hold is not collected for it either.
      chunks_.clear();
      too_large_ = true;
      done_ = true;
      RefPtr<ReadAll> self(this);
      pipe_->Cancel("The body is too large.");
      Scheduler::Post(callback_->realm(), [self] { self->Finish(); });
      return;
    }
    if (pipe_->state() == Pipe::State::kOpen) {
      RefPtr<ReadAll> self(this);
      // Set once; Pipe calls it at each arrival.
      if (!waiting_) {
        waiting_ = true;
        pipe_->SetOnReadable([self] { self->Pump(); });
      }
      return;
    }
    if (done_) return;
    done_ = true;
    RefPtr<ReadAll> self(this);
    pipe_->SetOnReadable(nullptr);
    Scheduler::Post(callback_->realm(), [self] { self->Finish(); });
  }

 private:
  void Finish() {
    Realm* realm = callback_->realm();
    v8::Isolate* isolate = realm->isolate();
    v8::Local<v8::Value> args[2] = {v8::Undefined(isolate), v8::Undefined(isolate)};
    if (too_large_) {
      args[0] = Str(isolate, "Memory limit would be exceeded before EOF.");
      callback_->Call(2, args);
      return;
    }
    if (!pipe_->at_end()) {
      std::string message = pipe_->error().empty() ? "The stream was cancelled." : pipe_->error();
      args[0] = Utf8(isolate, message).ToLocalChecked();
      callback_->Call(2, args);
      return;
    }
    v8::TryCatch caught(isolate);
    bool ok;
    if (as_ == 0) {
      v8::Local<v8::ArrayBuffer> buffer;
      ok = v8::ArrayBuffer::MaybeNew(isolate, size_, v8::BackingStoreInitializationMode::kUninitialized)
               .ToLocal(&buffer);
      if (ok) {
        char* to = static_cast<char*>(buffer->Data());
        for (const Chunk& chunk : chunks_) {
          memcpy(to, chunk.data(), chunk.size());
          to += chunk.size();
        }
        args[1] = buffer;
      }
    } else {
      std::string joined;
      std::string_view text;
      if (chunks_.size() == 1) {
        text = chunks_[0].view();
      } else {
        joined.reserve(size_);
        for (const Chunk& chunk : chunks_) joined.append(chunk.data(), chunk.size());
        text = joined;
      }
      if (strip_bom_ && text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);
      v8::Local<v8::String> string;
      ok = text.size() <= static_cast<size_t>(v8::String::kMaxLength) && Utf8(isolate, text).ToLocal(&string);
      if (ok) args[1] = string;
    }
    chunks_.clear();
    if (!ok) args[0] = Str(isolate, "Memory limit would be exceeded before EOF.");
    callback_->Call(2, args);
  }

  RefPtr<Pipe> pipe_;
  int as_;
  static constexpr size_t kNoLimit = size_t{2} << 30;
  bool strip_bom_, waiting_ = false, done_ = false, too_large_ = false;
  RefPtr<JsCallback> callback_;
  std::vector<Chunk> chunks_;
  size_t size_ = 0;
};

void PipeReadAll(Args info) {
  OP_REALM(info);
  OP_HANDLE(Pipe, pipe, kPipe, 0);
  OP_FUNCTION(callback, 3);
  MakeRef<ReadAll>(pipe, info[1]->IsInt32() ? info[1].As<v8::Int32>()->Value() : 0, info[2]->IsTrue(), callback)
      ->Pump();
}

void PipeCancel(Args info) {
  OP_REALM(info);
  OP_HANDLE(Pipe, pipe, kPipe, 0);
  pipe->Cancel(Utf8Arg(isolate, info[1]));
}

void PipeLength(Args info) {
  OP_REALM(info);
  OP_HANDLE(Pipe, pipe, kPipe, 0);
  info.GetReturnValue().Set(
      pipe->length() < 0 ? -1.0 : static_cast<double>(pipe->length() - static_cast<int64_t>(pipe->consumed())));
}

// Moves everything from one pipe to another without entering JS.
class Link final : public RefCounted {
 public:
  Link(RefPtr<Pipe> from, RefPtr<Pipe> to, RefPtr<JsCallback> callback, bool close)
      : from_(std::move(from)), to_(std::move(to)), callback_(std::move(callback)), close_(close) {}
  void Start() {
    RefPtr<Link> self(this);
    from_->SetOnReadable([self] { self->Pump(); });
    Pump();
  }

 private:
  void Pump() {
    if (done_ || pumping_) return;
    pumping_ = true;
    RefPtr<Link> self(this);
    Chunk chunk;
    while (!to_->full() && !to_->cancelled() && from_->Read(&chunk)) {
      total_ += chunk.size();
      to_->Write(std::move(chunk));
    }
    pumping_ = false;
    if (to_->cancelled()) return Finish(2, to_->error());
    if (from_->at_end()) {
      if (close_) to_->End();
      return Finish(0, "");
    }
    if (from_->queued() == 0 && from_->state() != Pipe::State::kOpen) return Finish(1, from_->error());
    if (to_->full()) to_->SetOnDrain([self] { self->Pump(); });
  }
  // what: 0 done, 1 the source failed, 2 the destination was cancelled.
  void Finish(int what, std::string message) {
    done_ = true;
    RefPtr<Link> self(this);
    from_->SetOnReadable(nullptr);
    to_->SetOnDrain(nullptr);
    Scheduler::Post(callback_->realm(), [self, what, message] {
      v8::Isolate* isolate = self->callback_->realm()->isolate();
      v8::Local<v8::Value> args[] = {v8::Integer::New(isolate, what), Utf8(isolate, message).ToLocalChecked(),
                                     v8::Number::New(isolate, static_cast<double>(self->total_))};
      self->callback_->Call(3, args);
    });
  }
  RefPtr<Pipe> from_, to_;
  RefPtr<JsCallback> callback_;
  bool close_, done_ = false, pumping_ = false;
  uint64_t total_ = 0;
};

void PipeLink(Args info) {
  OP_REALM(info);
  OP_HANDLE(Pipe, from, kPipe, 0);
  OP_HANDLE(Pipe, to, kPipe, 1);
  OP_FUNCTION(callback, 3);
  MakeRef<Link>(from, to, callback, info[2]->IsTrue())->Start();
}

// ---- exchanges

// A worker that waits for the answer to a request it made. The answer is kept here until its turn comes.
class WorkerAsker final : public Asker {
 public:
  WorkerAsker(Realm* realm, v8::Local<v8::Function> callback, double id) : callback_(realm, callback), id_(id) {}

  void OnResponse(Response&& response) override {
    response_ = std::move(response);
    Deliver([](Realm* realm, RefCounted* object, int64_t) { static_cast<WorkerAsker*>(object)->Respond(realm); });
  }
  void OnError(Error&& error) override {
    error_ = std::move(error);
    Deliver([](Realm* realm, RefCounted* object, int64_t) {
      auto* self = static_cast<WorkerAsker*>(object);
      v8::Local<v8::Value> args[] = {ErrorToJs(realm, self->error_)};
      self->callback_.Call(1, args);
      self->callback_.Drop();
    });
  }

 private:
  void Deliver(void (*run)(Realm*, RefCounted*, int64_t)) {
    RefPtr<WorkerAsker> self(this);
    callback_.realm()->RemoveExchange(id_);
    Scheduler::Post(callback_.realm(), self, run);
  }
  void Respond(Realm* realm) {
    v8::Isolate* isolate = realm->isolate();
    v8::Local<v8::Value> undefined = v8::Undefined(isolate);
    v8::Local<v8::Value> body = BodyToJs(realm, response_.body);
    v8::Local<v8::Value> args[] = {
        undefined,
        v8::Integer::New(isolate, response_.status),
        Latin1(isolate, response_.status_text).FromMaybe(v8::String::Empty(isolate)),
        Latin1(isolate, response_.headers).FromMaybe(v8::String::Empty(isolate)),
        body.IsEmpty() ? undefined : body,
        response_.websocket ? realm->Wrap(HandleKind::kChannel, response_.websocket.get()).As<v8::Value>() : undefined};
    response_.body = Body::None();
    callback_.Call(6, args);
    callback_.Drop();
  }
  JsFunction callback_;
  double id_;
  Response response_;
  Error error_;
};

void Subrequest(Args info) {
  OP_REALM(info);
  RefPtr<Target> target = TargetFromJs(realm, info[0]);
  if (!target) return;
  if (!info[1]->IsString() || !info[2]->IsString() || !info[3]->IsString())
    return ThrowTypeError(isolate, "method, url and headers must be strings");
  if (!info[7]->IsFunction()) return ThrowTypeError(isolate, "a function is needed");
  auto exchange = MakeRef<Exchange>();
  Request& request = exchange->request;
  request.method = ToLatin1(isolate, info[1].As<v8::String>());
  request.url = ToUtf8(isolate, info[2]);
  request.headers = ToLatin1(isolate, info[3].As<v8::String>());
  if (!BodyFromJs(realm, info[4], &request.body)) return;
  if (info[5]->IsString()) request.cf = ToUtf8(isolate, info[5]);
  request.wants_websocket = info[6]->IsInt32() && (info[6].As<v8::Int32>()->Value() & 1);
  double id = realm->AddExchange(exchange, false);
  exchange->asker = MakeRef<WorkerAsker>(realm, info[7].As<v8::Function>(), id);
  info.GetReturnValue().Set(id);
  target->Start(exchange);
}

void ExchangeCancel(Args info) {
  OP_REALM(info);
  RefPtr<Exchange> exchange(realm->FindExchange(info[0]));
  if (exchange) {  // it is not over
    realm->RemoveExchange(info[0].As<v8::Number>()->Value());
    exchange->Cancel();
  }
  if (!info[1]->IsFunction()) return;
  OP_FUNCTION(callback, 1);
  Scheduler::Post(callback->realm(), [callback] {
    callback->Call(0, nullptr);
    callback->Drop();
  });
}

void Respond(Args info) {
  OP_REALM(info);
  RefPtr<Exchange> exchange(realm->FindExchange(info[0]));
  Response response;
  response.status = info[1]->IsInt32() ? info[1].As<v8::Int32>()->Value() : 0;
  if (response.status < 100 || response.status > 999 || !info[2]->IsString() || !info[3]->IsString())
    return ThrowTypeError(isolate, "respond(exchange, status, statusText, headers, body, webSocket)");
  response.status_text = ToLatin1(isolate, info[2].As<v8::String>());
  response.headers = ToLatin1(isolate, info[3].As<v8::String>());
  if (!BodyFromJs(realm, info[4], &response.body)) return;
  if (!info[5]->IsNullOrUndefined()) {
    OP_HANDLE(ChannelEnd, end, kChannel, 5);
    response.websocket = end;
  }
  if (!exchange) {
    // Whoever asked has gone, or it was answered: nobody reads the body.
    if (response.body.pipe) response.body.pipe->Cancel("The client has gone away.");
    return;
  }
  realm->RemoveExchange(info[0].As<v8::Number>()->Value());
  exchange->Respond(std::move(response));
}

void RespondError(Args info) {
  OP_REALM(info);
  RefPtr<Exchange> exchange(realm->FindExchange(info[0]));
  if (!exchange) return;
  Error error = DescribeError(realm, info[1]);
  Serialize(realm, info[1], &error.value);
  realm->RemoveExchange(info[0].As<v8::Number>()->Value());
  exchange->Fail(std::move(error));
}

void ExchangeOnCancel(Args info) {
  OP_REALM(info);
  RefPtr<Exchange> exchange(realm->FindExchange(info[0]));
  if (!exchange) return;
  OP_FUNCTION(callback, 1);
  exchange->SetOnCancel([callback] { Scheduler::Post(callback->realm(), [callback] { callback->Call(0, nullptr); }); });
}

// ---- channels

void ChannelNew(Args info) {
  OP_REALM(info);
  auto [a, b] = ChannelEnd::NewPair();
  if (info[0]->IsUint32()) {
    a->set_max_message(info[0].As<v8::Uint32>()->Value());
    b->set_max_message(info[0].As<v8::Uint32>()->Value());
  }
  v8::Local<v8::Value> ends[] = {realm->Wrap(HandleKind::kChannel, a.get()),
                                 realm->Wrap(HandleKind::kChannel, b.get())};
  info.GetReturnValue().Set(v8::Array::New(isolate, ends, 2));
}

void ChannelSend(Args info) {
  OP_REALM(info);
  OP_HANDLE(ChannelEnd, end, kChannel, 0);
  Message message{info[1]->IsString() ? Message::Kind::kText : Message::Kind::kBinary, {}, 1005, ""};
  if (!ChunkFromJs(realm, info[1], &message.data)) return;
  end->Send(std::move(message));
}

void ChannelClose(Args info) {
  OP_REALM(info);
  OP_HANDLE(ChannelEnd, end, kChannel, 0);
  Message message{Message::Kind::kClose,
                  {},
                  info[1]->IsInt32() ? info[1].As<v8::Int32>()->Value() : 1005,
                  Utf8Arg(isolate, info[2])};
  end->Send(std::move(message));
}

void ChannelAbort(Args info) {
  OP_REALM(info);
  OP_HANDLE(ChannelEnd, end, kChannel, 0);
  std::string text = Utf8Arg(isolate, info[1]);
  end->Send(Message{Message::Kind::kError, Chunk::Copy(text.data(), text.size()), 1006, ""});
}

// A listener was stopped in the middle of its work: nobody can rely on what comes after that.
void Interrupted(const RefPtr<JsCallback>& callback, const RefPtr<ChannelEnd>& end) {
  static constexpr char kWhy[] = "The Worker was stopped.";
  end->Send(Message{Message::Kind::kError, Chunk::Copy(kWhy, sizeof kWhy - 1), 1006, ""});
  Scheduler::Post(callback->realm(), [callback] {
    v8::Isolate* isolate = callback->realm()->isolate();
    v8::Local<v8::Value> args[] = {Symbolic(isolate, "error"), Symbolic(isolate, kWhy)};
    callback->Call(2, args);
  });
}

void ChannelListen(Args info) {
  OP_REALM(info);
  OP_HANDLE(ChannelEnd, end, kChannel, 0);
  OP_FUNCTION(callback, 1);
  if (info[2]->IsUint32()) end->set_max_message(info[2].As<v8::Uint32>()->Value());
  end->Listen([callback, raw = end.get()](Message&& message) {
    auto shared = std::make_shared<Message>(std::move(message));
    RefPtr<ChannelEnd> self(raw);  // (the listener is this end's own)
    Scheduler::Post(callback->realm(), [callback, shared, self] {
      Realm* realm = callback->realm();
      v8::Isolate* isolate = realm->isolate();
      v8::Local<v8::Value> args[3];
      int count = 2;
      switch (shared->kind) {
        case Message::Kind::kText:
          args[0] = Symbolic(isolate, "text");
          args[1] = Utf8(isolate, shared->data.view()).FromMaybe(v8::String::Empty(isolate));
          break;
        case Message::Kind::kBinary: {
          v8::Local<v8::Uint8Array> bytes;
          args[0] = Symbolic(isolate, "binary");
          if (!NewUint8Array(isolate, shared->data.data(), shared->data.size()).ToLocal(&bytes)) return;
          args[1] = bytes;
          break;
        }
        case Message::Kind::kClose:
          args[0] = Symbolic(isolate, "close");
          args[1] = v8::Integer::New(isolate, shared->code);
          args[2] = Utf8(isolate, shared->reason).FromMaybe(v8::String::Empty(isolate));
          count = 3;
          break;
        case Message::Kind::kError:
          args[0] = Symbolic(isolate, "error");
          args[1] = Utf8(isolate, shared->data.view()).FromMaybe(v8::String::Empty(isolate));
          break;
      }
      callback->Call(count, args);
      if (realm->holder->termination.load()) Interrupted(callback, self);
    });
  });
}

void ChannelOnBroken(Args info) {
  OP_REALM(info);
  OP_HANDLE(ChannelEnd, end, kChannel, 0);
  OP_FUNCTION(callback, 1);
  end->SetOnBroken([callback] { Scheduler::Post(callback->realm(), [callback] { callback->Call(0, nullptr); }); });
}

void ChannelBuffered(Args info) {
  OP_REALM(info);
  OP_HANDLE(ChannelEnd, end, kChannel, 0);
  info.GetReturnValue().Set(static_cast<double>(end->buffered()));
}

}  // namespace

void InstallFlowOps(Realm* realm, v8::Local<v8::Object> native) {
  SetOp(realm, native, "pipeNew", PipeNew);
  SetOp(realm, native, "pipeWrite", PipeWrite);
  SetOp(realm, native, "pipeOnDrain", PipeOnDrain);
  SetOp(realm, native, "pipeOnClosed", PipeOnClosed);
  SetOp(realm, native, "pipeClose", PipeClose);
  SetOp(realm, native, "pipeAbort", PipeAbort);
  SetOp(realm, native, "pipeRead", PipeRead);
  SetOp(realm, native, "pipeReadAll", PipeReadAll);
  SetOp(realm, native, "pipeCancel", PipeCancel);
  SetOp(realm, native, "pipeLength", PipeLength);
  SetOp(realm, native, "pipeLink", PipeLink);
  SetOp(realm, native, "subrequest", Subrequest);
  SetOp(realm, native, "exchangeCancel", ExchangeCancel);
  SetOp(realm, native, "respond", Respond);
  SetOp(realm, native, "respondError", RespondError);
  SetOp(realm, native, "exchangeOnCancel", ExchangeOnCancel);
  SetOp(realm, native, "channelNew", ChannelNew);
  SetOp(realm, native, "channelSend", ChannelSend);
  SetOp(realm, native, "channelClose", ChannelClose);
  SetOp(realm, native, "channelAbort", ChannelAbort);
  SetOp(realm, native, "channelListen", ChannelListen);
  SetOp(realm, native, "channelOnBroken", ChannelOnBroken);
  SetOp(realm, native, "channelBuffered", ChannelBuffered);
}

}  // namespace workerd
