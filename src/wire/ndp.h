// Neighbour discovery messages (RFC 4861): solicitations, advertisements, redirect, and their
// options.
//
// A message is an Icmpv6Message that parse_icmpv6 has accepted; these functions read its body, and
// write whole ICMPv6 messages, checksum included. What the receiver must still check is what it
// alone knows: hop limit 255 and the addresses of the packet (4861 6.1 and 7.1).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "oriel/address.h"
#include "wire/icmpv6.h"

namespace oriel::wire {

inline constexpr std::size_t kNdpPrefixesMax = 4;  ///< prefixes kept of one advertisement
inline constexpr std::size_t kNdpOptionsMax = 32;  ///< options walked in one message
inline constexpr std::uint8_t kNdpHopLimit = 255;

struct NdpPrefix {
  Prefix prefix;
  bool is_on_link = false;
  bool is_autonomous = false;
  std::uint32_t valid_lifetime_s = 0;      ///< 0xffffffff: for ever
  std::uint32_t preferred_lifetime_s = 0;  ///< 0xffffffff: for ever
  friend constexpr bool operator==(const NdpPrefix&, const NdpPrefix&) = default;
};

/// Options of any message; those that a message does not define are ignored by its reader.
struct NdpOptions {
  std::optional<MacAddress> source_link_address;
  std::optional<MacAddress> target_link_address;
  std::optional<std::uint32_t> mtu;
  std::uint8_t prefix_count = 0;  ///< valid entries of prefixes
  std::array<NdpPrefix, kNdpPrefixesMax> prefixes{};
  ByteView redirected;  ///< start of the packet that was redirected, if quoted
};

struct NeighbourSolicitation {
  IpAddress target;
  std::optional<MacAddress> source_link_address;
  friend constexpr bool operator==(const NeighbourSolicitation&,
                                   const NeighbourSolicitation&) = default;
};

struct NeighbourAdvertisement {
  IpAddress target;
  bool is_router = false;
  bool is_solicited = false;
  bool is_override = false;
  std::optional<MacAddress> target_link_address;
  friend constexpr bool operator==(const NeighbourAdvertisement&,
                                   const NeighbourAdvertisement&) = default;
};

struct RouterSolicitation {
  std::optional<MacAddress> source_link_address;
  friend constexpr bool operator==(const RouterSolicitation&, const RouterSolicitation&) = default;
};

struct RouterAdvertisement {
  std::uint8_t hop_limit = 0;  ///< 0: unspecified
  bool is_managed = false;
  bool is_other_config = false;
  std::uint16_t router_lifetime_s = 0;
  std::uint32_t reachable_time_ms = 0;  ///< 0: unspecified
  std::uint32_t retrans_timer_ms = 0;   ///< 0: unspecified
  NdpOptions options;                   ///< source link address, MTU, prefixes
};

struct NdpRedirect {
  IpAddress target;       ///< better first hop
  IpAddress destination;  ///< for packets to this address
  std::optional<MacAddress> target_link_address;
  ByteView redirected;  ///< written cut to a multiple of 8
};

/// Each: nullopt when type or code differ, the body is cut off, an option has length zero or runs
/// past the end, or an address is not what the message allows (multicast target).
std::optional<NeighbourSolicitation> parse_neighbour_solicitation(const Icmpv6Message& message);
std::optional<NeighbourAdvertisement> parse_neighbour_advertisement(const Icmpv6Message& message);
std::optional<RouterSolicitation> parse_router_solicitation(const Icmpv6Message& message);
std::optional<RouterAdvertisement> parse_router_advertisement(const Icmpv6Message& message);
std::optional<NdpRedirect> parse_ndp_redirect(const Icmpv6Message& message);

/// Room that suffices for any of the messages below, without a redirected packet.
inline constexpr std::size_t kNdpMessageBytesMax = 8 + 32 + 8 + 8 + 8 + kNdpPrefixesMax * 32;

/// Each writes the whole ICMPv6 message for a packet between `source` and `destination` and returns
/// its length. Requires: out.size() >= kNdpMessageBytesMax, and for a redirect 8 +
/// redirected.size() more.
std::size_t emit_neighbour_solicitation(const NeighbourSolicitation& message,
                                        const IpAddress& source, const IpAddress& destination,
                                        ByteSpan out);
std::size_t emit_neighbour_advertisement(const NeighbourAdvertisement& message,
                                         const IpAddress& source, const IpAddress& destination,
                                         ByteSpan out);
std::size_t emit_router_solicitation(const RouterSolicitation& message, const IpAddress& source,
                                     const IpAddress& destination, ByteSpan out);
std::size_t emit_router_advertisement(const RouterAdvertisement& message, const IpAddress& source,
                                      const IpAddress& destination, ByteSpan out);
std::size_t emit_ndp_redirect(const NdpRedirect& message, const IpAddress& source,
                              const IpAddress& destination, ByteSpan out);

}  // namespace oriel::wire
