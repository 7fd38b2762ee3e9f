// What a socket's options make of requests and responses, whatever protocol they came in.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "http/options.h"

namespace workerd::http {

// Whether the two may become part of a URL: anything beyond the characters of an authority could move the path or add
// credentials; `proto` is a scheme from a header, or empty.
bool ValidAuthority(std::string_view host, std::string_view proto);

// The URL of a request of style "host". `target`: as in the request line; its own authority, if it has one, gives way
// to `host`.
std::string MakeUrl(const HttpOptions& options, std::string_view target, std::string_view host, std::string_view proto);

void EditHeaders(std::string* block, const std::vector<HeaderEdit>& edits);

// Headers that speak of one connection or of the framing: the server's to decide, whatever the worker says. `name` in
// any case.
bool IsFraming(std::string_view name);

}  // namespace workerd::http
