// Sec-WebSocket-Extensions: the one extension there is (RFC 7692).
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace workerd::http {

struct DeflateParameters {
  bool server_no_context_takeover = false, client_no_context_takeover = false;
  int server_max_window_bits = 0, client_max_window_bits = 0;  // 0: not named, which means 15
};

// The answer to a client's `offers`, or empty for none. `wanted`: what the worker's response says, itself written like
// an offer (RFC 7692, 7.1, says who may ask whom for what).
std::string NegotiateDeflate(std::string_view offers, std::string_view wanted);

// Parameters of a server's answer (or of an offer, `as_offer`: client_max_window_bits may then have no value). None:
// not acceptable.
std::optional<DeflateParameters> ParseDeflate(std::string_view extension, bool as_offer);

}  // namespace workerd::http
