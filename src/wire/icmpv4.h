// ICMP for IPv4 (RFC 792, RFC 1191 for the next-hop MTU): its types and codes, and what the rest of
// the header means in each. icmp.h has the shape.
#pragma once

#include "wire/icmp.h"

namespace oriel::wire {

namespace icmpv4_type {
inline constexpr std::uint8_t kEchoReply = 0;
inline constexpr std::uint8_t kDestinationUnreachable = 3;
inline constexpr std::uint8_t kRedirect = 5;
inline constexpr std::uint8_t kEchoRequest = 8;
inline constexpr std::uint8_t kTimeExceeded = 11;
inline constexpr std::uint8_t kParameterProblem = 12;
}  // namespace icmpv4_type

/// Codes of Destination Unreachable (RFC 792, RFC 1122 3.2.2.1).
namespace icmpv4_unreachable {
inline constexpr std::uint8_t kNet = 0;
inline constexpr std::uint8_t kHost = 1;
inline constexpr std::uint8_t kProtocol = 2;
inline constexpr std::uint8_t kPort = 3;
inline constexpr std::uint8_t kFragmentationNeeded = 4;
inline constexpr std::uint8_t kSourceRouteFailed = 5;
inline constexpr std::uint8_t kNetProhibited = 9;
inline constexpr std::uint8_t kHostProhibited = 10;
inline constexpr std::uint8_t kAdministrativelyProhibited = 13;
}  // namespace icmpv4_unreachable

struct Icmpv4Message : IcmpMessage {
  /// Destination Unreachable, kFragmentationNeeded; 0 from routers older than RFC 1191.
  std::uint16_t next_hop_mtu() const { return static_cast<std::uint16_t>(rest_of_header); }
  /// Parameter Problem: offset of the offending byte in the quoted packet.
  std::uint8_t pointer() const { return static_cast<std::uint8_t>(rest_of_header >> 24); }
  /// Errors quote a packet and never get an error in answer (RFC 1122 3.2.2).
  bool is_error() const;

  static Icmpv4Message unreachable(std::uint8_t code, ByteView quoted,
                                   std::uint16_t next_hop_mtu = 0) {
    return {{icmpv4_type::kDestinationUnreachable, code, next_hop_mtu, quoted}};
  }
  static Icmpv4Message time_exceeded(std::uint8_t code, ByteView quoted) {
    return {{icmpv4_type::kTimeExceeded, code, 0, quoted}};
  }
  static Icmpv4Message parameter_problem(std::uint8_t pointer, ByteView quoted) {
    return {{icmpv4_type::kParameterProblem, 0, std::uint32_t{pointer} << 24, quoted}};
  }
};

/// Parses a message, of any type, and verifies its checksum. nullopt: cut off or damaged.
std::optional<Icmpv4Message> parse_icmpv4(ByteView bytes);

/// Writes header, body and checksum; returns 8 + body.size(). Requires: out.size() >= that; the
/// body may already lie at out[8].
std::size_t emit_icmpv4(const IcmpMessage& message, ByteSpan out);

}  // namespace oriel::wire
