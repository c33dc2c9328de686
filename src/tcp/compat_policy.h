// Which limits apply for this profile, setting and socket? (spec CM-3 to CM-10, SET-1)
//
// The one place in the core that asks "which Windows is this"; everything else receives numbers.
// First rule: every profile gets Windows 11's numbers but for scaling, which the older ones do not
// have; the full tables come later and change only this file.
#pragma once

#include <cstdint>

#include "tcp/tcp_config.h"

namespace oriel::tcp {

enum class WindowsProfile : std::uint8_t { k2000, kXp, k2003, kVista, kVistaSp1, k7, k8, k10, k11 };

enum class AutotuningLevel : std::uint8_t {
  kDisabled,          // no WSopt, 64 KB
  kHighlyRestricted,  // scale 2
  kRestricted,        // scale 4
  kNormal,            // scale 8
  kExperimental,      // scale 14
};

/// Host-wide numbers of a profile at a level. Profiles before Vista know no level.
TcpConfig tcp_config_for(WindowsProfile profile = WindowsProfile::k11,
                         AutotuningLevel level = AutotuningLevel::kNormal);

/// What a connection may do, decided when its SYN or SYN-ACK is made.
ConnectionLimits connection_limits(const TcpConfig& config, const TcpSocketOptions& socket);

/// The handshake is over: without WSopt from both sides the ceiling is 65,535 and the shift 0 (RFC
/// 7323 2.2).
void settle_scaling(ConnectionLimits& limits, bool is_peer_scaling);

}  // namespace oriel::tcp
