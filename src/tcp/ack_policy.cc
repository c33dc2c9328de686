#include "tcp/ack_policy.h"

#include <algorithm>

namespace oriel::tcp {

AckPolicy::Verdict AckPolicy::on_segment(Instant now, const Arrival& arrival, std::uint32_t rcv_wnd,
                                         const AckLimits& limits) {
  // REQ RFC9293-SHLD-18: what the peer's recovery waits for is not held back, nor gathered in a
  // burst.
  if (arrival.is_out_of_order || arrival.is_gap_filled) return Verdict::kImmediate;
  const std::uint32_t segments =
      arrival.segments + (arrival.is_fin && arrival.segments == 0 ? 1 : 0);
  if (segments == 0) return arrival.is_window_update_wanted ? Verdict::kImmediate : Verdict::kNone;

  pending_segments_ =
      static_cast<std::uint16_t>(std::min<std::uint32_t>(pending_segments_ + segments, UINT16_MAX));
  pending_bytes_ += arrival.bytes;
  deadline_ = earlier(deadline_, now + limits.delay);
  if (arrival.is_fin || arrival.is_window_update_wanted) return Verdict::kImmediate;
  if (pending_segments_ >= kDecimationSegmentsMax || pending_bytes_ >= rcv_wnd / 4) {
    return pending_segments_ >= limits.segments ? Verdict::kImmediate : Verdict::kNone;
  }
  return Verdict::kNone;
}

// REQ RFC9293-MUST-58
AckPolicy::Verdict AckPolicy::on_burst_end(Instant now, const AckLimits& limits) {
  if (pending_segments_ == 0) return Verdict::kNone;
  if (pending_segments_ >= limits.segments || quick_used_ < limits.quick_segments ||
      now >= deadline_) {
    return Verdict::kImmediate;
  }
  return Verdict::kDelayed;
}

void AckPolicy::on_ack_sent() {
  quick_used_ = static_cast<std::uint8_t>(
      std::min<std::uint32_t>(quick_used_ + pending_segments_, UINT8_MAX));
  pending_segments_ = 0;
  pending_bytes_ = 0;
  deadline_ = Instant::never();
}

}  // namespace oriel::tcp
