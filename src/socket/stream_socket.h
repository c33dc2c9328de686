// A stream socket: queues of requests in front of a Transport, moved on when the transport says
// that something happened.
//
//   submit --> sends_ ----copy----> transport          (kSend: done when the last byte is in)
//              sends_ --borrowed--> acks_ --> done     (kSendBorrowed: done when acknowledged)
//              receives_ <--copy--- transport          (done with the first bytes)
//              backlog_wait() <---- transport          (done when the backlog is news)
//
// Each request completes exactly once. A receive does not pass the mark of urgent data (RFC 6093
// 3), and leaves the urgent byte out unless the socket takes it in line. A copy moves at most
// kCopyBytesPerTurn before others get their turn; the rest follows at the next service. Surprise:
// bytes that were borrowed stay out until they are acknowledged or the connection ends, so neither
// cancel nor close completes such a request early.
#pragma once

#include <cstdint>
#include <utility>

#include "socket/readiness.h"
#include "socket/request_queue.h"
#include "socket/send_quota.h"
#include "socket/transport.h"
#include "tcp/ideal_send_backlog.h"

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
  /// Another transport goes on with the attempt to connect. Requires: the present one carried
  /// nothing, and is told of no more by this socket.
  void replace_transport(Transport& transport) {
    transport_->set_user(nullptr);
    transport_ = &transport;
    transport.set_user(this);
  }

  /// Queues a connect, send, receive or wait (for urgent data, for another backlog) and makes what
  /// progress it can; it may complete inside.
  void submit(Instant now, Request& request);
  /// False: no such request is pending, or its bytes are borrowed and under way.
  /// Cancelling a connect gives the attempt up.
  bool cancel(Instant now, std::uint64_t id);
  void cancel(Instant now, Request& request);
  /// Sends of which nothing is taken yet end with kCancelled; what is taken goes on.
  void discard_queued_sends(Instant now);

  /// What progress a send or receive can make now without queueing it: kOk when it made some (or is
  /// done), kWouldBlock when it made none or earlier ones wait. The sink hears nothing.
  ErrorCode try_now(Instant now, Request& request);
  // Never wait; without a request. Errors as the header oriel/host.h says.
  Result<std::size_t> try_send(Instant now, ByteView bytes);
  Result<std::size_t> try_receive(Instant now, ByteSpan out);
  /// Transport::lend of in-band bytes; 0: none, or receives wait for them. What was lent is taken
  /// by `take_lent`.
  std::size_t lend(std::span<Slice> out, std::size_t bytes_max, BufferPool& pool) const;
  /// The first `n` of the bytes that were lent have been read. Requires: nothing was read since.
  void take_lent(Instant now, std::size_t n);
  Result<void> send_urgent(Instant now, std::uint8_t byte);
  Result<void> shutdown_send(Instant now);
  /// How much the program should keep outstanding. It is told by this: a kWaitBacklog that comes
  /// later waits for another value. Errors: as a kWaitBacklog would have.
  Result<std::uint32_t> report_backlog();
  /// What a kWaitBacklog that is submitted now fails with at once; kOk: it is taken.
  ErrorCode backlog_wait_refusal() const {
    return backlog_wait() != nullptr ? ErrorCode::kCancelled : backlog_error();
  }
  /// Ends a kWaitBacklog with kCancelled.
  void cancel_backlog_wait();
  /// New receives fail with kShutDown; those that wait may still end. What is unread then or comes
  /// later without a receive that waits for it resets the connection.
  Result<void> shutdown_receive(Instant now);
  /// The last holder lets go. Pending requests end with kCancelled, borrowed ones when they may.
  void close(Instant now);
  void abort(Instant now, ErrorCode reason);

  void set_observer(ReadinessObserver* observer) { observer_ = observer; }
  /// The observer shall hear when a send becomes possible, as after one that was refused.
  void want_write() { is_send_refused_ = true; }
  /// The observer shall hear when something can be read.
  void want_read() {
    if (transport_ != nullptr) transport_->want_readable();
  }
  /// A way for plain sends and receives without a turn, where nothing that this socket knows of
  /// stands against it (lane.h). nullptr: none.
  std::shared_ptr<Lane> lend(Loan loan);
  /// What holds now: bits of `ready`, without kBacklog.
  std::uint16_t readiness() const;
  /// In-band bytes that receives would take now.
  std::size_t readable_bytes() const;
  /// The next byte to read is the urgent one.
  bool is_at_mark() const { return transport_ != nullptr && transport_->urgent_bytes_left() == 1; }
  /// Urgent bytes stay in the stream (true) or are read out of band alone (false).
  void set_urgent_inline(bool is_inline) { is_urgent_inline_ = is_inline; }
  /// Requests wait in that direction, so that one that comes now has to queue behind them.
  bool has_queued_sends() const { return !sends_.empty(); }
  bool has_queued_receives() const { return !receives_.empty(); }
  bool is_send_shut() const { return is_shutdown_wanted_; }
  bool is_receive_shut() const { return is_receive_shut_; }

  bool is_closed() const { return is_closed_; }
  /// After close: nothing refers to it any more.
  bool is_done() const { return is_closed_ && transport_ == nullptr; }

  void on_transport_events(Instant now, Transport& transport, std::uint16_t events) override;

 private:
  ErrorCode send_error() const;
  bool is_question(const Request& request) const;
  ErrorCode receive_error() const;
  Request* lone(Request::Kind kind) const {
    return lone_ != nullptr && lone_->kind == kind ? lone_ : nullptr;
  }
  Request* connecting() const { return lone(Request::Kind::kConnect); }
  Request* backlog_wait() const { return lone(Request::Kind::kWaitBacklog); }
  void end_lone(ErrorCode outcome) { std::exchange(lone_, nullptr)->complete(outcome); }
  void progress_connect(Instant now);
  void progress_sends(Instant now);
  void progress_acks();
  void release_if_done(Instant now);
  bool may_begin_send() const {
    if (!transport_->takes_whole()) return transport_->send_room() != 0;
    return quota_.may_begin(transport_->send_room(), transport_->bytes_acked());
  }
  void progress_urgent_waits();
  ErrorCode backlog_error() const;
  void begin_backlog_wait(Request& request);
  void progress_backlog_wait();
  bool advance_send(Instant now, Request& request, std::size_t& budget);
  void tell(std::uint16_t events);

  // stream_receives.cc
  void progress_receives(Instant now);
  ErrorCode advance_receive(Instant now, Request& request, std::size_t& budget);
  ErrorCode take_urgent(Request& request);
  std::size_t copy_out(Instant now, ByteSpan out, const Request& request);
  void skip_urgent_at_mark(Instant now);
  void step_over_urgent(Instant now);
  bool has_urgent() const;

  Transport* transport_ = nullptr;
  Request* lone_ = nullptr;  // a connect until it is done, then the one wait for another backlog
  RequestQueue sends_;
  RequestQueue acks_;
  RequestQueue receives_;
  RequestQueue urgent_waits_;
  ReadinessObserver* observer_ = nullptr;
  SendQuota quota_;
  std::uint32_t backlog_told_ = tcp::IdealSendBacklog::kInitialBytes;
  bool is_shutdown_wanted_ : 1 = false;  // after what sends_ holds
  bool is_receive_shut_ : 1 = false;
  bool is_closed_ : 1 = false;
  bool is_send_refused_ : 1 = false;  // somebody was told kWouldBlock: tell when it may
  bool is_urgent_inline_ : 1 = true;
  bool is_urgent_taken_ : 1 = false;  // the byte before the mark was read out of band
  bool has_kept_urgent_ : 1 = false;  // kept_urgent_: passed in the stream, not read yet
  bool may_have_urgent_receives_ : 1 = false;
  bool is_urgent_news_ : 1 = false;  // announced, and no kWaitUrgent has heard of it
  std::uint8_t kept_urgent_ = 0;
};

}  // namespace oriel::socket
