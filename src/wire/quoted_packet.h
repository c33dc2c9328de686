// The packet that an ICMP error quotes: whose it was, and the start of its transport header.
//
// A quote is an outsider's claim. Nothing in it is verified here beyond its shape; whoever acts on
// it checks ports and sequence numbers against a connection of their own (RFC 5927).
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "oriel/address.h"

namespace oriel::wire {

struct QuotedPacket {
  IpAddress source;
  IpAddress destination;
  std::uint8_t protocol = 0;
  std::uint16_t total_bytes =
      0;  ///< length that the packet had; 65535 when it was longer than that
  /// What is left of transport header and payload: 8 bytes are usual, none are possible. Empty for
  /// a fragment that is not the first.
  ByteView transport;
};

/// Reads the body of an ICMPv4 or ICMPv6 error. nullopt: no whole IP header and extension chain.
std::optional<QuotedPacket> parse_quoted_packet(ByteView body);

}  // namespace oriel::wire
