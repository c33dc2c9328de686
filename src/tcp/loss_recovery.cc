#include "tcp/loss_recovery.h"

#include <algorithm>

namespace oriel::tcp {

// --- an ACK

LossVerdict LossRecovery::on_ack(const AckContext& context, const AckOutcome& outcome,
                                 SackScoreboard& board, const RttEstimator& rtt) {
  LossVerdict verdict;
  is_sack_enabled_ = context.is_sack_enabled;
  if (outcome.acked_bytes > 0) {
    rto_began_at_ = board.is_empty() ? Instant::never() : context.now;  // RFC 6298 5.2, 5.3
    tlp_.has_fired = false;
  }
  const bool is_original_echoed = rack_update(context, outcome, rtt);
  const bool is_tlp_spurious = is_tlp_dsack(outcome);
  const RecoveryPhase before = phase_;
  judge_episode(outcome, is_original_echoed, board, verdict);
  if (phase_ != RecoveryPhase::kOpen && seq_geq(context.snd_una, recovery_point_)) {
    leave(board, verdict);
  }
  adapt_reorder_window(context, outcome.has_dsack && !is_tlp_spurious, phase_ != before);
  tlp_process(context, outcome, verdict);

  if (context.is_sack_enabled) {
    verdict.newly_lost_bytes = detect(context.now, board, rtt);
    verdict.prr_delivered_bytes = outcome.delivered_bytes;
  } else {
    verdict.prr_delivered_bytes = reno_process(context, outcome, board, verdict);
  }
  enter_if_lost(context.snd_una, context.snd_nxt, board, verdict);
  return verdict;
}

// RFC 8985 6.2 steps 2 and 3. True if timestamps prove that an original arrived where a
// retransmission was supposed.
bool LossRecovery::rack_update(const AckContext& context, const AckOutcome& outcome,
                               const RttEstimator& rtt) {
  if (outcome.is_reordered) rack_.is_reordering_seen = true;
  if (!outcome.has_rack_sample) return false;
  Instant at = outcome.rack_xmit_at;
  SeqNum end = outcome.rack_end_seq;
  bool is_original_echoed = false;
  if (outcome.is_rack_retransmitted) {
    is_original_echoed = context.echoed_until < at;
    if (is_original_echoed || context.now - at < rtt.rtt_min()) {
      if (!outcome.has_rtt_sample) return is_original_echoed;
      at = outcome.rtt_xmit_at;
      end = outcome.rtt_end_seq;
    }
  }
  rack_.rtt = context.now - at;
  if (!rack_.has_sample || is_sent_after(at, end, rack_.xmit_at, rack_.end_seq)) {
    rack_.xmit_at = at;
    rack_.end_seq = end;
    rack_.has_sample = true;
  }
  return is_original_echoed;
}

// RFC 8985 6.2 step 4: wider by a quarter of the smallest RTT for each round with a DSACK, back to
// one quarter after 16 recoveries without.
void LossRecovery::adapt_reorder_window(const AckContext& context, bool has_dsack,
                                        bool is_exiting) {
  if (rack_.is_in_dsack_round && seq_geq(context.snd_una, rack_.dsack_round)) {
    rack_.is_in_dsack_round = false;
  }
  if (has_dsack && !rack_.is_in_dsack_round) {
    rack_.is_in_dsack_round = true;
    rack_.dsack_round = context.snd_nxt;
    if (rack_.reo_wnd_mult < 255) ++rack_.reo_wnd_mult;
    rack_.reo_wnd_persist = kReoWndPersist;
    return;
  }
  if (!is_exiting || rack_.reo_wnd_persist == 0) return;
  if (--rack_.reo_wnd_persist == 0) rack_.reo_wnd_mult = 1;
}

Duration LossRecovery::reorder_window(const RttEstimator& rtt) const {
  if (!rack_.is_reordering_seen) {
    if (phase_ != RecoveryPhase::kOpen) return Duration(0);
    if (sacked_segments_ >= kDuplicateAcksMax) return Duration(0);
  }
  return std::min<Duration>(rack_.reo_wnd_mult * (rtt.rtt_min() / 4), rtt.srtt());
}

// RFC 8985 6.2 step 5.
std::uint32_t LossRecovery::detect(Instant now, SackScoreboard& board, const RttEstimator& rtt) {
  sacked_segments_ = board.sacked_segments();
  rack_.reorder_deadline = Instant::never();
  if (!rack_.has_sample) return 0;
  const Duration timeout = rack_.rtt + reorder_window(rtt);
  return board.mark_lost_by_rack(now, rack_.xmit_at, rack_.end_seq, timeout,
                                 &rack_.reorder_deadline);
}

// --- episodes

void LossRecovery::begin_episode(SeqNum snd_una, SeqNum snd_nxt, const SackScoreboard& board) {
  recovery_point_ = snd_nxt;
  has_recovery_point_ = true;
  tlp_ = {};
  episode_ = {};
  episode_.begin = snd_una;
  episode_.retransmitted_before = board.retransmitted_bytes();
  episode_.is_undoable = true;
  episode_.is_first_ack_due = true;
}

void LossRecovery::enter_if_lost(SeqNum snd_una, SeqNum snd_nxt, const SackScoreboard& board,
                                 LossVerdict& verdict) {
  if (phase_ != RecoveryPhase::kOpen || verdict.newly_lost_bytes == 0) return;
  phase_ = RecoveryPhase::kRecovery;
  begin_episode(snd_una, snd_nxt, board);
  verdict.has_entered_recovery = true;
}

void LossRecovery::leave(const SackScoreboard& board, LossVerdict& verdict) {
  const bool is_fast_recovery = phase_ == RecoveryPhase::kRecovery;
  phase_ = RecoveryPhase::kOpen;
  reno_.duplicate_acks = 0;
  episode_.retransmitted_bytes = board.retransmitted_bytes() - episode_.retransmitted_before;
  // All that was "lost" may have arrived though nothing was sent again.
  verdict.is_spurious = episode_.is_undoable && episode_.retransmitted_bytes == 0;
  verdict.has_left = is_fast_recovery && !verdict.is_spurious;
  if (verdict.is_spurious) episode_.is_undoable = false;
}

// Two proofs that nothing was lost: every byte sent again is reported as a duplicate (RFC 3708), or
// the first progress echoes a timestamp older than the retransmission (Eifel, RFC 3522).
void LossRecovery::judge_episode(const AckOutcome& outcome, bool is_original_echoed,
                                 SackScoreboard& board, LossVerdict& verdict) {
  if (!episode_.is_undoable) return;
  bool is_false = false;
  if (episode_.is_first_ack_due && outcome.acked_bytes > 0) {
    episode_.is_first_ack_due = false;
    is_false = is_original_echoed;
  }
  if (phase_ != RecoveryPhase::kOpen) {
    episode_.retransmitted_bytes = board.retransmitted_bytes() - episode_.retransmitted_before;
  }
  if (outcome.has_dsack) {
    const SeqNum begin = seq_max(outcome.dsack.begin, episode_.begin);
    const SeqNum end = seq_min(outcome.dsack.end, recovery_point_);
    if (seq_lt(begin, end)) episode_.dsacked_bytes += seq_span(begin, end);
    const bool is_all_duplicate =
        episode_.dsacked_bytes > 0 && episode_.dsacked_bytes >= episode_.retransmitted_bytes;
    const bool is_all_resent = board.lost_bytes() == 0 || phase_ != RecoveryPhase::kRecovery;
    is_false = is_false || (is_all_duplicate && is_all_resent);
  }
  if (!is_false) return;
  episode_.is_undoable = false;
  verdict.is_spurious = true;
  if (phase_ == RecoveryPhase::kOpen) return;
  board.unmark_lost();
  phase_ = RecoveryPhase::kOpen;
  reno_.duplicate_acks = 0;
}

// --- peers without SACK (RFC 5681 3.2, 6582)

// Returns the bytes that count as delivered.
std::uint32_t LossRecovery::reno_process(const AckContext& context, const AckOutcome& outcome,
                                         SackScoreboard& board, LossVerdict& verdict) {
  if (outcome.acked_bytes > 0) {
    reno_.duplicate_acks = 0;
    if (phase_ == RecoveryPhase::kRecovery) verdict.newly_lost_bytes = board.mark_front_lost();
    const std::uint32_t counted = std::min(reno_.credit_bytes, outcome.acked_bytes);
    reno_.credit_bytes -= counted;
    if (phase_ == RecoveryPhase::kOpen) reno_.credit_bytes = 0;
    return outcome.acked_bytes - counted;
  }
  if (!context.is_duplicate_ack || board.is_empty()) return 0;
  ++reno_.duplicate_acks;
  const std::uint32_t flight_size = board.flight_size();
  const std::uint32_t uncounted = flight_size - std::min(reno_.credit_bytes, flight_size);
  const std::uint32_t delivered = std::min(context.smss, uncounted);
  reno_.credit_bytes += delivered;
  // RFC 6582 3.2 step 2: duplicates of what the last episode sent again start no new one.
  const bool is_beyond_last = !has_recovery_point_ || seq_gt(context.snd_una, recovery_point_);
  if (phase_ == RecoveryPhase::kOpen && reno_.duplicate_acks >= kDuplicateAcksMax &&
      is_beyond_last) {
    verdict.newly_lost_bytes = board.mark_front_lost();
  }
  return delivered;
}

// --- tail loss probe (RFC 8985 section 7)

void LossRecovery::on_probe_sent(SeqNum end_seq, bool is_retransmission) {
  tlp_.end_seq = end_seq;
  tlp_.is_outstanding = true;
  tlp_.is_retransmission = is_retransmission;
}

bool LossRecovery::is_tlp_dsack(const AckOutcome& outcome) const {
  return outcome.has_dsack && tlp_.is_outstanding && tlp_.is_retransmission &&
         outcome.dsack.end == tlp_.end_seq;
}

// RFC 8985 7.4.2.
void LossRecovery::tlp_process(const AckContext& context, const AckOutcome& outcome,
                               LossVerdict& verdict) {
  if (!tlp_.is_outstanding || seq_lt(context.snd_una, tlp_.end_seq)) return;
  const bool is_pure_duplicate =
      context.is_duplicate_ack && outcome.newly_sacked_bytes == 0 && !outcome.has_dsack;
  if (!tlp_.is_retransmission || is_tlp_dsack(outcome)) {
    tlp_ = {};
    return;
  }
  if (seq_gt(context.snd_una, tlp_.end_seq)) {
    tlp_ = {};
    verdict.has_repaired_tail = phase_ == RecoveryPhase::kOpen;
    return;
  }
  if (is_pure_duplicate) tlp_ = {};
}

// RFC 8985 7.2: not in recovery, nothing delivered out of order, no probe under way.
bool LossRecovery::may_arm_probe(const SackScoreboard& board) const {
  return is_sack_enabled_ && phase_ == RecoveryPhase::kOpen && board.sacked_segments() == 0 &&
         board.lost_bytes() == 0 && !tlp_.is_outstanding && !tlp_.has_fired;
}

// --- timers

void LossRecovery::rearm(Instant now, const SackScoreboard& board, const RttEstimator& rtt,
                         const Rto& rto, const RtoLimits& limits, bool /*has_unsent_data*/) {
  if (board.is_empty()) {
    disarm();
    return;
  }
  if (rto_began_at_.is_never()) rto_began_at_ = now;
  armed_ = Timer::kRto;
  deadline_ = std::max(rto_began_at_, board.front_xmit_at()) + rto.current(rtt, limits);
  if (rack_.reorder_deadline <= deadline_) {
    armed_ = Timer::kReorder;
    deadline_ = rack_.reorder_deadline;
    return;
  }
  if (!may_arm_probe(board)) return;
  Duration pto = kPtoInitial;
  if (rtt.has_sample()) {
    const bool is_one_segment = board.last_segment().size() >= board.flight_size();
    pto =
        std::max<Duration>(2 * rtt.srtt(), kPtoMin) + (is_one_segment ? kMaxAckDelay : Duration(0));
  }
  armed_ = Timer::kTailLossProbe;
  deadline_ = earlier(now + pto, deadline_);
}

LossRecovery::TimeoutVerdict LossRecovery::on_timeout(Instant now, SeqNum snd_una, SeqNum snd_nxt,
                                                      SackScoreboard& board,
                                                      const RttEstimator& rtt) {
  TimeoutVerdict verdict;
  verdict.fired = armed_;
  armed_ = Timer::kNone;
  deadline_ = Instant::never();
  switch (verdict.fired) {
    case Timer::kNone:
      break;
    case Timer::kReorder:
      verdict.loss.newly_lost_bytes = detect(now, board, rtt);
      enter_if_lost(snd_una, snd_nxt, board, verdict.loss);
      break;
    case Timer::kTailLossProbe:
      rto_began_at_ = now;
      tlp_.has_fired = true;
      verdict.wants_probe = true;
      break;
    case Timer::kRto:
      rto_began_at_ = now;
      rack_.reorder_deadline = Instant::never();
      if (board.is_front_sacked()) board.forget_sacks();  // RFC 2018 section 8
      verdict.loss.newly_lost_bytes = board.mark_all_lost();
      reno_ = {};
      tlp_ = {};
      if (phase_ != RecoveryPhase::kLoss) {
        phase_ = RecoveryPhase::kLoss;
        begin_episode(snd_una, snd_nxt, board);
      }
      recovery_point_ = snd_nxt;
      break;
  }
  return verdict;
}

// --- proportional rate reduction (RFC 6937, RFC 9937)

void LossRecovery::prr_start(std::uint32_t flight_size, std::uint32_t delivered_bytes) {
  prr_ = {};
  prr_.delivered_bytes = delivered_bytes;
  prr_.recover_fs = std::max<std::uint32_t>(flight_size, 1);
  prr_out_ = 0;
  prr_cwnd_ = 0;
}

void LossRecovery::prr_on_ack(std::uint32_t delivered_bytes, std::uint32_t pipe,
                              std::uint32_t ssthresh, std::uint32_t smss,
                              bool has_advanced_without_loss) {
  prr_.delivered_bytes += delivered_bytes;
  std::uint64_t room = 0;
  if (pipe > ssthresh) {
    const std::uint64_t due =
        (std::uint64_t{prr_.delivered_bytes} * ssthresh + prr_.recover_fs - 1) / prr_.recover_fs;
    room = due > prr_out_ ? due - prr_out_ : 0;
  } else {
    // Conservative bound unless SND.UNA moved with nothing newly lost: then catch up by slow start.
    const std::uint32_t behind =
        prr_.delivered_bytes > prr_out_ ? prr_.delivered_bytes - prr_out_ : 0;
    room =
        std::uint64_t{std::max(behind, delivered_bytes)} + (has_advanced_without_loss ? smss : 0);
    room = std::min<std::uint64_t>(room, ssthresh - pipe);
  }
  if (prr_out_ == 0) room = std::max<std::uint64_t>(room, smss);  // the fast retransmission itself
  prr_cwnd_ = pipe + static_cast<std::uint32_t>(std::min<std::uint64_t>(room, UINT32_MAX - pipe));
}

}  // namespace oriel::tcp
