// From llhttp's spans to a Request: the header block is built as it will travel, in one string.
#include "http/connection.h"
#include "http/rewrite.h"
#include "http/text.h"

namespace workerd::http {

struct Callbacks {
  static Connection* Self(llhttp_t* parser) { return static_cast<Connection*>(parser->data); }
  static int Begin(llhttp_t* p) { return Self(p)->OnMessageBegin(); }
  static int Url(llhttp_t* p, const char* at, size_t n) { return Self(p)->OnUrl({at, n}); }
  static int Field(llhttp_t* p, const char* at, size_t n) { return Self(p)->OnField({at, n}); }
  static int FieldComplete(llhttp_t* p) { return Self(p)->OnFieldComplete(); }
  static int Value(llhttp_t* p, const char* at, size_t n) { return Self(p)->OnValue({at, n}); }
  static int ValueComplete(llhttp_t* p) { return Self(p)->OnValueComplete(); }
  static int Head(llhttp_t* p) { return Self(p)->OnHeadComplete(); }
  static int Extra(llhttp_t* p, const char*, size_t n) { return Self(p)->OnExtra(n); }
  static int Body(llhttp_t* p, const char* at, size_t n) { return Self(p)->OnBody(at, n); }
  static int Complete(llhttp_t* p) { return Self(p)->OnMessageComplete(); }

  static const llhttp_settings_t* Settings() {
    static const llhttp_settings_t settings = [] {
      llhttp_settings_t s;
      llhttp_settings_init(&s);
      s.on_message_begin = Begin;
      s.on_url = Url;
      s.on_header_field = Field;
      s.on_header_field_complete = FieldComplete;
      s.on_header_value = Value;
      s.on_header_value_complete = ValueComplete;
      s.on_headers_complete = Head;
      s.on_body = Body;
      s.on_message_complete = Complete;
      s.on_chunk_extension_name = Extra;
      s.on_chunk_extension_value = Extra;
      return s;
    }();
    return &settings;
  }
};

const llhttp_settings_t* ParserSettings() { return Callbacks::Settings(); }

int Connection::Refuse(int status, const char* message) {
  fail_status_ = status;
  fail_message_ = message;
  return HPE_USER;
}

int Connection::OnMessageBegin() {
  phase_ = Phase::kHead;
  head_started_ = last_read_;
  url_.clear();
  headers_.clear();
  headers_.reserve(256);
  header_count_ = extra_bytes_ = name_start_ = value_start_ = 0;
  host_.clear();
  proto_.clear();
  cf_header_.clear();
  websocket_key_.clear();
  websocket_version_.clear();
  websocket_offer_.clear();
  has_host_ = bad_host_ = has_cf_ = expects_continue_ = upgrade_websocket_ = has_transfer_encoding_ = false;
  return 0;
}

int Connection::OnUrl(std::string_view part) {
  if (url_.size() + part.size() > options_->max_url) return Refuse(414, "URI too long");
  for (unsigned char c : part) {
    if (c <= 0x20 || c >= 0x7f) return Refuse(400, "invalid URI");
  }
  url_.append(part);
  return 0;
}

// Chunk extensions and trailers: parsed, counted and dropped. A trailer must not pass for a header the request was
// routed by.
int Connection::OnExtra(size_t size) {
  extra_bytes_ += size;
  return extra_bytes_ > kMaxExtra ? Refuse(400, "too much data around the chunks") : 0;
}

int Connection::OnField(std::string_view part) {
  if (head_done_) return OnExtra(part.size());
  if (value_start_) {  // first span of a name
    value_start_ = 0;
    name_start_ = headers_.size();
  }
  if (headers_.size() + part.size() > options_->max_head) return Refuse(431, "message head is too large");
  headers_.append(part);
  return 0;
}

int Connection::OnFieldComplete() {
  if (head_done_) return OnExtra(2);
  headers_.append(": ", 2);
  value_start_ = headers_.size();
  return 0;
}

int Connection::OnValue(std::string_view part) {
  if (head_done_) return OnExtra(part.size());
  if (headers_.size() + part.size() > options_->max_head) return Refuse(431, "message head is too large");
  headers_.append(part);
  return 0;
}

int Connection::OnValueComplete() {
  if (head_done_) return OnExtra(2);
  // llhttp leaves white space after the value in the span.
  size_t end = headers_.size();
  while (end > value_start_ && (headers_[end - 1] == ' ' || headers_[end - 1] == '\t')) --end;
  headers_.resize(end);
  std::string_view name(headers_.data() + name_start_, value_start_ - 2 - name_start_);
  std::string_view value(headers_.data() + value_start_, end - value_start_);
  headers_.append("\r\n",
                  2);  // may move the text: the views are not used after what follows unless they are still good
  name = {headers_.data() + name_start_, name.size()};
  value = {headers_.data() + value_start_, value.size()};
  if (++header_count_ > options_->max_headers) return Refuse(431, "too many headers");
  switch (name.size()) {
    case 4:
      if (EqualsLower(name, "host")) {
        bad_host_ |= has_host_;  // RFC 9112, 3.2: more than one Host is an error
        has_host_ = true;
        host_.assign(value);
      }
      break;
    case 6:
      if (EqualsLower(name, "expect")) expects_continue_ |= EqualsLower(value, "100-continue");
      break;
    case 7:
      if (EqualsLower(name, "upgrade")) upgrade_websocket_ |= EqualsLower(value, "websocket");
      break;
    case 17:
      if (EqualsLower(name, "transfer-encoding")) {
        // One coding, once: what llhttp takes besides (gzip before chunked, two headers) is read differently by
        // different servers.
        if (has_transfer_encoding_) return Refuse(400, "invalid transfer-encoding parsed");
        if (!EqualsLower(value, "chunked")) return Refuse(501, "unsupported transfer-encoding");
        has_transfer_encoding_ = true;
      } else if (EqualsLower(name, "sec-websocket-key")) {
        websocket_key_.assign(value);
      }
      break;
    case 21:
      if (EqualsLower(name, "sec-websocket-version")) websocket_version_.assign(value);
      break;
    case 24:
      if (EqualsLower(name, "sec-websocket-extensions")) {
        if (!websocket_offer_.empty()) websocket_offer_.append(", ");
        websocket_offer_.append(value);
      }
      break;
  }
  if (options_->has_specials()) ApplySpecial(name, value, name_start_);
  return 0;
}

// Headers that the socket's options take out of the request.
void Connection::ApplySpecial(std::string_view name, std::string_view value, size_t start) {
  if (!options_->cf_blob_header.empty() && EqualsLower(name, options_->cf_blob_header)) {
    has_cf_ = true;
    cf_header_.assign(value);
    headers_.resize(start);
  } else if (!options_->proxy_style && !options_->forwarded_proto_header.empty() &&
             EqualsLower(name, options_->forwarded_proto_header)) {
    if (!proto_.empty()) proto_.append(", ");
    proto_.append(value);
    headers_.resize(start);
  }
}

int Connection::OnHeadComplete() {
  http10_ = parser_.http_major == 1 && parser_.http_minor == 0;
  if (parser_.http_major != 1 || parser_.http_minor > 1) return Refuse(400, "invalid HTTP version parsed"), -1;
  // Framing by Transfer-Encoding came with 1.1; an older proxy in between would not have seen it.
  if (http10_ && has_transfer_encoding_) return Refuse(400, "invalid transfer-encoding parsed"), -1;
  head_done_ = true;
  is_head_ = parser_.method == HTTP_HEAD;
  has_body_ = (parser_.flags & (F_CONTENT_LENGTH | F_CHUNKED)) != 0;
  content_length_ = parser_.flags & F_CONTENT_LENGTH ? static_cast<int64_t>(parser_.content_length) : -1;
  keep_alive_ = llhttp_should_keep_alive(&parser_) != 0;
  if (parser_.method != HTTP_CONNECT) parser_.upgrade = 0;  // an upgrade that is not taken leaves plain HTTP
  return 0;
}

void Connection::BuildRequest(Request* request) {
  request->method = llhttp_method_name(static_cast<llhttp_method_t>(parser_.method));
  request->wants_websocket = upgrade_websocket_;
  if (options_->proxy_style || parser_.method == HTTP_CONNECT) {
    request->url = std::move(url_);
  } else {
    request->url = MakeUrl(*options_, url_, host_, proto_);
  }
  request->headers = std::move(headers_);
  EditHeaders(&request->headers, options_->request_edits);
  if (has_cf_) {
    request->cf = std::move(cf_header_);
  } else if (options_->cf_blob_header.empty() && !cf_.empty()) {
    request->cf = cf_;
  }
}

}  // namespace workerd::http
