#include "web/web_ops.h"

#include "web/strings.h"

namespace workerd {

namespace web {
namespace {

// createMessage(error): [text, script, line, column], what V8 would report of the value if nobody caught it.
void CreateMessage(Info info) {
  v8::Isolate* isolate = info.GetIsolate();
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  v8::Local<v8::Message> message = v8::Exception::CreateMessage(isolate, info[0]);
  v8::Local<v8::Value> script = message->GetScriptResourceName();
  v8::Local<v8::Value> out[] = {
      message->Get(),
      script->IsString() ? script : v8::String::Empty(isolate).As<v8::Value>(),
      v8::Integer::New(isolate, message->GetLineNumber(context).FromMaybe(0)),
      v8::Integer::New(isolate, message->GetStartColumn(context).FromMaybe(0)),
  };
  info.GetReturnValue().Set(v8::Array::New(isolate, out, 4));
}

}  // namespace

void InstallMessages(v8::Local<v8::Context> context, v8::Local<v8::Object> native) {
  SetFunction(context, native, "createMessage", CreateMessage);
}

}  // namespace web

void InstallWebOps(v8::Isolate* isolate, v8::Local<v8::Context> context, v8::Local<v8::Object> native) {
  web::InstallText(context, native);
  web::InstallBase64(context, native);
  web::InstallRandom(context, native);
  web::InstallUrl(context, native);
  web::InstallUrlPattern(context, native);
  web::InstallMessages(context, native);
}

}  // namespace workerd
