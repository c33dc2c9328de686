// Is it worth looking for a moment before a caller sleeps at a ring, and for how long? Learned from
// the gaps between arrivals; pure: times come in as arguments.
//
// A look saves one wake-up and costs at most one, so its budget is about the time of one. It pays
// only where gaps are shorter than that: longer ones would burn a core for nothing (our
// measurement: 20 us looks at gaps of 50 us cost 6 times TCP's CPU). Where the peer runs on this
// CPU, or others want it, a look only keeps them from working.
#pragma once

#include <algorithm>
#include <cstdint>

#include "oriel/time.h"

namespace oriel::loopback {

class SpinPolicy {
 public:
  /// Longest look. A wake-up through the kernel took 2 to 7 us where both cores were awake, 10 to
  /// 20 from an idle core of a virtual machine (our measurements).
  static constexpr Duration kBudget = std::chrono::microseconds(15);
  /// What sleeping itself adds to a gap; taken off before it counts.
  static constexpr Duration kWakeTime = std::chrono::microseconds(6);
  /// A longer gap counts as this, so that a busy spell after a pause is learned in a few arrivals.
  static constexpr Duration kGapMax = std::chrono::microseconds(40);
  /// Between two readings of the clock this much does not pass while a thread looks, unless it lost
  /// its CPU.
  static constexpr Duration kLostCpu = std::chrono::microseconds(30);
  static constexpr int kLooksPerClock = 16;
  /// Waits without a look after this thread lost its CPU while looking.
  static constexpr std::uint32_t kContendedWaits = 64;

  /// For the wait that begins now; zero: sleep at once.
  Duration budget() const {
    if (contended_waits_left_ != 0 || gap_ > kBudget) return Duration(0);
    return kBudget;
  }
  /// A wait ended after `waited`; it slept in the end, or found what it waited for while looking.
  void on_arrival(Duration waited, bool has_slept) {
    if (has_slept) waited = std::max(waited - kWakeTime, Duration(0));
    gap_ += (std::min(waited, kGapMax) - gap_) / 8;
    if (contended_waits_left_ != 0) --contended_waits_left_;
  }
  /// While looking, the thread lost its CPU: no core is idle.
  void on_contended() { contended_waits_left_ = kContendedWaits; }

 private:
  Duration gap_{0};
  std::uint32_t contended_waits_left_ = 0;
};

}  // namespace oriel::loopback
