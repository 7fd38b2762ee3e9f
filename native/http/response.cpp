// Answers onto the wire.
#include "flow/scheduler.h"
#include "http/connection.h"
#include "http/rewrite.h"
#include "http/status.h"
#include "http/text.h"
#include "http/websocket_offer.h"

namespace workerd::http {

namespace {

constexpr size_t kBatch = 64 * 1024;

bool IsHandshake(std::string_view name) {
  return EqualsLower(name, "sec-websocket-accept") || EqualsLower(name, "sec-websocket-key") ||
         EqualsLower(name, "sec-websocket-version") || EqualsLower(name, "sec-websocket-extensions");
}

void AppendNumber(std::string* out, uint64_t n) {
  char digits[20];
  char* end = digits + sizeof digits;
  char* p = end;
  do *--p = static_cast<char>('0' + n % 10);
  while (n /= 10);
  out->append(p, static_cast<size_t>(end - p));
}

void AppendHex(std::string* out, size_t n) {
  char digits[16];
  char* end = digits + sizeof digits;
  char* p = end;
  do *--p = "0123456789ABCDEF"[n & 15];
  while (n >>= 4);
  out->append(p, static_cast<size_t>(end - p));
}

void AppendStatusLine(std::string* out, bool http10, int status, std::string_view text) {
  if (status == 200 && !http10 && (text.empty() || text == "OK")) {
    out->append("HTTP/1.1 200 OK\r\n", 17);
    return;
  }
  out->append(http10 ? "HTTP/1.0 " : "HTTP/1.1 ", 9);
  AppendNumber(out, static_cast<uint64_t>(status));
  out->push_back(' ');
  if (text.empty() || text.find_first_of("\r\n") != std::string_view::npos) text = ReasonPhrase(status);
  out->append(text).append("\r\n", 2);
}

// A WebSocket that no connection takes: its other end learns of it.
void RefuseWebSocket(const RefPtr<ChannelEnd>& websocket, std::string_view why) {
  websocket->Send({Message::Kind::kError, Chunk::Copy(why.data(), why.size()), 1006, ""});
  websocket->Disconnect();
}

}  // namespace

// Runs of lines that stay are copied in one piece.
void Connection::AppendHeaders(const std::string& headers) {
  std::string edited;
  std::string_view block = headers;
  if (!options_->response_edits.empty() && !own_answer_) {
    edited = headers;
    EditHeaders(&edited, options_->response_edits);
    block = edited;
  }
  const char* run = block.data();
  HeaderLine line;
  while (NextHeader(&block, &line)) {
    if (!IsFraming(line.name) && !(upgrade_ && IsHandshake(line.name))) continue;
    out_.append(run, static_cast<size_t>(line.whole.data() - run));
    run = line.whole.data() + line.whole.size();
  }
  out_.append(run, static_cast<size_t>(block.data() - run));
}

void Connection::OnResponse(Response&& response) {
  RefPtr<Connection> self(this);
  RefPtr<Exchange> exchange(std::exchange(exchange_, nullptr));  // alive: its answerer is calling
  RefPtr<Pipe> pipe = std::move(response.body.pipe);
  if (closed() || response_started_) {
    if (pipe) pipe->Cancel("Network connection lost.");
    if (response.websocket) RefuseWebSocket(response.websocket, "Network connection lost.");
    return;
  }
  if (response.websocket && raw_) {
    control_ = std::move(response.websocket);
    response.websocket.reset();
  }
  ObserveAnswer(response.websocket ? 101 : response.status, *exchange);
  if (response.websocket) return AcceptWebSocketSoon(std::move(response), exchange->request);
  int status = response.status;
  if (status < 200 || status > 999) {
    if (pipe) pipe->Cancel("invalid status");
    return OnError(Error{"RangeError", "invalid status", "", {}, false});
  }
  if (pipe && pipe == request_pipe_) SendContinue();
  response_started_ = true;
  bool tunnel = phase_ == Phase::kTunnel && status < 300;
  bool no_body = is_head_ || status == 204 || status == 205 || status == 304;
  int64_t length = static_cast<int64_t>(response.body.bytes.size());
  if (pipe) length = pipe->length() < 0 ? -1 : pipe->length() - static_cast<int64_t>(pipe->consumed());
  if (shutting_down_ || eof_) keep_alive_ = false;
  // What is left of the request would have to be read and thrown away first.
  if (!request_done_ && !tunnel && (!pipe || no_body)) keep_alive_ = false;

  if (!raw_) {
    AppendStatusLine(&out_, http10_, status, response.status_text);
    if (tunnel) {
      framing_ = Framing::kClose;
    } else if (status == 204 || status == 304) {
      framing_ = Framing::kNone;
    } else if (status == 205) {
      Append("Content-Length: 0\r\n");
    } else if (is_head_ && !pipe && !response.body.present) {
      // Only the worker can know what GET would have sent.
      bool found;
      std::string_view value = FindHeader(response.headers, "content-length", &found);
      if (found && value.find_first_not_of("0123456789") == std::string_view::npos && !value.empty()) {
        AppendHeader(&out_, "Content-Length", value);
      }
    } else if (length >= 0) {
      framing_ = Framing::kLength;
      remaining_ = static_cast<uint64_t>(length);
      out_.append("Content-Length: ", 16);
      AppendNumber(&out_, remaining_);
      out_.append("\r\n", 2);
    } else if (http10_) {
      framing_ = Framing::kClose;
      keep_alive_ = false;
    } else if (!is_head_) {
      framing_ = Framing::kChunked;
      Append("Transfer-Encoding: chunked\r\n");
    }
    AppendHeaders(response.headers);
    if (!tunnel && keep_alive_ == http10_) Append(keep_alive_ ? "Connection: keep-alive\r\n" : "Connection: close\r\n");
    out_.append("\r\n", 2);
  } else {
    framing_ = Framing::kClose;
  }

  if (!pipe || no_body) {
    if (pipe) pipe->Cancel("The response has no body.");
    if (observed_ && !no_body) observed_->sent += static_cast<uint64_t>(length > 0 ? length : 0);
    if (!no_body && length > 0) AppendChunk(std::move(response.body.bytes));
    FlushSoon();
    return ResponseDone();
  }
  response_pipe_ = pipe;
  pipe->SetOnReadable([this] { SchedulePump(); });
  if (!pump_scheduled_) FlushSoon();
}

void Connection::OnError(Error&& error) {
  RefPtr<Connection> self(this);
  Exchange* exchange = std::exchange(exchange_, nullptr);
  if (closed()) return;
  if (exchange) {
    ObserveAnswer(500, *exchange);
    Scheduler::AtIdle([self, method = exchange->request.method, url = exchange->request.url, error] {
      if (!self->lost_) self->transport_->OnFailure(method, url, error);
    });
  }
  if (response_started_ || raw_) return AbortResponse();
  int status = error.overloaded ? 503 : 500;
  std::string_view text = ReasonPhrase(status);
  SendPlain(status, "", is_head_ ? std::string_view() : text);
}

// An answer of our own that ends the connection.
void Connection::SendPlain(int status, std::string_view headers, std::string_view text) {
  response_started_ = true;
  AppendStatusLine(&out_, http10_, status, "");
  Append("Connection: close\r\nContent-Length: ");
  AppendNumber(&out_, text.size());
  out_.append("\r\n").append(headers).append("\r\n").append(text);
  response_done_ = true;
  if (observed_) {
    observed_->status = status;
    observed_->sent = text.size();
    ObserveEnd(true);
  }
  CloseAfterWrite(!request_done_ || !input_.empty());
}

// At idle: the handshake asks Python for the key's digest, which must not happen in the middle of a worker's turn.
void Connection::AcceptWebSocketSoon(Response&& response, const Request& request) {
  response_started_ = true;
  auto held = std::make_shared<std::pair<Response, Request>>(std::move(response), Request());
  held->second.method = request.method;
  held->second.headers = request.headers;
  held->second.wants_websocket = request.wants_websocket;
  RefPtr<Connection> self(this);
  Scheduler::AtIdle([self, held] {
    if (self->closed()) {
      RefuseWebSocket(held->first.websocket, "Network connection lost.");
    } else {
      self->AcceptWebSocket(std::move(held->first), held->second);
    }
  });
}

void Connection::AcceptWebSocket(Response&& response, const Request& request) {
  const char* refusal = nullptr;
  int status = 400;
  std::string_view extra = "Content-Type: text/plain\r\n";
  if (!request.wants_websocket) {
    status = 500;
    refusal = "Internal Server Error";
  } else if (request.method != "GET") {
    refusal = "ERROR: WebSocket must be initiated with a GET request.";
  } else if (websocket_version_ != "13") {
    status = 426;
    extra = "Sec-WebSocket-Version: 13\r\nContent-Type: text/plain\r\n";
    refusal = "ERROR: The requested WebSocket version is not supported.";
  } else if (websocket_key_.empty()) {
    refusal = "ERROR: Missing Sec-WebSocket-Key";
  } else if (!request_done_) {
    refusal = "ERROR: A WebSocket request has no body.";
  }
  if (refusal) {
    RefuseWebSocket(response.websocket, refusal);
    SendPlain(status, extra, refusal);
    FlushSoon();
    return;
  }
  upgrade_ = new Upgrade;
  upgrade_->channel = std::move(response.websocket);
  upgrade_->request_headers = request.headers;
  upgrade_->rest = std::move(input_);
  input_ = Chunk();
  upgrade_->extension = NegotiateDeflate(websocket_offer_, FindHeader(response.headers, "sec-websocket-extensions"));
  Append("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n");
  AppendHeader(&out_, "Sec-WebSocket-Accept", transport_->WebSocketAccept(websocket_key_));
  if (!upgrade_->extension.empty()) AppendHeader(&out_, "Sec-WebSocket-Extensions", upgrade_->extension);
  AppendHeaders(response.headers);
  Append("\r\n");
  upgrade_->response_headers = std::move(response.headers);
  ObserveEnd(true);
  TellFinished();
  FlushSoon();
}

void Connection::SchedulePump() {
  if (pump_scheduled_) return;
  pump_scheduled_ = true;
  RefPtr<Connection> self(this);
  Scheduler::AtIdle([self] {
    self->pump_scheduled_ = false;
    self->Pump();
  });
}

// Moves what the response's pipe holds to the wire: small chunks together, in one chunk of the encoding.
void Connection::Pump() {
  RefPtr<Pipe> pipe = response_pipe_;
  std::vector<Chunk> batch;
  while (pipe && pipe == response_pipe_ && !write_paused_ && !closed()) {
    size_t total = 0;
    Chunk chunk;
    while (total < kBatch && pipe->Read(&chunk)) {
      total += chunk.size();
      batch.push_back(std::move(chunk));
    }
    if (total) WriteBody(batch, total);
    batch.clear();
    // To the socket while there is more, so that it can push back.
    if (out_.size() + segment_bytes_ >= kBatch) Flush();
    if (pipe->queued()) continue;
    if (pipe->at_end()) {
      EndBody();
    } else if (pipe->aborted()) {
      AbortResponse();
    }
    break;
  }
  if (!feeding_) Flush();
}

void Connection::WriteBody(std::vector<Chunk>& batch, size_t total) {
  if (framing_ == Framing::kLength) {
    if (total > remaining_) return AbortResponse();  // more than was promised
    remaining_ -= total;
  } else if (framing_ == Framing::kChunked) {
    AppendHex(&out_, total);
    out_.append("\r\n", 2);
  }
  if (observed_) observed_->sent += total;
  for (Chunk& chunk : batch) AppendChunk(std::move(chunk));
  if (framing_ == Framing::kChunked) out_.append("\r\n", 2);
}

void Connection::EndBody() {
  if (framing_ == Framing::kLength && remaining_) return AbortResponse();  // less than was promised
  if (framing_ == Framing::kChunked) out_.append("0\r\n\r\n", 5);
  ResponseDone();
}

// The client must see that the answer is not complete: the connection ends before its framing does.
void Connection::AbortResponse() {
  if (response_pipe_) {
    RefPtr<Pipe> pipe = std::move(response_pipe_);
    response_pipe_.reset();
    pipe->Cancel("Network connection lost.");
  }
  ObserveEnd(false);
  CloseAfterWrite(!request_done_);
}

void Connection::ResponseDone() {
  response_done_ = true;
  ObserveEnd(true);
  if (response_pipe_) response_pipe_->SetOnReadable(nullptr);
  response_pipe_.reset();
  if (!request_done_) {
    CloseAfterWrite(true);
  } else if (!keep_alive_ || shutting_down_ || eof_) {
    CloseAfterWrite(!input_.empty());
  } else {
    Advance();
  }
}

// On to the next request.
void Connection::Advance() {
  phase_ = Phase::kIdle;
  head_done_ = request_done_ = continue_pending_ = response_started_ = response_done_ = is_head_ = false;
  framing_ = Framing::kNone;
  request_pipe_.reset();
  body_size_ = 0;
  last_read_ = CoarseNow();
  ResumeReading(kPausePipe);
  if (!feeding_) ProcessSoon();
}

}  // namespace workerd::http
