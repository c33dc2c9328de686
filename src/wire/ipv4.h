// The IPv4 header (RFC 791, RFC 6864 for what ID means), parsed and written with its checksum.
//
// A header is accepted only when version, lengths and checksum are right; the payload ends where
// the header says, not where the buffer does (Ethernet pads). Options are kept as bytes.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "oriel/address.h"

namespace oriel::wire {

inline constexpr std::size_t kIpv4HeaderBytesMin = 20;
inline constexpr std::size_t kIpv4HeaderBytesMax = 60;
inline constexpr std::size_t kIpv4OptionsBytesMax = 40;

/// Protocol and next-header numbers that the stack knows.
namespace ip_protocol {
inline constexpr std::uint8_t kHopByHop = 0;
inline constexpr std::uint8_t kIcmp = 1;
inline constexpr std::uint8_t kTcp = 6;
inline constexpr std::uint8_t kUdp = 17;
inline constexpr std::uint8_t kRouting = 43;
inline constexpr std::uint8_t kFragment = 44;
inline constexpr std::uint8_t kIcmpv6 = 58;
inline constexpr std::uint8_t kNoNextHeader = 59;
inline constexpr std::uint8_t kDestinationOptions = 60;
}  // namespace ip_protocol

struct Ipv4Header {
  IpAddress source = IpAddress::v4_any();
  IpAddress destination = IpAddress::v4_any();
  std::uint16_t total_bytes = 0;    ///< header and payload
  std::uint16_t header_bytes = 20;  ///< ignored when written: follows from the options
  std::uint16_t id = 0;
  std::uint16_t fragment_offset_bytes = 0;  ///< multiple of 8
  bool df = false;                          ///< don't fragment
  bool mf = false;                          ///< more fragments
  std::uint8_t dscp_ecn = 0;
  std::uint8_t ttl = 64;
  std::uint8_t protocol = 0;
  ByteView options;  ///< views the parsed packet

  bool is_fragment() const { return mf || fragment_offset_bytes != 0; }
};

/// Parses and verifies the header of a packet. nullopt: not version 4, a length that contradicts
/// itself or the packet, or a wrong header checksum. The payload is
/// packet[header_bytes, total_bytes).
std::optional<Ipv4Header> parse_ipv4(ByteView packet);

/// Parses the header of a packet quoted in an ICMP error: the packet may be cut anywhere behind the
/// header, and the checksum is not verified because routers change what it covers.
std::optional<Ipv4Header> parse_quoted_ipv4(ByteView packet);

/// Writes the header with its checksum; options are padded to a multiple of 4 with End-of-Options.
/// Returns the header length. Requires: options at most 40 bytes, out.size() >= the header length.
std::size_t emit_ipv4(const Ipv4Header& header, ByteSpan out);

}  // namespace oriel::wire
