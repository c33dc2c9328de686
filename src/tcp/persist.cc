#include "tcp/persist.h"

#include <algorithm>

namespace oriel::tcp {
namespace {
constexpr std::uint8_t kBackoffMax = 16;  // 2^16 times the smallest interval is past any maximum
}

Duration Persist::interval(Duration rto, const PersistLimits& limits) const {
  const Duration base = std::clamp(rto, limits.interval_min, limits.interval_max);
  return std::min(base * (std::int64_t{1} << backoff_), limits.interval_max);
}

void Persist::arm(Instant now, Duration rto, const PersistLimits& limits) {
  if (is_armed()) return;
  backoff_ = 0;
  unanswered_ = 0;
  deadline_ = now + interval(rto, limits);
}

void Persist::disarm() {
  deadline_ = Instant::never();
  backoff_ = 0;
  unanswered_ = 0;
}

void Persist::on_timeout(Instant now, Duration rto, const PersistLimits& limits) {
  ++unanswered_;
  if (backoff_ < kBackoffMax) ++backoff_;
  deadline_ = now + interval(rto, limits);
}

}  // namespace oriel::tcp
