// How much may one super-segment carry? (TSO sizing; our rule, as Linux's by its pacing rate)
//
// A super-segment enters the next queue as one block. On a slow link 64 KB at once fill a good part
// of a drop-tail queue, and flows whose segments come singly meet it full more often. So one
// carries at most what the connection sends in a millisecond, cwnd / srtt: on a path shorter than
// that, and on a fast one, the largest; on a slow one, two segments. Pure arithmetic.
#pragma once

#include <algorithm>
#include <cstdint>

#include "oriel/time.h"

namespace oriel::tcp {

inline constexpr Duration kSuperSegmentTime = std::chrono::milliseconds(1);
/// A record of the scoreboard speaks for at most this many segments.
inline constexpr std::uint32_t kSuperSegmentsMax = 64;

/// Bytes, between 2 and kSuperSegmentsMax segments. `srtt` 0: unknown, the largest.
constexpr std::uint32_t super_segment_bytes(std::uint32_t cwnd, Duration srtt, std::uint32_t smss) {
  const std::uint32_t bytes_max = kSuperSegmentsMax * smss;
  if (srtt <= kSuperSegmentTime) return bytes_max;
  const std::uint64_t bytes = std::uint64_t{cwnd} *
                              static_cast<std::uint64_t>(kSuperSegmentTime.count()) /
                              static_cast<std::uint64_t>(srtt.count());
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(bytes, 2 * smss, bytes_max));
}

}  // namespace oriel::tcp
