// A connection that is not there yet: a Transport that carries nothing, until its maker puts the
// connection itself in its place, or ends the attempt.
#pragma once

#include "socket/transport.h"
#include "tcp/ideal_send_backlog.h"

namespace oriel::socket {

class Placeholder : public Transport {
 public:
  Placeholder(const Endpoint& from, const Endpoint& to, Instant now)
      : local_(from), remote_(to), began_(now) {}

  bool is_orphan() const { return is_orphan_; }
  /// Ends the attempt; the user hears of it when `tell` is called.
  void fail(ErrorCode reason) {
    if (!is_over_) error_ = reason;
    is_over_ = true;
  }
  /// The user may let go inside, and so end this object.
  void tell(Instant now) {
    if (user() != nullptr) user()->on_transport_events(now, *this, transport_event::kFailed);
  }

  std::size_t send(Instant, ByteView) override { return 0; }
  std::size_t send_whole(Instant, ByteView) override { return 0; }
  bool takes_whole() const override { return false; }
  void send_borrowed(Instant, ByteView) override {}
  void send_urgent(Instant, std::uint8_t) override {}
  std::size_t receive(Instant, ByteSpan) override { return 0; }
  std::size_t peek(ByteSpan, std::size_t) const override { return 0; }
  void shutdown_send(Instant) override {}
  void close(Instant now) override { abort(now, ErrorCode::kConnectionAborted); }
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
  std::uint32_t ideal_send_backlog() const override { return tcp::IdealSendBacklog::kInitialBytes; }
  void fill_info(Instant now, TcpInfo& info) const override {
    info.local = local_;
    info.remote = remote_;
    info.state = is_over_ ? TcpState::kClosed : TcpState::kSynSent;
    info.age = now - began_;
  }
  const Endpoint& local() const override { return local_; }
  const Endpoint& remote() const override { return remote_; }

 protected:
  ~Placeholder() = default;

 private:
  const Endpoint local_;
  const Endpoint remote_;
  const Instant began_;
  ErrorCode error_ = ErrorCode::kOk;
  bool is_over_ = false;
  bool is_orphan_ = false;
};

}  // namespace oriel::socket
