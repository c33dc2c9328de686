// Is it worth looking again and again for a moment before this thread sleeps? Learned from the
// waits before; pure: times come in as arguments.
//
// On a machine with an idle core what we wait for comes while we look, and its sender pays no
// wake-up. Where both ends share one core, looking only keeps the other from working, and where
// gaps are long it burns a core for nothing. So a look in vain makes the next ones rarer, by
// doubling, and only short sleeps bring the next one nearer: a thread that waits long never looks
// twice.
#pragma once

#include <cstdint>

#include "oriel/time.h"

namespace oriel::runtime {

class SpinGauge {
 public:
  /// How long one look lasts. What we wait for often comes after a wake-up at the other end, so it
  /// must cover that one and the work behind it, to save our own: 5 to 12 us for each wake-up of an
  /// idle core (our measurement on a virtual machine; half as long gained two thirds).
  static constexpr Duration kSpin = std::chrono::microseconds(40);
  /// A sleep no longer than this says that what we wait for might have come during a look.
  static constexpr Duration kShortSleep = 4 * kSpin;
  /// At most 2^this - 1 short sleeps between two looks.
  static constexpr std::uint32_t kDoublingsMax = 8;

  /// For the wait that begins now; zero: sleep at once.
  Duration budget() const { return sleeps_left_ == 0 ? kSpin : Duration(0); }
  /// A look found something.
  void on_found() { doublings_ = 0; }
  /// A look found nothing.
  void on_missed() {
    if (doublings_ < kDoublingsMax) ++doublings_;
    sleeps_left_ = (1u << doublings_) - 1;
  }
  /// A wait that did not look at all ended after `asleep`.
  void on_slept(Duration asleep) {
    if (asleep <= kShortSleep && sleeps_left_ != 0) --sleeps_left_;
  }

 private:
  std::uint32_t doublings_ = 0;
  std::uint32_t sleeps_left_ = 0;
};

}  // namespace oriel::runtime
