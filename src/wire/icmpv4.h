// ICMP for IPv4 (RFC 792, RFC 1191 for the next-hop MTU): one shape for every message.
//
//   | type | code | checksum | rest of header (4) | body ... |
//
// What the four bytes in the middle mean depends on the type; the accessors name it. The body is
// echo data or the start of the packet that caused the error (quoted_packet.h reads it).
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace oriel::wire {

inline constexpr std::size_t kIcmpHeaderBytes = 8;

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

/// Codes of Time Exceeded, both families.
namespace icmp_time_exceeded {
inline constexpr std::uint8_t kInTransit = 0;
inline constexpr std::uint8_t kReassembly = 1;
}  // namespace icmp_time_exceeded

struct Icmpv4Message {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint32_t rest_of_header = 0;
  ByteView body;

  /// Echo request and reply.
  std::uint16_t identifier() const { return static_cast<std::uint16_t>(rest_of_header >> 16); }
  std::uint16_t sequence_number() const { return static_cast<std::uint16_t>(rest_of_header); }
  /// Destination Unreachable, kFragmentationNeeded; 0 from routers older than RFC 1191.
  std::uint16_t next_hop_mtu() const { return static_cast<std::uint16_t>(rest_of_header); }
  /// Parameter Problem: offset of the offending byte in the quoted packet.
  std::uint8_t pointer() const { return static_cast<std::uint8_t>(rest_of_header >> 24); }
  /// Errors quote a packet and never get an error in answer (RFC 1122 3.2.2).
  bool is_error() const;

  static Icmpv4Message echo(std::uint8_t type, std::uint16_t identifier,
                            std::uint16_t sequence_number, ByteView data) {
    return {type, 0, std::uint32_t{identifier} << 16 | sequence_number, data};
  }
  static Icmpv4Message unreachable(std::uint8_t code, ByteView quoted,
                                   std::uint16_t next_hop_mtu = 0) {
    return {icmpv4_type::kDestinationUnreachable, code, next_hop_mtu, quoted};
  }
  static Icmpv4Message time_exceeded(std::uint8_t code, ByteView quoted) {
    return {icmpv4_type::kTimeExceeded, code, 0, quoted};
  }
  static Icmpv4Message parameter_problem(std::uint8_t pointer, ByteView quoted) {
    return {icmpv4_type::kParameterProblem, 0, std::uint32_t{pointer} << 24, quoted};
  }
};

/// Parses a message, of any type, and verifies its checksum. nullopt: cut off or damaged.
std::optional<Icmpv4Message> parse_icmpv4(ByteView bytes);

/// Writes header, body and checksum; returns 8 + body.size(). Requires: out.size() >= that; the
/// body may already lie at out[8].
std::size_t emit_icmpv4(const Icmpv4Message& message, ByteSpan out);

}  // namespace oriel::wire
