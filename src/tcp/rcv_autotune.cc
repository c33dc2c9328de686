// REQ CM-12
#include "tcp/rcv_autotune.h"

namespace oriel::tcp {
namespace {

// A round that lasted many round trips lets the target fall as often, but not below an eighth.
constexpr std::int64_t kFallsMax = 16;
constexpr std::uint32_t kGain = 8;

std::uint32_t to_us(Duration d) {
  const std::int64_t us = std::chrono::duration_cast<std::chrono::microseconds>(d).count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(us, 1, UINT32_MAX));
}

std::uint32_t add_capped(std::uint32_t a, std::uint32_t b) {
  return b > UINT32_MAX - a ? UINT32_MAX : a + b;
}

}  // namespace

RcvAutotune::RcvAutotune(const RcvAutotuneConfig& config)
    : target_bytes_(std::min(config.initial_bytes, std::max(config.ceiling_bytes, 1u))),
      ceiling_bytes_(config.ceiling_bytes),
      is_enabled_(config.is_enabled) {}

void RcvAutotune::on_data(Instant now, SeqNum rcv_nxt, std::uint32_t bytes) {
  if (!is_enabled_ || bytes == 0) return;
  arrived_bytes_ = add_capped(arrived_bytes_, bytes);
  if (has_rtt_sample_) return;
  if (!window_begin_.is_never()) {
    if (seq_lt(rcv_nxt, window_end_)) return;
    // A window's worth cannot arrive in less than a round trip, so this bounds the RTT from above.
    const std::uint32_t bound_us = to_us(now - window_begin_);
    if (rtt_us_ == 0 || bound_us < rtt_us_) rtt_us_ = bound_us;
  }
  window_begin_ = now;
  window_end_ = rcv_nxt + target_bytes_;
}

bool RcvAutotune::on_consume(Instant now, std::uint32_t bytes, std::uint32_t unread_bytes) {
  if (!is_enabled_) return false;
  if (round_begin_.is_never()) {
    round_begin_ = now;
    unread_bytes_min_ = unread_bytes;
  }
  bool has_risen = false;
  const Duration round = std::max(rtt(), kRoundMin);
  const Duration elapsed = now - round_begin_;
  if (rtt_us_ != 0 && elapsed >= round) {
    has_risen = end_round(elapsed, round);
    round_begin_ = now;
    read_bytes_ = 0;
    arrived_bytes_ = std::min(arrived_bytes_, add_capped(bytes, unread_bytes));
    unread_bytes_min_ = unread_bytes;
    may_rtt_rise_ = true;
  }
  read_bytes_ = add_capped(read_bytes_, bytes);
  unread_bytes_min_ = std::min(unread_bytes_min_, unread_bytes);
  const std::uint32_t m = std::min(read_bytes_, arrived_bytes_);
  if (best_bytes_ != 0 && unread_bytes == 0 && is_growing(m)) {
    has_risen |= raise_to(std::uint64_t{4} * m + kHeadroomBytes);
  }
  return has_risen;
}

// A reader that paused: what it took belongs to all the time since. By chance of when reads happen
// a round at most doubles, so up to twice its length counts as one.
bool RcvAutotune::end_round(Duration elapsed, Duration round) {
  std::uint64_t read = read_bytes_;
  const Duration counted = std::max(2 * round, kTurnMax);
  if (elapsed > counted) {
    const auto part = static_cast<std::uint64_t>(counted / kRoundMin);
    const auto whole = static_cast<std::uint64_t>(elapsed / kRoundMin);
    read = read * part / whole;
    arrived_bytes_ = static_cast<std::uint32_t>(arrived_bytes_ * part / whole);
  }
  if (unread_bytes_min_ > read) {
    best_bytes_ = static_cast<std::uint32_t>(read);
    fall_towards(2 * read + kHeadroomBytes, elapsed / round);
    return false;
  }
  const auto m = static_cast<std::uint32_t>(std::min<std::uint64_t>(read, arrived_bytes_));
  const std::uint64_t factor = is_growing(m) ? 4 : 2;
  best_bytes_ = std::max(best_bytes_, m);
  return raise_to(factor * m + kHeadroomBytes);
}

bool RcvAutotune::is_growing(std::uint32_t m) const {
  return m > std::uint64_t{best_bytes_} + best_bytes_ / kGain;
}

bool RcvAutotune::raise_to(std::uint64_t wanted_bytes) {
  const auto next =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted_bytes, ceiling_bytes_));
  if (next <= target_bytes_) return false;
  target_bytes_ = next;
  return true;
}

void RcvAutotune::fall_towards(std::uint64_t wanted_bytes, std::int64_t rounds) {
  const std::uint64_t end = std::max<std::uint64_t>(wanted_bytes, kFloorBytes);
  for (std::int64_t i = std::min(rounds, kFallsMax); i > 0 && target_bytes_ > end; --i) {
    const auto above = static_cast<std::uint32_t>(target_bytes_ - end);
    target_bytes_ -= (above + kGain - 1) / kGain;
  }
}

void RcvAutotune::on_rtt(Duration sample) {
  const std::uint32_t us = to_us(sample);
  if (!has_rtt_sample_ || us < rtt_us_) {
    rtt_us_ = us;
  } else if (may_rtt_rise_) {
    rtt_us_ += (us - rtt_us_) / kGain;
  }
  has_rtt_sample_ = true;
  may_rtt_rise_ = false;
}

void RcvAutotune::fix(std::uint32_t bytes) {
  is_enabled_ = false;
  target_bytes_ = std::min(bytes, ceiling_bytes_);
}

}  // namespace oriel::tcp
