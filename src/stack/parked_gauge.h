// Is it good that threads which are parked elsewhere do this host's work? Pure: times come in as
// arguments.
//
// It saves a thread switch for each packet. But a program that computes for long between two waits
// leaves the devices unattended meanwhile, and its other threads without packets to work on: there
// the loop thread serves better. So a driver that comes back late and finds packets waiting makes
// the next waits sleep on their words, and the loop takes over.
#pragma once

#include <cstddef>
#include <cstdint>

#include "oriel/time.h"

namespace oriel::stack {

class ParkedGauge {
 public:
  /// Packets that waited longer than this, on a thread that computed, would have been worth the
  /// wake-up of another thread many times (5 to 12 us, our measurement).
  static constexpr Duration kGapMax = std::chrono::microseconds(100);
  /// So many waits are refused before the next is tried: each trial may cost a millisecond's delay.
  static constexpr std::uint32_t kRefusals = 64;

  /// For the wait that begins now.
  bool may_drive() {
    if (refusals_left_ == 0) return true;
    --refusals_left_;
    return false;
  }
  /// A thread began to drive: nobody had looked for `gap`, and then there were `packets`. True:
  /// that is enough, the loop shall have the devices.
  bool on_begin(Duration gap, std::size_t packets) {
    if (gap <= kGapMax || packets == 0) return false;
    refusals_left_ = kRefusals;
    return true;
  }

 private:
  std::uint32_t refusals_left_ = 0;
};

}  // namespace oriel::stack
