// What URLPattern was in workerd before urlpattern_standard, where it departs from the standard: a string leaves
// nothing open once it names a protocol, everything missing comes from the base URL, and errors have words.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ada.h"

namespace workerd::web {

// Makes a constructor's string a dictionary. Gives the message of an error, or null.
const char* LegacyPatternString(std::string_view input, const std::string* base, ada::url_pattern_init& out);

// Fills a pattern's dictionary from its base URL, which is then gone from it. Gives the message of an error, or null.
const char* LegacyPatternInit(ada::url_pattern_init& init);

// The URL components that a dictionary to be matched stands for; missing ones are empty. Gives the message of an error,
// or null.
const char* LegacyUrlInit(const ada::url_pattern_init& init, ada::url_pattern_init& out);

}  // namespace workerd::web
