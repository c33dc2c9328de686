// Ethernet II frames with VLAN tags (IEEE 802.3, 802.1Q): where the payload starts and what it is.
//
// Tags are skipped and reported; at most two of them, a third is the ethertype as it stands. A
// value below 0x0600 in the type field is a length (802.3); it is reported and means nothing to the
// stack.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "oriel/address.h"

namespace oriel::wire {

inline constexpr std::size_t kEthernetHeaderBytes = 14;  ///< without tags
inline constexpr std::size_t kVlanTagBytes = 4;
inline constexpr std::size_t kVlanTagsMax = 2;
inline constexpr std::size_t kEthernetHeaderBytesMax =
    kEthernetHeaderBytes + kVlanTagsMax * kVlanTagBytes;

namespace ethertype {
inline constexpr std::uint16_t kIpv4 = 0x0800;
inline constexpr std::uint16_t kArp = 0x0806;
inline constexpr std::uint16_t kVlan = 0x8100;
inline constexpr std::uint16_t kServiceVlan = 0x88a8;
inline constexpr std::uint16_t kIpv6 = 0x86dd;
}  // namespace ethertype

struct VlanTag {
  std::uint16_t tpid = ethertype::kVlan;  ///< kVlan or kServiceVlan
  std::uint16_t tci = 0;                  ///< priority, DEI and identifier as they stand
  std::uint16_t id() const { return tci & 0x0fff; }
  friend constexpr bool operator==(const VlanTag&, const VlanTag&) = default;
};

struct EthernetHeader {
  MacAddress destination;
  MacAddress source;
  std::uint16_t ethertype = 0;  ///< of the payload, behind any tags
  std::uint8_t tag_count = 0;   ///< valid entries of tags, outermost first
  std::array<VlanTag, kVlanTagsMax> tags{};

  std::size_t header_bytes() const { return kEthernetHeaderBytes + tag_count * kVlanTagBytes; }
  friend constexpr bool operator==(const EthernetHeader&, const EthernetHeader&) = default;
};

/// Parses the header of a frame (without FCS); the payload starts at header_bytes(). nullopt: cut
/// off.
std::optional<EthernetHeader> parse_ethernet(ByteView frame);

/// Writes header and tags; returns header_bytes(). Requires: out.size() >= that, tag_count <= 2.
std::size_t emit_ethernet(const EthernetHeader& header, ByteSpan out);

}  // namespace oriel::wire
