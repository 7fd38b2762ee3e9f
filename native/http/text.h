// Small helpers over header text: ASCII case, blocks of "Name: value\r\n" lines.
#pragma once
#include <cstring>
#include <string>
#include <string_view>

namespace workerd::http {

inline char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

// `lower` must be in lower case.
inline bool EqualsLower(std::string_view s, std::string_view lower) {
  if (s.size() != lower.size()) return false;
  for (size_t i = 0; i < s.size(); ++i) {
    if (Lower(s[i]) != lower[i]) return false;
  }
  return true;
}

inline std::string ToLower(std::string_view s) {
  std::string out(s);
  for (char& c : out) c = Lower(c);
  return out;
}

inline std::string_view Trim(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

// Calls visit(item) for each trimmed, non-empty item of a list separated by `separator`; stops when it returns true,
// and returns that.
template <class F>
bool AnyItem(std::string_view list, char separator, F&& visit) {
  while (true) {
    size_t end = list.find(separator);
    std::string_view item = Trim(list.substr(0, end));
    if (!item.empty() && visit(item)) return true;
    if (end == std::string_view::npos) return false;
    list.remove_prefix(end + 1);
  }
}

inline bool ListHas(std::string_view list, std::string_view lower) {
  return AnyItem(list, ',', [&](std::string_view item) { return EqualsLower(item, lower); });
}

struct HeaderLine {
  std::string_view name, value, whole;  // whole: with its CRLF
};

// Takes the next line off a header block. False at the end.
inline bool NextHeader(std::string_view* block, HeaderLine* line) {
  while (!block->empty()) {
    const char* data = block->data();
    const void* lf = memchr(data, '\n', block->size());
    size_t size = lf ? static_cast<size_t>(static_cast<const char*>(lf) - data) + 1 : block->size();
    std::string_view whole = block->substr(0, size);
    block->remove_prefix(size);
    std::string_view text = whole;
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
    size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0) continue;
    *line = {text.substr(0, colon), Trim(text.substr(colon + 1)), whole};
    return true;
  }
  return false;
}

// The first value of a header, or an empty view with *found = false.
inline std::string_view FindHeader(std::string_view block, std::string_view lower, bool* found = nullptr) {
  HeaderLine line;
  while (NextHeader(&block, &line)) {
    if (EqualsLower(line.name, lower)) {
      if (found) *found = true;
      return line.value;
    }
  }
  if (found) *found = false;
  return {};
}

// Removes every line with that name.
inline void RemoveHeader(std::string* block, std::string_view lower) {
  std::string_view rest = *block;
  HeaderLine line;
  size_t kept = 0;
  bool removing = false;
  std::string out;
  while (NextHeader(&rest, &line)) {
    bool drop = EqualsLower(line.name, lower);
    if (drop && !removing) {
      removing = true;
      out.assign(*block, 0, kept);
    }
    if (!drop && removing) out.append(line.whole);
    kept = block->size() - rest.size();
  }
  if (removing) *block = std::move(out);
}

inline void AppendHeader(std::string* block, std::string_view name, std::string_view value) {
  block->append(name).append(": ").append(value).append("\r\n");
}

}  // namespace workerd::http
