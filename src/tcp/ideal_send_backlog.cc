#include "tcp/ideal_send_backlog.h"

#include <algorithm>

namespace oriel::tcp {
namespace {

// Up to a grain, and for large values to a sixteenth of their size, so that small steps of cwnd do
// not show.
std::uint64_t round_up(std::uint64_t bytes) {
  std::uint64_t grain = IdealSendBacklog::kGrainBytes;
  while (grain * 16 < bytes) grain *= 2;
  return (bytes + grain - 1) / grain * grain;
}

// What may leave within the next round trip, growth of cwnd included.
std::uint64_t wanted_bytes(const IsbInput& in) {
  const std::uint64_t cwnd = in.cwnd;
  const std::uint64_t grown = in.is_in_slow_start ? 2 * cwnd : cwnd + cwnd / 4;
  return std::max<std::uint64_t>(std::min<std::uint64_t>(grown, in.snd_wnd),
                                 IdealSendBacklog::kInitialBytes);
}

}  // namespace

bool IdealSendBacklog::update(const IsbInput& in) {
  const std::uint64_t wanted = round_up(wanted_bytes(in));
  const bool has_lost = in.loss_episodes != loss_episodes_;
  loss_episodes_ = in.loss_episodes;
  // Up at once. Down after a loss when it matters (an eighth), else only when half would do: cwnd
  // breathes with the path, and each report wakes an application.
  const bool is_rise = wanted > target_bytes_;
  const bool is_fall = wanted <= target_bytes_ / 2 || (has_lost && wanted <= target_bytes_ / 8 * 7);
  if (is_rise || is_fall) target_bytes_ = wanted;

  // The host's budget overrides hysteresis both ways; what it leaves may be nothing.
  const std::uint64_t allowed = std::min(target_bytes_, in.memory_budget_bytes);
  target_bytes_ = std::max<std::uint64_t>(
      allowed, std::min<std::uint64_t>(kInitialBytes, in.memory_budget_bytes));
  const auto reported =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(target_bytes_, kBytesMax));
  const bool has_changed = reported != backlog_bytes_;
  backlog_bytes_ = reported;
  return has_changed;
}

}  // namespace oriel::tcp
