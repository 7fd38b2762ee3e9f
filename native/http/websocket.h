// One WebSocket connection, server's or client's side: bytes on one side, a Channel's messages on the other. What bytes
// travel on is a Transport, as for HTTP.
#pragma once
#include <memory>
#include <string>

#include "flow/channel.h"
#include "flow/chunk.h"
#include "http/connection.h"
#include "http/websocket_deflate.h"
#include "http/websocket_frames.h"

namespace workerd::http {

class WebSocketProtocol : public RefCounted {
 public:
  static constexpr size_t kMaxMessage = 32 * 1024 * 1024;  // as the reference has it
  // `channel`: our end. `extension`: the agreed Sec-WebSocket-Extensions value. `transport` must live until Lost().
  WebSocketProtocol(RefPtr<ChannelEnd> channel, std::string_view extension, bool client, Transport* transport);
  // Starts delivery of the channel's messages.
  void Start();

  // ---- events of the transport; as in Connection, Feed() leaves its output in out().
  void Feed(Chunk data);
  void Eof();
  // `run`: false from a destructor, where no JavaScript may run; the scheduler's next run does it.
  void Lost(bool run = true);
  void PauseWriting() { write_paused_ = true; }
  void ResumeWriting();
  // The server stops: close code 1001, then the connection ends when the other side has answered.
  void Shutdown();
  void CheckTimeout(double now);
  bool closed() const { return closing_ || lost_; }
  const std::string& out() const { return out_; }
  void ClearOut();

 private:
  ~WebSocketProtocol() override = default;
  // Both return how much of the data was used; less than all: it has to wait for more.
  size_t ParseFrames(const char* data, size_t size);
  // Empty: the frame may come now.
  std::string WrongFrame(const FrameHeader& header) const;
  bool OnFrame(const FrameHeader& header, const char* payload);
  bool Deliver(Opcode opcode, bool compressed, Chunk message);
  bool OnControl(Opcode opcode, std::string payload);
  void OnMessage(Message&& message);
  void SendFrame(Opcode opcode, std::string_view payload, bool rsv1 = false);
  void SendClose(int code, std::string_view reason);
  bool Fail(int code, const std::string& reason);
  void Disconnected(std::string_view why);
  void Finish(bool abort);
  void Flush();
  void FlushSoon();
  void CheckBacklog();

  RefPtr<ChannelEnd> channel_;
  std::unique_ptr<Deflate> deflate_;
  Transport* transport_;
  const bool client_;
  std::string in_;  // an incomplete frame
  std::string out_;
  Opcode message_opcode_ = Opcode::kContinuation;  // of the fragmented message under way
  bool message_compressed_ = false;
  std::string fragments_;
  size_t unsent_ = 0;  // handed to a paused transport
  bool write_paused_ = false, reading_paused_ = false, feeding_ = false, flush_scheduled_ = false;
  bool close_sent_ = false, close_received_ = false, closing_ = false, abort_ = false, close_told_ = false,
       lost_ = false;
  double closing_since_ = 0;
};

}  // namespace workerd::http
