// How fast does the path deliver, one round trip after the other?
//
// A round lasts a smoothed round trip (at least kRoundMin) and is measured from ACK to ACK: bytes
// newly delivered, cumulatively or selectively, over the time they took. Only a *full* round says
// something about the path: its sender kept enough queued the whole time. The rest are counted as
// time but not as evidence. The surprise: a higher rate is believed at once, a lower one only when
// the last kSteadyRounds full rounds agree within an eighth, so that neither a burst of losses nor
// the round in which a path changed is taken for the path.
#pragma once

#include <algorithm>
#include <cstdint>

#include "oriel/time.h"

namespace oriel::tcp {

class DeliveryRounds {
 public:
  static constexpr Duration kRoundMin = std::chrono::milliseconds(1);  ///< shorter ones are noise
  static constexpr int kSteadyRounds = 3;

  struct Ack {
    Instant now;
    Duration srtt{0};
    std::uint32_t delivered_bytes = 0;
    std::uint32_t flight_size = 0;  ///< before this ACK
    std::uint32_t snd_wnd = 0;
    bool is_full = true;  ///< the sender had enough queued
  };
  /// Counts an ACK. True: a round ended with it. An answer to a probe (nothing in flight) is a
  /// round of its own, which tells the window and no rate.
  bool on_ack(const Ack& ack);
  /// Nothing is outstanding: the time until the next ACK says nothing.
  void pause() { is_running_ = false; }
  /// Forgets all rates, as after a long pause.
  void forget();

  /// Bytes per second; 0: not known yet.
  std::uint64_t rate() const { return rate_; }
  /// The last kSteadyRounds full rounds agree.
  bool is_steady() const { return is_steady_; }
  /// Whether the round that ended last was full.
  bool is_last_full() const { return is_last_full_; }
  /// Most bytes in flight in the round that ended last.
  std::uint32_t flight_max() const { return flight_before_; }
  /// The largest window of this round and the one before: one that opens and closes with every read
  /// counts as open.
  std::uint32_t window_max() const { return std::max(window_, window_before_); }

 private:
  void begin(const Ack& ack);
  void end(Instant now);
  void take(std::uint64_t rate);

  Instant began_at_;
  std::uint64_t delivered_bytes_ = 0;
  std::uint64_t rate_ = 0;
  std::uint64_t rates_[kSteadyRounds] = {};  // of the last full rounds
  int full_rounds_ = 0;                      // in a row, up to kSteadyRounds
  std::uint32_t flight_ = 0;
  std::uint32_t flight_before_ = 0;
  std::uint32_t window_ = 0;
  std::uint32_t window_before_ = 0;
  bool is_running_ = false;
  bool is_full_ = true;
  bool is_last_full_ = false;
  bool is_steady_ = false;
};

}  // namespace oriel::tcp
