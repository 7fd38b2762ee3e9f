// The flow of requests through a connection: input, start of an exchange, its body, and what ends it early.
#include "flow/scheduler.h"
#include "http/connection.h"
#include "http/rewrite.h"
#include "http/text.h"

namespace workerd::http {

namespace {
constexpr size_t kMaxPipelined = 64 * 1024;       // input kept unparsed while a request is being answered
constexpr size_t kRequestHighWater = 256 * 1024;  // of request bodies: what the event loop reads at once

Chunk Join(const Chunk& a, const Chunk& b) {
  PyObject* bytes = PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(a.size() + b.size()));
  if (!bytes) {
    PyErr_Clear();
    return {};
  }
  memcpy(PyBytes_AS_STRING(bytes), a.data(), a.size());
  memcpy(PyBytes_AS_STRING(bytes) + a.size(), b.data(), b.size());
  return Chunk::Steal(bytes);
}
}  // namespace

void Connection::Feed(Chunk data) {
  RefPtr<Connection> self(this);
  if (lost_ || closing_ || data.empty()) return;  // closing: what still comes is of no interest
  last_read_ = CoarseNow();
  feeding_ = true;
  if (phase_ == Phase::kTunnel) {
    if (request_pipe_ && !request_pipe_->Write(std::move(data)) && !request_pipe_->cancelled())
      PauseReading(kPausePipe);
  } else {
    input_ = input_.empty() ? std::move(data) : Join(input_, data);
    Process();
  }
  Scheduler::Run();
  // Answered already? Then on with what the client has pipelined.
  while (!input_.empty() && !request_done_ && !closed()) {
    Process();
    Scheduler::Run();
  }
  feeding_ = false;
  if (input_.size() > kMaxPipelined) PauseReading(kPausePipeline);
  if (lost_) return;
  if (closing_ || upgrade_ || !segments_.empty()) Flush();
}

void Connection::Process() {
  if (processing_) return;  // called from inside Parse(): the loop below goes on
  processing_ = true;
  while (!input_.empty() && !request_done_ && !closed() && phase_ != Phase::kTunnel) Parse();
  processing_ = false;
}

void Connection::ProcessSoon() {
  if (process_scheduled_ || input_.empty()) return;
  process_scheduled_ = true;
  RefPtr<Connection> self(this);
  Scheduler::AtIdle([self] {
    self->process_scheduled_ = false;
    if (self->closed()) return;
    self->Process();
    if (self->input_.size() <= kMaxPipelined) self->ResumeReading(kPausePipeline);
  });
}

// One run of the parser: to the end of the input or of a request.
void Connection::Parse() {
  Chunk chunk = std::move(input_);
  input_ = Chunk();
  parsing_ = &chunk;
  parsed_size_ = phase_ == Phase::kIdle ? chunk.size() : 0;
  llhttp_errno_t error = llhttp_execute(&parser_, chunk.data(), chunk.size());
  parsing_ = nullptr;
  if (error == HPE_PAUSED || error == HPE_PAUSED_UPGRADE) {
    size_t used = static_cast<size_t>(llhttp_get_error_pos(&parser_) - chunk.data());
    if (used < chunk.size()) {
      chunk.RemovePrefix(used);
      input_ = std::move(chunk);
    }
    if (error == HPE_PAUSED) {
      llhttp_resume(&parser_);
    } else {
      llhttp_resume_after_upgrade(&parser_);
    }
  } else if (error != HPE_OK) {
    ParseError(error, chunk.data());
    return;
  }
  if (!head_done_) return;
  if (!exchange_ && !response_started_) {
    StartExchange();
  } else if (request_pipe_ && request_pipe_->full() && !request_done_) {
    PauseReading(kPausePipe);
  }
}

int Connection::OnBody(const char* at, size_t size) {
  Chunk part = parsing_->Slice(static_cast<size_t>(at - parsing_->data()), size);
  if (observed_) observed_->received += size;
  if (exchange_ || response_started_) {
    if (request_pipe_) request_pipe_->Write(std::move(part));
  } else {
    body_size_ += size;
    body_parts_.push_back(std::move(part));
  }
  return 0;
}

int Connection::OnMessageComplete() {
  request_done_ = true;
  if (request_pipe_) request_pipe_->End();
  return HPE_PAUSED;
}

// Only when the body is wanted: an answer that does not need it spares the client the sending.
void Connection::SendContinue() {
  if (!std::exchange(continue_pending_, false)) return;
  if (response_started_ || closed() || !request_pipe_ || request_pipe_->received()) return;
  Append("HTTP/1.1 100 Continue\r\n\r\n");
  FlushSoon();
}

void Connection::StartExchange() {
  phase_ = Phase::kRequest;
  bool tunnel = parser_.method == HTTP_CONNECT;
  if (!options_->proxy_style && !tunnel && (bad_host_ || !ValidAuthority(host_, proto_))) {
    body_parts_.clear();
    if (has_body_) keep_alive_ = false;  // whether or not all of it has come already
    Response response;
    response.status = 400;
    response.body = Body::Of(Chunk::Copy("Bad Request", 11));
    own_answer_ = true;
    OnResponse(std::move(response));
    own_answer_ = false;
    return;
  }
  auto exchange = MakeRef<Exchange>();
  exchange_ = exchange.get();
  Request& request = exchange->request;
  BuildRequest(&request);
  if (options_->observe) {
    ObserveStart(request);
    observed_->received = body_size_;
  }
  if (tunnel) {
    RemoveHeader(&request.headers, "remote-address");  // StartRaw()'s, which a client must not imitate
    RemoveHeader(&request.headers, "secure-transport");
    phase_ = Phase::kTunnel;
    keep_alive_ = false;
    request_done_ = false;
  }
  if (request_done_) {
    if (body_parts_.size() == 1) {
      request.body = Body::Of(std::move(body_parts_[0]));
    } else if (!body_parts_.empty()) {
      PyObject* joined = PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(body_size_));
      char* to = joined ? PyBytes_AS_STRING(joined) : nullptr;
      for (const Chunk& part : body_parts_) {
        if (!to) break;
        memcpy(to, part.data(), part.size());
        to += part.size();
      }
      if (!joined) PyErr_Clear();
      request.body = Body::Of(joined ? Chunk::Steal(joined) : Chunk());
    } else if (has_body_) {
      request.body = Body::Of(Chunk());
    }
  } else {
    request_pipe_ = MakeRef<Pipe>(kRequestHighWater, content_length_);
    request_pipe_->SetOnDrain([this] { ResumeReading(kPausePipe); });
    if (expects_continue_ && !http10_ && body_parts_.empty()) {
      continue_pending_ = true;
      request_pipe_->SetOnWanted([this] { SendContinue(); });
    }
    for (Chunk& part : body_parts_) request_pipe_->Write(std::move(part));
    request.body = Body::Of(request_pipe_);
    if (tunnel && !input_.empty()) request_pipe_->Write(std::exchange(input_, Chunk()));
    if (request_pipe_->full()) PauseReading(kPausePipe);
  }
  body_parts_.clear();
  exchange->on_response = [this](Response&& response) { OnResponse(std::move(response)); };
  exchange->on_error = [this](Error&& error) { OnError(std::move(error)); };
  target_->Start(exchange);
}

}  // namespace workerd::http
