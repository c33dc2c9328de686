// How big should RCV.BUFF become? Measured once per round trip: what arrived in order (what the
// path delivers: the bandwidth-delay product, once the sender is not held back) and what the
// application read.
//
//   keeps up   target rises to 4m + headroom while m = min(read, arrived) grows, to 2m + headroom
//              once it does not; it never falls, because what the sender does not use costs no
//              memory
//   slow       there was always more than a round's reading left unread: the application, not the
//              path, is the limit; target falls, an eighth of the way each round, to 2 read +
//              headroom
//
// Why 4m: a sender in slow start doubles each round trip. When a round ends in which m was read,
// 2m is on its way, and before that is measured the sender wants to send 4m. Slow start sends in
// bursts, and the read that finds a round over is the first of the next burst: it counts in the new
// round, or each burst would be measured in two halves. While m grows and all of it is read nobody
// waits for the end of the round, but for the first: nothing is known of when its bytes arrived.
// Why it falls slowly: a reader that stalls for some rounds should find its window again. It begins
// at 64 KiB, which is also where falling ends, and ends at what the scale can say. Lack of memory
// on the host takes effect at once and only while it lasts: no connection is promised more than a
// sixteenth of what is left. The right edge does not move left for any of this: RcvSpace sees to
// that, the window closes as bytes arrive.
//
// The round trip comes from the handshake, from timestamps where they were agreed on, or, knowing
// neither, from the time that one target's worth of data takes to arrive, which cannot be shorter.
// A sender that pauses makes timestamps' samples too long, so a longer one counts an eighth, once a
// round. The surprise: rounds end when the application reads, so an application that comes round
// less often than once a round trip is measured over its own turn, up to kTurnMax.
#pragma once

#include <algorithm>
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
  /// Shortest round measured: below it an application that reads in turns looks slow (ours).
  static constexpr Duration kRoundMin = std::chrono::milliseconds(1);
  /// An application that comes round this often is not slow for that (ours: a few ticks of the
  /// timers that programs poll by).
  static constexpr Duration kTurnMax = std::chrono::milliseconds(100);
  /// Beyond 2m or 4m: slow start's first step (10 full segments) and what rounding a field takes.
  static constexpr std::uint32_t kHeadroomBytes = 16384;
  /// Where falling ends, under lack of memory too.
  static constexpr std::uint32_t kFloorBytes = 65536;
  /// No target is more than this part of the memory that is left.
  static constexpr std::uint32_t kShareOfMemory = 16;

  RcvAutotune() : RcvAutotune(RcvAutotuneConfig{}) {}
  explicit RcvAutotune(const RcvAutotuneConfig& config);

  /// In-order data arrived; `rcv_nxt` after it.
  void on_data(Instant now, SeqNum rcv_nxt, std::uint32_t bytes);
  /// The application read, and left `unread_bytes`. Returns true when the target rose (a window
  /// update may be worth sending).
  bool on_consume(Instant now, std::uint32_t bytes, std::uint32_t unread_bytes);
  /// A round trip seen from the receiver: from the handshake, then from timestamps.
  void on_rtt(Duration rtt);
  /// SO_RCVBUF was set: that size, no tuning (spec CM-9).
  void fix(std::uint32_t bytes);

  /// RCV.BUFF while the host has this much memory left.
  std::uint32_t target_bytes(std::uint64_t memory_left_bytes = UINT64_MAX) const {
    if (!is_enabled_ || target_bytes_ <= kFloorBytes) return target_bytes_;
    const std::uint64_t share =
        std::max<std::uint64_t>(memory_left_bytes / kShareOfMemory, kFloorBytes);
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(target_bytes_, share));
  }
  bool is_enabled() const { return is_enabled_; }
  Duration rtt() const { return Duration(std::int64_t{rtt_us_} * 1000); }  ///< 0: unknown

 private:
  bool end_round(Duration elapsed, Duration round);
  bool is_growing(std::uint32_t m) const;
  bool raise_to(std::uint64_t wanted_bytes);
  void fall_towards(std::uint64_t wanted_bytes, std::int64_t rounds);

  Instant round_begin_ = Instant::never();
  Instant window_begin_ = Instant::never();
  SeqNum window_end_;
  std::uint32_t target_bytes_;
  std::uint32_t ceiling_bytes_;
  std::uint32_t rtt_us_ = 0;
  std::uint32_t read_bytes_ = 0;        // in this round
  std::uint32_t arrived_bytes_ = 0;     // in this round
  std::uint32_t unread_bytes_min_ = 0;  // in this round
  std::uint32_t best_bytes_ = 0;        // m of the best round so far
  bool is_enabled_;
  bool has_rtt_sample_ = false;  // from on_rtt, not our own bound
  bool may_rtt_rise_ = false;    // not yet in this round
};

}  // namespace oriel::tcp
