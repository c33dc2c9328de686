// When to acknowledge: now, within 40 ms, or once at the end of this burst (RFC 9293 3.8.6.3,
// 1122 4.2.3.2, 5681 4.2).
//
// Contract: tell it every segment that took receive sequence space (`on_segment`), then the end of
// the burst it came in (`on_burst_end`), then every ACK that left (`on_ack_sent`, pure or riding on
// data). ACK decimation: segments processed in one burst share one ACK. The peer's ACK clock is
// kept because one ACK never covers more than kDecimationSegmentsMax segments, nor more than a
// quarter of the window.
#pragma once

#include <cstdint>

#include "oriel/time.h"

namespace oriel::tcp {

struct AckLimits {
  Duration delay =
      std::chrono::milliseconds(40);  ///< TcpDelAckTicks' modern default; RFC: < 500 ms
  std::uint32_t segments = 2;         ///< TcpAckFrequency; RFC 9293: at least every second
  std::uint32_t quick_segments = 16;  ///< first segments acknowledged without delay
};

class AckPolicy {
 public:
  /// One ACK covers at most this many segments: one super-segment of 64 KiB at MSS 1,024.
  static constexpr std::uint32_t kDecimationSegmentsMax = 64;

  enum class Verdict : std::uint8_t {
    kNone,       ///< nothing owed, or it waits for the end of the burst
    kDelayed,    ///< owed by `deadline()`
    kImmediate,  ///< send an ACK now
  };
  /// What the segment did.
  struct Arrival {
    std::uint32_t segments =
        0;                    ///< wire segments of in-order data (a merged one counts its pieces)
    std::uint32_t bytes = 0;  ///< in-order text
    bool is_out_of_order =
        false;                   ///< beyond RCV.NXT, or a duplicate: the peer needs to hear at once
    bool is_gap_filled = false;  ///< filled all or part of a hole (RFC 5681 4.2)
    bool is_fin = false;
    bool is_window_update_wanted =
        false;  ///< the right edge moved enough to tell (RFC 9293 MUST-39)
  };

  Verdict on_segment(Instant now, const Arrival& arrival, std::uint32_t rcv_wnd,
                     const AckLimits& limits);
  /// The segments at hand are used up: kImmediate if an ACK is due for the burst, else as standing.
  Verdict on_burst_end(Instant now, const AckLimits& limits);
  /// The delayed-ACK deadline passed: the caller sends the ACK, then on_ack_sent.
  bool is_due(Instant now) const { return now >= deadline_; }
  void on_ack_sent();
  /// Idle for longer than an RTO: the peer may start slowly again, acknowledge quickly again.
  void on_idle() { quick_used_ = 0; }

  Instant deadline() const { return deadline_; }
  bool is_pending() const { return pending_segments_ != 0; }

 private:
  Instant deadline_ = Instant::never();
  std::uint32_t pending_bytes_ = 0;
  std::uint16_t pending_segments_ = 0;
  std::uint8_t quick_used_ = 0;
};

}  // namespace oriel::tcp
