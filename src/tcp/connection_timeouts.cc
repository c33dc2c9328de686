// A deadline has passed (RFC 9293 3.10.8): which one, and what follows from it.
//
// Six clocks: loss recovery's (RACK reorder, TLP, RTO), the backlog's, the state's (SYN again,
// FIN-WAIT-2, orphan, TIME-WAIT), persist's, keepalive's, the delayed ACK's. Each is its own piece;
// this file only asks who is due.
#include "tcp/connection.h"
#include "tcp/connection_statistics.h"

namespace oriel::tcp {

void Connection::on_timeout(Instant now) {
  if (state_ == TcpState::kClosed) return;
  if (now >= ack_policy_.deadline()) owe_ack();
  if (sender_ != nullptr && now >= sender_->recovery.deadline()) on_recovery_timer(now);
  if (sender_ != nullptr && now >= sender_->backlog.deadline()) look_at_backlog(now);
  if (now >= state_deadline_) on_state_timer(now);
  if (now >= persist_.deadline()) {
    is_window_probe_owed_ = true;
    persist_.on_timeout(now, rto(), config_->persist);
    if (has_given_up(now) ||
        (is_orphan_ && persist_.probes_unanswered() > config_->retransmissions_max)) {
      on_abort(now, ErrorCode::kTimedOut);
    }
  }
  if (now >= keepalive_.deadline()) {
    switch (keepalive_.on_timeout(now, snd_.flight_size() != 0, keepalive_limits())) {
      case Keepalive::Verdict::kNone:
        break;
      case Keepalive::Verdict::kProbe:
        is_keepalive_probe_owed_ = true;
        break;
      case Keepalive::Verdict::kGiveUp:
        on_abort(now, ErrorCode::kTimedOut);
        break;
    }
  }
}

void Connection::on_recovery_timer(Instant now) {
  const std::uint32_t flight = snd_.flight_size();
  const bool is_first = retries_ == 0;
  const LossRecovery::TimeoutVerdict verdict =
      sender_->recovery.on_timeout(now, snd_.snd_una, snd_.snd_nxt, sender_->board, rtt_);
  is_rearm_due_ = true;
  switch (verdict.fired) {
    case LossRecovery::Timer::kNone:
      return;
    case LossRecovery::Timer::kReorder:
      if (verdict.loss.has_entered_recovery) begin_loss_episode(now, flight);
      return;
    case LossRecovery::Timer::kTailLossProbe:
      is_tail_probe_owed_ = verdict.wants_probe;
      return;
    case LossRecovery::Timer::kRto:
      break;
  }
  ++statistics().timeouts;
  ++statistics().loss_episodes;
  if (retries_ < UINT8_MAX) ++retries_;
  if (has_given_up(now)) {
    on_abort(now, soft_error_ == ErrorCode::kOk ? ErrorCode::kTimedOut : soft_error_);
    return;
  }
  rto_.on_timeout();
  sender_->cc.on_rto(now, flight, is_first);
}

// R2 of RFC 9293 3.8.3: as a count of time-outs, or as the user's time.
bool Connection::has_given_up(Instant now) const {
  if (options().user_timeout > Duration(0)) {
    return !stalled_since_.is_never() && now - stalled_since_ >= options().user_timeout;
  }
  return retries_ > config_->retransmissions_max;
}

void Connection::on_state_timer(Instant now) {
  state_deadline_ = Instant::never();
  switch (state_) {
    case TcpState::kSynSent:
    case TcpState::kSynReceived:
      on_syn_timer(now);
      return;
    case TcpState::kTimeWait:
    case TcpState::kFinWait2:
      end(ErrorCode::kOk);
      return;
    case TcpState::kEstablished:
    case TcpState::kFinWait1:
    case TcpState::kCloseWait:
    case TcpState::kClosing:
    case TcpState::kLastAck:
      if (snd_.flight_size() != 0) {  // R2 judges what is in flight (RFC 9293 3.8.3)
        state_deadline_ = now + config_->orphan;
        return;
      }
      on_abort(now, ErrorCode::kTimedOut);  // an orphan that a closed window holds up
      return;
    case TcpState::kClosed:
    case TcpState::kListen:
      return;
  }
}

void Connection::on_syn_timer(Instant now) {
  const std::uint32_t tries_max =
      is_passive_ ? config_->synack_retransmissions_max : limits().syn_retransmissions_max;
  const bool is_late =
      options().connect_timeout > Duration(0) && now - opened_at_ >= options().connect_timeout;
  if (syn_retransmits_ >= tries_max || is_late) {
    end(soft_error_ == ErrorCode::kOk ? ErrorCode::kTimedOut : soft_error_);
    return;
  }
  ++syn_retransmits_;
  rto_.on_timeout();
  is_syn_owed_ = true;
}

}  // namespace oriel::tcp
