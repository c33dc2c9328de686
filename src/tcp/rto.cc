#include "tcp/rto.h"

#include <algorithm>

namespace oriel::tcp {

Duration Rto::current(const RttEstimator& rtt, const RtoLimits& limits) const {
  constexpr Duration kClockGranularity = std::chrono::milliseconds(1);  // G: one tick of the timers
  Duration rto = limits.initial;
  if (rtt.has_sample()) {  // RFC 6298 2.3, 2.4
    rto = std::max(rtt.srtt() + std::max(kClockGranularity, 4 * rtt.rttvar()), limits.rto_min);
  }
  for (std::uint8_t i = 0; i < backoff_ && rto < limits.rto_max; ++i) rto *= 2;  // RFC 6298 5.5
  return std::min(rto, limits.rto_max);
}

}  // namespace oriel::tcp
