// What to retransmit now, and when to look again: RACK-TLP (RFC 8985) over the scoreboard, PRR (RFC
// 6937) for the pace of recovery, NewReno's rules for peers without SACK (RFC 6582, 5681 3.2).
//
// It owns the recovery state (open, recovery, loss after RTO), not the timers' ticking:
// `deadline()` says when `on_timeout` wants to be called and the connection arranges it. Congestion
// control is told once per episode by the connection from what is returned here.
#pragma once

#include <cstdint>

#include "base/seq_num.h"
#include "oriel/time.h"
#include "tcp/rto.h"
#include "tcp/rtt_estimator.h"
#include "tcp/sack_scoreboard.h"

namespace oriel::tcp {

enum class RecoveryPhase : std::uint8_t {
  kOpen,      // nothing known lost
  kRecovery,  // fast recovery until recovery_point is acknowledged
  kLoss,      // after a retransmission time-out, until recovery_point is acknowledged
};

/// What an event means for the congestion controller and the transmitter.
struct LossVerdict {
  bool has_entered_recovery = false;  ///< a new loss episode: cut cwnd once, prr_start, prr_on_ack
  /// Fast recovery reached its recovery_point: cwnd = ssthresh (RFC 6937). Not after a time-out,
  /// whose slow start goes on, and never together with is_spurious.
  bool has_left = false;
  /// DSACK or timestamps proved the last episode false: undo the cut. It is over if it was not yet;
  /// this may also come after has_left.
  bool is_spurious = false;
  /// A tail loss probe repaired a loss that nothing else saw (RFC 8985 7.4): cut cwnd once as for a
  /// loss episode that has ended already; the phase does not change.
  bool has_repaired_tail = false;
  std::uint32_t newly_lost_bytes = 0;
  /// What to give to prr_on_ack as delivered: outcome.delivered_bytes, or without SACK one segment
  /// for each duplicate ACK and the rest when SND.UNA moves (RFC 6937 section 2).
  std::uint32_t prr_delivered_bytes = 0;
};

class LossRecovery {
 public:
  struct AckContext {
    Instant now;
    SeqNum snd_una;  ///< after the ACK
    SeqNum snd_nxt;
    std::uint32_t smss = 0;
    bool is_sack_enabled = true;
    bool is_duplicate_ack = false;  ///< RFC 5681 section 2 (whether or not it carries SACK)
    /// The last instant at which the timestamp that this ACK echoes was the current one; never:
    /// none. Tells the original from the retransmission (RFC 7323, 3522; RFC 8985 6.2 step 2).
    Instant echoed_until = Instant::never();
  };
  /// After the scoreboard took the ACK.
  LossVerdict on_ack(const AckContext& context, const AckOutcome& outcome, SackScoreboard& board,
                     const RttEstimator& rtt);

  /// Which timer fired.
  enum class Timer : std::uint8_t { kNone, kReorder, kTailLossProbe, kRto };
  /// Call after every send (new or again) and after every on_ack and on_timeout: chooses the one
  /// timer that runs, reorder before TLP before RTO, whichever is due first; none if nothing is
  /// outstanding. The RTO runs from the latest of: the first send after nothing was outstanding
  /// (RFC 6298 5.1), the last on_ack that acknowledged new data (5.3), the last time-out (5.5), and
  /// the last transmission of the segment at SND.UNA. So sending new data does not put it off. The
  /// PTO runs from `now`, ends with the RTO at the latest (RFC 8985 7.2), and is not armed again
  /// before progress once it fired. `has_unsent_data` changes nothing today: RFC 8985 arms the PTO
  /// with and without.
  void rearm(Instant now, const SackScoreboard& board, const RttEstimator& rtt, const Rto& rto,
             const RtoLimits& limits, bool has_unsent_data);
  Instant deadline() const { return deadline_; }
  Timer armed() const { return armed_; }
  /// Stops all timers; the next rearm starts the RTO from its `now`.
  void disarm() {
    deadline_ = Instant::never();
    rto_began_at_ = Instant::never();
    armed_ = Timer::kNone;
  }

  struct TimeoutVerdict {
    Timer fired = Timer::kNone;
    LossVerdict loss;          ///< kReorder and kRto
    bool wants_probe = false;  ///< kTailLossProbe: send one segment beyond cwnd, new data first
  };
  /// Requires now >= deadline(). kRto marks everything lost (and forgets SACKs if the peer reneged)
  /// and enters kLoss; the connection doubles the RTO and tells congestion control,
  /// has_entered_recovery stays false. No timer is armed afterwards: send what is to be sent, then
  /// rearm.
  TimeoutVerdict on_timeout(Instant now, SeqNum snd_una, SeqNum snd_nxt, SackScoreboard& board,
                            const RttEstimator& rtt);
  /// The probe left; `end_seq` is SND.NXT after it.
  void on_probe_sent(SeqNum end_seq, bool is_retransmission);

  RecoveryPhase phase() const { return phase_; }
  SeqNum recovery_point() const { return recovery_point_; }
  Duration reorder_window(const RttEstimator& rtt) const;

  static constexpr std::uint32_t kDuplicateAcksMax = 3;  ///< DupThresh, RFC 5681 3.2, 8985 5.2
  static constexpr std::uint8_t kReoWndPersist = 16;     ///< recoveries, RFC 8985 6.2 step 4
  static constexpr Duration kMaxAckDelay = std::chrono::milliseconds(200);  ///< TLP.max_ack_delay
  static constexpr Duration kPtoMin = std::chrono::milliseconds(2);  ///< two ticks of the timers
  static constexpr Duration kPtoInitial = std::chrono::seconds(1);   ///< RFC 8985 7.2, no RTT known

  // PRR (RFC 6937 with the safe bound of RFC 9937): how many bytes recovery lets out at this ACK.
  // On entering: prr_start, then prr_on_ack also when a timer and not an ACK detected the loss
  // (delivered 0): it always lets out the first retransmission. `delivered_bytes`: of that flight,
  // acknowledged before and not yet answered by sending.
  void prr_start(std::uint32_t flight_size, std::uint32_t delivered_bytes = 0);
  void prr_on_ack(std::uint32_t delivered_bytes, std::uint32_t pipe, std::uint32_t ssthresh,
                  std::uint32_t smss, bool has_advanced_without_loss);
  void prr_on_sent(std::uint32_t bytes) { prr_out_ += bytes; }
  /// cwnd while in kRecovery.
  std::uint32_t prr_cwnd() const { return prr_cwnd_; }

 private:
  struct Rack {  // RFC 8985 5.2
    Instant xmit_at;
    SeqNum end_seq;
    bool has_sample = false;
    bool is_reordering_seen = false;
    bool is_in_dsack_round = false;
    std::uint8_t reo_wnd_mult = 1;
    std::uint8_t reo_wnd_persist = 0;  // recoveries until reo_wnd_mult falls back to 1
    SeqNum dsack_round;
    Duration rtt{0};
    Instant reorder_deadline = Instant::never();
  };
  struct Tlp {  // RFC 8985 5.3
    SeqNum end_seq;
    bool is_outstanding = false;  // end_seq is valid
    bool is_retransmission = false;
    bool has_fired = false;  // and no progress since
  };
  struct Episode {  // what could prove the last cut false
    SeqNum begin;
    std::uint32_t retransmitted_before = 0;  // the board's count when it began
    std::uint32_t retransmitted_bytes = 0;   // in it
    std::uint32_t dsacked_bytes = 0;
    bool is_undoable = false;
    bool is_first_ack_due = false;  // Eifel looks at the first progress only
  };
  struct Reno {  // peers without SACK
    std::uint32_t duplicate_acks = 0;
    std::uint32_t credit_bytes = 0;  // counted as delivered before SND.UNA moved
  };
  struct Prr {
    std::uint32_t delivered_bytes = 0;
    std::uint32_t recover_fs = 1;
  };

  bool rack_update(const AckContext& context, const AckOutcome& outcome, const RttEstimator& rtt);
  void adapt_reorder_window(const AckContext& context, bool has_dsack, bool is_exiting);
  std::uint32_t detect(Instant now, SackScoreboard& board, const RttEstimator& rtt);
  void tlp_process(const AckContext& context, const AckOutcome& outcome, LossVerdict& verdict);
  std::uint32_t reno_process(const AckContext& context, const AckOutcome& outcome,
                             SackScoreboard& board, LossVerdict& verdict);
  bool is_tlp_dsack(const AckOutcome& outcome) const;
  void begin_episode(SeqNum snd_una, SeqNum snd_nxt, const SackScoreboard& board);
  void judge_episode(const AckOutcome& outcome, bool is_original_echoed, SackScoreboard& board,
                     LossVerdict& verdict);
  void leave(const SackScoreboard& board, LossVerdict& verdict);
  void enter_if_lost(SeqNum snd_una, SeqNum snd_nxt, const SackScoreboard& board,
                     LossVerdict& verdict);
  bool may_arm_probe(const SackScoreboard& board) const;

  Rack rack_;
  Tlp tlp_;
  Episode episode_;
  Reno reno_;
  Prr prr_;
  RecoveryPhase phase_ = RecoveryPhase::kOpen;
  Timer armed_ = Timer::kNone;
  bool has_recovery_point_ = false;
  bool is_sack_enabled_ = true;
  std::uint32_t sacked_segments_ = 0;  // RACK.segs_sacked at the last look
  SeqNum recovery_point_;
  Instant deadline_ = Instant::never();
  Instant rto_began_at_ = Instant::never();  // never: not running
  std::uint32_t prr_out_ = 0;
  std::uint32_t prr_cwnd_ = 0;
};

}  // namespace oriel::tcp
