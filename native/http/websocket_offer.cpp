#include "http/websocket_offer.h"

#include <algorithm>
#include <utility>

#include "http/text.h"

namespace workerd::http {

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
      out.client_max_window_bits = bits ? bits : 15;
      if (!bits && (has_value || !as_offer)) return true;
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

namespace {

std::optional<std::string> Agree(const DeflateParameters& offer, const DeflateParameters& wanted) {
  // What the client asks of the server is only done if the worker says so, too.
  if (offer.server_no_context_takeover && !wanted.server_no_context_takeover) return std::nullopt;
  if (offer.server_max_window_bits && !wanted.server_max_window_bits) return std::nullopt;
  auto smaller = [](int a, int b) { return a && b ? std::min(a, b) : a + b; };
  int server_bits = smaller(offer.server_max_window_bits, wanted.server_max_window_bits);
  if (server_bits == 8) return std::nullopt;  // zlib has no raw deflate with a window of 2^8
  std::string answer = "permessage-deflate";
  if (wanted.client_no_context_takeover) answer += "; client_no_context_takeover";
  if (wanted.server_no_context_takeover) answer += "; server_no_context_takeover";
  // A client that does not offer it cannot be asked for it.
  if (offer.client_max_window_bits && wanted.client_max_window_bits) {
    int bits = smaller(offer.client_max_window_bits, wanted.client_max_window_bits);
    answer += "; client_max_window_bits=" + std::to_string(bits);
  }
  if (server_bits) answer += "; server_max_window_bits=" + std::to_string(server_bits);
  return answer;
}

}  // namespace

std::string NegotiateDeflate(std::string_view offers, std::string_view wanted) {
  std::string answer;
  AnyItem(wanted, ',', [&](std::string_view one) {
    auto want = ParseDeflate(one, true);
    return want && AnyItem(offers, ',', [&](std::string_view offer) {
             auto parameters = ParseDeflate(offer, true);
             auto agreed = parameters ? Agree(*parameters, *want) : std::nullopt;
             if (agreed) answer = *agreed;
             return agreed.has_value();
           });
  });
  return answer;
}

}  // namespace workerd::http
