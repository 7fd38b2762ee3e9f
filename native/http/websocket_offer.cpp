#include "http/websocket_offer.h"

#include <utility>

#include "http/text.h"

namespace workerd::http {

namespace {
std::string_view NameOf(std::string_view extension) { return Trim(extension.substr(0, extension.find(';'))); }
}  // namespace

bool ListHasExtension(std::string_view list, std::string_view lower_name) {
  return AnyItem(list, ',', [&](std::string_view item) { return EqualsLower(NameOf(item), lower_name); });
}

std::optional<DeflateParameters> ParseDeflate(std::string_view extension, bool as_offer) {
  DeflateParameters out;
  int seen = 0;
  bool first = true;
  bool bad = AnyItem(extension, ';', [&](std::string_view item) {
    if (std::exchange(first, false)) return !EqualsLower(item, "permessage-deflate");
    size_t equals = item.find('=');
    bool has_value = equals != std::string_view::npos;
    std::string_view name = Trim(item.substr(0, equals));
    std::string_view value = has_value ? Trim(item.substr(equals + 1)) : std::string_view();
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    int bits = 0;
    if (value.size() == 1 && value[0] >= '8' && value[0] <= '9') bits = value[0] - '0';
    if (value.size() == 2 && value[0] == '1' && value[1] >= '0' && value[1] <= '5') bits = 10 + value[1] - '0';
    int which;
    if (EqualsLower(name, "server_no_context_takeover")) {
      which = 1, out.server_no_context_takeover = true;
      if (has_value) return true;
    } else if (EqualsLower(name, "client_no_context_takeover")) {
      which = 2, out.client_no_context_takeover = true;
      if (has_value) return true;
    } else if (EqualsLower(name, "server_max_window_bits")) {
      which = 4, out.server_max_window_bits = bits;
      if (!bits) return true;
    } else if (EqualsLower(name, "client_max_window_bits")) {
      which = 8;
      if (bits) {
        out.client_max_window_bits = bits;
      } else if (has_value || !as_offer) {
        return true;
      }
    } else {
      return true;
    }
    if (seen & which) return true;
    seen |= which;
    return false;
  });
  if (bad || first) return std::nullopt;
  return out;
}

std::string NegotiateDeflate(std::string_view offers) {
  std::string answer;
  AnyItem(offers, ',', [&](std::string_view offer) {
    if (!EqualsLower(NameOf(offer), "permessage-deflate")) return false;
    auto parameters = ParseDeflate(offer, true);
    // zlib has no raw deflate with a window of 2^8.
    if (!parameters || parameters->server_max_window_bits == 8) return false;
    answer = "permessage-deflate";
    if (parameters->server_no_context_takeover) answer += "; server_no_context_takeover";
    if (parameters->client_no_context_takeover) answer += "; client_no_context_takeover";
    if (parameters->server_max_window_bits != 15) {
      answer += "; server_max_window_bits=" + std::to_string(parameters->server_max_window_bits);
    }
    return true;
  });
  return answer;
}

}  // namespace workerd::http
