#include "tcp/rcv_autotune.h"

#include <algorithm>

namespace oriel::tcp {
namespace {

std::uint32_t to_us(Duration d) {
  const std::int64_t us = std::chrono::duration_cast<std::chrono::microseconds>(d).count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(us, 1, UINT32_MAX));
}

}  // namespace

RcvAutotune::RcvAutotune(const RcvAutotuneConfig& config)
    : target_bytes_(std::min(config.initial_bytes, std::max(config.ceiling_bytes, 1u))),
      ceiling_bytes_(config.ceiling_bytes),
      is_enabled_(config.is_enabled) {}

void RcvAutotune::on_data(Instant now, SeqNum rcv_nxt, std::uint32_t bytes) {
  if (!is_enabled_ || bytes == 0) return;
  if (!window_begin_.is_never()) {
    if (seq_lt(rcv_nxt, window_end_)) return;
    // A window's worth cannot arrive in less than a round trip, so this bounds the RTT from above.
    const std::uint32_t bound_us = to_us(now - window_begin_);
    if (rtt_us_ == 0 || (!has_rtt_sample_ && bound_us < rtt_us_)) rtt_us_ = bound_us;
  }
  window_begin_ = now;
  window_end_ = rcv_nxt + target_bytes_;
}

bool RcvAutotune::on_consume(Instant now, std::uint32_t bytes) {
  if (!is_enabled_) return false;
  if (period_begin_.is_never()) period_begin_ = now;
  consumed_bytes_ = bytes > UINT32_MAX - consumed_bytes_ ? UINT32_MAX : consumed_bytes_ + bytes;
  if (rtt_us_ == 0) return false;
  const Duration period = std::max(rtt(), kPeriodMin);
  const Duration elapsed = now - period_begin_;
  if (elapsed < period) return false;

  // A reader that paused: what it took belongs to all the time since, not to one round trip. Scaled
  // in 64 bits; a period at most doubles by chance of when reads happen, so up to twice is not
  // scaled.
  std::uint64_t c = consumed_bytes_;
  if (elapsed > 2 * period)
    c = c * 2 * static_cast<std::uint64_t>(period.count()) /
        static_cast<std::uint64_t>(elapsed.count());
  period_begin_ = now;
  consumed_bytes_ = 0;
  const bool is_growing = c > std::uint64_t{consumed_before_bytes_} + consumed_before_bytes_ / 8;
  consumed_before_bytes_ = std::max(consumed_before_bytes_, static_cast<std::uint32_t>(c));
  const std::uint64_t wanted = is_growing ? 4 * c : 2 * c + kHeadroomBytes;
  const auto next = static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, ceiling_bytes_));
  if (next <= target_bytes_) return false;
  target_bytes_ = next;
  return true;
}

// RFC 6298's gain of 1/8; the handshake's sample stands alone until timestamps add to it.
void RcvAutotune::on_rtt(Duration sample) {
  const std::uint32_t us = to_us(sample);
  if (has_rtt_sample_) {
    rtt_us_ = static_cast<std::uint32_t>((std::uint64_t{rtt_us_} * 7 + us) / 8);
    rtt_us_ = std::max(rtt_us_, 1u);
  } else {
    rtt_us_ = us;
    has_rtt_sample_ = true;
  }
}

void RcvAutotune::fix(std::uint32_t bytes) {
  is_enabled_ = false;
  target_bytes_ = std::min(bytes, ceiling_bytes_);
}

}  // namespace oriel::tcp
