// The UDP header (RFC 768), and what a checksum of zero means in each family (RFC 8200 8.1).
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "oriel/address.h"
#include "wire/checksum.h"

namespace oriel::wire {

inline constexpr std::size_t kUdpHeaderBytes = 8;

struct UdpHeader {
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint16_t length_bytes = 0;  ///< header and payload
  std::uint16_t checksum = 0;      ///< the field as it stands
  friend constexpr bool operator==(const UdpHeader&, const UdpHeader&) = default;
};

struct ParsedUdp {
  UdpHeader header;
  ByteView payload;  ///< as long as the header says; bytes behind it are padding
};

/// Parses the header; the checksum is not looked at. nullopt: cut off, or a length below 8.
std::optional<ParsedUdp> parse_udp(ByteView datagram);

/// Writes the header with the checksum field as given; returns 8. Requires: out.size() >= 8.
std::size_t emit_udp(const UdpHeader& header, ByteSpan out);

/// Whether a datagram that parse_udp took may be delivered: the checksum is right, or it is zero in
/// IPv4 (none was made). Zero in IPv6 is refused.
bool is_udp_checksum_ok(const IpAddress& source, const IpAddress& destination, ByteView datagram);

/// The field for a sum over pseudo-header, header and payload: a result of zero goes out as 0xffff.
inline std::uint16_t udp_checksum_field(const ChecksumAccumulator& sum) {
  const std::uint16_t check = sum.finish();
  return check == 0 ? 0xffff : check;
}

}  // namespace oriel::wire
