// A TCP connection with its two endpoints, as a Transport.
//
// It joins what the connection must not know (addresses, its place in tables, who uses it) with the
// connection itself. After every call that may have made work it tells its StreamOwner, which
// transmits, delivers events and keeps the timer; nothing here does any of that.
#pragma once

#include <cstdint>
#include <utility>

#include "oriel/address.h"
#include "socket/transport.h"
#include "tcp/connection.h"

namespace oriel::socket {

class TcpStream;

/// The composition that services streams.
class StreamOwner {
 public:
  /// The stream may have something to transmit or to tell. Bound: O(1).
  virtual void on_stream_work(TcpStream& stream) = 0;
  /// Nobody uses it any more: it counts as an orphan and is freed when it has ended.
  virtual void on_stream_orphaned(TcpStream& stream) = 0;
  /// Whether the host's memory allows this stream to buffer more to send. It is asked again when
  /// bytes of the stream are acknowledged, so a no needs some to be out.
  virtual bool may_buffer(const TcpStream& stream) const = 0;
  /// What stands in front of a stream that is marked as inspected.
  virtual Transport& front_of(TcpStream& stream);

 protected:
  ~StreamOwner() = default;
};

class TcpStream : public Transport {
 public:
  TcpStream(StreamOwner& owner, const Endpoint& local, const Endpoint& remote,
            const tcp::Connection::Setup& setup)
      : connection_(setup), owner_(&owner), local_(local), remote_(remote) {}

  tcp::Connection& connection() { return connection_; }
  const tcp::Connection& connection() const { return connection_; }
  const Endpoint& local() const override { return local_; }
  const Endpoint& remote() const override { return remote_; }
  bool is_orphan() const { return is_orphan_; }
  void mark_inspected() { is_inspected_ = true; }
  bool is_inspected() const { return is_inspected_; }
  Transport& front() override { return is_inspected_ ? owner_->front_of(*this) : *this; }

  std::size_t send(Instant now, ByteView bytes) override;
  std::size_t send_whole(Instant now, ByteView bytes) override;
  void send_borrowed(Instant now, ByteView bytes) override;
  void send_urgent(Instant now, std::uint8_t byte) override;
  std::size_t receive(Instant now, ByteSpan out) override;
  std::size_t peek(ByteSpan out, std::size_t offset) const override {
    return connection_.peek(out, offset);
  }
  std::size_t lend(std::span<Slice> out, std::size_t bytes_max, BufferPool&) const override {
    return connection_.share(out, bytes_max);
  }
  void skip(Instant now, std::size_t n) override;
  void shutdown_send(Instant now) override;
  void close(Instant now) override;
  void abort(Instant now, ErrorCode reason) override;
  void detach(Instant now) override;
  void set_options(Instant now, const tcp::TcpSocketOptions& options) override;
  void request_service() override {
    is_service_due_ = true;
    owner_->on_stream_work(*this);
  }
  /// The user asked to be called, whatever happened; once.
  bool take_service_due() { return std::exchange(is_service_due_, false); }

  bool is_connected() const override;
  bool has_ended() const override { return connection_.is_closed(); }
  ErrorCode error() const override { return connection_.error(); }
  std::size_t send_room() const override { return connection_.send_room(); }
  std::size_t readable_bytes() const override { return connection_.readable_bytes(); }
  std::uint32_t urgent_bytes_left() const override { return connection_.urgent_bytes_left(); }
  bool is_at_end_of_stream() const override { return connection_.is_at_end_of_stream(); }
  bool is_send_closed() const override { return connection_.is_send_closed(); }
  bool is_send_end_acked() const override;
  std::uint64_t bytes_acked() const override { return connection_.bytes_acked(); }
  std::uint64_t bytes_queued() const override { return connection_.bytes_queued(); }
  std::uint32_t ideal_send_backlog() const override { return connection_.ideal_send_backlog(); }
  void fill_info(Instant now, TcpInfo& info) const override;

 private:
  friend class StreamTable;
  // In the bytes that Transport leaves before the next word: each connection pays for its size.
  bool is_orphan_ = false;
  bool is_inspected_ = false;
  bool is_service_due_ = false;
  std::uint32_t hash_ = 0;  // StreamTable's
  tcp::Connection connection_;
  StreamOwner* owner_;
  TcpStream* hash_next_ = nullptr;  // StreamTable's
  Endpoint local_;
  Endpoint remote_;
};

}  // namespace oriel::socket
