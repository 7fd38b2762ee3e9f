#include "http/websocket.h"

#include <sys/random.h>

#include <algorithm>

#include "flow/scheduler.h"

namespace workerd::http {

namespace {

constexpr size_t kKeepBuffer = 16 * 1024;
constexpr size_t kLongFrame = 16 * 1024;     // from here on copying costs more than another write
constexpr size_t kMaxBacklog = 1024 * 1024;  // messages nobody listens to yet, in bytes
constexpr size_t kCompressFrom = 32;         // shorter messages gain nothing
constexpr double kCloseTimeout =
    10;  // seconds for the other side to answer a close frame, or to close the connection after both were sent

// Masks must not be predictable by who chooses the payload (RFC 6455, 10.3).
void NextMask(uint8_t mask[4]) {
  static uint8_t pool[4096];
  static size_t left = 0;
  if (left < 4) {
    size_t got = 0;
    while (got < sizeof pool) {
      ssize_t n = getrandom(pool + got, sizeof pool - got, 0);
      if (n > 0) got += static_cast<size_t>(n);
    }
    left = sizeof pool;
  }
  left -= 4;
  memcpy(mask, pool + left, 4);
}

std::string Describe(FrameResult result, char first) {
  switch (result) {
    case FrameResult::kReservedBits:
      return "Received frame had RSV bits 2 or 3 set";
    case FrameResult::kOpcode:
      return "Unknown opcode " + std::to_string(first & 15);
    case FrameResult::kControl:
      return first & 0x80 ? "Received an oversized or compressed control frame" : "Received fragmented control frame";
    default:
      return "Received a frame whose length is not in its shortest form";
  }
}

}  // namespace

WebSocketProtocol::WebSocketProtocol(RefPtr<ChannelEnd> channel, std::string_view extension, bool client,
                                     Transport* transport)
    : channel_(std::move(channel)), transport_(transport), client_(client) {
  if (!extension.empty()) deflate_ = Deflate::New(extension, client);
}

void WebSocketProtocol::Start() {
  RefPtr<WebSocketProtocol> self(this);
  // The channel's callback owns this object, until either side is done with it: see Finish().
  channel_->SetBacklog([this] { return Unsent(); });
  channel_->SetOnDrained([this] { CheckBacklog(); });
  channel_->Listen([self](Message&& message) { self->OnMessage(std::move(message)); });
  Scheduler::Run();
  Flush();
}

void WebSocketProtocol::Feed(Chunk data) {
  RefPtr<WebSocketProtocol> self(this);
  if (closed() || close_received_) return;
  feeding_ = true;
  delivered_ = false;
  if (in_.empty()) {
    size_t used = ParseFrames(data.data(), data.size());
    if (used < data.size() && !closed()) in_.assign(data.data() + used, data.size() - used);
  } else {
    std::string both = std::move(in_);
    in_.clear();
    both.append(data.data(), data.size());
    size_t used = ParseFrames(both.data(), both.size());
    if (used < both.size() && !closed()) in_ = both.substr(used);
  }
  Scheduler::Run();
  feeding_ = false;
  CheckBacklog();
  Flush();
}

size_t WebSocketProtocol::ParseFrames(const char* data, size_t size) {
  size_t done = 0;
  while (!closed() && !close_received_) {
    if (in_frame_) {
      size_t n = std::min<uint64_t>(missing_, size - done);
      if (n > 0 && !AddPayload(data + done, n)) return size;
      done += n;
      missing_ -= n;
      if (missing_ > 0) break;
      in_frame_ = false;
      if (!EndFrame()) return size;
      continue;
    }
    FrameHeader header;
    size_t used;
    FrameResult result = ParseFrameHeader(data + done, size - done, &header, &used);
    if (result == FrameResult::kIncomplete) break;
    std::string wrong = result == FrameResult::kOk ? WrongFrame(header) : Describe(result, data[done]);
    if (!wrong.empty()) {
      Wrong(1002, wrong);
      return size;
    }
    if (header.control()) {
      if (size - done - used < header.length) break;
      std::string payload(data + done + used, header.length);
      if (header.masked) ApplyMask(payload.data(), payload.data(), payload.size(), header.mask);
      done += used + header.length;
      if (!OnControl(header.opcode, std::move(payload))) return size;
      continue;
    }
    done += used;
    if (!BeginFrame(header)) return size;
  }
  return closed() || close_received_ ? size : done;
}

std::string WebSocketProtocol::WrongFrame(const FrameHeader& header) const {
  if (header.masked == client_) return client_ ? "Received a masked frame" : "Received an unmasked frame";
  if (header.control()) return "";
  bool continues = header.opcode == Opcode::kContinuation;
  if (continues && message_opcode_ == Opcode::kContinuation) return "Unexpected continuation frame";
  if (!continues && message_opcode_ != Opcode::kContinuation) return "Missing continuation frame";
  if (header.rsv1 && continues) return "Received a continuation frame with its compression bit set";
  if (header.rsv1 && !deflate_) {
    return "Received a WebSocket frame whose compression bit was set, but the compression extension was not negotiated "
           "for this connection.";
  }
  return "";
}

// Messages that came right before are delivered and answered first, however the bytes were cut into reads.
bool WebSocketProtocol::Wrong(int code, const std::string& reason) {
  if (delivered_) Scheduler::Run();
  return closed() ? false : Fail(code, reason);
}

bool WebSocketProtocol::BeginFrame(const FrameHeader& header) {
  if (header.opcode != Opcode::kContinuation) {
    message_opcode_ = header.opcode;
    message_compressed_ = header.rsv1;
    utf8_ = Utf8Check();
  }
  size_t room = channel_->peer_max_message() - std::min(fragments_.size(), channel_->peer_max_message());
  if (header.length > room) {
    return Wrong(1009, "Message is too large: " + std::to_string(header.length) + " > " + std::to_string(room));
  }
  frame_ = header;
  missing_ = header.length;
  in_frame_ = true;
  if (!header.fin || header.opcode == Opcode::kContinuation) return true;
  whole_ = PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(header.length));
  if (whole_) return true;
  PyErr_Clear();
  return Fail(1011, "Out of memory");
}

bool WebSocketProtocol::AddPayload(const char* data, size_t size) {
  size_t at = frame_.length - missing_;
  char* to;
  if (whole_) {
    to = PyBytes_AS_STRING(whole_) + at;
  } else {
    size_t before = fragments_.size();
    fragments_.resize(before + size);
    to = fragments_.data() + before;
  }
  if (frame_.masked) {
    ApplyMask(to, data, size, frame_.mask, at);
  } else {
    memcpy(to, data, size);
  }
  // What cannot become text is refused at once, not when its last byte has come.
  if (message_opcode_ == Opcode::kText && !message_compressed_ && !utf8_.Add({to, size}))
    return Wrong(1007, "Invalid UTF-8");
  return true;
}

bool WebSocketProtocol::EndFrame() {
  if (!frame_.fin) return true;
  Chunk message;
  if (whole_) {
    message = Chunk::Steal(std::exchange(whole_, nullptr));
  } else {
    message = Chunk::Copy(fragments_.data(), fragments_.size());
    std::string().swap(fragments_);
  }
  return Deliver(std::move(message));
}

bool WebSocketProtocol::Deliver(Chunk message) {
  bool text = std::exchange(message_opcode_, Opcode::kContinuation) == Opcode::kText;
  if (message_compressed_) {
    Chunk plain;
    switch (deflate_->Decompress(message, channel_->peer_max_message(), &plain)) {
      case Deflate::Inflated::kOk:
        break;
      case Deflate::Inflated::kInvalid:
        return Wrong(1002, "Invalid compressed data");
      case Deflate::Inflated::kTooLarge:
        return Wrong(1009, "Message is too large");
    }
    message = std::move(plain);
    if (text && !IsUtf8(message.view())) return Wrong(1007, "Invalid UTF-8");
  } else if (text && !utf8_.complete()) {
    return Wrong(1007, "Invalid UTF-8");
  }
  delivered_ = true;
  channel_->Send({text ? Message::Kind::kText : Message::Kind::kBinary, std::move(message), 1005, ""});
  return !closed();
}

bool WebSocketProtocol::OnControl(Opcode opcode, std::string payload) {
  if (opcode == Opcode::kPing) {
    if (!close_sent_) SendFrame(Opcode::kPong, payload);
    return true;
  }
  if (opcode == Opcode::kPong) return true;
  int code = 1005;
  std::string reason;
  if (payload.size() == 1) return Wrong(1002, "Received a close frame of one byte");
  if (payload.size() >= 2) {
    code = static_cast<uint8_t>(payload[0]) << 8 | static_cast<uint8_t>(payload[1]);
    if (!IsSendableCloseCode(code)) return Wrong(1002, "Invalid close code " + std::to_string(code));
    reason = payload.substr(2);
    if (!IsUtf8(reason)) return Wrong(1007, "Invalid UTF-8");
  }
  close_received_ = true;
  closing_since_ = CoarseNow();
  channel_->Send({Message::Kind::kClose, Chunk(), code, std::move(reason)});
  if (close_sent_) Finish(false);
  return false;
}

// From the worker; possibly in the middle of its turn.
void WebSocketProtocol::OnMessage(Message&& message) {
  if (closed() || close_sent_) return;
  switch (message.kind) {
    case Message::Kind::kText:
    case Message::Kind::kBinary: {
      Opcode opcode = message.kind == Message::Kind::kText ? Opcode::kText : Opcode::kBinary;
      Chunk compressed;
      bool rsv1 = deflate_ && message.data.size() >= kCompressFrom && deflate_->Compress(message.data, &compressed);
      Chunk payload = rsv1 ? std::move(compressed) : std::move(message.data);
      if (payload.size() < kLongFrame) {
        SendFrame(opcode, payload.view(), rsv1);
      } else {
        SendLongFrame(opcode, std::move(payload), rsv1);
      }
      break;
    }
    case Message::Kind::kClose:
      SendClose(message.code, message.reason);
      if (close_received_) Finish(false);
      break;
    case Message::Kind::kError:
      // The other side sees a connection that ended without a close frame; the worker needs not be told.
      close_received_ = true;
      Finish(true);
      break;
  }
  FlushSoon();
}

void WebSocketProtocol::SendFrame(Opcode opcode, std::string_view payload, bool rsv1) {
  if (!client_) {
    AppendFrameHeader(&out_, opcode, rsv1, payload.size(), nullptr);
    out_.append(payload);
    return;
  }
  uint8_t mask[4];
  NextMask(mask);
  AppendFrameHeader(&out_, opcode, rsv1, payload.size(), mask);
  size_t start = out_.size();
  out_.append(payload);
  ApplyMask(out_.data() + start, payload.data(), payload.size(), mask);
}

// A payload that is written as it is, or masked into its final place.
void WebSocketProtocol::SendLongFrame(Opcode opcode, Chunk payload, bool rsv1) {
  if (!client_) {
    AppendFrameHeader(&out_, opcode, rsv1, payload.size(), nullptr);
    CloseOut();
    parts_.push_back(std::move(payload));
    return;
  }
  CloseOut();
  uint8_t mask[4];
  NextMask(mask);
  AppendFrameHeader(&out_, opcode, rsv1, payload.size(), mask);
  size_t head = out_.size();
  PyObject* bytes = PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(head + payload.size()));
  if (!bytes) {
    PyErr_Clear();
    out_.clear();
    Fail(1011, "Out of memory");
    return;
  }
  memcpy(PyBytes_AS_STRING(bytes), out_.data(), head);
  ApplyMask(PyBytes_AS_STRING(bytes) + head, payload.data(), payload.size(), mask);
  out_.clear();
  parts_.push_back(Chunk::Steal(bytes));
}

// What was gathered becomes a part of its own.
void WebSocketProtocol::CloseOut() {
  if (out_.empty()) return;
  parts_.push_back(Chunk::Copy(out_.data(), out_.size()));
  if (out_.capacity() > kKeepBuffer) {
    std::string().swap(out_);
  } else {
    out_.clear();
  }
}

void WebSocketProtocol::SendClose(int code, std::string_view reason) {
  if (close_sent_) return;
  close_sent_ = true;
  closing_since_ = CoarseNow();
  std::string payload;
  if (code != 1005) {
    if (!IsSendableCloseCode(code))
      code = 1011;  // 1006 and its like say that there was no close frame: they cannot be in one
    payload.push_back(static_cast<char>(code >> 8));
    payload.push_back(static_cast<char>(code));
    payload.append(CutUtf8(reason, 123));
  }
  SendFrame(Opcode::kClose, payload);
}

// The other side broke the protocol: it is told, and so is the worker.
bool WebSocketProtocol::Fail(int code, const std::string& reason) {
  SendClose(code, reason);
  Disconnected("WebSocket protocol error; protocolError.statusCode = " + std::to_string(code) +
               "; protocolError.description = " + reason);
  Finish(false);
  return false;
}

// The end of a connection that was not closed as it should be.
void WebSocketProtocol::Disconnected(std::string_view why) {
  if (close_received_) return;
  close_received_ = true;
  channel_->Send({Message::Kind::kError, Chunk::Copy(why.data(), why.size()), 1006, ""});
}

void WebSocketProtocol::Finish(bool abort) {
  if (closing_) return;
  closing_ = true;
  Py_CLEAR(whole_);
  std::string().swap(fragments_);
  abort_ = abort;
  closing_since_ = CoarseNow();
  FlushSoon();
}

void WebSocketProtocol::Eof() {
  RefPtr<WebSocketProtocol> self(this);
  if (lost_) return;
  Disconnected("WebSocket disconnected without sending Close frame.");
  Finish(false);
  Scheduler::Run();
  Flush();
}

void WebSocketProtocol::Lost(bool run) {
  RefPtr<WebSocketProtocol> self(this);
  if (lost_) return;
  Disconnected("WebSocket disconnected without sending Close frame.");
  // A worker that was told of the Close frame and has not answered need not any more.
  if (!close_sent_) channel_->Send({Message::Kind::kError, Chunk(), 1006, ""});
  lost_ = true;
  channel_->SetBacklog(nullptr);
  channel_->SetOnDrained(nullptr);
  parts_.clear();
  std::string().swap(out_);
  if (run) Scheduler::Run();
  channel_->Disconnect();
  channel_->Listen(nullptr);  // it may have been disconnected before; the callback holds this object
}

size_t WebSocketProtocol::Unsent() const {
  size_t size = out_.size() + transport_->Unsent();
  for (const Chunk& part : parts_) size += part.size();
  return size;
}

void WebSocketProtocol::Shutdown() {
  RefPtr<WebSocketProtocol> self(this);
  if (closed() || close_sent_) return;
  SendClose(1001, "The server is going away");
  Flush();
}

void WebSocketProtocol::CheckTimeout(double now) {
  RefPtr<WebSocketProtocol> self(this);
  if (lost_) return;
  CheckBacklog();
  if ((closing_ || close_sent_) && now - closing_since_ > kCloseTimeout) transport_->Abort();
}

// A worker that has not accepted its end yet, or a slow reader behind a proxy, must not make us keep everything the
// other side likes to send.
void WebSocketProtocol::CheckBacklog() {
  if (closed()) return;
  bool much = channel_->buffered() > kMaxBacklog;
  if (much == reading_paused_) return;
  reading_paused_ = much;
  if (much) {
    transport_->PauseReading();
  } else {
    transport_->ResumeReading();
  }
}

void WebSocketProtocol::Flush() {
  if (lost_) return;
  RefPtr<WebSocketProtocol> self(this);
  CloseOut();
  // A write may call back with all sorts of events.
  for (const Chunk& part : std::exchange(parts_, {})) {
    if (lost_) break;
    transport_->Write(part);
  }
  if (closing_ && !close_told_ && !lost_) {
    close_told_ = true;
    if (abort_) {
      transport_->Abort();
    } else {
      transport_->Close(!close_received_);
    }
  }
}

void WebSocketProtocol::FlushSoon() {
  if (feeding_ || flush_scheduled_ || lost_) return;
  flush_scheduled_ = true;
  RefPtr<WebSocketProtocol> self(this);
  Scheduler::AtIdle([self] {
    self->flush_scheduled_ = false;
    self->Flush();
  });
}

}  // namespace workerd::http
