// URLPattern (https://urlpattern.spec.whatwg.org/) by ada: parsing a pattern into its components, and an input into the
// strings that are matched with them. The matching itself is RegExp's and stays in JS, where the results are needed.
#include <optional>
#include <variant>
#include <vector>

#include "ada.h"
#include "web/strings.h"
#include "web/url_pattern_legacy.h"

namespace workerd::web {
namespace {

// The regular expression flag of the pattern being parsed: 'v' by the standard, 'u' before it.
thread_local v8::RegExp::Flags unicode_flag = v8::RegExp::kUnicodeSets;

v8::MaybeLocal<v8::RegExp> Compile(std::string_view pattern, bool ignore_case) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  int flags = unicode_flag;
  if (ignore_case) flags |= v8::RegExp::kIgnoreCase;
  v8::Local<v8::String> source;
  if (!FromUtf8(isolate, pattern).ToLocal(&source)) return {};
  return v8::RegExp::New(isolate->GetCurrentContext(), source, static_cast<v8::RegExp::Flags>(flags));
}

// True for sources that are certainly valid, as most are: literal text, and groups as they are generated for ":name"
// and
// "*". These V8 compiles only if they are ever matched.
bool IsSimple(std::string_view source) {
  constexpr std::string_view kGroups[] = {"([^\\/]+?)", "([^\\.]+?)", "([^]+?)", "(.*)"};
  constexpr std::string_view kLiterals = "/_~!%&:;,='@-";
  constexpr std::string_view kEscaped = "./?+*^$()[]{}|\\";
  // What is too long is for V8 to say, and at once.
  constexpr size_t kMost = 2000;
  if (source.size() < 2 || source.size() > kMost || source.front() != '^' || source.back() != '$') return false;
  source = source.substr(1, source.size() - 2);
  bool grouped = false;
  while (!source.empty()) {
    char c = source.front();
    size_t length = 0;
    if ((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
        kLiterals.find(c) != std::string_view::npos) {
      length = 1;
    } else if (c == '\\') {
      // The '$' at the end of the whole may be escaped: then nothing comes after the backslash here.
      if (source.size() > 1 && kEscaped.find(source[1]) != std::string_view::npos) length = 2;
    } else if (!grouped && source.starts_with("(?:")) {
      grouped = true;
      length = 3;
    } else if (grouped && c == ')') {
      grouped = false;
      length = source.size() > 1 && (source[1] == '?' || source[1] == '*' || source[1] == '+') ? 2 : 1;
    } else if (c == '(') {
      for (std::string_view group : kGroups) {
        if (source.starts_with(group)) length = group.size();
      }
    }
    if (length == 0) return false;
    source.remove_prefix(length);
  }
  return !grouped;
}

// ada's regular expressions, kept as their sources once V8 has accepted them.
class SourceProvider final {
 public:
  using regex_type = std::string;
  SourceProvider() = default;

  static std::optional<regex_type> create_instance(std::string_view pattern, bool ignore_case) {
    if (IsSimple(pattern)) return std::string(pattern);
    v8::TryCatch caught(v8::Isolate::GetCurrent());
    if (Compile(pattern, ignore_case).IsEmpty()) return std::nullopt;
    return std::string(pattern);
  }

  // ada calls this while it parses a pattern, to see whether its protocol can be a special one.
  static bool regex_match(std::string_view input, const regex_type& pattern) {
    v8::Isolate* isolate = v8::Isolate::GetCurrent();
    v8::TryCatch caught(isolate);
    v8::Local<v8::RegExp> regexp;
    v8::Local<v8::String> text;
    v8::Local<v8::Object> result;
    return Compile(pattern, false).ToLocal(&regexp) && FromUtf8(isolate, input).ToLocal(&text) &&
           regexp->Exec(isolate->GetCurrentContext(), text).ToLocal(&result) && !result->IsNull();
  }

  static std::optional<std::vector<std::optional<std::string>>> regex_search(std::string_view input,
                                                                             const regex_type& pattern) {
    if (!regex_match(input, pattern)) return std::nullopt;
    return std::vector<std::optional<std::string>>{};
  }
};

// A dictionary as JS passes it: [protocol, username, password, hostname, port, pathname, search, hash, baseURL],
// undefined if not given.
ada::url_pattern_init ReadInit(v8::Isolate* isolate, v8::Local<v8::Array> array) {
  ada::url_pattern_init init;
  std::optional<std::string>* fields[] = {&init.protocol, &init.username, &init.password, &init.hostname, &init.port,
                                          &init.pathname, &init.search,   &init.hash,     &init.base_url};
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  for (uint32_t i = 0; i < 9; ++i) {
    v8::Local<v8::Value> value;
    if (array->Get(context, i).ToLocal(&value) && value->IsString())
      *fields[i] = std::string(Utf8(isolate, value.As<v8::String>()).view());
  }
  return init;
}

v8::Local<v8::Value> ToString(v8::Isolate* isolate, std::string_view text) {
  v8::Local<v8::String> string;
  return FromUtf8(isolate, text).ToLocal(&string) ? string.As<v8::Value>() : v8::Undefined(isolate).As<v8::Value>();
}

using Component = ada::url_pattern_component<SourceProvider>;

// What a component is to JS: four values, as most have few strings worth making. kind (0 empty, 1 exact, 2 everything,
// 3 regular expression), and 4 more when it has groups of regular expressions; the pattern; the text of an exact one or
// the source of a regular expression; the names of its groups: undefined, a string or an array.
constexpr size_t kValues = 4;

void ComponentToJs(v8::Isolate* isolate, const Component& component, v8::Local<v8::Value>* out) {
  int kind = static_cast<int>(component.type);
  out[0] = v8::Integer::New(isolate, kind + (component.has_regexp_groups ? 4 : 0));
  out[1] = ToString(isolate, component.pattern);
  out[2] = v8::Undefined(isolate);
  if (component.type == ada::url_pattern_component_type::REGEXP) {
    out[2] = ToString(isolate, component.regexp);
  } else if (component.type == ada::url_pattern_component_type::EXACT_MATCH) {
    const std::string& exact = component.exact_match_value;
    out[2] = exact == component.pattern ? out[1] : ToString(isolate, exact);
  }
  const std::vector<std::string>& names = component.group_name_list;
  if (names.empty()) {
    out[3] = v8::Undefined(isolate);
  } else if (names.size() == 1) {
    out[3] = ToString(isolate, names[0]);
  } else {
    std::vector<v8::Local<v8::Value>> list;
    list.reserve(names.size());
    for (const std::string& name : names) list.push_back(ToString(isolate, name));
    out[3] = v8::Array::New(isolate, list.data(), list.size());
  }
}

// urlPatternParse(input: string | init, base: string | undefined, ignoreCase, legacy): the values of eight components,
// one after the other; when invalid, the message of the error or undefined.
void ParsePattern(Info info) {
  v8::Isolate* isolate = info.GetIsolate();
  bool legacy = info[3]->IsTrue();
  unicode_flag = legacy ? v8::RegExp::kUnicode : v8::RegExp::kUnicodeSets;
  std::variant<std::string_view, ada::url_pattern_init> input;
  std::optional<Utf8> text, base_text;
  if (info[0]->IsString()) {
    text.emplace(isolate, info[0].As<v8::String>());
    input = text->view();
  } else if (info[0]->IsArray()) {
    input = ReadInit(isolate, info[0].As<v8::Array>());
  } else {
    return ThrowTypeErrorText(isolate, "a string or an array is needed");
  }
  std::string_view base;
  if (info[1]->IsString()) base = base_text.emplace(isolate, info[1].As<v8::String>()).view();
  if (legacy) {
    ada::url_pattern_init init;
    const char* error = nullptr;
    if (auto* given = std::get_if<ada::url_pattern_init>(&input)) {
      init = std::move(*given);
    } else {
      std::string base_string(base);
      error = LegacyPatternString(std::get<std::string_view>(input), base_text ? &base_string : nullptr, init);
    }
    if (!error) error = LegacyPatternInit(init);
    if (error) return info.GetReturnValue().Set(ToString(isolate, error));
    input = std::move(init);
    base_text.reset();
  }
  ada::url_pattern_options options{.ignore_case = info[2]->IsTrue()};
  auto pattern = ada::parse_url_pattern<SourceProvider>(std::move(input), base_text ? &base : nullptr, &options);
  if (!pattern) return;
  const Component* components[] = {&pattern->protocol_component, &pattern->username_component,
                                   &pattern->password_component, &pattern->hostname_component,
                                   &pattern->port_component,     &pattern->pathname_component,
                                   &pattern->search_component,   &pattern->hash_component};
  v8::Local<v8::Value> out[8 * kValues];
  for (size_t i = 0; i < 8; ++i) ComponentToJs(isolate, *components[i], out + i * kValues);
  info.GetReturnValue().Set(v8::Array::New(isolate, out, 8 * kValues));
}

std::string_view Without(std::string_view text, char prefix) {
  if (!text.empty() && text[0] == prefix) text.remove_prefix(1);
  return text;
}

// urlPatternInput(input: string | init, base: string | undefined, legacy): the eight strings to match; undefined when
// nothing can match, the message of an error.
void ParseInput(Info info) {
  v8::Isolate* isolate = info.GetIsolate();
  if (info[0]->IsArray()) {
    std::string_view none;
    ada::result<ada::url_pattern_init> init;
    if (info[2]->IsTrue()) {
      const char* error = LegacyUrlInit(ReadInit(isolate, info[0].As<v8::Array>()), *init);
      if (error) return info.GetReturnValue().Set(ToString(isolate, error));
    } else {
      init = ada::url_pattern_init::process(ReadInit(isolate, info[0].As<v8::Array>()),
                                            ada::url_pattern_init::process_type::url, none, none, none, none, none,
                                            none, none, none);
      if (!init) return;
      if (init->search && init->search->starts_with('?')) init->search->erase(0, 1);
    }
    auto get = [&](const std::optional<std::string>& field) {
      return ToString(isolate, field ? *field : std::string_view());
    };
    v8::Local<v8::Value> out[] = {get(init->protocol), get(init->username), get(init->password), get(init->hostname),
                                  get(init->port),     get(init->pathname), get(init->search),   get(init->hash)};
    info.GetReturnValue().Set(v8::Array::New(isolate, out, 8));
    return;
  }
  if (!info[0]->IsString()) return ThrowTypeErrorText(isolate, "a string or an array is needed");
  Utf8 text(isolate, info[0].As<v8::String>());
  ada::result<ada::url_aggregator> base;
  bool based = info[1]->IsString();
  if (based) {
    base = ada::parse<ada::url_aggregator>(Utf8(isolate, info[1].As<v8::String>()).view());
    if (!base) return;
  }
  auto url = ada::parse<ada::url_aggregator>(text.view(), based ? &*base : nullptr);
  if (!url) return;
  std::string_view protocol = url->get_protocol();
  v8::Local<v8::Value> out[] = {
      ToString(isolate, protocol.substr(0, protocol.size() - 1)),
      ToString(isolate, url->get_username()),
      ToString(isolate, url->get_password()),
      ToString(isolate, url->get_hostname()),
      ToString(isolate, url->get_port()),
      ToString(isolate, url->get_pathname()),
      ToString(isolate, Without(url->get_search(), '?')),
      ToString(isolate, Without(url->get_hash(), '#')),
  };
  info.GetReturnValue().Set(v8::Array::New(isolate, out, 8));
}

}  // namespace

void InstallUrlPattern(v8::Local<v8::Context> context, v8::Local<v8::Object> native) {
  SetFunction(context, native, "urlPatternParse", ParsePattern);
  SetFunction(context, native, "urlPatternInput", ParseInput);
}

}  // namespace workerd::web
