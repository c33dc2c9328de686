// What ICMP for IPv4 and ICMPv6 share: one shape for every message (RFC 792, RFC 4443 2.1).
//
//   | type | code | checksum | rest of header (4) | body ... |
//
// What the four bytes in the middle mean depends on the type; icmpv4.h and icmpv6.h name it. The
// body is echo data or the start of the packet that caused the error (quoted_packet.h reads it).
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace oriel::wire {

inline constexpr std::size_t kIcmpHeaderBytes = 8;

/// Codes of Time Exceeded, both families.
namespace icmp_time_exceeded {
inline constexpr std::uint8_t kInTransit = 0;
inline constexpr std::uint8_t kReassembly = 1;
}  // namespace icmp_time_exceeded

struct IcmpMessage {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint32_t rest_of_header = 0;
  ByteView body;

  /// Echo request and reply.
  std::uint16_t identifier() const { return static_cast<std::uint16_t>(rest_of_header >> 16); }
  std::uint16_t sequence_number() const { return static_cast<std::uint16_t>(rest_of_header); }

  static IcmpMessage echo(std::uint8_t type, std::uint16_t identifier,
                          std::uint16_t sequence_number, ByteView data) {
    return {type, 0, std::uint32_t{identifier} << 16 | sequence_number, data};
  }
};

/// Parses a message of any type; its checksum goes on from `pseudo_sum` (0: there is no
/// pseudo-header). nullopt: cut off or damaged.
std::optional<IcmpMessage> parse_icmp(std::uint32_t pseudo_sum, ByteView bytes);

/// Writes header, body and checksum; returns 8 + body.size(). Requires: out.size() >= that; the
/// body may already lie at out[8].
std::size_t emit_icmp(const IcmpMessage& message, std::uint32_t pseudo_sum, ByteSpan out);

}  // namespace oriel::wire
