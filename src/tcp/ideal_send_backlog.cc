// Bands, falls, trials. Percentages: why they are what they are stands in the design page.
#include "tcp/ideal_send_backlog.h"

#include <algorithm>

namespace oriel::tcp {
namespace {

// Up to a grain, and for large values to at most a sixteenth of their size, so that small steps do
// not show.
std::uint64_t round_up(std::uint64_t bytes) {
  std::uint64_t grain = IdealSendBacklog::kGrainBytes;
  while (grain * 32 < bytes) grain *= 2;
  return (bytes + grain - 1) / grain * grain;
}

std::uint64_t bytes_in(std::uint64_t rate, Duration time) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(time).count();
  return static_cast<std::uint64_t>(static_cast<double>(rate) * static_cast<double>(us) * 1e-6);
}

// Half a round trip beyond what the path holds: a cut to 0.7 still leaves it full.
Duration slack_of(Duration rtt_min) {
  return std::max(rtt_min / 2, IdealSendBacklog::kSlackMin);
}

}  // namespace

IdealSendBacklog::IdealSendBacklog(std::uint64_t memory_share_bytes) {
  take_memory(memory_share_bytes);
  (void)settle(Instant{}, false);
}

void IdealSendBacklog::Band::clip(const Band& other) {
  low = std::min(low, other.low);
  want = std::min(want, other.want);
  high = std::min(high, other.high);
}

// Slow start doubles within the next round trip, and the application may look only then. Otherwise
// cwnd grows by a few percent; high lets CUBIC's cut to 0.7 pass, because it will want the rest
// again.
IdealSendBacklog::Band IdealSendBacklog::growth_band(const IsbInput& in) const {
  const std::uint64_t cwnd = in.cwnd;
  if (in.is_in_slow_start) return {2 * cwnd, 3 * cwnd, 4 * cwnd};
  return {cwnd + cwnd / 8, cwnd + cwnd / 4, 2 * cwnd};
}

// What the path holds, and slack.
IdealSendBacklog::Band IdealSendBacklog::ceiling_band(const IsbInput& in) const {
  const bool is_known = rounds_.rate() != 0 && in.rtt_min.count() > 0;
  const bool is_growing = in.is_in_slow_start && !rounds_.is_steady();
  if (!is_known || is_growing || hold_rounds_ != 0) return {};
  const Duration slack = slack_of(in.rtt_min);
  return {bytes_in(rounds_.rate(), in.rtt_min + slack / 2),
          bytes_in(rounds_.rate(), in.rtt_min + slack),
          bytes_in(rounds_.rate(), in.rtt_min + slack + slack / 2)};
}

// REQ ISB-3
bool IdealSendBacklog::on_ack(const IsbInput& in) {
  const std::uint64_t enough = std::min<std::uint64_t>(in.cwnd, snd_buffer_target_bytes()) / 2;
  const bool is_round_over = rounds_.on_ack({in.now, in.srtt, in.delivered_bytes, in.flight_size,
                                             in.snd_wnd, in.buffered_bytes >= enough});
  if (is_round_over) {
    if (rounds_.is_last_full()) watch_trial();
    ceiling_ = ceiling_band(in);
  }
  Band wide = growth_band(in);
  const std::uint64_t window = rounds_.window_max();
  wide.clip({window, window + window / 4, window + window / 2});
  wide.clip({in.bytes_max, in.bytes_max, in.bytes_max});
  Band band = wide;
  band.clip(ceiling_);
  if (target_bytes_ < band.low) {
    target_bytes_ = round_up(band.want);
    trial_.rounds_left = 0;
  } else if (is_round_over) {
    fall_if_due(in, wide, band);
  }
  if (in.is_idle) rounds_.pause();
  take_memory(in.memory_share_bytes);
  return settle(in.now, in.is_idle);
}

// `wide` is the band without the ceiling, which is obeyed only where a queue stands.
void IdealSendBacklog::fall_if_due(const IsbInput& in, const Band& wide, const Band& band) {
  if (target_bytes_ > std::max<std::uint64_t>(wide.high, kInitialBytes)) {
    if (++rounds_high_ < kFallRounds) return;
    rounds_high_ = 0;
    target_bytes_ = std::max<std::uint64_t>(round_up(wide.want), kInitialBytes);
    return;
  }
  rounds_high_ = 0;
  const bool is_above = target_bytes_ > std::max<std::uint64_t>(band.high, kInitialBytes);
  const bool is_evident = rounds_.is_last_full() && rounds_.is_steady();
  const bool has_queue = in.srtt >= in.rtt_min + slack_of(in.rtt_min) / 2;
  if (!is_above || !is_evident || !has_queue || trial_.rounds_left != 0) return;
  trial_ = {target_bytes_, rounds_.rate(), rounds_.flight_max(), kTrialRounds};
  target_bytes_ = std::max<std::uint64_t>(round_up(band.want), kInitialBytes);
}

// Whose queue was it? Ours: less in flight, same rate. Others': the rate went with the flight.
void IdealSendBacklog::watch_trial() {
  if (hold_rounds_ != 0) --hold_rounds_;
  if (trial_.rounds_left == 0 || --trial_.rounds_left != 0) return;
  const auto before = static_cast<double>(trial_.flight);
  const double flight_drop = (before - rounds_.flight_max()) / std::max(before, 1.0);
  const auto rate = static_cast<double>(trial_.rate);
  const double rate_drop = (rate - static_cast<double>(rounds_.rate())) / std::max(rate, 1.0);
  constexpr double kFlightDropMin = 1.0 / 16;
  if (flight_drop < kFlightDropMin || rate_drop < flight_drop / 2) return;
  hold_rounds_ = kHoldRounds;
  target_bytes_ = std::max(target_bytes_, trial_.from_bytes);
}

// The host's memory overrides the bands both ways; a share that moves by a tenth is no news.
void IdealSendBacklog::take_memory(std::uint64_t share_bytes) {
  const bool is_less = share_bytes < memory_bytes_;
  if (is_less || share_bytes - memory_bytes_ > memory_bytes_ / 4) {
    memory_bytes_ = share_bytes - share_bytes / 9;
  }
}

bool IdealSendBacklog::settle(Instant now, bool is_idle) {
  idle_since_ = is_idle ? earlier(idle_since_, now) : Instant::never();
  deadline_ = Instant::never();
  if (is_idle && memory_bytes_ < target_bytes_) deadline_ = now + kLookAgain;
  if (is_idle && target_bytes_ > kInitialBytes) {
    deadline_ = earlier(deadline_, idle_since_ + kForgetAfter);
  }
  const auto reported =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(snd_buffer_target_bytes(), kBytesMax));
  const bool has_changed = reported != backlog_bytes_;
  backlog_bytes_ = reported;
  return has_changed;
}

bool IdealSendBacklog::on_timeout(Instant now, bool is_idle, std::uint64_t memory_share_bytes) {
  if (is_idle && !idle_since_.is_never() && now - idle_since_ >= kForgetAfter) {
    target_bytes_ = kInitialBytes;
    rounds_.forget();
    ceiling_ = {};
    trial_.rounds_left = 0;
    hold_rounds_ = rounds_high_ = 0;
  }
  take_memory(memory_share_bytes);
  return settle(now, is_idle);
}

std::uint64_t IdealSendBacklog::snd_buffer_target_bytes() const {
  return std::min(target_bytes_, memory_bytes_);
}

}  // namespace oriel::tcp
