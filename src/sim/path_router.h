// What a router on a path does with a packet larger than its next link: cut it, or answer.
//
// Pure bytes. IPv4 with DF gets ICMP "fragmentation needed" (RFC 792, 1191 4), without DF it is
// fragmented (RFC 791 3.2); IPv6 gets ICMPv6 Packet Too Big (RFC 4443 3.2). The answer comes from
// the address the packet was going to: a path has no address of its own.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace oriel::sim {

/// An IPv6 link may not be smaller (RFC 8200 5), so a smaller path MTU counts as this one.
inline constexpr std::size_t kIpv6LinkMtuMin = 1280;
/// RFC 791 3.2: every link takes this much.
inline constexpr std::size_t kIpv4LinkMtuMin = 68;

/// The MTU in force for this packet: `mtu`, but never below what its family guarantees.
std::size_t effective_mtu(ByteView packet, std::size_t mtu);

/// The ICMP error for a packet that is too big. Empty when none may be sent: not IP, an ICMP error
/// itself, or a fragment that is not the first (RFC 1122 3.2.2).
std::vector<std::uint8_t> too_big_answer(ByteView packet, std::size_t mtu);

/// The fragments of an IPv4 packet without DF; empty if the packet may not or cannot be cut.
std::vector<std::vector<std::uint8_t>> fragment_ipv4(ByteView packet, std::size_t mtu);

}  // namespace oriel::sim
