// When to give up waiting for an acknowledgement (RFC 6298 sections 2, 5; RFC 9293 3.8.3 R1 and
// R2).
#pragma once

#include <cstdint>

#include "oriel/time.h"
#include "tcp/rtt_estimator.h"

namespace oriel::tcp {

struct RtoLimits {
  Duration initial = std::chrono::seconds(1);         ///< RFC 6298 2.1
  Duration rto_min = std::chrono::milliseconds(300);  ///< Windows' Internet template (FACTS 3.4)
  Duration rto_max = std::chrono::seconds(60);
};

class Rto {
 public:
  /// The time-out now in force: srtt + max(G, 4 * rttvar) within the limits, doubled once a
  /// back-off.
  Duration current(const RttEstimator& rtt, const RtoLimits& limits) const;
  void on_timeout() {
    if (backoff_ < kBackoffMax) ++backoff_;
  }
  void on_progress() { backoff_ = 0; }  ///< new data acknowledged (RFC 6298 5.7)
  std::uint32_t backoff() const { return backoff_; }

 private:
  static constexpr std::uint8_t kBackoffMax = 16;  // 2^16 times anything is past rto_max
  std::uint8_t backoff_ = 0;
};

}  // namespace oriel::tcp
