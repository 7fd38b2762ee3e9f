// Sec-WebSocket-Extensions: the one extension there is (RFC 7692).
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace workerd::http {

struct DeflateParameters {
  bool server_no_context_takeover = false, client_no_context_takeover = false;
  int server_max_window_bits = 15, client_max_window_bits = 15;
};

bool ListHasExtension(std::string_view list, std::string_view lower_name);

// The answer to a client's offer: the first acceptable permessage-deflate of the list with its parameters, or empty.
std::string NegotiateDeflate(std::string_view offers);

// Parameters of a server's answer (or of an offer, `as_offer`: client_max_window_bits may then have no value). None:
// not acceptable.
std::optional<DeflateParameters> ParseDeflate(std::string_view extension, bool as_offer);

}  // namespace workerd::http
