#include "web/url_pattern_legacy.h"

#include <algorithm>
#include <vector>

namespace workerd::web {
namespace {

using ada::url_pattern_helpers::token;
using ada::url_pattern_helpers::token_policy;
using ada::url_pattern_helpers::token_type;

enum class State { kInit, kProtocol, kAuthority, kUsername, kPassword, kHostname, kPort, kPathname, kSearch, kHash };

// The standard's constructor string parser as workerd had it: no scheme counts as special.
class StringParser final {
 public:
  StringParser(std::string_view input, std::vector<token> tokens, ada::url_pattern_init& out)
      : input_(input), tokens_(std::move(tokens)), out_(out) {}

  void Run() {
    size_t depth = 0;
    while (at_ < tokens_.size()) {
      token_type type = tokens_[at_].type;
      if (type == token_type::END) {
        if (state_ == State::kInit) {
          at_ = start_;
          if (Is('#')) {
            Change(State::kHash, 1);
          } else if (IsSearch()) {
            Change(State::kSearch, 1);
            out_.hash = "";
          } else {
            Change(State::kPathname, 0);
            out_.search = "";
            out_.hash = "";
          }
          continue;
        }
        if (state_ != State::kAuthority) return Store();
        at_ = start_;
        state_ = State::kHostname;
        continue;
      }
      if (type == token_type::OPEN) {
        ++depth;
        ++at_;
        continue;
      }
      if (depth > 0) {
        if (type != token_type::CLOSE) {
          ++at_;
          continue;
        }
        --depth;
      }
      if (!Step()) ++at_;
    }
  }

 private:
  bool IsAt(size_t index, char c) const {
    if (index >= tokens_.size()) return false;
    const token& t = tokens_[index];
    return (t.type == token_type::CHAR || t.type == token_type::ESCAPED_CHAR || t.type == token_type::INVALID_CHAR) &&
           t.value.size() == 1 && t.value[0] == c;
  }
  bool Is(char c) const { return IsAt(at_, c); }

  bool IsSearch() const {
    if (Is('?')) return true;
    if (tokens_[at_].value != "?") return false;
    if (at_ == 0) return true;
    token_type before = tokens_[at_ - 1].type;
    return before != token_type::NAME && before != token_type::REGEXP && before != token_type::CLOSE &&
           before != token_type::ASTERISK;
  }

  // Keeps the text of the component that ends here.
  void Store() {
    std::optional<std::string>* field = nullptr;
    switch (state_) {
      case State::kInit:
      case State::kAuthority:
        return;
      case State::kProtocol:
        field = &out_.protocol;
        break;
      case State::kUsername:
        field = &out_.username;
        break;
      case State::kPassword:
        field = &out_.password;
        break;
      case State::kHostname:
        field = &out_.hostname;
        break;
      case State::kPort:
        field = &out_.port;
        break;
      case State::kPathname:
        field = &out_.pathname;
        break;
      case State::kSearch:
        field = &out_.search;
        break;
      case State::kHash:
        field = &out_.hash;
        break;
    }
    size_t from = tokens_[start_].index;
    *field = std::string(input_.substr(from, tokens_[at_].index - from));
  }

  bool Change(State state, size_t skip) {
    Store();
    state_ = state;
    at_ += skip;
    start_ = at_;
    return true;
  }

  bool Rewind(State state) {
    state_ = state;
    at_ = start_;
    return true;
  }

  bool ToTail(bool path) {
    if (path && Is('/')) return Change(State::kPathname, 0);
    if (IsSearch()) return Change(State::kSearch, 1);
    return Is('#') && Change(State::kHash, 1);
  }

  // Whether the position has been set by the step.
  bool Step() {
    switch (state_) {
      case State::kInit:
        if (!Is(':')) return false;
        out_.username = out_.password = out_.hostname = out_.port = out_.pathname = out_.search = out_.hash = "";
        return Rewind(State::kProtocol);
      case State::kProtocol:
        if (!Is(':')) return false;
        return IsAt(at_ + 1, '/') && IsAt(at_ + 2, '/') ? Change(State::kAuthority, 3) : Change(State::kPathname, 1);
      case State::kAuthority:
        if (Is('@')) return Rewind(State::kUsername);
        return (Is('/') || IsSearch() || Is('#')) && Rewind(State::kHostname);
      case State::kUsername:
        if (Is(':')) return Change(State::kPassword, 1);
        return Is('@') && Change(State::kHostname, 1);
      case State::kPassword:
        return Is('@') && Change(State::kHostname, 1);
      case State::kHostname:
        if (Is('[')) {
          ++brackets_;
        } else if (Is(']')) {
          --brackets_;
        } else if (Is(':') && brackets_ == 0) {
          return Change(State::kPort, 1);
        } else {
          return ToTail(true);
        }
        return false;
      case State::kPort:
        return ToTail(true);
      case State::kPathname:
        return ToTail(false);
      case State::kSearch:
        return Is('#') && Change(State::kHash, 1);
      case State::kHash:
        return false;
    }
    return false;
  }

  std::string_view input_;
  std::vector<token> tokens_;
  ada::url_pattern_init& out_;
  State state_ = State::kInit;
  size_t at_ = 0;
  size_t start_ = 0;
  size_t brackets_ = 0;
};

std::string Tail(std::string_view text) { return std::string(text.empty() ? text : text.substr(1)); }

std::string WithoutColon(std::string_view protocol) {
  return std::string(protocol.ends_with(':') ? protocol.substr(0, protocol.size() - 1) : protocol);
}

bool IsHostname(std::string_view text) {
  if (text.size() >= 2 && (text[0] == '[' || ((text[0] == '{' || text[0] == '\\') && text[1] == '['))) return true;
  constexpr std::string_view kForbidden("\0\t\n\r #%/:<>?@[\\]^|", 18);
  return text.find_first_of(kForbidden) == std::string_view::npos;
}

}  // namespace

const char* LegacyPatternString(std::string_view input, const std::string* base, ada::url_pattern_init& out) {
  auto tokens = ada::url_pattern_helpers::tokenize(input, token_policy::lenient);
  if (!tokens) return "Syntax error in URL Pattern";
  StringParser(input, std::move(*tokens), out).Run();
  if (base) {
    out.base_url = *base;
  } else if (!out.protocol) {
    return "Syntax error in URL Pattern: a relative pattern must have a base URL.";
  }
  return nullptr;
}

const char* LegacyPatternInit(ada::url_pattern_init& init) {
  if (init.base_url) {
    auto base = ada::parse<ada::url_aggregator>(*init.base_url);
    if (!base) return "Invalid base URL.";
    auto fill = [](std::optional<std::string>& field, std::string_view text) {
      if (!field) field = std::string(text);
    };
    fill(init.protocol, WithoutColon(base->get_protocol()));
    fill(init.username, base->get_username());
    fill(init.password, base->get_password());
    fill(init.hostname, base->get_hostname());
    fill(init.port, base->get_port());
    fill(init.search, ada::url_pattern_helpers::escape_pattern_string(Tail(base->get_search())));
    fill(init.hash, ada::url_pattern_helpers::escape_pattern_string(Tail(base->get_hash())));
    std::string_view path = base->get_pathname();
    if (!init.pathname) {
      init.pathname = ada::url_pattern_helpers::escape_pattern_string(path);
    } else if (!init.pathname->starts_with('/') && !init.pathname->starts_with("\\/") &&
               !init.pathname->starts_with("{/")) {
      size_t slash = path.rfind('/');
      init.pathname =
          slash == std::string_view::npos ? std::string(path) : std::string(path.substr(0, slash + 1)) + *init.pathname;
    }
    init.base_url.reset();
  }
  // A protocol's default port stays: ada drops it only as it is written here.
  if (init.protocol && init.port) {
    std::string protocol = WithoutColon(*init.protocol);
    if (ada::scheme::is_special(protocol) && std::to_string(ada::scheme::get_special_port(protocol)) == *init.port)
      init.port = "{" + *init.port + "}";
  }
  return nullptr;
}

const char* LegacyUrlInit(const ada::url_pattern_init& init, ada::url_pattern_init& out) {
  std::optional<ada::url_aggregator> base;
  if (init.base_url) {
    auto url = ada::parse<ada::url_aggregator>(*init.base_url);
    if (!url) return "Invalid base URL.";
    out.protocol = WithoutColon(url->get_protocol());
    out.username = url->get_username();
    out.password = url->get_password();
    out.hostname = url->get_hostname();
    out.port = url->get_port();
    out.pathname = ada::url_pattern_helpers::escape_pattern_string(url->get_pathname());
    out.search = ada::url_pattern_helpers::escape_pattern_string(Tail(url->get_search()));
    out.hash = ada::url_pattern_helpers::escape_pattern_string(Tail(url->get_hash()));
    base = std::move(*url);
  }

  // A URL of the right kind brings the components into their canonical form.
  std::string text;
  if (init.protocol) {
    std::string_view protocol = init.protocol->empty() ? "fake:" : std::string_view(*init.protocol);
    text = std::string(protocol) + (protocol.ends_with(':') ? "" : ":") + "//a:b@fake-url";
  } else {
    text = out.protocol.value_or("fake") + "://fake-url";
  }
  auto url = ada::parse<ada::url_aggregator>(text);
  if (!url) return "Invalid URL protocol component";
  if (init.protocol && !init.protocol->empty()) out.protocol = WithoutColon(url->get_protocol());

  if (init.username) {
    if (!url->set_username(*init.username)) return "Invalid URL username component";
    out.username = url->get_username();
  }
  if (init.password) {
    if (!url->set_password(*init.password)) return "Invalid URL password component";
    out.password = url->get_password();
  }
  if (init.hostname) {
    if (!IsHostname(*init.hostname) || !url->set_hostname(*init.hostname)) return "Invalid URL hostname component";
    out.hostname = url->get_hostname();
  }
  if (init.port) {
    const std::string& port = *init.port;
    auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (port.size() > 5 || !std::all_of(port.begin(), port.end(), digit)) return "Invalid URL port component";
    if (!url->set_port(port) && !port.empty()) return "Invalid URL port component";
    out.port = url->get_port();
  }
  if (init.pathname) {
    if (!init.protocol && base) {
      auto resolved = ada::parse<ada::url_aggregator>(*init.pathname, &*base);
      if (!resolved) return "Invalid URL pathname component";
      out.pathname = resolved->get_pathname();
    } else {
      if (!url->set_pathname(*init.pathname)) return "Invalid URL pathname component";
      out.pathname = url->get_pathname();
    }
  }
  if (init.search) {
    url->set_search(*init.search);
    out.search = Tail(url->get_search());
  }
  if (init.hash) {
    url->set_hash(*init.hash);
    out.hash = Tail(url->get_hash());
  }
  return nullptr;
}

}  // namespace workerd::web
