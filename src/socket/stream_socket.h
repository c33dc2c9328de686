// A stream socket: queues of requests in front of a Transport, moved on when the transport says
// that something happened.
//
//   submit --> sends_ ----copy----> transport          (kSend: done when the last byte is in)
//              sends_ --borrowed--> acks_ --> done     (kSendBorrowed: done when acknowledged)
//              receives_ <--copy--- transport          (done with the first bytes)
//
// Each request completes exactly once. A copy moves at most kCopyBytesPerTurn before others get
// their turn; the rest follows at the next service. Surprise: bytes that were borrowed stay out
// until they are acknowledged or the connection ends, so neither cancel nor close completes such a
// request early.
#pragma once

#include <cstdint>

#include "socket/request_queue.h"
#include "socket/transport.h"

namespace oriel::socket {

/// Most bytes copied for one socket in one turn: about 10 us of memcpy.
inline constexpr std::size_t kCopyBytesPerTurn = 256u << 10;

class StreamSocket final : public TransportUser {
 public:
  StreamSocket() = default;
  StreamSocket(const StreamSocket&) = delete;
  StreamSocket& operator=(const StreamSocket&) = delete;

  /// Gives it its transport, connecting or connected. Requires: none yet.
  void attach(Transport& transport);
  Transport* transport() const { return transport_; }

  /// Queues a connect, send or receive and makes what progress it can; it may complete inside.
  void submit(Instant now, Request& request);
  /// False: no such request is pending, or its bytes are borrowed and under way.
  /// Cancelling a connect gives the attempt up.
  bool cancel(Instant now, std::uint64_t id);
  void cancel(Instant now, Request& request);

  // Never wait; without a request. Errors as the header oriel/host.h says.
  Result<std::size_t> try_send(Instant now, ByteView bytes);
  Result<std::size_t> try_receive(Instant now, ByteSpan out);
  Result<void> send_urgent(Instant now, std::uint8_t byte);
  Result<void> shutdown_send(Instant now);
  /// The last holder lets go. Pending requests end with kCancelled, borrowed ones when they may.
  void close(Instant now);
  void abort(Instant now, ErrorCode reason);

  bool is_closed() const { return is_closed_; }
  /// After close: nothing refers to it any more.
  bool is_done() const { return is_closed_ && transport_ == nullptr; }

  void on_transport_events(Instant now, Transport& transport, std::uint16_t events) override;

 private:
  ErrorCode send_error() const;
  ErrorCode receive_error() const;
  void progress_connect(Instant now);
  void progress_sends(Instant now);
  void progress_acks();
  void progress_receives(Instant now);
  void release_if_done(Instant now);

  Transport* transport_ = nullptr;
  Request* connect_ = nullptr;
  RequestQueue sends_;
  RequestQueue acks_;
  RequestQueue receives_;
  bool is_shutdown_wanted_ = false;  // after what sends_ holds
  bool is_closed_ = false;
};

}  // namespace oriel::socket
