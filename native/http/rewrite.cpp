#include "http/rewrite.h"

#include <cctype>

#include "http/text.h"

namespace workerd::http {

bool ValidAuthority(std::string_view host, std::string_view proto) {
  if (host.empty()) return false;
  for (unsigned char c : host) {
    if (c <= 0x20 || c >= 0x7f || strchr("/?#@\\<>^|\"`{}", c)) return false;
  }
  for (unsigned char c : proto) {
    if (!isalnum(c) && c != '+' && c != '-' && c != '.') return false;
  }
  return true;
}

std::string MakeUrl(const HttpOptions& options, std::string_view target, std::string_view host,
                    std::string_view proto) {
  size_t scheme_end = target.find("://");
  if (!target.empty() && target[0] != '/' && scheme_end != std::string_view::npos) {
    size_t start = target.find_first_of("/?#", scheme_end + 3);
    target = start == std::string_view::npos ? std::string_view("/") : target.substr(start);
  }
  target = target.substr(0, target.find('#'));
  std::string_view scheme = proto.empty() ? std::string_view(options.scheme) : proto;
  std::string url;
  url.reserve(scheme.size() + 3 + host.size() + target.size());
  url.append(scheme).append("://", 3).append(host).append(target);
  return url;
}

void EditHeaders(std::string* block, const std::vector<HeaderEdit>& edits) {
  for (const HeaderEdit& edit : edits) {
    RemoveHeader(block, edit.lower);
    if (edit.value) AppendHeader(block, edit.name, *edit.value);
  }
}

bool IsFraming(std::string_view name) {
  switch (name.size()) {
    case 2:
      return EqualsLower(name, "te");
    case 7:
      return EqualsLower(name, "trailer") || EqualsLower(name, "upgrade");
    case 10:
      return EqualsLower(name, "connection") || EqualsLower(name, "keep-alive");
    case 14:
      return EqualsLower(name, "content-length");
    case 17:
      return EqualsLower(name, "transfer-encoding");
  }
  return false;
}

}  // namespace workerd::http
