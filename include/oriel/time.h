// Time as values: an Instant on a host's own clock, and a Duration between two of them.
//
// Nothing here reads a clock. A host on real time measures its Instants from the kernel's monotonic
// clock; a host that its owner steps (virtual time) takes whatever its owner says. The two never
// mix: an Instant means something only to the host (or simulated world) that it came from.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>

namespace oriel {

/// Signed length of time in nanoseconds.
using Duration = std::chrono::nanoseconds;

/// Nanoseconds since a host's own epoch; `Instant::never()` is later than every other.
struct Instant {
  std::int64_t ns = 0;

  static constexpr Instant never() { return {std::numeric_limits<std::int64_t>::max()}; }
  constexpr bool is_never() const { return ns == std::numeric_limits<std::int64_t>::max(); }

  friend constexpr auto operator<=>(Instant, Instant) = default;
  friend constexpr Duration operator-(Instant a, Instant b) { return Duration(a.ns - b.ns); }
  /// `never()` plus anything stays `never()`.
  friend constexpr Instant operator+(Instant a, Duration d) {
    return a.is_never() ? a : Instant{a.ns + d.count()};
  }
  friend constexpr Instant operator-(Instant a, Duration d) {
    return a.is_never() ? a : Instant{a.ns - d.count()};
  }
};

constexpr Instant earlier(Instant a, Instant b) {
  return a < b ? a : b;
}

}  // namespace oriel
