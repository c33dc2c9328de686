// How much may be in the network: one algorithm at a time behind one interface, composed, not
// inherited.
//
// The interface carries what controllers that model the path will need too (delivery rate samples
// in, a pacing rate out); window-based ones leave `pacing_rate` at 0, "do not pace". Units: bytes,
// bytes per second. Not for recovery's pacing (PRR, in loss_recovery) nor for the RTO.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "base/seq_num.h"
#include "oriel/time.h"
#include "tcp/cc_cubic.h"
#include "tcp/cc_newreno.h"
#include "tcp/cc_types.h"

namespace oriel::tcp {

class CongestionControl {
 public:
  CongestionControl(CcAlgorithm algorithm, const CcLimits& limits, std::uint32_t smss);

  /// New data was delivered outside recovery (or inside, for model-based ones: `is_in_recovery`).
  void on_ack(const CcAck& ack);
  /// A loss episode began (fast retransmit). Sets ssthresh; during kRecovery PRR owns cwnd.
  void on_loss_episode(Instant now, std::uint32_t flight_size);
  /// Recovery ended: cwnd = ssthresh (RFC 6937 at exit).
  void on_recovery_end(Instant now);
  /// Retransmission time-out; `is_first` for the first of a run (RFC 5681 3.1: ssthresh only then).
  void on_rto(Instant now, std::uint32_t flight_size, bool is_first);
  /// The last cut was for a loss that did not happen: restore (RFC 3522, 9438 4.9).
  void on_spurious(Instant now);
  /// Sending resumes after idling longer than an RTO (RFC 5681 4.1; cwnd validation).
  void on_idle_restart(Instant now);
  void on_mss_change(std::uint32_t smss);

  std::uint32_t cwnd() const;
  std::uint32_t ssthresh() const;
  bool is_in_slow_start() const { return cwnd() < ssthresh(); }
  /// Bytes per second; 0: not paced.
  std::uint64_t pacing_rate() const { return 0; }
  std::string_view name() const;

 private:
  std::variant<CcCubic, CcNewReno> algorithm_;
};

}  // namespace oriel::tcp
