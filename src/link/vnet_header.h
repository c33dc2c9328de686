// The virtio-net header in front of each packet of an offloaded TUN or TAP: to and from Offload.
//
// Bytes only, no system calls. 10-byte form, little endian (virtio 1.2, 5.1.6). From the kernel it
// is believed only as far as it fits the packet: hdr_len in particular is a hint that may be
// anything, so header lengths are read from the packet.
//
//   | flags | gso_type | hdr_len | gso_size | csum_start | csum_offset |
//      1        1          2          2           2             2        bytes
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "oriel/link.h"

namespace oriel::link {

inline constexpr std::size_t kVnetHeaderBytes = 10;
using VnetHeader = std::array<std::uint8_t, kVnetHeaderBytes>;

/// Requires: a super-segment has Checksum::kPartial (the kernel cuts no other).
VnetHeader encode_vnet(const Offload& offload);

/// What the kernel says about `packet`; nullopt when it makes no sense (offsets outside the packet,
/// a segmentation type that was not asked for).
std::optional<Offload> decode_vnet(const VnetHeader& header, ByteView packet,
                                   DeviceInfo::Framing framing);

}  // namespace oriel::link
