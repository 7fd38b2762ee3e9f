// One HTTP/1.1 server connection: bytes in, Exchanges to a Target, bytes out. Knows nothing of sockets, Python or JS:
// the event loop's side is a Transport. Requests are taken one at a time: the next one is parsed when the one before is
// answered, so answers are in order and what a client may pile up is bounded.
#pragma once
#include <llhttp.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "flow/channel.h"
#include "flow/chunk.h"
#include "flow/exchange.h"
#include "flow/pipe.h"
#include "http/options.h"

namespace workerd::http {

// What becomes of a connection whose request was answered with a WebSocket.
struct Upgrade {
  RefPtr<ChannelEnd> channel;
  std::string request_headers, response_headers;
  std::string extension;  // the agreed Sec-WebSocket-Extensions value, or empty
  Chunk rest;             // bytes received after the request
};

// One request and what became of it.
struct Observed {
  std::string method, url;
  std::string trace;   // its traceparent header
  double number = -1;  // of the request in the worker that took it; -1: none did
  int status = 0;      // 0: there was no answer
  bool complete = false;
  int64_t started_ns = 0;
  double seconds = 0;
  uint64_t received = 0, sent = 0;  // bytes of the bodies
};

// The event loop's side. None of these is called while an isolate is entered.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual void Write(const Chunk& data) = 0;
  // Bytes of that which still wait here.
  virtual size_t Unsent() = 0;
  virtual void PauseReading() = 0;
  virtual void ResumeReading() = 0;
  // After what was written is out. `linger`: the client may still be sending; closing at once could destroy the answer
  // on its way.
  virtual void Close(bool linger) = 0;
  // At once, with what was not sent yet.
  virtual void Abort() = 0;
  virtual void OnUpgrade(Upgrade&& upgrade) = 0;
  // A raw connection was answered with a channel on which the worker will ask for TLS.
  virtual void OnControl(RefPtr<ChannelEnd> channel) = 0;
  // A request is over; only with HttpOptions::observe.
  virtual void OnRequest(const Observed& request) = 0;
  // A request was answered with an error of our own, for this reason.
  virtual void OnFailure(const std::string& method, const std::string& url, const Error& error) = 0;
  // The Sec-WebSocket-Accept for a key.
  virtual std::string WebSocketAccept(std::string_view key) = 0;
};

class Connection : public RefCounted {
 public:
  // `transport` must live until Lost().
  Connection(RefPtr<Target> target, RefPtr<HttpOptions> options, Transport* transport);
  // Who is asked from the next request on.
  void set_target(RefPtr<Target> target) { target_ = std::move(target); }
  // request.cf as JSON text where no header brings one.
  void set_cf(std::string_view cf) { cf_ = cf; }

  // ---- events of the transport. Each runs the scheduler before it returns.
  // What there is to write at the end is left in out(): the caller writes it and calls ClearOut().
  void Feed(Chunk data);
  // The client will send no more. True: leave the connection open, there is an answer to give.
  bool EofReceived();
  // `run`: false from a destructor, where no JavaScript may run; the scheduler's next run does it.
  void Lost(bool run = true);
  void PauseWriting() { write_paused_ = true; }
  void ResumeWriting();

  // ---- the server
  // Finish what is under way, then close; close now when nothing is.
  void Shutdown();
  // Called now and then; `unsent`: bytes in the transport's buffer. Closes what has been waiting for too long.
  void CheckTimeout(double now, size_t unsent);
  bool idle() const { return phase_ == Phase::kIdle && !closing_; }
  double idle_since() const { return phase_ == Phase::kIdle ? last_read_ : 0; }
  bool closed() const { return closing_ || lost_; }

  // A connection without HTTP: everything received is the request's body, the response's body is sent as it is.
  // `address` becomes the URL; `headers` may say Remote-Address and Secure-Transport, which no client's CONNECT can.
  void StartRaw(std::string address, std::string headers);

  const std::string& out() const { return out_; }
  void ClearOut();

 private:
  ~Connection() override;

  // kIdle: between requests. kHead: some of a head is there. kRequest: handed over, the answer is not complete.
  // kTunnel: CONNECT.
  enum class Phase { kIdle, kHead, kRequest, kTunnel };
  enum PauseReason { kPausePipe = 1, kPausePipeline = 2 };
  static constexpr size_t kMaxExtra = 64 * 1024;
  enum class Framing { kNone, kLength, kChunked, kClose };

  // ---- request_head.cpp: llhttp's callbacks
  friend struct Callbacks;
  int OnMessageBegin();
  int OnUrl(std::string_view part);
  int OnExtra(size_t size);
  int OnField(std::string_view part);
  int OnFieldComplete();
  int OnValue(std::string_view part);
  int OnValueComplete();
  int OnHeadComplete();
  int OnBody(const char* at, size_t size);
  int OnMessageComplete();
  int Refuse(int status, const char* message);
  void ApplySpecial(std::string_view name, std::string_view value, size_t start);
  void BuildRequest(Request* request);

  // ---- request.cpp: the flow of a request
  void Process();
  void Parse();
  void StartExchange();
  void SendContinue();
  void StopRequestBody(const char* message);
  void ParseError(llhttp_errno_t error, const char* at);
  void SendError(int status, const char* message);
  void Advance();
  void PauseReading(int reason);
  void ResumeReading(int reason);
  void ProcessSoon();

  // ---- response.cpp
  void OnResponse(Response&& response);
  void OnError(Error&& error);
  void AppendHeaders(const std::string& headers);
  void SendPlain(int status, std::string_view headers, std::string_view text);
  void AcceptWebSocketSoon(Response&& response, const Request& request);
  void AcceptWebSocket(Response&& response, const Request& request);
  void WriteBody(std::vector<Chunk>& batch, size_t total);
  void EndBody();
  void AbortResponse();
  void Pump();
  void SchedulePump();
  void ResponseDone();

  // ---- observe.cpp
  void ObserveStart(const Request& request);
  void ObserveAnswer(int status, const Exchange& exchange);
  void ObserveEnd(bool complete);
  void TellFinished();

  // ---- output
  void Append(std::string_view text) { out_.append(text); }
  void AppendChunk(Chunk chunk);
  // Hands everything to the transport, then upgrades or closes if that was asked for.
  void Flush();
  void FlushSoon();
  void CloseAfterWrite(bool linger);
  void DropExchange();

  RefPtr<Target> target_;
  RefPtr<HttpOptions> options_;
  Transport* transport_;
  std::string cf_;

  llhttp_t parser_;
  Phase phase_ = Phase::kIdle;
  Chunk input_;  // received and not parsed yet

  // The head being read.
  std::string url_, headers_, host_, proto_, cf_header_, websocket_key_, websocket_version_, websocket_offer_;
  size_t name_start_ = 0, value_start_ = 0, header_count_ = 0, extra_bytes_ = 0;
  int fail_status_ = 0;
  const char* fail_message_ = nullptr;
  bool has_host_, bad_host_, has_cf_, expects_continue_, upgrade_websocket_, has_transfer_encoding_;

  // The request under way.
  // Not counted: when everybody who could answer has let go of it, its destructor says so. Null once it is answered.
  Exchange* exchange_ = nullptr;
  RefPtr<Pipe> request_pipe_;
  std::vector<Chunk> body_parts_;  // what came of the body before the exchange was started
  size_t body_size_ = 0;
  bool continue_pending_ = false, own_answer_ = false;
  bool has_body_ = false;  // Content-Length or Transfer-Encoding was there
  int64_t content_length_ = -1;
  const Chunk* parsing_ = nullptr;
  size_t parsed_size_ = 0;  // of *parsing_, if a request begins there
  bool head_done_ = false, request_done_ = false, keep_alive_ = false, http10_ = false, is_head_ = false, raw_ = false;

  // What is known of it for logs; null unless somebody wants to know. Then those that are over.
  std::unique_ptr<Observed> observed_;
  std::vector<std::unique_ptr<Observed>> finished_;

  // Its response.
  bool response_started_ = false, response_done_ = false;
  Framing framing_ = Framing::kNone;
  uint64_t remaining_ = 0;
  RefPtr<Pipe> response_pipe_;

  // Output. `segments_` come before `out_`.
  std::string out_;
  std::vector<Chunk> segments_;
  size_t segment_bytes_ = 0;
  Upgrade* upgrade_ = nullptr;
  RefPtr<ChannelEnd> control_;

  bool feeding_ = false, processing_ = false, process_scheduled_ = false, pump_scheduled_ = false,
       flush_scheduled_ = false, resume_scheduled_ = false, reading_paused_ = false;
  bool write_paused_ = false, closing_ = false, linger_ = false, close_told_ = false, lost_ = false,
       shutting_down_ = false, eof_ = false;
  int pause_reasons_ = 0;
  double head_started_ = 0, last_read_ = 0, last_write_progress_ = 0;
  size_t last_unsent_ = 0;
};

// Seconds, monotonic, coarse (a few milliseconds): for timeouts.
double CoarseNow();

}  // namespace workerd::http
