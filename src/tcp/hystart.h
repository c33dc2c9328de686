// When has slow start gone far enough? HyStart++ (RFC 9406), plus a brake that looks at the ACK
// train.
//
// RFC 9406 sees a standing queue one to two rounds late; at 1 Gbit/s x 100 ms with half a BDP of
// queue the last doubling overflows it before any RTT tells. The ACKs of one round leave the
// bottleneck at its rate, so (bytes in the train) / (its length) x min RTT guesses the BDP early.
// The guess never ends slow start: it only limits what a round adds (kTrainGrowthShare of the BDP,
// a quarter beyond the BDP), and where it stands the RTT witness may end slow start at once. Growth
// is always <= RFC 9406's.
#pragma once

#include <cstdint>

#include "base/seq_num.h"
#include "oriel/time.h"
#include "tcp/cc_types.h"

namespace oriel::tcp {

class HyStart {
 public:
  static constexpr std::uint32_t kRttThreshMinUs = 4000;   ///< RFC 9406 4.3 MIN_RTT_THRESH
  static constexpr std::uint32_t kRttThreshMaxUs = 16000;  ///< MAX_RTT_THRESH
  static constexpr std::uint32_t kRttThreshDivisor = 8;    ///< MIN_RTT_DIVISOR
  static constexpr std::uint32_t kRttSamplesMin = 8;       ///< N_RTT_SAMPLE
  static constexpr std::uint32_t kCssGrowthDivisor = 4;    ///< CSS_GROWTH_DIVISOR
  static constexpr std::uint32_t kCssRoundsMax = 5;        ///< CSS_ROUNDS

  /// Below this RTT the train is too short to time and the overshoot too small to matter (ours).
  static constexpr std::uint32_t kTrainRttMinUs = 4000;
  static constexpr std::uint32_t kTrainSegmentsMin =
      16;  ///< shorter trains are not believed (ours)
  static constexpr std::uint32_t kTrainGapDivisor =
      16;  ///< silence of RTT / this ends a train (ours)
  /// A round below the guessed BDP adds at most 3/8 of it: its queue peak is what the round adds,
  /// and half a BDP is the shallowest queue that one flow fills at all with CUBIC's 0.7 (ours).
  static constexpr std::uint32_t kTrainGrowthNumerator = 3;
  static constexpr std::uint32_t kTrainGrowthDenominator = 8;
  /// What a round adds arrives as a burst in front of the bottleneck, whatever its rate: no round
  /// adds more than this, or a quarter of itself. Below the 6 MB queue of the marks' path (ours).
  static constexpr std::uint32_t kRoundGrowthBytesMax = 5u << 20;
  /// Rounds beyond the guess without a rise of the RTT that prove the guess wrong (ours).
  static constexpr std::uint32_t kTrainRoundsMax = 4;

  enum class Phase : std::uint8_t { kSlowStart, kCss, kDone };

  /// One ACK of initial slow start: bytes that cwnd may grow by, at most `acked_bytes`. When it
  /// returns with `has_exited()`, the caller sets ssthresh = cwnd. Requires: ack.acked_bytes > 0,
  /// not in recovery, has_exited() false.
  std::uint32_t grow(const CcAck& ack, std::uint32_t cwnd, std::uint32_t smss,
                     std::uint32_t burst_segments);
  bool has_exited() const { return phase_ == Phase::kDone; }
  Phase phase() const { return phase_; }
  /// The guess from the last whole ACK train; 0: none.
  std::uint32_t bdp_guess_bytes() const { return bdp_guess_bytes_; }

 private:
  void on_round_start(const CcAck& ack, std::uint32_t smss);
  void on_train(const CcAck& ack, std::uint32_t smss);
  void close_train(const CcAck& ack, std::uint32_t smss);
  void on_rtt_sample(const CcAck& ack, std::uint32_t cwnd);
  bool has_risen(std::uint32_t rtt_us, std::uint32_t base_us) const;

  // Microseconds modulo 2^32 where only differences matter; 0 in a minimum: infinite.
  std::uint32_t train_begin_us_ = 0;
  std::uint32_t train_end_us_ = 0;
  std::uint32_t train_bytes_ = 0;
  std::uint32_t bdp_guess_bytes_ = 0;
  std::uint32_t last_round_min_us_ = 0;
  std::uint32_t current_round_min_us_ = 0;
  std::uint32_t css_baseline_min_us_ = 0;
  std::uint32_t recent_min_us_ = 0;  // over the current group of kRttSamplesMin samples
  std::uint32_t rtt_min_us_ = 0;     // of the connection
  SeqNum window_end_;
  bool has_round_ = false;
  bool has_train_ = false;
  Phase phase_ = Phase::kSlowStart;
  std::uint8_t rtt_samples_ = 0;  // in this round, saturating
  std::uint8_t recent_samples_ = 0;
  std::uint8_t css_rounds_ = 0;
  std::uint8_t rounds_beyond_guess_ = 0;
  std::uint8_t growth_fraction_ = 0;  // of kCssGrowthDivisor, carried between ACKs
};

}  // namespace oriel::tcp
