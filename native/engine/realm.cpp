#include "engine/realm.h"

#include "engine/convert.h"
#include "inspector/inspector.h"
#include "web/json_shapes.h"

namespace workerd {

namespace {

uint64_t last_serial = 0;

struct HandleBox {
  v8::Global<v8::Object> weak;
  RefCounted* object;
  Realm* realm;
  size_t external_bytes;
};

void HandleCollected(const v8::WeakCallbackInfo<HandleBox>& info) {
  HandleBox* box = info.GetParameter();
  box->weak.Reset();
  // Dropping the object can run arbitrary code (fail an exchange, cancel a pipe): not allowed in the first pass.
  info.SetSecondPassCallback([](const v8::WeakCallbackInfo<HandleBox>& info) {
    HandleBox* box = info.GetParameter();
    box->realm->handles.erase(box);
    box->object->Unref();
    delete box;
  });
}

}  // namespace

RefPtr<Realm> Realm::New(RefPtr<IsolateHolder> holder, PyObject* hooks) {
  v8::Isolate* isolate = holder->isolate();
  v8::Isolate::Scope scope(isolate);
  v8::HandleScope handles(isolate);
  v8::Local<v8::Context> context = v8::Context::New(isolate);
  if (context.IsEmpty()) {
    PyErr_SetString(PyExc_RuntimeError, "cannot make a V8 context");
    return {};
  }
  auto realm = MakeRef<Realm>();
  realm->holder = holder;
  realm->context_.Reset(isolate, context);
  realm->hooks = Py_NewRef(hooks);
  context->SetAlignedPointerInEmbedderData(1, realm.get(), 0);
  realm->empty.Reset(isolate, v8::String::Empty(isolate));
  realm->method_get.Reset(isolate, Symbolic(isolate, "GET"));
  realm->method_post.Reset(isolate, Symbolic(isolate, "POST"));
  if (holder->handle_template.IsEmpty()) {
    v8::Local<v8::FunctionTemplate> type = v8::FunctionTemplate::New(isolate);
    type->InstanceTemplate()->SetInternalFieldCount(2);
    holder->handle_template.Reset(isolate, type);
  }
  realm->handle_instance.Reset(isolate, holder->handle_template.Get(isolate)->InstanceTemplate());
  holder->realms.push_back(realm.get());
  // Builtins that C++ uses later, as they are before user code can patch them.
  v8::Context::Scope context_scope(context);
  realm->object_prototype.Reset(isolate, v8::Object::New(isolate)->GetPrototypeV2());
  realm->CaptureBuiltin("ArrayBuffer", "prototype", "transfer", &realm->transfer_buffer);
  realm->CaptureBuiltin("JSON", "parse", nullptr, &realm->parse_json);
  return realm;
}

void Realm::CaptureBuiltin(const char* first, const char* second, const char* third, v8::Global<v8::Function>* to) {
  v8::Isolate* iso = isolate();
  v8::Local<v8::Value> value = context()->Global();
  for (const char* name : {first, second, third}) {
    if (name && (!value->IsObject() || !value.As<v8::Object>()->Get(context(), Symbolic(iso, name)).ToLocal(&value)))
      return;
  }
  if (value->IsFunction()) to->Reset(iso, value.As<v8::Function>());
}

void Realm::Dispose() {
  if (context_.IsEmpty()) return;
  RefPtr<Realm> self(this);
  if (holder->inspector) CloseInspector(this);
  for (Slot& slot : slots_) {
    if (holder->disposed()) slot.context.Clear();
    slot.context.Reset();
    slot.watched = false;
  }
  // The handles' objects are released now: their weak callbacks never run once the isolate is gone.
  auto boxes = std::move(handles);
  handles.clear();
  for (void* raw : boxes) {
    auto* box = static_cast<HandleBox*>(raw);
    box->weak.Reset();
    box->object->Unref();
    delete box;
  }
  targets.clear();
  for (auto* global : {&dispatch_fetch, &on_timer, &on_rejection, &make_error, &on_uncaught, &top_level_frame,
                       &prepare_stack, &write_host, &read_host, &describe_errors, &restore_errors, &transfer_buffer,
                       &parse_json, &rpc_dispatch, &rpc_answer, &rpc_released, &rpc_cancelled})
    global->Reset();
  method_get.Reset();
  method_post.Reset();
  empty.Reset();
  object_prototype.Reset();
  handle_instance.Reset();
  modules.clear();
  if (!holder->disposed()) {
    v8::Isolate::Scope scope(isolate());
    v8::HandleScope handle_scope(isolate());
    context()->SetAlignedPointerInEmbedderData(1, nullptr, 0);
  }
  context_.Reset();
  auto& list = holder->realms;
  std::erase(list, this);
  Py_CLEAR(hooks);
  Py_CLEAR(op_context);
  FailInflight(Termination::kHost);
}

Realm::~Realm() {
  Ref();  // what holds it for a moment below must not delete it again
  Dispose();
}

void Realm::FailInflight(Termination why) {
  const char* message = why == Termination::kCpu        ? "Worker exceeded its CPU time limit."
                        : why == Termination::kHeap     ? "Worker exceeded its memory limit."
                        : why == Termination::kDebugger ? "Execution was terminated by a debugger."
                                                        : "The Worker was shut down before it answered.";
  std::vector<RefPtr<Exchange>> list, asked;
  for (uint32_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    if (!slot.exchange || (!slot.incoming && why != Termination::kHost)) continue;
    (slot.incoming ? list : asked).push_back(slot.exchange);
    RemoveExchange(static_cast<double>(slot.generation) * kMaxSlots + i);
  }
  for (auto& exchange : asked) exchange->Cancel();
  for (auto& exchange : list) exchange->Fail(Error{"Error", message, "", {}, true});
}

double Realm::AddExchange(RefPtr<Exchange> exchange, bool incoming) {
  uint32_t index;
  if (free_slots_.empty()) {
    index = static_cast<uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    index = free_slots_.back();
    free_slots_.pop_back();
  }
  Slot& slot = slots_[index];
  double id = static_cast<double>(slot.generation) * kMaxSlots + index;
  if (incoming) {
    ++incoming_;
    exchange->on_abandoned = [](void* owner, double abandoned) {
      static_cast<Realm*>(owner)->RemoveExchange(abandoned);
    };
    exchange->abandoned_owner = this;
    exchange->abandoned_id = id;
  }
  slot.exchange = std::move(exchange);
  slot.incoming = incoming;
  slot.serial = ++last_serial;
  return id;
}

Exchange* Realm::FindExchange(v8::Local<v8::Value> value) {
  if (!value->IsNumber()) return nullptr;
  double id = value.As<v8::Number>()->Value();
  if (!(id >= 0)) return nullptr;
  auto generation = static_cast<uint32_t>(id / kMaxSlots);
  auto index = static_cast<uint32_t>(id - static_cast<double>(generation) * kMaxSlots);
  if (index >= slots_.size() || slots_[index].generation != generation) return nullptr;
  return slots_[index].exchange.get();
}

void Realm::RemoveExchange(double id) {
  auto generation = static_cast<uint32_t>(id / kMaxSlots);
  auto index = static_cast<uint32_t>(id - static_cast<double>(generation) * kMaxSlots);
  if (index >= slots_.size() || slots_[index].generation != generation || !slots_[index].exchange) return;
  Slot& slot = slots_[index];
  if (slot.incoming) {
    --incoming_;
    slot.exchange->on_abandoned = nullptr;
  }
  if (slot.watched) {
    slot.watched = false;
    slot.context.Reset();
  }
  ++slot.generation;
  free_slots_.push_back(index);
  RefPtr<Exchange> last = std::move(slot.exchange);
}

v8::Local<v8::Object> Realm::Wrap(HandleKind kind, RefCounted* object, size_t external_bytes) {
  v8::Isolate* iso = isolate();
  v8::Local<v8::Object> handle;
  if (!handle_instance.Get(iso)->NewInstance(context()).ToLocal(&handle)) return v8::Local<v8::Object>();
  handle->SetAlignedPointerInInternalField(0, object, 0);
  handle->SetInternalField(1, v8::Integer::New(iso, static_cast<int>(kind)));
  object->Ref();
  auto* box = new HandleBox{v8::Global<v8::Object>(iso, handle), object, this, external_bytes};
  box->weak.SetWeak(box, HandleCollected, v8::WeakCallbackType::kParameter);
  handles.insert(box);
  return handle;
}

RefCounted* Realm::Unwrap(v8::Local<v8::Value> value, HandleKind kind) {
  if (value->IsObject()) {
    v8::Local<v8::Object> object = value.As<v8::Object>();
    if (object->InternalFieldCount() == 2 && holder->handle_template.Get(isolate())->HasInstance(object)) {
      v8::Local<v8::Value> tag = object->GetInternalField(1).As<v8::Value>();
      if (tag->IsInt32() && tag.As<v8::Int32>()->Value() == static_cast<int>(kind))
        return static_cast<RefCounted*>(object->GetAlignedPointerFromInternalField(0, 0));
    }
  }
  ThrowTypeError(isolate(), "Illegal invocation: not a native handle of the right kind");
  return nullptr;
}

bool Realm::IsHandle(v8::Local<v8::Value> value, HandleKind kind) {
  if (!value->IsObject()) return false;
  v8::Local<v8::Object> object = value.As<v8::Object>();
  if (object->InternalFieldCount() != 2 || !holder->handle_template.Get(isolate())->HasInstance(object)) return false;
  v8::Local<v8::Value> tag = object->GetInternalField(1).As<v8::Value>();
  return tag->IsInt32() && tag.As<v8::Int32>()->Value() == static_cast<int>(kind);
}

}  // namespace workerd
