// One TCP connection (RFC 9293), sans-IO: segments, calls and time go in; segments, events and a
// deadline come out. It composes the small pieces of this folder and holds no algorithm of its own.
//
//   in   on_segment  on_burst_end  on_timeout  on_send  on_consume  on_close  on_abort
//   on_path_error out  poll_transmit (until false)   take_events   next_deadline
//
// It never calls back, does bounded work, and the same inputs give the same outputs. After any `in`
// call the owner drains `poll_transmit` and looks at `take_events`; then `next_deadline` is valid
// until the next call. The surprise: transmission is pulled. A call only notes what is owed;
// poll_transmit decides, so one pull after a burst of segments answers all of them (ACK decimation)
// and fills whole super-segments.
//
// Files: connection_arrives.cc (RFC 9293 3.10.7), connection_calls.cc (3.10.1-6),
// connection_timeouts.cc (3.10.8), connection_output.cc (what leaves). Whose question a rule
// answers is in the piece's own file.
#pragma once

#include <cstdint>
#include <memory>

#include "base/buffer.h"
#include "base/seq_num.h"
#include "oriel/error.h"
#include "oriel/trace.h"
#include "tcp/ack_policy.h"
#include "tcp/compat_policy.h"
#include "tcp/congestion_control.h"
#include "tcp/ideal_send_backlog.h"
#include "tcp/keepalive.h"
#include "tcp/loss_recovery.h"
#include "tcp/memory_share.h"
#include "tcp/persist.h"
#include "tcp/rcv_autotune.h"
#include "tcp/rcv_buffer.h"
#include "tcp/rcv_space.h"
#include "tcp/reassembly.h"
#include "tcp/rto.h"
#include "tcp/rtt_estimator.h"
#include "tcp/sack_scoreboard.h"
#include "tcp/segment.h"
#include "tcp/snd_buffer.h"
#include "tcp/snd_space.h"
#include "tcp/tcp_config.h"
#include "tcp/window_field.h"

namespace oriel::tcp {

/// What happened since the owner last asked; bits of `Connection::take_events`.
namespace event {
inline constexpr std::uint16_t kConnected = 1;     // handshake complete (either side)
inline constexpr std::uint16_t kReadable = 2;      // bytes to read, or end of stream
inline constexpr std::uint16_t kSendRoom = 4;      // send_room() rose from 0
inline constexpr std::uint16_t kAcked = 8;         // snd_una moved (borrowed bytes may be free)
inline constexpr std::uint16_t kFinReceived = 16;  // the peer will send no more
inline constexpr std::uint16_t kUrgent = 32;       // urgent data announced
inline constexpr std::uint16_t kFailed = 64;       // ended with `error()`
inline constexpr std::uint16_t kClosed =
    128;  // both directions ended in order; state may be TIME-WAIT
inline constexpr std::uint16_t kBacklogChanged = 256;  // ideal send backlog moved
}  // namespace event

/// An ICMP error that quoted a segment of this connection (RFC 5927 checks are the connection's).
struct PathError {
  enum class Kind : std::uint8_t { kSoft, kHard, kPacketTooBig };
  Kind kind = Kind::kSoft;
  ErrorCode code = ErrorCode::kHostUnreachable;
  std::uint16_t path_mss = 0;  ///< kPacketTooBig: new MTU less IP and TCP header
  SeqNum quoted_seq;
};

class Connection {
 public:
  struct Setup {
    const TcpConfig* config = nullptr;          ///< outlives the connection; shared by many
    const TcpSocketOptions* options = nullptr;  ///< of this socket, copied; null: all default
    BufferPool* pool = nullptr;                 ///< outlives the connection
    SeqNum iss;
    std::uint32_t timestamp_offset = 0;  ///< RFC 7323 5.4: per connection, random
    std::uint16_t path_mss = 1460;  ///< MTU of the path less IP and TCP header, both directions
    std::uint16_t peer_mss =
        536;  ///< of a peer that announces none: 536, over IPv6 1,220 (MUST-15)
  };

  explicit Connection(const Setup& setup);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // --- opening ---------------------------------------------------------------------------------
  void open_active(Instant now);  ///< CLOSED -> SYN-SENT
  /// A SYN came to a listener: CLOSED -> SYN-RECEIVED. The SYN was checked to be one (no ACK, no
  /// RST).
  void open_passive(Instant now, const SegmentIn& syn);

  // --- in --------------------------------------------------------------------------------------
  void on_segment(Instant now, SegmentIn& segment);
  /// No more segments of this burst: settle what decimation held back.
  void on_burst_end(Instant now);
  /// Requires now >= next_deadline().
  void on_timeout(Instant now);
  /// Queues bytes; copies at most send_room(). Returns how many were taken.
  std::size_t on_send(Instant now, ByteView bytes);
  /// Copies all of them, whatever the room; returns how many (0: closed).
  std::size_t on_send_whole(Instant now, ByteView bytes);
  /// Queues all bytes without a copy, whatever the room; they stay put until acknowledged or ended.
  void on_send_borrowed(Instant now, ByteView bytes);
  void on_send_urgent(Instant now, std::uint8_t byte);
  /// Moves up to out.size() received bytes; opens the window.
  std::size_t on_consume(Instant now, ByteSpan out);
  /// The same for bytes that the program has read where they lie (share). Requires: n <=
  /// readable_bytes().
  void on_consume_shared(Instant now, std::size_t n);
  /// No more sends: FIN after what is queued (RFC 9293 3.10.4). Idempotent.
  void on_close(Instant now);
  /// The program let go of its end: nothing more will be read. Unread or later bytes cause a RST
  /// (RFC 2525 2.17; RFC 9293 3.10.7.4 MUST-discard), FIN-WAIT-2 gets a limit.
  void on_orphaned(Instant now);
  /// RST now if the state calls for one, then CLOSED with `reason`.
  void on_abort(Instant now, ErrorCode reason);
  void on_path_error(Instant now, const PathError& error);
  void on_options_changed(Instant now, const TcpSocketOptions& options);
  /// The route changed: both directions' MSS limit is now this.
  void on_path_mss(Instant now, std::uint16_t path_mss);

  // --- out -------------------------------------------------------------------------------------
  /// Fills `out` with the next segment to leave; false when nothing may leave now.
  /// `payload_bytes_max` is what one super-segment may carry (>= MSS when the device cuts, else any
  /// value up to MSS).
  bool poll_transmit(Instant now, std::uint32_t payload_bytes_max, SegmentOut& out);
  std::uint16_t take_events() {
    const std::uint16_t e = events_;
    events_ = 0;
    return e;
  }
  Instant next_deadline() const;

  // --- asked by the owner ----------------------------------------------------------------------
  TcpState state() const { return state_; }
  const TcpConfig& config() const { return *config_; }
  std::uint16_t smss() const { return smss_; }  ///< payload of one segment at most
  /// Whether the last segments were answered with a challenge ACK (RFC 5961); asking forgets it.
  bool take_challenge() {
    const bool was_owed = is_challenge_owed_;
    is_challenge_owed_ = false;
    return was_owed;
  }
  /// Is this sequence number sent and not acknowledged (RFC 5927 4.1)?
  bool is_in_flight(SeqNum seq) const {
    return seq_leq(snd_.snd_una, seq) && seq_lt(seq, snd_.snd_nxt);
  }
  ErrorCode error() const { return error_; }
  bool is_closed() const { return state_ == TcpState::kClosed; }
  /// No program holds it: what is left is to deliver what it was given.
  bool is_orphan() const { return is_orphan_; }
  std::size_t send_room() const;       ///< bytes on_send would take now
  std::uint64_t bytes_acked() const;   ///< stream bytes acknowledged since the start
  std::uint64_t bytes_queued() const;  ///< stream bytes ever taken by on_send*
  std::size_t readable_bytes() const { return rcv_buffer_.size(); }
  std::size_t peek(ByteSpan out, std::size_t offset) const { return rcv_buffer_.peek(out, offset); }
  /// Readable bytes where they lie (RcvBuffer::share); they stay readable.
  std::size_t share(std::span<Slice> out, std::size_t bytes_max) const {
    return rcv_buffer_.share(out, bytes_max);
  }
  /// Bytes from the next one to read to the end of the urgent data; 0: none pending (MUST-33).
  std::uint32_t urgent_bytes_left() const {
    return has_urgent_in_ && seq_gt(urgent_in_, rcv_front()) ? urgent_in_ - rcv_front() : 0;
  }
  bool is_at_end_of_stream() const;  ///< FIN received, all before it read, and no error
  bool is_send_closed() const { return is_fin_queued_; }
  /// May this SYN take over the address pair of a connection in TIME-WAIT (RFC 9293 3.10.7.4, RFC
  /// 6191)?
  bool may_be_replaced_by(const SegmentIn& syn) const;
  std::uint32_t ideal_send_backlog() const;
  void fill_info(Instant now, TcpInfo& info) const;
  std::size_t memory_bytes() const;  ///< buffers and books, without sizeof(*this)

  /// The RST that answers a segment to no connection (RFC 9293 3.10.7.1); false: it was a RST
  /// itself.
  static bool make_reset(const SegmentIn& segment, SegmentOut& out);

 private:
  /// What only a connection that sends needs: an idle one that never did does without.
  struct Sender {
    SackScoreboard board;
    LossRecovery recovery;
    CongestionControl cc;
    IdealSendBacklog backlog;
    std::uint32_t flight_size_at_pull = 0;  ///< when poll_transmit last had nothing more to send
  };

  // connection_arrives.cc
  void arrives_in_syn_sent(Instant now, SegmentIn& segment);
  bool is_acceptable(Instant now, SegmentIn& segment);
  void answer_unacceptable(Instant now, const SegmentIn& segment);
  void trim_to_window(SegmentIn& segment);
  bool check_reset_and_syn(Instant now, const SegmentIn& segment);
  bool check_ack(Instant now, const SegmentIn& segment);
  bool complete_handshake(Instant now, const SegmentIn& segment);
  void take_ack(Instant now, const SegmentIn& segment);
  void release_acked(Instant now, std::uint32_t acked);
  void take_rtt(Instant now, const SegmentIn& segment, const AckOutcome& outcome);
  void recover(Instant now, bool is_duplicate, std::uint32_t flight_before,
               const SegmentIn& segment, const AckOutcome& outcome);
  void take_window(Instant now, const SegmentIn& segment, std::uint32_t window);
  void advance_closing_states(Instant now);
  void take_urgent(const SegmentIn& segment);
  void take_text(Instant now, SegmentIn& segment);
  void deliver_ready(Instant now);
  void note_fin(Instant now, SeqNum fin);
  void take_fin(Instant now);
  void take_handshake_options(const wire::TcpOptions& options);
  void enter_established(Instant now);
  void enter_time_wait(Instant now);
  void restart_time_wait(Instant now);
  void owe_challenge_ack(Instant now);
  void owe_ack() { is_ack_owed_ = true; }
  void note_consumed(Instant now, std::size_t n);
  std::uint32_t true_window(const SegmentIn& segment) const;

  // connection_timeouts.cc
  void on_recovery_timer(Instant now);
  void begin_loss_episode(Instant now, std::uint32_t flight_before);
  void on_syn_timer(Instant now);
  void on_state_timer(Instant now);
  bool has_given_up(Instant now) const;

  // connection_output.cc
  bool transmit_syn(Instant now, SegmentOut& out);
  bool transmit_reset(SegmentOut& out);
  bool transmit_window_probe(Instant now, SegmentOut& out);
  bool transmit_tail_probe(Instant now, std::uint32_t payload_bytes_max, SegmentOut& out);
  bool transmit_lost(Instant now, std::uint32_t payload_bytes_max, SegmentOut& out);
  bool transmit_new(Instant now, std::uint32_t payload_bytes_max, SegmentOut& out);
  bool transmit_ack(Instant now, SegmentOut& out);
  void begin_segment(Instant now, SeqNum seq, std::uint8_t flags, SegmentOut& out);
  bool fill_text(SeqNum seq, std::uint32_t bytes, SegmentOut& out);
  void retransmit(Instant now, SeqRange range, SegmentOut& out);
  void note_sent(Instant now, const SegmentOut& out);
  std::uint32_t cwnd_left() const;
  std::uint32_t new_text_bytes(std::uint32_t payload_bytes_max, std::uint32_t cwnd_bytes) const;
  void settle_after_transmit(Instant now);

  // connection.cc
  void end(ErrorCode reason);
  void update_send_mss();
  void update_backlog(Instant now, std::uint32_t acked, std::uint32_t delivered_bytes,
                      std::uint32_t flight_before);
  void look_at_backlog(Instant now);
  std::uint64_t memory_share_now() const;
  void count_as_sharer();
  bool is_send_idle() const { return snd_buffer_.empty() && snd_.flight_size() == 0; }
  std::uint32_t cwnd_in_force(const CongestionControl& cc) const;
  void arm_persist(Instant now);
  void notify_room();
  std::uint32_t receive_buffer_bytes() const { return autotune_.target_bytes(pool_->bytes_left()); }
  std::uint32_t receive_space() const;
  void settle_window(std::int8_t scale, std::uint16_t mss);
  std::uint32_t timestamp(Instant now) const;
  std::uint64_t send_buffer_target() const;
  ConnectionLimits limits() const { return connection_limits(*config_, options()); }
  KeepaliveLimits keepalive_limits() const;
  /// Sequence number of the next byte that the program reads.
  SeqNum rcv_front() const {
    return rcv_.rcv_nxt - static_cast<std::uint32_t>(rcv_buffer_.size()) -
           (is_fin_received_ ? 1u : 0u);
  }
  SeqNum snd_front() const;   ///< sequence number of the first byte in snd_buffer_
  SeqNum stream_end() const;  ///< after the last queued byte; the FIN's number once queued
  bool has_unsent() const;
  bool may_send_text() const;  ///< the state lets data and FIN out
  struct Statistics;
  Statistics& statistics();
  Sender& sender() { return sender_ != nullptr ? *sender_ : make_sender(); }
  Sender& make_sender();
  const TcpSocketOptions& options() const;
  Duration rto() const { return rto_.current(rtt_, config_->rto); }

  // The order keeps what a data segment or an ACK touches together.
  TcpState state_ = TcpState::kClosed;
  ErrorCode error_ = ErrorCode::kOk;
  ErrorCode soft_error_ = ErrorCode::kOk;  // last ICMP error that ended nothing (RFC 9293 3.9.2.2)
  std::uint16_t events_ = 0;
  bool is_ack_owed_ : 1 = false;
  bool is_syn_owed_ : 1 = false;
  bool is_reset_owed_ : 1 = false;
  bool is_window_probe_owed_ : 1 = false;
  bool is_keepalive_probe_owed_ : 1 = false;
  bool is_tail_probe_owed_ : 1 = false;
  bool is_fin_queued_ : 1 = false;  // the program closed its sending side
  bool is_fin_sent_ : 1 = false;    // snd_nxt counts the FIN
  bool is_fin_acked_ : 1 = false;
  bool is_fin_received_ : 1 = false;  // rcv_nxt counts the FIN
  bool has_fin_ahead_ : 1 = false;    // a FIN came before some of its text: fin_in_
  bool is_orphan_ : 1 = false;
  bool is_passive_ : 1 = false;
  bool is_sack_enabled_ : 1 = false;
  bool has_timestamps_ : 1 = false;
  bool is_scaling_ : 1 = false;
  bool is_cwnd_limited_ : 1 = false;
  bool is_rearm_due_ : 1 = false;  // something left or was acknowledged: recovery timer afresh
  bool has_urgent_out_ : 1 = false;
  bool has_urgent_in_ : 1 = false;
  bool is_first_window_sent_ : 1 = false;
  bool is_challenge_owed_ : 1 = false;  // for the owner's count
  bool is_room_wanted_ : 1 = false;     // somebody was told "no room"; tell when there is
  bool is_sharer_ : 1 = false;          // counted in the pool: it holds something to send
  std::uint8_t retries_ = 0;            // consecutive time-outs without progress
  std::uint8_t syn_retransmits_ = 0;
  std::int8_t scale_offered_ = -1;  // decided before the SYN, whatever is asked for later (CM-8)
  std::int8_t scale_sent_ = -1;
  std::uint8_t challenges_ = 0;  // sent in the present second
  std::uint16_t path_mss_;
  std::uint16_t peer_mss_;  // REQ RFC9293-MUST-15: what holds if the peer's SYN says nothing
  std::uint16_t smss_ = 536;
  std::uint16_t first_window_field_ = 0;
  std::uint16_t syn_window_ = 0;  // field of our SYN or SYN-ACK

  SndSpace snd_;
  RcvSpace rcv_;
  SndBuffer snd_buffer_;
  RcvBuffer rcv_buffer_;
  Reassembly reassembly_;
  AckPolicy ack_policy_;
  RcvAutotune autotune_;
  RttEstimator rtt_;
  Rto rto_;
  std::unique_ptr<Sender> sender_;  // made when the first byte or FIN is queued
  Persist persist_;
  Keepalive keepalive_;

  const TcpConfig* config_;
  BufferPool* pool_;
  std::unique_ptr<const TcpSocketOptions> options_;  // null: all default
  std::unique_ptr<Statistics> statistics_;           // made when data first flows

  Instant state_deadline_ = Instant::never();  // SYN retransmission, FIN-WAIT-2, TIME-WAIT, orphan
  Instant opened_at_;
  Instant last_sent_at_;
  Instant stalled_since_ =
      Instant::never();          // oldest unanswered transmission, for the user timeout
  Instant challenge_second_at_;  // RFC 5961 7: rate limit

  std::uint32_t ts_recent_ = 0;  // RFC 7323 4.3, 5
  std::uint32_t timestamp_offset_ = 0;
  Instant ts_recent_at_;

  SeqNum short_end_;   // SND.SML: end of the last short segment sent
  SeqNum urgent_out_;  // snd_up
  SeqNum urgent_in_;   // rcv_up
  SeqNum fin_in_;
  SeqNum reset_seq_;
};

}  // namespace oriel::tcp
