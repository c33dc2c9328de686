#include "tcp/rtt_estimator.h"

#include <algorithm>

namespace oriel::tcp {

void RttEstimator::on_sample(Instant now, Duration rtt, std::uint32_t samples_per_rtt) {
  const Duration sample = std::clamp<Duration>(rtt, std::chrono::microseconds(1), kRttMax);
  note_min(now, sample);
  latest_ = sample;
  if (!has_sample()) {  // RFC 6298 2.2
    srtt_ = sample;
    rttvar_ = sample / 2;
    return;
  }
  // RFC 6298 2.3: rttvar first, with the old srtt. Nanoseconds, so that gains divided by hundreds
  // of samples a round still move.
  const std::int64_t share = std::max<std::uint32_t>(samples_per_rtt, 1);
  const Duration error = sample - srtt_;
  rttvar_ += (std::chrono::abs(error) - rttvar_) / (4 * share);
  srtt_ += error / (8 * share);
}

void RttEstimator::note_min(Instant now, Duration rtt) {
  const Duration age = now - half_began_at_;
  if (!has_sample() || age >= kMinRttWindow) {
    min_before_ = min_now_ = rtt;
    half_began_at_ = now;
    return;
  }
  if (age >= kMinRttWindow / 2) {
    min_before_ = min_now_;
    min_now_ = rtt;
    half_began_at_ = half_began_at_ + kMinRttWindow / 2;
    return;
  }
  min_now_ = std::min(min_now_, rtt);
}

}  // namespace oriel::tcp
