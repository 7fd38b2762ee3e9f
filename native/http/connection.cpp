// The life of a connection apart from its requests: output, errors, end, timeouts.
#include "http/connection.h"

#include <time.h>

#include "flow/scheduler.h"
#include "http/status.h"
#include "http/text.h"

namespace workerd::http {

const llhttp_settings_t* ParserSettings();

namespace {
constexpr size_t kKeepBuffer = 8 * 1024;  // output buffers larger than this are given back when empty
constexpr size_t kChunkInPlace =
    4 * 1024;  // from this size on, a chunk is handed to the event loop as it is instead of being copied
constexpr double kLinger = 2;  // seconds to let a client notice that we closed
constexpr const char kLostMessage[] = "Network connection lost.";
}  // namespace

double CoarseNow() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

Connection::Connection(RefPtr<Target> target, RefPtr<HttpOptions> options, Transport* transport)
    : target_(std::move(target)), options_(std::move(options)), transport_(transport) {
  llhttp_init(&parser_, HTTP_REQUEST, ParserSettings());
  parser_.data = this;
  last_read_ = CoarseNow();
}

Connection::~Connection() {
  delete upgrade_;
  DropExchange();
}

void Connection::ClearOut() {
  if (out_.capacity() > kKeepBuffer) {
    std::string().swap(out_);
  } else {
    out_.clear();
  }
}

void Connection::AppendChunk(Chunk chunk) {
  if (chunk.size() < kChunkInPlace) {
    out_.append(chunk.data(), chunk.size());
    return;
  }
  if (!out_.empty()) {
    segment_bytes_ += out_.size();
    segments_.push_back(Chunk::Copy(out_.data(), out_.size()));
    ClearOut();
  }
  segment_bytes_ += chunk.size();
  segments_.push_back(std::move(chunk));
}

void Connection::Flush() {
  RefPtr<Connection> self(this);
  if (lost_) return;
  if (!segments_.empty()) {
    auto segments = std::move(segments_);
    segments_.clear();
    segment_bytes_ = 0;
    for (Chunk& segment : segments) {
      if (!lost_) transport_->Write(segment);
    }
  }
  if (!lost_ && !out_.empty()) {
    Chunk rest = Chunk::Copy(out_.data(), out_.size());
    ClearOut();
    transport_->Write(rest);
  }
  if (lost_) return;
  if (control_) transport_->OnControl(std::exchange(control_, RefPtr<ChannelEnd>()));
  if (upgrade_) {
    Upgrade upgrade = std::move(*upgrade_);
    delete upgrade_;
    upgrade_ = nullptr;
    lost_ = true;  // the transport is another protocol's from here on
    transport_->OnUpgrade(std::move(upgrade));
  } else if (closing_ && !close_told_) {
    close_told_ = true;
    if (reading_paused_ && linger_) transport_->ResumeReading();
    transport_->Close(linger_ && !eof_);
  }
}

// Unless Feed() is on the stack, which hands the output back itself.
void Connection::FlushSoon() {
  if (feeding_ || flush_scheduled_ || lost_) return;
  flush_scheduled_ = true;
  RefPtr<Connection> self(this);
  Scheduler::AtIdle([self] {
    self->flush_scheduled_ = false;
    self->Flush();
  });
}

void Connection::CloseAfterWrite(bool linger) {
  if (closing_) return;
  closing_ = true;
  linger_ = linger;
  input_ = Chunk();
  last_read_ = CoarseNow();
  StopRequestBody(kLostMessage);
  FlushSoon();
}

// The request's body will not be complete: tells its reader.
void Connection::StopRequestBody(const char* message) {
  if (!request_pipe_) return;
  RefPtr<Pipe> pipe = std::move(request_pipe_);
  request_pipe_.reset();
  pipe->SetOnDrain(nullptr);
  pipe->SetOnWanted(nullptr);
  pipe->Abort(message);
}

// Nobody waits for the answer any more.
void Connection::DropExchange() {
  if (!lost_) ObserveEnd(false);
  StopRequestBody(kLostMessage);
  if (exchange_) {
    RefPtr<Exchange> exchange(std::exchange(exchange_, nullptr));
    exchange->Cancel();
  }
  if (response_pipe_) {
    RefPtr<Pipe> pipe = std::move(response_pipe_);
    response_pipe_.reset();
    pipe->Cancel(kLostMessage);
  }
}

void Connection::SendError(int status, const char* message) {
  DropExchange();
  if (response_started_) {
    AbortResponse();
    return;
  }
  response_started_ = response_done_ = true;
  http10_ = false;
  std::string_view text(message);
  if (status == 501) return SendPlain(status, "Content-Type: text/plain\r\n", text);
  Append("HTTP/1.1 ");
  Append(std::to_string(status));
  Append(" ");
  Append(ReasonPhrase(status));
  Append("\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: ");
  Append(std::to_string(text.size()));
  Append("\r\n\r\n");
  Append(text);
  CloseAfterWrite(true);
}

void Connection::ParseError(llhttp_errno_t error, const char* data) {
  if (fail_status_) {
    SendError(fail_status_, fail_message_);
    return;
  }
  switch (error) {
    case HPE_INVALID_METHOD: {
      // A well-formed method that is not known is not the client's mistake.
      std::string_view line(data, parsed_size_);
      while (!line.empty() && (line[0] == '\r' || line[0] == '\n')) line.remove_prefix(1);
      size_t end = line.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ-");
      bool known_form = end != std::string_view::npos && end > 0 && line[end] == ' ';
      if (known_form) {
        SendError(501, "ERROR: Unrecognized request method.");
      } else {
        SendError(400, "invalid HTTP method parsed");
      }
      return;
    }
    case HPE_PAUSED_H2_UPGRADE:
    case HPE_INVALID_VERSION:
      return SendError(400, "invalid HTTP version parsed");
    case HPE_INVALID_URL:
      return SendError(400, "invalid URI");
    case HPE_INVALID_CONTENT_LENGTH:
    case HPE_UNEXPECTED_CONTENT_LENGTH:
      return SendError(400, "invalid content-length parsed");
    case HPE_INVALID_TRANSFER_ENCODING:
      return SendError(400, "invalid transfer-encoding parsed");
    case HPE_INVALID_CHUNK_SIZE:
      return SendError(400, "invalid chunk size parsed");
    default:
      return SendError(400, head_done_ ? "invalid chunked body parsed" : "invalid HTTP header parsed");
  }
}

bool Connection::EofReceived() {
  RefPtr<Connection> self(this);
  eof_ = true;
  if (closed()) return false;
  if (phase_ == Phase::kTunnel) {
    if (request_pipe_) request_pipe_->End();
    request_pipe_.reset();
  } else if (phase_ == Phase::kRequest && request_done_) {
    keep_alive_ = false;  // the answer still goes out
  } else {
    DropExchange();
    CloseAfterWrite(false);
  }
  Scheduler::Run();
  Flush();
  return !closing_;
}

void Connection::Lost(bool run) {
  if (lost_) return;
  RefPtr<Connection> self(this);
  if (run) {
    ObserveEnd(false);
    TellFinished();
  }
  lost_ = true;
  input_ = Chunk();
  segments_.clear();
  ClearOut();
  if (upgrade_) {
    upgrade_->channel->Send({Message::Kind::kError, Chunk::Copy(kLostMessage, sizeof kLostMessage - 1), 1006, ""});
    upgrade_->channel->Disconnect();
    delete upgrade_;
    upgrade_ = nullptr;
  }
  DropExchange();
  if (run) Scheduler::Run();
}

void Connection::ResumeWriting() {
  RefPtr<Connection> self(this);
  write_paused_ = false;
  if (response_pipe_) SchedulePump();
  Scheduler::Run();
}

void Connection::Shutdown() {
  RefPtr<Connection> self(this);
  shutting_down_ = true;
  if (phase_ == Phase::kIdle && !closed()) {
    CloseAfterWrite(false);
    Flush();
  }
}

void Connection::CheckTimeout(double now, size_t unsent) {
  RefPtr<Connection> self(this);
  if (lost_) return;
  if (unsent != last_unsent_ || !unsent) {
    last_unsent_ = unsent;
    last_write_progress_ = now;
  } else if (now - last_write_progress_ > options_->body_timeout) {
    transport_->Abort();  // the client does not take what it asked for
    return;
  }
  if (close_told_) {
    if (!unsent && now - last_read_ > kLinger) transport_->Abort();
    return;
  }
  if (phase_ == Phase::kIdle) {
    if (now - last_read_ > options_->idle_timeout) CloseAfterWrite(false);
  } else if (phase_ == Phase::kHead) {
    if (now - head_started_ > options_->head_timeout) SendError(408, "request timed out");
  } else if (phase_ == Phase::kRequest && !request_done_ && !pause_reasons_) {
    if (now - last_read_ > options_->body_timeout) SendError(408, "request timed out");
  }
  Scheduler::Run();
  if (closing_) Flush();
}

// Told to the transport at idle: the pipe's callback may come from the middle of a turn.
void Connection::ResumeReading(int reason) {
  if (!(pause_reasons_ & reason)) return;
  pause_reasons_ &= ~reason;
  if (pause_reasons_ || resume_scheduled_) return;
  resume_scheduled_ = true;
  RefPtr<Connection> self(this);
  Scheduler::AtIdle([self] {
    self->resume_scheduled_ = false;
    if (self->lost_ || self->pause_reasons_ || !self->reading_paused_) return;
    self->reading_paused_ = false;
    self->last_read_ = CoarseNow();
    self->transport_->ResumeReading();
  });
}

void Connection::PauseReading(int reason) {
  pause_reasons_ |= reason;
  if (reading_paused_ || lost_ || closing_) return;
  reading_paused_ = true;
  transport_->PauseReading();
}

void Connection::StartRaw(std::string address, std::string headers) {
  RefPtr<Connection> self(this);
  raw_ = true;
  phase_ = Phase::kTunnel;
  auto exchange = MakeRef<Exchange>();
  exchange_ = exchange.get();
  exchange->request.method = "CONNECT";
  exchange->request.url = std::move(address);
  if (!cf_.empty()) exchange->request.cf = cf_;
  exchange->request.headers = std::move(headers);
  request_pipe_ = MakeRef<Pipe>();
  request_pipe_->SetOnDrain([this] { ResumeReading(kPausePipe); });
  exchange->request.body = Body::Of(request_pipe_);
  exchange->on_response = [this](Response&& response) { OnResponse(std::move(response)); };
  exchange->on_error = [this](Error&& error) { OnError(std::move(error)); };
  target_->Start(exchange);
  Scheduler::Run();
  Flush();
}

}  // namespace workerd::http
