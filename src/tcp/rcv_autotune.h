// How big should RCV.BUFF become? Dynamic right-sizing: measure per round trip what the application
// reads.
//
// A sender in slow start doubles each round trip. When a round ends in which the application read
// c, the sender is already putting 2c on the wire, and before the next round is measured it will
// want 4c; hence 4c while reading grows and 2c plus headroom once it is steady. A slow reader's c
// stays small and so does its target. The target never shrinks (the right edge may not move left;
// giving memory back is a later rule). The surprise: the time to receive one target's worth of data
// is an upper bound on the RTT, and the only measure without timestamps besides the handshake; it
// may lower the RTT, not raise it.
#pragma once

#include <cstdint>

#include "base/seq_num.h"
#include "oriel/time.h"

namespace oriel::tcp {

struct RcvAutotuneConfig {
  std::uint32_t initial_bytes = 65536;
  std::uint32_t ceiling_bytes = 65535u << 8;
  bool is_enabled = true;
};

class RcvAutotune {
 public:
  /// Shortest period measured: below it an application that reads in turns looks slow (ours).
  static constexpr Duration kPeriodMin = std::chrono::milliseconds(1);
  /// Steady reading gets 2c and this much more, so that slow start's next step fits (10 full
  /// segments).
  static constexpr std::uint32_t kHeadroomBytes = 16384;

  RcvAutotune() : RcvAutotune(RcvAutotuneConfig{}) {}
  explicit RcvAutotune(const RcvAutotuneConfig& config);

  /// In-order data arrived; `rcv_nxt` after it.
  void on_data(Instant now, SeqNum rcv_nxt, std::uint32_t bytes);
  /// The application read. Returns true when the target rose (a window update may be worth
  /// sending).
  bool on_consume(Instant now, std::uint32_t bytes);
  /// A round trip seen from the receiver: from the handshake or from timestamps.
  void on_rtt(Duration rtt);
  /// SO_RCVBUF was set: that size, no tuning (spec CM-9).
  void fix(std::uint32_t bytes);

  std::uint32_t target_bytes() const { return target_bytes_; }
  bool is_enabled() const { return is_enabled_; }
  Duration rtt() const { return Duration(std::int64_t{rtt_us_} * 1000); }  ///< 0: unknown

 private:
  Instant period_begin_ = Instant::never();
  Instant window_begin_ = Instant::never();
  SeqNum window_end_;
  std::uint32_t target_bytes_;
  std::uint32_t ceiling_bytes_;
  std::uint32_t rtt_us_ = 0;
  std::uint32_t consumed_bytes_ = 0;         // in this period
  std::uint32_t consumed_before_bytes_ = 0;  // in the best period so far
  bool is_enabled_;
  bool has_rtt_sample_ = false;  // from on_rtt, not our own bound
};

}  // namespace oriel::tcp
