// A segment's ACK field (RFC 9293 3.10.7.4, fifth check): the handshake's last step, what was
// acknowledged and delivered, what that says about loss and the path, and the peer's window.
//
// Each piece takes its part of the outcome: the scoreboard, the RTT, recovery, congestion control,
// the window. Nothing is sent from here. connection_arrives.cc has the other checks.
#include <algorithm>

#include "tcp/connection.h"
#include "tcp/connection_statistics.h"

namespace oriel::tcp {
namespace flag = wire::tcp_flag;

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
  if (flight_before == 0) {  // all the same the window may hold text back, and have moved
    if (!snd_buffer_.empty()) update_backlog(now, 0, 0, 0);
    return;
  }
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
  update_backlog(now, acked, outcome.delivered_bytes, flight_before);
  if (acked != 0) advance_closing_states(now);
}

// Acknowledged bytes leave the send buffer; SYN and FIN take a number but no byte.
void Connection::release_acked(Instant now, std::uint32_t acked) {
  const auto buffered = static_cast<std::uint32_t>(snd_buffer_.size());
  const std::uint32_t bytes =
      std::min(acked, buffered);  // less by one when the FIN is acknowledged
  if (bytes != 0) {
    snd_buffer_.release_front(bytes);
    count_as_sharer();
    statistics().bytes_acked += bytes;
    events_ |= event::kAcked;
  }
  is_fin_acked_ = is_fin_sent_ && bytes != acked;
  if (is_fin_acked_) events_ |= event::kAcked;
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
  if (verdict.has_repaired_tail) {
    sender_->cc.on_loss_episode(now, std::max(flight_before, sender_->flight_size_at_pull));
  }
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

// ACKs of one burst come before anything may leave: what was in flight when we could last send
// counts, or a loss behind some good news would cut a window that the news emptied.
void Connection::begin_loss_episode(Instant now, std::uint32_t flight_before) {
  const std::uint32_t flight_size = std::max(flight_before, sender_->flight_size_at_pull);
  sender_->cc.on_loss_episode(now, flight_size);
  sender_->recovery.prr_start(flight_size, flight_size - flight_before);
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

}  // namespace oriel::tcp
