// What each profile has where a setting says nothing: the one table of such numbers.
//
// `tcp/compat_policy` fills a host's numbers from it, and the settings answer from it when they are
// asked which layer decided. Gates (what a profile cannot do at all) are compat_policy's own.
// 3 s and two more SYNs became 1 s and four, four segments became ten, CUBIC became the default
// with 10 (what `netsh` and the TCP templates show); before, the standard's own algorithm.
#pragma once

#include <cstdint>

#include "oriel/settings.h"

namespace oriel {

struct ProfileNumbers {
  CongestionAlgorithm congestion = CongestionAlgorithm::kCubic;
  std::uint32_t initial_window_segments = 10;
  Duration rto_initial = std::chrono::seconds(1);
  std::uint32_t syn_retransmits = 4;
};

/// Numbers of `profile`; of one outside the enumeration, those of the nearest in it.
constexpr ProfileNumbers profile_numbers(OsProfile profile) {
  ProfileNumbers n;
  if (profile >= OsProfile::k10) return n;
  n.congestion = CongestionAlgorithm::kNewReno;
  n.initial_window_segments = 4;
  n.rto_initial = std::chrono::seconds(3);
  n.syn_retransmits = 2;
  return n;
}

}  // namespace oriel
