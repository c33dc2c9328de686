// A segment arrives (RFC 9293 3.10.7), in the order the RFC gives: sequence, RST, SYN, ACK, URG,
// text, FIN.
//
// May touch every piece of the connection; decides nothing that a piece could decide. Nothing is
// sent from here: what is owed is noted (owed_ack_, is_syn_owed_, ...) and leaves with the next
// poll_transmit. Blind attacks are answered as RFC 5961 says: a RST must hit RCV.NXT exactly, a SYN
// on a synchronised connection and an ACK out of range get a challenge ACK, which is rate limited
// per connection.
#include <algorithm>

#include "tcp/connection.h"
#include "tcp/connection_statistics.h"
#include "tcp/time_wait.h"

namespace oriel::tcp {
namespace flag = wire::tcp_flag;

namespace {

// RFC 5961 7: challenge ACKs are limited to this many a second for each connection.
constexpr std::uint8_t kChallengesPerSecondMax = 10;
// RFC 7323 5.5: a TS.Recent older than this may have wrapped.
constexpr Duration kTsRecentAgeMax = std::chrono::hours(24 * 24);
// RFC 9293 3.7.1: no MSS below this is believed; it would turn every byte into a packet.
constexpr std::uint16_t kPeerMssMin = 48;

std::uint32_t wire_segments(const SegmentIn& s) {
  const std::uint32_t text = s.text_bytes();
  return s.mss == 0 || text == 0 ? 1 : (text + s.mss - 1) / s.mss;
}

}  // namespace

void Connection::on_segment(Instant now, SegmentIn& segment) {
  if (state_ == TcpState::kClosed || state_ == TcpState::kListen) return;
  if (statistics_ != nullptr) statistics_->segments_in += wire_segments(segment);
  if (state_ == TcpState::kSynSent) {
    arrives_in_syn_sent(now, segment);
    return;
  }
  if (!is_acceptable(now, segment) || !check_reset_and_syn(now, segment)) return;
  if (!check_ack(now, segment)) return;
  if (keepalive_.is_enabled()) keepalive_.on_heard(now, keepalive_limits());
  const SeqNum fin = segment.seq + segment.text_bytes();
  if (segment.has(flag::kUrg)) take_urgent(segment);
  if (!segment.payload.empty()) take_text(now, segment);
  if (segment.has(flag::kFin) && state_ != TcpState::kClosed) note_fin(now, fin);
}

void Connection::on_burst_end(Instant now) {
  if (ack_policy_.on_burst_end(now, config_->ack) == AckPolicy::Verdict::kImmediate) owe_ack();
}

// RFC 9293 3.10.7.3
void Connection::arrives_in_syn_sent(Instant now, SegmentIn& segment) {
  const bool has_ack = segment.has(flag::kAck);
  const bool is_good_ack =
      has_ack && seq_gt(segment.ack, snd_.iss) && seq_leq(segment.ack, snd_.snd_nxt);
  if (has_ack && !is_good_ack) {
    if (segment.has(flag::kRst)) return;
    is_reset_owed_ = true;  // <SEQ=SEG.ACK><CTL=RST>, and go on trying
    reset_seq_ = segment.ack;
    return;
  }
  if (segment.has(flag::kRst)) {
    if (is_good_ack) end(ErrorCode::kConnectionRefused);
    return;
  }
  if (!segment.has(flag::kSyn)) return;

  rcv_.irs = segment.seq;
  rcv_.rcv_nxt = segment.seq + 1;
  rcv_.rcv_adv = rcv_.rcv_nxt + syn_window_field(receive_buffer_bytes());
  rcv_.last_ack_sent = rcv_.rcv_nxt;
  take_handshake_options(segment.options);
  snd_.update_window(segment.seq, segment.ack, segment.window);  // never scaled in a SYN
  if (!is_good_ack) {                                            // simultaneous open
    state_ = TcpState::kSynReceived;
    is_syn_owed_ = true;
    return;
  }
  if (syn_retransmits_ == 0) rtt_.on_sample(now, now - last_sent_at_);  // Karn: the SYN left once
  snd_.snd_una = segment.ack;
  enter_established(now);
  owe_ack();
  segment.seq += 1;  // the rest of the segment starts after the SYN
  segment.flags &= static_cast<std::uint8_t>(~flag::kSyn);
  trim_to_window(segment);
  const SeqNum fin = segment.seq + segment.text_bytes();
  if (!segment.payload.empty()) take_text(now, segment);
  if (segment.has(flag::kFin)) note_fin(now, fin);
}

// First check: PAWS and sequence number (RFC 7323 5.3, RFC 9293 3.10.7.4).
bool Connection::is_acceptable(Instant now, SegmentIn& segment) {
  const bool is_reset = segment.has(flag::kRst);
  const wire::TcpOptions& options = segment.options;
  if (has_timestamps_ && !is_reset) {
    if (!options.has_timestamps) return false;  // RFC 7323 3.2
    const auto age = static_cast<std::int32_t>(options.timestamps.value - ts_recent_);
    if (age < 0 && now - ts_recent_at_ < kTsRecentAgeMax) {
      owe_challenge_ack(now);
      return false;
    }
  }
  // Nearly always it is the next one and fits: then it is acceptable and nothing needs trimming.
  const bool is_next = segment.seq == rcv_.rcv_nxt && segment.seg_len() <= rcv_.rcv_wnd();
  // A RST counts by its number alone, also while the window is shut. REQ RFC9293-MUST-66
  if (!is_next && !rcv_.is_acceptable(segment.seq, is_reset ? 0 : segment.seg_len())) {
    if (!is_reset) answer_unacceptable(now, segment);
    return false;
  }
  if (has_timestamps_ && options.has_timestamps && seq_leq(segment.seq, rcv_.last_ack_sent)) {
    ts_recent_ = options.timestamps.value;  // RFC 7323 4.3
    ts_recent_at_ = now;
  }
  if (!is_next) trim_to_window(segment);
  return true;
}

// Out of the window: an ACK says where we are. Its own ACK field is as good as ever.
void Connection::answer_unacceptable(Instant now, const SegmentIn& segment) {
  if (state_ == TcpState::kSynReceived && segment.has(flag::kSyn) && segment.seq == rcv_.irs) {
    // The peer's SYN again: our SYN-ACK was lost. Or it completes a simultaneous open.
    if (segment.has(flag::kAck) && segment.ack == snd_.snd_nxt) {
      check_ack(now, segment);
      owe_ack();
    } else {
      is_syn_owed_ = true;
    }
    return;
  }
  if (state_ == TcpState::kTimeWait && segment.has(flag::kFin)) restart_time_wait(now);
  const SeqNum end = segment.seq + segment.text_bytes();
  const bool is_old = seq_leq(end, rcv_.rcv_nxt) && seq_gt(end, rcv_.rcv_nxt - (1u << 30));
  const bool is_beyond_zero_window = rcv_.rcv_wnd() == 0 && segment.seq == rcv_.rcv_nxt;
  if (is_old && segment.text_bytes() != 0) reassembly_.note_duplicate({segment.seq, end});
  if ((is_old || is_beyond_zero_window) && segment.has(flag::kAck) &&
      state_ != TcpState::kSynReceived) {
    if (keepalive_.is_enabled()) keepalive_.on_heard(now, keepalive_limits());
    const bool is_good = check_ack(now, segment);
    if (is_good && is_beyond_zero_window && segment.has(flag::kUrg)) take_urgent(segment);
  }
  // A retransmission must hear where we are (RFC 9293 3.10.7.4); empty segments could make two
  // confused ends answer each other for ever, so those are limited as challenge ACKs are. A SYN
  // is challenged whatever its number (RFC 5961 4.2).
  const bool is_news = segment.seg_len() != 0 && !segment.has(flag::kSyn);
  if (is_news && (is_old || is_beyond_zero_window)) {
    owe_ack();
  } else {
    owe_challenge_ack(now);
  }
}

// Old text at the front and text beyond the window go; a FIN beyond the window goes with it.
void Connection::trim_to_window(SegmentIn& segment) {
  if (segment.has(flag::kSyn) || segment.has(flag::kRst)) return;  // check_reset_and_syn's
  const std::int32_t old = rcv_.rcv_nxt - segment.seq;
  if (old > 0) {
    const std::uint32_t n = std::min(static_cast<std::uint32_t>(old), segment.text_bytes());
    if (n != 0) reassembly_.note_duplicate({segment.seq, segment.seq + n});
    segment.payload.remove_prefix(n);
    segment.seq += n;
    segment.urgent -= static_cast<std::uint16_t>(std::min<std::uint32_t>(segment.urgent, n));
    if (n != 0) owe_ack();
  }
  const SeqNum edge = rcv_.rcv_nxt + rcv_.rcv_wnd();
  const std::int32_t beyond = segment.seq + segment.text_bytes() - edge;
  if (beyond > 0) {
    segment.payload.truncate(segment.text_bytes() - static_cast<std::uint32_t>(beyond));
    segment.flags &= static_cast<std::uint8_t>(~flag::kFin);
    owe_ack();
  }
}

// Second and fourth check: RST and SYN (RFC 5961 3.2, 4.2).
bool Connection::check_reset_and_syn(Instant now, const SegmentIn& segment) {
  if (segment.has(flag::kRst)) {
    if (segment.seq != rcv_.rcv_nxt) {
      owe_challenge_ack(now);
      return false;
    }
    const bool is_refusal = state_ == TcpState::kSynReceived && !is_passive_;
    // Both FINs are out: RFC 9293 3.10.7.4 flushes nothing and signals nothing. The peer has
    // forgotten the connection, as it does when our last ACKs outlive its TIME-WAIT; what came
    // whole stays readable.
    const bool is_over = state_ == TcpState::kClosing || state_ == TcpState::kLastAck ||
                         state_ == TcpState::kTimeWait;
    end(is_refusal ? ErrorCode::kConnectionRefused
        : is_over  ? ErrorCode::kOk
                   : ErrorCode::kConnectionReset);
    return false;
  }
  if (segment.has(flag::kSyn)) {
    owe_challenge_ack(now);
    return false;
  }
  return true;
}

// Fifth check: the ACK field.
bool Connection::check_ack(Instant now, const SegmentIn& segment) {
  if (!segment.has(flag::kAck)) return false;
  if (state_ == TcpState::kSynReceived && !complete_handshake(now, segment)) return false;
  switch (snd_.classify(segment.ack)) {
    case SndSpace::AckKind::kTooNew:
    case SndSpace::AckKind::kTooOld:
      owe_challenge_ack(now);
      return false;
    case SndSpace::AckKind::kNew:
    case SndSpace::AckKind::kDuplicate:
      break;
  }
  take_ack(now, segment);
  return state_ != TcpState::kClosed;
}

// SYN-RECEIVED: the ACK of our SYN makes the connection, any other is answered with a RST.
bool Connection::complete_handshake(Instant now, const SegmentIn& segment) {
  if (seq_leq(segment.ack, snd_.snd_una) || seq_gt(segment.ack, snd_.snd_nxt)) {
    is_reset_owed_ = true;
    reset_seq_ = segment.ack;
    return false;
  }
  if (syn_retransmits_ == 0) rtt_.on_sample(now, now - last_sent_at_);
  snd_.snd_una = snd_.iss + 1;
  enter_established(now);
  if (is_fin_queued_) state_ = TcpState::kFinWait1;
  snd_.update_window(segment.seq, segment.ack, true_window(segment));
  return true;
}

std::uint32_t Connection::true_window(const SegmentIn& segment) const {
  return segment.has(flag::kSyn) ? segment.window
                                 : window_bytes(segment.window, snd_.snd_wind_shift);
}

// An ACK in range: the scoreboard, the RTT, recovery and congestion control each take their part.
void Connection::take_ack(Instant now, const SegmentIn& segment) {
  const std::uint32_t flight_before = snd_.flight_size();
  const std::uint32_t acked = seq_gt(segment.ack, snd_.snd_una) ? segment.ack - snd_.snd_una : 0;
  const std::uint32_t window = true_window(segment);
  const bool is_same_window = window == snd_.snd_wnd;
  if (snd_.may_update_window(segment.seq, segment.ack)) {
    take_window(now, segment, window);
  } else {
    snd_.snd_wnd -=
        std::min(acked, snd_.snd_wnd);  // an old window: its right edge stays where it was
  }
  if (flight_before == 0) return;
  const bool is_duplicate =
      acked == 0 && segment.seg_len() == 0 && segment.ack == snd_.snd_una && is_same_window;
  const bool has_sack = is_sack_enabled_ && segment.options.sack_count != 0;
  if (acked == 0 && !is_duplicate && !has_sack) return;

  AckOutcome outcome = sender_->board.on_ack(
      seq_max(segment.ack, snd_.snd_una),
      {segment.options.sack.data(), has_sack ? segment.options.sack_count : std::size_t{0}});
  snd_.snd_una += acked;
  if (acked != 0) release_acked(now, acked);
  if (is_duplicate && statistics_ != nullptr) ++statistics_->dup_acks_in;
  take_rtt(now, segment, outcome);
  recover(now, is_duplicate, flight_before, segment, outcome);
  update_backlog();
  if (acked != 0) advance_closing_states(now);
}

// Acknowledged bytes leave the send buffer; SYN and FIN take a number but no byte.
void Connection::release_acked(Instant now, std::uint32_t acked) {
  const auto buffered = static_cast<std::uint32_t>(snd_buffer_.size());
  const std::uint32_t bytes =
      std::min(acked, buffered);  // less by one when the FIN is acknowledged
  if (bytes != 0) {
    snd_buffer_.release_front(bytes);
    statistics().bytes_acked += bytes;
    events_ |= event::kAcked;
  }
  is_fin_acked_ = is_fin_sent_ && bytes != acked;
  retries_ = 0;
  rto_.on_progress();
  stalled_since_ = snd_.flight_size() == 0 && snd_buffer_.empty() ? Instant::never() : now;
  if (is_orphan_ && state_ != TcpState::kFinWait2) state_deadline_ = now + config_->orphan;
}

void Connection::take_rtt(Instant now, const SegmentIn& segment, const AckOutcome& outcome) {
  if (outcome.has_rtt_sample) {
    rtt_.on_sample(now, now - outcome.rtt_xmit_at, std::max(1u, snd_.flight_size() / (2u * smss_)));
  } else if (outcome.acked_bytes != 0 && has_timestamps_ && segment.options.has_timestamps &&
             segment.options.timestamps.echo != 0) {
    const std::uint32_t ms = timestamp(now) - segment.options.timestamps.echo;
    if (ms < (1u << 24)) rtt_.on_sample(now, std::chrono::milliseconds(std::max(ms, 1u)));
  }
}

// Loss recovery decides what is lost; congestion control hears of it once an episode.
void Connection::recover(Instant now, bool is_duplicate, std::uint32_t flight_before,
                         const SegmentIn& segment, const AckOutcome& outcome) {
  LossRecovery::AckContext context{now,   snd_.snd_una,     snd_.snd_nxt,
                                   smss_, is_sack_enabled_, is_duplicate};
  if (has_timestamps_ && segment.options.has_timestamps && segment.options.timestamps.echo != 0) {
    const std::uint32_t ms = timestamp(now) - segment.options.timestamps.echo;
    // Ticks are cut off: the echoed one lasted up to a tick longer.
    if (ms < (1u << 24))
      context.echoed_until = now - std::chrono::milliseconds(std::int64_t{ms} - 1);
  }
  const LossVerdict verdict = sender_->recovery.on_ack(context, outcome, sender_->board, rtt_);
  is_rearm_due_ = true;
  if (verdict.is_spurious) sender_->cc.on_spurious(now);
  if (verdict.has_entered_recovery) begin_loss_episode(now, flight_before);
  if (sender_->recovery.phase() == RecoveryPhase::kRecovery) {
    sender_->recovery.prr_on_ack(verdict.prr_delivered_bytes, sender_->board.pipe(),
                                 sender_->cc.ssthresh(), smss_,
                                 outcome.acked_bytes != 0 && verdict.newly_lost_bytes == 0);
    return;
  }
  if (verdict.has_repaired_tail) sender_->cc.on_loss_episode(now, flight_before);
  if (verdict.has_left || verdict.has_repaired_tail) sender_->cc.on_recovery_end(now);
  if (outcome.delivered_bytes == 0) return;
  CcAck ack;
  ack.now = now;
  ack.acked_bytes = outcome.delivered_bytes;
  ack.flight_size = flight_before;
  ack.snd_una = snd_.snd_una;
  ack.snd_nxt = snd_.snd_nxt;
  // In slow start cwnd counts as used when half of it is: it doubles meanwhile (RFC 7661 4.3's
  // spirit).
  ack.is_cwnd_limited =
      is_cwnd_limited_ ||
      (sender_->cc.is_in_slow_start() && 2 * std::uint64_t{flight_before} >= sender_->cc.cwnd());
  ack.has_rtt = outcome.has_rtt_sample;
  ack.rtt = outcome.has_rtt_sample ? now - outcome.rtt_xmit_at : Duration(0);
  ack.srtt = rtt_.srtt();
  ack.rtt_min = rtt_.rtt_min();
  sender_->cc.on_ack(ack);
}

void Connection::begin_loss_episode(Instant now, std::uint32_t flight_before) {
  sender_->cc.on_loss_episode(now, flight_before);
  sender_->recovery.prr_start(flight_before);
  sender_->recovery.prr_on_ack(0, sender_->board.pipe(), sender_->cc.ssthresh(), smss_,
                               false);  // a timer may have found it
  ++statistics().fast_retransmit_episodes;
  ++statistics().loss_episodes;
}

void Connection::take_window(Instant now, const SegmentIn& segment, std::uint32_t window) {
  snd_.update_window(segment.seq, segment.ack, window);
  if (snd_.usable() >= smss_) {
    persist_.disarm();
  } else if (persist_.is_armed()) {
    persist_.on_answer();
    stalled_since_ = now;  // the peer lives: a closed window is not a failure (RFC 9293 3.8.6.1)
  }
}

// What an ACK of our FIN means (RFC 9293 3.10.7.4, fifth check by state).
void Connection::advance_closing_states(Instant now) {
  if (!is_fin_acked_) return;
  switch (state_) {
    case TcpState::kFinWait1:
      state_ = TcpState::kFinWait2;
      if (is_orphan_) state_deadline_ = now + config_->fin_wait_2;
      break;
    case TcpState::kClosing:
      enter_time_wait(now);
      break;
    case TcpState::kLastAck:
      end(ErrorCode::kOk);
      break;
    case TcpState::kClosed:
    case TcpState::kListen:
    case TcpState::kSynSent:
    case TcpState::kSynReceived:
    case TcpState::kEstablished:
    case TcpState::kFinWait2:
    case TcpState::kCloseWait:
    case TcpState::kTimeWait:
      break;
  }
}

// Sixth: RFC 9293 3.8.5, RFC 6093: the pointer names the byte after the urgent data. It is news
// while the program has not read as far, whether or not the data has come.
void Connection::take_urgent(const SegmentIn& segment) {
  const SeqNum up = segment.seq + segment.urgent;
  if (segment.urgent == 0 || seq_leq(up, rcv_front())) return;
  if (has_urgent_in_ && seq_leq(up, urgent_in_)) return;
  has_urgent_in_ = true;
  urgent_in_ = up;
  events_ |= event::kUrgent;
}

// Seventh: text. In order it goes straight to the application's side, else it waits in reassembly.
void Connection::take_text(Instant now, SegmentIn& segment) {
  if (is_fin_received_) return;
  if (is_orphan_) {  // nobody is left to read it (RFC 9293 3.10.7.4; RFC 2525 2.17)
    is_reset_owed_ = true;
    reset_seq_ = snd_.snd_nxt;
    end(ErrorCode::kConnectionReset);
    return;
  }
  const std::uint32_t bytes = segment.text_bytes();
  AckPolicy::Arrival arrival;
  arrival.segments = wire_segments(segment);
  Statistics& s = statistics();
  s.bytes_in += bytes;
  if (segment.seq == rcv_.rcv_nxt && reassembly_.empty()) {
    rcv_.rcv_nxt += bytes;
    rcv_buffer_.append(*pool_, std::move(segment.payload));
    autotune_.on_data(now, rcv_.rcv_nxt, bytes);
    arrival.bytes = bytes;
    events_ |= event::kReadable;
  } else {
    arrival.is_out_of_order = segment.seq != rcv_.rcv_nxt;
    arrival.is_gap_filled = !arrival.is_out_of_order;
    if (arrival.is_out_of_order) s.segments_out_of_order += arrival.segments;
    reassembly_.insert(*pool_, segment.seq, std::move(segment.payload));
    deliver_ready(now);
  }
  if (ack_policy_.on_segment(now, arrival, rcv_.rcv_wnd(), config_->ack) ==
          AckPolicy::Verdict::kImmediate ||
      options().is_ack_immediate) {
    owe_ack();
  }
}

void Connection::deliver_ready(Instant now) {
  for (Slice slice = reassembly_.pop_ready(rcv_.rcv_nxt); !slice.empty();
       slice = reassembly_.pop_ready(rcv_.rcv_nxt)) {
    const auto bytes = static_cast<std::uint32_t>(slice.size());
    rcv_.rcv_nxt += bytes;
    rcv_buffer_.append(*pool_, std::move(slice));
    autotune_.on_data(now, rcv_.rcv_nxt, bytes);
    events_ |= event::kReadable;
  }
  if (has_fin_ahead_ && rcv_.rcv_nxt == fin_in_) take_fin(now);
}

// Eighth: FIN, now or when the text before it has come.
void Connection::note_fin(Instant now, SeqNum fin) {
  owe_ack();
  if (is_fin_received_) {
    if (state_ == TcpState::kTimeWait) restart_time_wait(now);
    return;
  }
  fin_in_ = fin;
  has_fin_ahead_ = true;
  if (rcv_.rcv_nxt == fin_in_) take_fin(now);
}

void Connection::take_fin(Instant now) {
  is_fin_received_ = true;
  has_fin_ahead_ = false;
  rcv_.rcv_nxt += 1;
  rcv_.rcv_adv = seq_max(rcv_.rcv_adv, rcv_.rcv_nxt);
  owe_ack();
  events_ |= event::kReadable | event::kFinReceived;
  switch (state_) {
    case TcpState::kSynReceived:
    case TcpState::kEstablished:
      state_ = TcpState::kCloseWait;
      break;
    case TcpState::kFinWait1:
      state_ = TcpState::kClosing;  // our FIN is not acknowledged yet, or we would be in FIN-WAIT-2
      break;
    case TcpState::kFinWait2:
      enter_time_wait(now);
      break;
    case TcpState::kClosed:
    case TcpState::kListen:
    case TcpState::kSynSent:
    case TcpState::kCloseWait:
    case TcpState::kClosing:
    case TcpState::kLastAck:
    case TcpState::kTimeWait:
      break;
  }
}

// What both SYNs offered holds (RFC 7323 2.2, 3.2; RFC 2018 2); without scaling the window ends at
// 65,535.
void Connection::take_handshake_options(const wire::TcpOptions& options) {
  peer_mss_ = options.mss != 0 ? std::max(options.mss, kPeerMssMin) : peer_mss_;
  is_sack_enabled_ = config_->is_sack && options.is_sack_permitted;
  has_timestamps_ = config_->is_timestamps && options.has_timestamps;
  ts_recent_ = options.timestamps.value;
  ConnectionLimits limits = this->limits();
  is_scaling_ = limits.is_window_scaling && options.window_scale >= 0;
  if (is_scaling_) {
    snd_.snd_wind_shift = static_cast<std::uint8_t>(
        std::min<int>(options.window_scale, kWindowShiftMax));  // RFC 7323 2.3
    rcv_.rcv_wind_shift = limits.rcv_wind_shift;
  }
  settle_scaling(limits, is_scaling_);
  autotune_.set_ceiling(limits.rcv_buffer_ceiling_bytes);
  update_send_mss();
}

void Connection::enter_established(Instant now) {
  state_ = TcpState::kEstablished;
  state_deadline_ = is_orphan_ ? now + config_->orphan : Instant::never();
  ts_recent_at_ = now;
  is_syn_owed_ = false;
  retries_ = 0;
  rto_.on_progress();
  stalled_since_ = snd_buffer_.empty() ? Instant::never() : now;
  if (sender_ != nullptr) make_sender();  // text was queued before the MSS was known
  if (rtt_.has_sample()) autotune_.on_rtt(rtt_.latest());
  if (options().is_keepalive) keepalive_.enable(now, keepalive_limits());
  events_ |= event::kConnected | event::kSendRoom;
}

void Connection::enter_time_wait(Instant now) {
  state_ = TcpState::kTimeWait;
  if (sender_ != nullptr) sender_->recovery.disarm();
  persist_.disarm();
  keepalive_.disable();
  events_ |= event::kClosed;
  restart_time_wait(now);
}

void Connection::restart_time_wait(Instant now) {
  state_deadline_ = now + config_->time_wait;
}

void Connection::owe_challenge_ack(Instant now) {
  if (now - challenge_second_at_ >= std::chrono::seconds(1)) {
    challenge_second_at_ = now;
    challenges_ = 0;
  }
  if (challenges_ >= kChallengesPerSecondMax) return;
  ++challenges_;
  is_challenge_owed_ = true;
  owe_ack();
}

bool Connection::may_be_replaced_by(const SegmentIn& syn) const {
  const TimeWaitRecord old{rcv_.rcv_nxt, snd_.snd_nxt, ts_recent_, has_timestamps_};
  return state_ == TcpState::kTimeWait &&
         may_syn_reuse(old, syn.seq, syn.options.has_timestamps, syn.options.timestamps.value);
}

bool Connection::make_reset(const SegmentIn& segment, SegmentOut& out) {
  if (segment.has(flag::kRst)) return false;
  out = SegmentOut{};
  if (segment.has(flag::kAck)) {
    out.seq = segment.ack;
    out.flags = flag::kRst;
    return true;
  }
  out.ack = segment.seq + segment.seg_len();
  out.flags = flag::kRst | flag::kAck;
  return true;
}

}  // namespace oriel::tcp
