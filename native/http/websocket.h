// One WebSocket connection, server's or client's side: bytes on one side, a Channel's messages on the other. What bytes
// travel on is a Transport, as for HTTP.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "flow/channel.h"
#include "flow/chunk.h"
#include "http/connection.h"
#include "http/websocket_deflate.h"
#include "http/websocket_frames.h"

namespace workerd::http {

class WebSocketProtocol : public RefCounted {
 public:
  // `channel`: our end. `extension`: the agreed Sec-WebSocket-Extensions value. `transport` must live until Lost().
  WebSocketProtocol(RefPtr<ChannelEnd> channel, std::string_view extension, bool client, Transport* transport);
  // Starts delivery of the channel's messages.
  void Start();

  // ---- events of the transport
  void Feed(Chunk data);
  void Eof();
  // `run`: false from a destructor, where no JavaScript may run; the scheduler's next run does it.
  void Lost(bool run = true);
  void ResumeWriting() { channel_->Drained(); }
  // The server stops: close code 1001, then the connection ends when the other side has answered.
  void Shutdown();
  void CheckTimeout(double now);
  bool closed() const { return closing_ || lost_; }

 private:
  ~WebSocketProtocol() override { Py_XDECREF(whole_); }
  // How much of the data was used; less than all: a header or a control frame has to wait for more.
  size_t ParseFrames(const char* data, size_t size);
  // Empty: the frame may come now.
  std::string WrongFrame(const FrameHeader& header) const;
  // Text that breaks the protocol, after what came before it was dealt with.
  bool Wrong(int code, const std::string& reason);
  // A data frame's payload, as it comes. All return false when the connection is over.
  bool BeginFrame(const FrameHeader& header);
  bool AddPayload(const char* data, size_t size);
  bool EndFrame();
  bool Deliver(Chunk message);
  bool OnControl(Opcode opcode, std::string payload);
  void OnMessage(Message&& message);
  void SendFrame(Opcode opcode, std::string_view payload, bool rsv1 = false);
  void SendLongFrame(Opcode opcode, Chunk payload, bool rsv1);
  void CloseOut();
  void SendClose(int code, std::string_view reason);
  bool Fail(int code, const std::string& reason);
  void Disconnected(std::string_view why);
  void Finish(bool abort);
  void Flush();
  void FlushSoon();
  void CheckBacklog();
  size_t Unsent() const;

  RefPtr<ChannelEnd> channel_;
  std::unique_ptr<Deflate> deflate_;
  Transport* transport_;
  const bool client_;
  std::string in_;  // an incomplete header or control frame
  // What is to be written: `parts_`, then `out_`.
  std::vector<Chunk> parts_;
  std::string out_;
  // The data frame that is coming, and how much of its payload is missing.
  FrameHeader frame_{};
  bool in_frame_ = false;
  uint64_t missing_ = 0;
  // The message that it belongs to. One in a single frame is unmasked into its final place (`whole_`, a bytes object).
  Opcode message_opcode_ = Opcode::kContinuation;  // none under way
  bool message_compressed_ = false;
  Utf8Check utf8_;
  std::string fragments_;
  PyObject* whole_ = nullptr;
  bool reading_paused_ = false, feeding_ = false, flush_scheduled_ = false, delivered_ = false;
  bool close_sent_ = false, close_received_ = false, closing_ = false, abort_ = false, close_told_ = false,
       lost_ = false;
  double closing_since_ = 0;
};

}  // namespace workerd::http
