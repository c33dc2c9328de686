// ARP for IPv4 over Ethernet (RFC 826): request and reply, nothing else parses.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "oriel/address.h"

namespace oriel::wire {

inline constexpr std::size_t kArpBytes = 28;

struct ArpPacket {
  enum class Operation : std::uint16_t { kRequest = 1, kReply = 2 };
  Operation operation = Operation::kRequest;
  MacAddress sender_mac;
  IpAddress sender_ip = IpAddress::v4_any();
  MacAddress target_mac;
  IpAddress target_ip = IpAddress::v4_any();
  friend constexpr bool operator==(const ArpPacket&, const ArpPacket&) = default;
};

/// Parses the payload of an ARP frame; padding behind it is ignored. nullopt: cut off, other
/// hardware or protocol, other operation.
std::optional<ArpPacket> parse_arp(ByteView bytes);

/// Writes the packet; returns 28. Requires: out.size() >= 28, both addresses IPv4.
std::size_t emit_arp(const ArpPacket& packet, ByteSpan out);

}  // namespace oriel::wire
