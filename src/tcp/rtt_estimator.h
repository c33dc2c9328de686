// srtt, rttvar and the smallest RTT seen (RFC 6298 section 2; windowed minimum for RACK, RFC
// 8985 6.2). Pure arithmetic on samples; who may give a sample (Karn's rule, timestamps) is the
// caller's question. The smallest RTT is kept in two half windows: a value counts for at least half
// of `kMinRttWindow` and never longer than the whole, and a path that became longer is believed
// without a history of samples.
#pragma once

#include <cstdint>

#include "oriel/time.h"

namespace oriel::tcp {

class RttEstimator {
 public:
  /// One round trip measured at `now`. Samples below 1 us count as 1 us, above `kRttMax` as
  /// `kRttMax`. `samples_per_rtt` >= 1 divides the gains (RFC 7323 appendix G) when every ACK gives
  /// a sample.
  void on_sample(Instant now, Duration rtt, std::uint32_t samples_per_rtt = 1);

  bool has_sample() const { return srtt_.count() != 0; }
  Duration srtt() const { return srtt_; }
  Duration rttvar() const { return rttvar_; }
  /// Smallest sample of the last `kMinRttWindow`; 0 before the first.
  Duration rtt_min() const { return min_before_ < min_now_ ? min_before_ : min_now_; }
  Duration latest() const { return latest_; }
  static constexpr Duration kMinRttWindow = std::chrono::seconds(300);
  static constexpr Duration kRttMax = std::chrono::seconds(240);  // 2 MSL, RFC 9293 3.4.2

 private:
  void note_min(Instant now, Duration rtt);

  Duration srtt_{0};
  Duration rttvar_{0};
  Duration latest_{0};
  Duration min_before_{0};  // of the half window before
  Duration min_now_{0};     // of the half window that began at half_began_at_
  Instant half_began_at_;
};

}  // namespace oriel::tcp
