// HyStart++ round by round, and the ACK-train brake; see the header for why there are two.
#include "tcp/hystart.h"

#include <algorithm>

namespace oriel::tcp {
namespace {

std::uint32_t to_us(Duration d) {
  const std::int64_t us = std::chrono::duration_cast<std::chrono::microseconds>(d).count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(us, 1, UINT32_MAX));
}

std::uint32_t min_or(std::uint32_t current, std::uint32_t sample) {
  return current == 0 ? sample : std::min(current, sample);
}

}  // namespace

bool HyStart::has_risen(std::uint32_t rtt_us, std::uint32_t base_us) const {
  const std::uint32_t thresh =
      std::clamp(base_us / kRttThreshDivisor, kRttThreshMinUs, kRttThreshMaxUs);
  return rtt_us >= base_us && rtt_us - base_us >= thresh;
}

// The train is whole: ACKs after its first one came at the bottleneck's rate.
void HyStart::close_train(const CcAck& ack, std::uint32_t smss) {
  const std::uint32_t length_us = train_end_us_ - train_begin_us_;
  const std::uint32_t bytes_min = std::max(kTrainSegmentsMin * smss, ack.flight_size / 4);
  if (has_train_ && train_bytes_ >= bytes_min && length_us > 0 && rtt_min_us_ >= kTrainRttMinUs) {
    const std::uint64_t guess = std::uint64_t{train_bytes_} * rtt_min_us_ / length_us;
    bdp_guess_bytes_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(guess, 1u << 30));
  }
  has_train_ = false;
}

// A round ends when what was outstanding at its start is acknowledged.
void HyStart::on_round_start(const CcAck& ack, std::uint32_t smss) {
  close_train(ack, smss);
  if (phase_ == Phase::kCss && ++css_rounds_ >= kCssRoundsMax) phase_ = Phase::kDone;
  window_end_ = ack.snd_nxt;
  has_round_ = true;
  last_round_min_us_ = current_round_min_us_;
  current_round_min_us_ = 0;
  rtt_samples_ = recent_samples_ = 0;
  recent_min_us_ = 0;
}

// The round's border may lie in a train, and between trains there is silence that is no rate.
void HyStart::on_train(const CcAck& ack, std::uint32_t smss) {
  const auto now_us = static_cast<std::uint32_t>(ack.now.ns / 1000);
  if (has_train_ && now_us - train_end_us_ > rtt_min_us_ / kTrainGapDivisor) close_train(ack, smss);
  if (has_train_) {
    train_bytes_ += ack.acked_bytes;
  } else {
    has_train_ = true;
    train_begin_us_ = now_us;
    train_bytes_ = 0;
  }
  train_end_us_ = now_us;
}

void HyStart::on_rtt_sample(const CcAck& ack, std::uint32_t cwnd) {
  const std::uint32_t rtt_us = to_us(ack.rtt);
  rtt_min_us_ = min_or(rtt_min_us_, rtt_us);
  current_round_min_us_ = min_or(current_round_min_us_, rtt_us);
  recent_min_us_ = min_or(recent_min_us_, rtt_us);
  if (rtt_samples_ < kRttSamplesMin) ++rtt_samples_;

  // Ours: beyond the guess the train has no gap in which a queue drains, so kRttSamplesMin high
  // samples in a row mean a standing queue. Two witnesses agree: done.
  if (++recent_samples_ >= kRttSamplesMin) {
    if (bdp_guess_bytes_ != 0 && cwnd >= bdp_guess_bytes_ &&
        has_risen(recent_min_us_, rtt_min_us_)) {
      phase_ = Phase::kDone;
      return;
    }
    recent_samples_ = 0;
    recent_min_us_ = 0;
  }

  // RFC 9406 4.2.
  if (rtt_samples_ < kRttSamplesMin || last_round_min_us_ == 0) return;
  if (phase_ == Phase::kSlowStart && has_risen(current_round_min_us_, last_round_min_us_)) {
    phase_ = Phase::kCss;
    css_baseline_min_us_ = current_round_min_us_;
    css_rounds_ = 0;
  } else if (phase_ == Phase::kCss && current_round_min_us_ < css_baseline_min_us_) {
    phase_ = Phase::kSlowStart;
    css_baseline_min_us_ = 0;
  }
}

std::uint32_t HyStart::grow(const CcAck& ack, std::uint32_t cwnd, std::uint32_t smss,
                            std::uint32_t burst_segments) {
  if (!has_round_ || seq_geq(ack.snd_una, window_end_)) {
    on_round_start(ack, smss);
    // ACKs spread over the whole round trip are no train: their rate is our own, and the guess
    // follows cwnd. Several such rounds in which the RTT did not rise: not the bottleneck's rate,
    // so no brake.
    const bool is_beyond = bdp_guess_bytes_ != 0 && cwnd >= bdp_guess_bytes_ - bdp_guess_bytes_ / 8;
    const std::uint32_t rounds = is_beyond ? rounds_beyond_guess_ + 1u : 0u;
    rounds_beyond_guess_ = static_cast<std::uint8_t>(std::min(rounds, kTrainRoundsMax));
  } else {
    on_train(ack, smss);
  }
  if (phase_ != Phase::kDone && ack.has_rtt) on_rtt_sample(ack, cwnd);

  const std::uint32_t bytes = std::min(ack.acked_bytes, burst_segments * smss);
  if (phase_ == Phase::kDone) return 0;
  std::uint32_t growth = bytes;
  const bool is_guess_trusted = bdp_guess_bytes_ != 0 && rounds_beyond_guess_ < kTrainRoundsMax;
  if (phase_ == Phase::kCss || (is_guess_trusted && cwnd >= bdp_guess_bytes_)) {
    growth = (bytes + growth_fraction_) / kCssGrowthDivisor;
    growth_fraction_ = static_cast<std::uint8_t>((bytes + growth_fraction_) % kCssGrowthDivisor);
  } else if (rtt_min_us_ >= kTrainRttMinUs) {
    // cwnd itself grows within the round; flight_size is what the round has to acknowledge.
    const std::uint64_t round = std::max<std::uint64_t>(ack.flight_size, smss);
    std::uint64_t round_max =
        std::max<std::uint64_t>(kRoundGrowthBytesMax, round / kCssGrowthDivisor);
    if (is_guess_trusted) {
      round_max = std::min(round_max, std::uint64_t{bdp_guess_bytes_} * kTrainGrowthNumerator /
                                          kTrainGrowthDenominator);
    }
    if (round > round_max) growth = static_cast<std::uint32_t>(bytes * round_max / round);
  }
  return growth;
}

}  // namespace oriel::tcp
