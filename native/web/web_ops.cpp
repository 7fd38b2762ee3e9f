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
  int line = message->GetLineNumber(context).FromMaybe(0), column = message->GetStartColumn(context).FromMaybe(0);
  if (!info[0]->IsNativeError()) {
    // Anything but an error has no place of its own, so V8 gives the caller's, which is the platform. The worker's code
    // is meant.
    v8::Local<v8::StackTrace> trace = v8::StackTrace::CurrentStackTrace(isolate, 32);
    for (int i = 0; i < trace->GetFrameCount(); ++i) {
      v8::Local<v8::StackFrame> frame = trace->GetFrame(isolate, static_cast<uint32_t>(i));
      v8::Local<v8::String> name = frame->GetScriptName();
      if (name.IsEmpty() || Utf8(isolate, name).view().starts_with("workerd:")) continue;
      script = name;
      line = frame->GetLineNumber();
      column = frame->GetColumn() - 1;
      break;
    }
  }
  v8::Local<v8::Value> out[] = {
      message->Get(),
      script->IsString() ? script : v8::String::Empty(isolate).As<v8::Value>(),
      v8::Integer::New(isolate, line),
      v8::Integer::New(isolate, column),
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
  web::InstallFormUrlencoded(context, native);
  web::InstallJson(context, native);
  web::InstallMessages(context, native);
}

}  // namespace workerd
