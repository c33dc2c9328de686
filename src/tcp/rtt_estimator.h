// srtt, rttvar and the smallest RTT seen (RFC 6298 section 2; windowed minimum for RACK, RFC 8985 6.2).
// Pure arithmetic on samples; who may give a sample (Karn's rule, timestamps) is the caller's question.
#pragma once

#include <cstdint>

#include "oriel/time.h"

namespace oriel::tcp {

class RttEstimator {
 public:
  /// One round trip measured at `now`. Samples below 1 us count as 1 us.
  /// `samples_per_rtt` >= 1 divides the gains (RFC 7323 appendix G) when every ACK gives a sample.
  void on_sample(Instant now, Duration rtt, std::uint32_t samples_per_rtt = 1);

  bool has_sample() const { return srtt_us_ != 0; }
  Duration srtt() const { return Duration(std::int64_t{srtt_us_} * 1000 / 8); }
  Duration rttvar() const { return Duration(std::int64_t{rttvar_us_} * 1000 / 4); }
  /// Smallest sample of the last `kMinRttWindow`; 0 before the first.
  Duration rtt_min() const { return Duration(std::int64_t{min_us_} * 1000); }
  Duration latest() const { return Duration(std::int64_t{latest_us_} * 1000); }
  static constexpr Duration kMinRttWindow = std::chrono::seconds(300);

 private:
  std::uint32_t srtt_us_ = 0;    // scaled by 8
  std::uint32_t rttvar_us_ = 0;  // scaled by 4
  std::uint32_t min_us_ = 0;
  std::uint32_t latest_us_ = 0;
  Instant min_at_;
};

}  // namespace oriel::tcp
