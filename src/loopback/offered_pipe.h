// The connecting side of a fast connection whose other process has not answered yet: a Transport
// that carries nothing, until its maker puts the pipe, or a TCP stream, in its place.
#pragma once

#include "loopback/pipe_set.h"
#include "socket/transport.h"

namespace oriel::loopback {

class OfferedPipe : public socket::Transport {
 public:
  OfferedPipe(const Endpoint& from, const Endpoint& to, const EndStore::Slot& own,
              std::shared_ptr<FarSide> other, Instant now)
      : slot(own), across(std::move(other)), local_(from), remote_(to), began_(now) {}

  const EndStore::Slot slot;
  const std::shared_ptr<FarSide> across;
  bool is_answered = false;
  bool is_orphan() const { return is_orphan_; }
  /// Ends the attempt; the user hears of it when `tell` is called.
  void fail(ErrorCode reason) {
    if (!is_over_) error_ = reason;
    is_over_ = true;
  }
  void tell(Instant now) {
    if (user() != nullptr) {
      user()->on_transport_events(now, *this, socket::transport_event::kFailed);
    }
  }

  std::size_t send(Instant, ByteView) override { return 0; }
  std::size_t send_whole(Instant, ByteView) override { return 0; }
  bool takes_whole() const override { return false; }
  void send_borrowed(Instant, ByteView) override {}
  void send_urgent(Instant, std::uint8_t) override {}
  std::size_t receive(Instant, ByteSpan) override { return 0; }
  std::size_t peek(ByteSpan, std::size_t) const override { return 0; }
  void shutdown_send(Instant) override {}
  void close(Instant) override { fail(ErrorCode::kConnectionAborted); }
  void abort(Instant, ErrorCode reason) override { fail(reason); }
  void detach(Instant) override {
    is_orphan_ = true;
    set_user(nullptr);
  }
  void set_options(Instant, const tcp::TcpSocketOptions&) override {}
  void request_service() override {}

  bool is_connected() const override { return false; }
  bool has_ended() const override { return is_over_; }
  ErrorCode error() const override { return error_; }
  std::size_t send_room() const override { return 0; }
  std::size_t readable_bytes() const override { return 0; }
  std::uint32_t urgent_bytes_left() const override { return 0; }
  bool is_at_end_of_stream() const override { return false; }
  bool is_send_closed() const override { return false; }
  std::uint64_t bytes_acked() const override { return 0; }
  std::uint64_t bytes_queued() const override { return 0; }
  std::uint32_t ideal_send_backlog() const override { return Pipe::kIdealSendBacklog; }
  void fill_info(Instant now, TcpInfo& info) const override {
    info.local = local_;
    info.remote = remote_;
    info.state = is_over_ ? TcpState::kClosed : TcpState::kSynSent;
    info.path = ConnectionPath::kFast;
    info.path_reason = PathReason::kFast;
    info.age = now - began_;
  }
  const Endpoint& local() const override { return local_; }
  const Endpoint& remote() const override { return remote_; }

 protected:
  ~OfferedPipe() = default;

 private:
  const Endpoint local_;
  const Endpoint remote_;
  const Instant began_;
  ErrorCode error_ = ErrorCode::kOk;
  bool is_over_ = false;
  bool is_orphan_ = false;
};

}  // namespace oriel::loopback
