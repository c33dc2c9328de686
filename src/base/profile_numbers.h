// What each profile has where a setting says nothing: the one table of such numbers.
//
// `tcp/compat_policy` fills a host's numbers from it, and the settings answer from it when they are
// asked which layer decided. Gates (what a profile cannot do at all) are compat_policy's own.
// Sources: Microsoft's reference of Tcpip\Parameters (TcpTimedWaitDelay 240 s before Vista, 120 s
// since; TcpDelAckTicks 200 ms; TcpMaxDataRetransmissions 5), and what `netsh` and the TCP
// templates show (50 ms with 8; 3 s and two more SYNs became 1 s and four, four segments became
// ten, 40 ms and CUBIC came with 10). Server editions go with their client.
#pragma once

#include <cstdint>

#include "oriel/settings.h"

namespace oriel {

struct ProfileNumbers {
  CongestionAlgorithm congestion = CongestionAlgorithm::kCubic;
  std::uint32_t initial_window_segments = 10;
  Duration rto_initial = std::chrono::seconds(1);
  std::uint32_t syn_retransmits = 4;
  std::uint32_t data_retransmits = 15;  ///< ours: R2 of at least 100 s (RFC 9293 3.8.3)
  Duration delayed_ack = std::chrono::milliseconds(40);
  Duration time_wait = std::chrono::seconds(120);
};

/// Numbers of `profile`; of one outside the enumeration, those of the nearest in it.
constexpr ProfileNumbers profile_numbers(OsProfile profile) {
  ProfileNumbers n;
  if (profile >= OsProfile::k10) return n;
  n.congestion = CongestionAlgorithm::kNewReno;
  n.initial_window_segments = 4;
  n.rto_initial = std::chrono::seconds(3);
  n.syn_retransmits = 2;
  n.data_retransmits = 5;
  n.delayed_ack = std::chrono::milliseconds(profile == OsProfile::k8 ? 50 : 200);
  if (profile < OsProfile::kVista) n.time_wait = std::chrono::seconds(240);
  return n;
}

}  // namespace oriel
