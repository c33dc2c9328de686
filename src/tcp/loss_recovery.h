// What to retransmit now, and when to look again: RACK-TLP (RFC 8985) over the scoreboard, PRR (RFC 6937)
// for the pace of recovery, NewReno's rules for peers without SACK (RFC 6582, 5681 3.2).
//
// It owns the recovery state (open, recovery, loss after RTO), not the timers' ticking: `deadline()` says
// when `on_timeout` wants to be called and the connection arranges it. Congestion control is told once
// per episode by the connection from what is returned here.
#pragma once

#include <cstdint>

#include "base/seq_num.h"
#include "oriel/time.h"
#include "tcp/rtt_estimator.h"
#include "tcp/rto.h"
#include "tcp/sack_scoreboard.h"

namespace oriel::tcp {

enum class RecoveryPhase : std::uint8_t {
  kOpen,      // nothing known lost
  kRecovery,  // fast recovery until recovery_point is acknowledged
  kLoss,      // after a retransmission time-out, until recovery_point is acknowledged
};

/// What an event means for the congestion controller and the transmitter.
struct LossVerdict {
  bool has_entered_recovery = false;  ///< a new loss episode: cut cwnd once
  bool has_left = false;              ///< recovery_point passed
  bool is_spurious = false;           ///< DSACK or timestamps proved the episode false: undo the cut
  std::uint32_t newly_lost_bytes = 0;
};

class LossRecovery {
 public:
  struct AckContext {
    Instant now;
    SeqNum snd_una;           ///< after the ACK
    SeqNum snd_nxt;
    std::uint32_t smss = 0;
    bool is_sack_enabled = true;
    bool is_duplicate_ack = false;  ///< RFC 5681 section 2, for peers without SACK
  };
  /// After the scoreboard took the ACK.
  LossVerdict on_ack(const AckContext& context, const AckOutcome& outcome, SackScoreboard& board,
                     const RttEstimator& rtt);

  /// Which timer fired.
  enum class Timer : std::uint8_t { kNone, kReorder, kTailLossProbe, kRto };
  /// Data or FIN was sent at `now` (new or again): arm TLP or RTO afresh (RFC 8985 7.2, 6298 5.1).
  void rearm(Instant now, const SackScoreboard& board, const RttEstimator& rtt, const Rto& rto,
             const RtoLimits& limits, bool has_unsent_data);
  Instant deadline() const { return deadline_; }
  Timer armed() const { return armed_; }
  void disarm() {
    deadline_ = Instant::never();
    armed_ = Timer::kNone;
  }

  struct TimeoutVerdict {
    Timer fired = Timer::kNone;
    LossVerdict loss;          ///< kReorder and kRto
    bool wants_probe = false;  ///< kTailLossProbe: send one segment beyond cwnd, new data first
  };
  /// Requires now >= deadline(). kRto marks everything lost and enters kLoss; the connection doubles
  /// the RTO and tells congestion control.
  TimeoutVerdict on_timeout(Instant now, SeqNum snd_una, SeqNum snd_nxt, SackScoreboard& board,
                            const RttEstimator& rtt);
  void on_probe_sent(SeqNum end_seq, bool is_retransmission);

  RecoveryPhase phase() const { return phase_; }
  SeqNum recovery_point() const { return recovery_point_; }
  Duration reorder_window(const RttEstimator& rtt) const;

  // PRR (RFC 6937 with the safe bound of RFC 9937): how many bytes recovery lets out at this ACK.
  void prr_start(std::uint32_t flight_size);
  void prr_on_ack(std::uint32_t delivered_bytes, std::uint32_t pipe, std::uint32_t ssthresh,
                  std::uint32_t smss, bool has_advanced_without_loss);
  void prr_on_sent(std::uint32_t bytes) { prr_out_ += bytes; }
  /// cwnd while in kRecovery.
  std::uint32_t prr_cwnd() const { return prr_cwnd_; }

 private:
  // The implementer completes this part.
  RecoveryPhase phase_ = RecoveryPhase::kOpen;
  Timer armed_ = Timer::kNone;
  SeqNum recovery_point_;
  Instant deadline_ = Instant::never();
  std::uint32_t prr_out_ = 0;
  std::uint32_t prr_cwnd_ = 0;
};

}  // namespace oriel::tcp
