// ICMPv6 (RFC 4443): its types and codes, what the rest of the header means in each, and a checksum
// over the IPv6 pseudo-header.
//
// icmp.h has the shape. Neighbour discovery messages are ICMPv6 messages whose body ndp.h reads.
#pragma once

#include "oriel/address.h"
#include "wire/icmp.h"

namespace oriel::wire {

namespace icmpv6_type {
inline constexpr std::uint8_t kDestinationUnreachable = 1;
inline constexpr std::uint8_t kPacketTooBig = 2;
inline constexpr std::uint8_t kTimeExceeded = 3;
inline constexpr std::uint8_t kParameterProblem = 4;
inline constexpr std::uint8_t kEchoRequest = 128;
inline constexpr std::uint8_t kEchoReply = 129;
inline constexpr std::uint8_t kRouterSolicitation = 133;
inline constexpr std::uint8_t kRouterAdvertisement = 134;
inline constexpr std::uint8_t kNeighbourSolicitation = 135;
inline constexpr std::uint8_t kNeighbourAdvertisement = 136;
inline constexpr std::uint8_t kRedirect = 137;
}  // namespace icmpv6_type

/// Codes of Destination Unreachable (RFC 4443 3.1).
namespace icmpv6_unreachable {
inline constexpr std::uint8_t kNoRoute = 0;
inline constexpr std::uint8_t kProhibited = 1;
inline constexpr std::uint8_t kBeyondScope = 2;
inline constexpr std::uint8_t kAddress = 3;
inline constexpr std::uint8_t kPort = 4;
inline constexpr std::uint8_t kPolicy = 5;
inline constexpr std::uint8_t kRejectRoute = 6;
}  // namespace icmpv6_unreachable

/// Codes of Parameter Problem (RFC 4443 3.4).
namespace icmpv6_parameter {
inline constexpr std::uint8_t kField = 0;
inline constexpr std::uint8_t kNextHeader = 1;
inline constexpr std::uint8_t kOption = 2;
}  // namespace icmpv6_parameter

struct Icmpv6Message : IcmpMessage {
  /// Packet Too Big.
  std::uint32_t mtu() const { return rest_of_header; }
  /// Parameter Problem: offset of the offending byte in the quoted packet, perhaps beyond its end.
  std::uint32_t pointer() const { return rest_of_header; }
  bool is_error() const { return type < 128; }

  static Icmpv6Message unreachable(std::uint8_t code, ByteView quoted) {
    return {{icmpv6_type::kDestinationUnreachable, code, 0, quoted}};
  }
  static Icmpv6Message packet_too_big(std::uint32_t mtu, ByteView quoted) {
    return {{icmpv6_type::kPacketTooBig, 0, mtu, quoted}};
  }
  static Icmpv6Message time_exceeded(std::uint8_t code, ByteView quoted) {
    return {{icmpv6_type::kTimeExceeded, code, 0, quoted}};
  }
  static Icmpv6Message parameter_problem(std::uint8_t code, std::uint32_t pointer,
                                         ByteView quoted) {
    return {{icmpv6_type::kParameterProblem, code, pointer, quoted}};
  }
};

/// Parses a message, of any type, and verifies its checksum. nullopt: cut off or damaged.
std::optional<Icmpv6Message> parse_icmpv6(const IpAddress& source, const IpAddress& destination,
                                          ByteView bytes);

/// Writes header, body and checksum; returns 8 + body.size(). Requires: out.size() >= that; the
/// body may already lie at out[8].
std::size_t emit_icmpv6(const IcmpMessage& message, const IpAddress& source,
                        const IpAddress& destination, ByteSpan out);

}  // namespace oriel::wire
