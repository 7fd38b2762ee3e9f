// Reason phrases.
#pragma once
#include <string_view>

namespace workerd::http {

// The registered phrase, or for an unassigned code the name of its class, as the reference does.
std::string_view ReasonPhrase(int status);

}  // namespace workerd::http
