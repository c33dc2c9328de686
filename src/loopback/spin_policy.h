// Is it worth looking for a moment before a caller sleeps at a ring, and for how long? Learned from
// the gaps between arrivals; pure: times come in as arguments.
//
// A look saves one wake-up and costs at most one, so its budget is about the time of one. It pays
// only where gaps are shorter than that: longer ones would burn a core for nothing (our
// measurement: 20 us looks at gaps of 50 us cost 6 times TCP's CPU). Whoever has just woken the
// peer waits for that wake-up, too, which says nothing about the peer's answer: it comes on top,
// and is taken to last as long as the own ones do. Where the peer runs on this CPU a look only
// keeps it from working; there the CPU is given to it, which is cheaper than a sleep and a wake-up.
#pragma once

#include <algorithm>
#include <cstdint>

#include "oriel/time.h"

namespace oriel::loopback {

/// A wait that has ended.
struct PastWait {
  Duration waited{0};
  Duration own_wake{0};         ///< of it, from being woken to running; zero: it did not sleep
  bool is_peer_waking = false;  ///< it began by waking the peer
  bool has_looked = false;      ///< in vain, before it slept
};

class SpinPolicy {
 public:
  /// A look for what a peer that is awake does lasts as long as a wake-up, within these. One
  /// through the kernel took 2 to 7 us where both cores were awake, 10 to 60 from an idle core of a
  /// virtual machine (our measurements).
  static constexpr Duration kBudgetMin = std::chrono::microseconds(15);
  static constexpr Duration kBudgetMax = std::chrono::microseconds(40);
  /// A longer wake-up counts as this.
  static constexpr Duration kWakeMax = std::chrono::microseconds(100);
  /// Likewise a gap; so a busy spell after a pause is learned in a few arrivals.
  static constexpr Duration kGapMax = std::chrono::microseconds(60);
  /// Between two readings of the clock this much does not pass while a thread looks, unless it lost
  /// its CPU, to another thread or to an interrupt.
  static constexpr Duration kLostCpu = std::chrono::microseconds(30);
  static constexpr int kLooksPerClock = 16;
  /// Waits without a look after this thread lost its CPU while looking.
  static constexpr std::uint32_t kContendedWaits = 64;
  /// Times that a wait gives its CPU away before it sleeps.
  static constexpr int kYields = 2;
  /// Longer without the CPU on an average, and a third one works there: a sleeper has it back
  /// sooner, since the kernel owes it to those who slept. Else the peer works for so long that it
  /// is all the same. One interrupt that takes long is neither (70 to 350 us each 4 ms, our
  /// measurement): a longer time counts as kYieldSeenMax, and it takes two.
  static constexpr Duration kYieldMax = std::chrono::microseconds(50);
  static constexpr Duration kYieldSeenMax = std::chrono::microseconds(300);
  static constexpr std::uint32_t kWaitsWithoutYield = 1024;

  /// For the wait that begins now; zero: sleep at once.
  Duration budget(bool is_peer_waking) const {
    const Duration look = std::clamp(wake_, kBudgetMin, kBudgetMax);
    if (contended_waits_left_ != 0 || gap_ > look) return Duration(0);
    return is_peer_waking ? look + wake_ : look;
  }
  /// Likewise, where the peer runs on this CPU.
  bool may_yield() const { return waits_without_yield_left_ == 0 && gap_ <= kBudgetMin; }

  void on_arrival(const PastWait& wait) {
    if (wait.own_wake != Duration(0)) {
      wake_ += (std::clamp(wait.own_wake, Duration(0), kWakeMax) - wake_) / 8;
    }
    Duration gap = wait.waited - wait.own_wake;
    if (wait.is_peer_waking) gap -= wake_;
    if (wait.has_looked) gap = kGapMax;
    gap_ += (std::clamp(gap, Duration(0), kGapMax) - gap_) / 8;
    if (contended_waits_left_ != 0) --contended_waits_left_;
    if (waits_without_yield_left_ != 0) --waits_without_yield_left_;
  }
  /// While looking, the thread lost its CPU: no core is idle.
  void on_contended() { contended_waits_left_ = kContendedWaits; }
  /// The CPU came back after so long.
  void on_yield(Duration took) {
    yield_ += (std::min(took, kYieldSeenMax) - yield_) / 8;
    if (yield_ <= kYieldMax) return;
    yield_ = kYieldMax;  // so that one says whether it is over
    waits_without_yield_left_ = kWaitsWithoutYield;
  }

 private:
  Duration gap_{0};
  Duration wake_ = std::chrono::microseconds(10);  ///< what a wake-up takes on this machine
  Duration yield_{0};                              ///< what giving the CPU away takes
  std::uint32_t contended_waits_left_ = 0;
  std::uint32_t waits_without_yield_left_ = 0;
};

}  // namespace oriel::loopback
