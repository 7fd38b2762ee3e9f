// The URL standard (https://url.spec.whatwg.org/) by ada. The JS side keeps a URL as its href and the places of its
// parts; these come through one array, so that a parse makes no object but the href.
#include "ada.h"
#include "web/strings.h"

namespace workerd::web {
namespace {

// Slots of native.urlOffsets. Absent: 0xFFFFFFFF.
enum Slot { kProtocolEnd, kUsernameEnd, kHostStart, kHostEnd, kPathnameStart, kSearchStart, kHashStart, kPort, kSlots };

// What was parsed or changed last: most often the next setter is called on it, and need not parse it again.
thread_local ada::url_aggregator last_url;

void Keep(ada::url_aggregator&& url) {
  constexpr size_t kMost = 16 * 1024;
  if (url.get_href().size() <= kMost) last_url = std::move(url);
}

void Report(Info info, const ada::url_aggregator& url, v8::Local<v8::Value> input, std::string_view text) {
  v8::Isolate* isolate = info.GetIsolate();
  const ada::url_components& at = url.get_components();
  auto* out = static_cast<uint32_t*>(info.Data().As<v8::Uint32Array>()->Buffer()->Data());
  out[kProtocolEnd] = at.protocol_end;
  out[kUsernameEnd] = at.username_end;
  out[kHostStart] = at.host_start;
  out[kHostEnd] = at.host_end;
  out[kPathnameStart] = at.pathname_start;
  out[kSearchStart] = at.search_start;
  out[kHashStart] = at.hash_start;
  out[kPort] = at.port;
  std::string_view href = url.get_href();
  if (href == text) {
    // Most URLs are written as they come out: no need for a second string.
    info.GetReturnValue().Set(input);
    return;
  }
  v8::Local<v8::String> string;
  if (Latin1(isolate, href).ToLocal(&string)) info.GetReturnValue().Set(string);
}

// urlParse(input, base | undefined): the href, or undefined when invalid.
void Parse(Info info) {
  v8::Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsString()) return ThrowTypeErrorText(isolate, "a string is needed");
  Utf8 input(isolate, info[0].As<v8::String>());
  if (info[1]->IsString()) {
    Utf8 base_text(isolate, info[1].As<v8::String>());
    auto base = ada::parse<ada::url_aggregator>(base_text.view());
    if (!base) return;
    auto url = ada::parse<ada::url_aggregator>(input.view(), &*base);
    if (!url) return;
    Report(info, *url, info[0], input.view());
    return Keep(std::move(*url));
  }
  auto url = ada::parse<ada::url_aggregator>(input.view());
  if (!url) return;
  Report(info, *url, info[0], input.view());
  Keep(std::move(*url));
}

void CanParse(Info info) {
  v8::Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsString()) return ThrowTypeErrorText(isolate, "a string is needed");
  Utf8 input(isolate, info[0].As<v8::String>());
  if (info[1]->IsString()) {
    Utf8 base_text(isolate, info[1].As<v8::String>());
    std::string_view base = base_text.view();
    info.GetReturnValue().Set(ada::can_parse(input.view(), &base));
    return;
  }
  info.GetReturnValue().Set(ada::can_parse(input.view()));
}

// urlSet(href, part, value): the new href; undefined when `href` itself was set to something invalid. Other parts
// ignore bad values.
void Set(Info info) {
  v8::Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsString() || !info[1]->IsInt32() || !info[2]->IsString())
    return ThrowTypeErrorText(isolate, "an href, a part and a string are needed");
  Utf8 href(isolate, info[0].As<v8::String>());
  Utf8 value_text(isolate, info[2].As<v8::String>());
  ada::result<ada::url_aggregator> url;
  if (href.view() == last_url.get_href()) {
    // Moved: a setter that fails may leave it as no parser would.
    url = std::move(last_url);
    last_url = {};
  } else {
    url = ada::parse<ada::url_aggregator>(href.view());
    if (!url) return;
  }
  std::string_view value = value_text.view();
  switch (info[1].As<v8::Int32>()->Value()) {
    case 0:
      if (!url->set_href(value)) return;
      break;
    case 1:
      url->set_protocol(value);
      break;
    case 2:
      url->set_username(value);
      break;
    case 3:
      url->set_password(value);
      break;
    case 4:
      url->set_host(value);
      break;
    case 5:
      url->set_hostname(value);
      break;
    case 6:
      url->set_port(value);
      break;
    case 7:
      url->set_pathname(value);
      break;
    case 8:
      url->set_search(value);
      break;
    case 9:
      url->set_hash(value);
      break;
    default:
      return ThrowTypeErrorText(isolate, "no such part of a URL");
  }
  Report(info, *url, info[0], href.view());
  if (url->is_valid) Keep(std::move(*url));
}

void DomainTo(Info info, bool unicode) {
  v8::Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsString()) return ThrowTypeErrorText(isolate, "a string is needed");
  Utf8 input(isolate, info[0].As<v8::String>());
  info.GetReturnValue().Set(v8::String::Empty(isolate));
  if (input.view().empty()) return;
  // As Node.js: the host a URL would have.
  auto url = ada::parse<ada::url_aggregator>("ws://x");
  if (!url || !url->set_hostname(input.view())) return;
  std::string host = unicode ? ada::idna::to_unicode(url->get_hostname()) : std::string(url->get_hostname());
  v8::Local<v8::String> string;
  if (FromUtf8(isolate, host).ToLocal(&string)) info.GetReturnValue().Set(string);
}

void DomainToAscii(Info info) { DomainTo(info, false); }
void DomainToUnicode(Info info) { DomainTo(info, true); }

}  // namespace

void InstallUrl(v8::Local<v8::Context> context, v8::Local<v8::Object> native) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  v8::Local<v8::Uint32Array> offsets = v8::Uint32Array::New(v8::ArrayBuffer::New(isolate, kSlots * 4), 0, kSlots);
  (void)native->CreateDataProperty(context, Literal(isolate, "urlOffsets"), offsets);
  SetFunction(context, native, "urlParse", Parse, offsets);
  SetFunction(context, native, "urlCanParse", CanParse);
  SetFunction(context, native, "urlSet", Set, offsets);
  SetFunction(context, native, "domainToASCII", DomainToAscii);
  SetFunction(context, native, "domainToUnicode", DomainToUnicode);
}

}  // namespace workerd::web
