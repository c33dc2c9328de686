// What passes between two processes of a domain, in messages of a SOCK_SEQPACKET connection.
//
//   | kind | flags | gso_size (2) | checksum_start (2) | checksum_offset | header_bytes | packet
//   ...
//
// A large packet's bytes may pass through memory instead (packet_ring.h); the head is the same
// then. The first message of a connection to a process decides what the connection is for: packets,
// or one question. The eight bytes say of a packet what a virtio header would; they are checked
// like anything that another process wrote, because its owner is trusted no further than a host on
// the network.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "oriel/link.h"

namespace oriel::loopback {

enum class MessageKind : std::uint8_t {
  kPacket = 1,  ///< an IP packet follows
  kLeaving,     ///< the sender starts nothing more on this link: hang up when it is idle
  kAskStat,     ///< tell of your connections, then hang up
  kRingFile,    ///< these seven: ring_message.h
  kRingOffer,
  kRingAnswer,
  kRingNews,
  kRingLife,
  kPacketRing,
  kPacketCredit,
  kRingedPacket,  ///< the packet's length follows; its bytes are the next of packet_ring.h
};

inline constexpr std::size_t kHeadBytes = 8;
inline constexpr std::size_t kLinkMtuBytes = 65535;
/// All of a kRingedPacket.
inline constexpr std::size_t kRingedHeadBytes = kHeadBytes + 4;

/// Writes kHeadBytes for a packet with `offload`, which counts from the packet's first byte.
inline void write_head(const Offload& offload, std::uint8_t* out) {
  const bool is_partial = offload.checksum == Offload::Checksum::kPartial;
  out[0] = static_cast<std::uint8_t>(MessageKind::kPacket);
  out[1] = static_cast<std::uint8_t>((is_partial ? 1 : 0) | (offload.is_ipv6 ? 2 : 0));
  store_be16(out + 2, offload.gso_size);
  store_be16(out + 4, is_partial ? offload.checksum_start : std::uint16_t{0});
  out[6] = static_cast<std::uint8_t>(is_partial ? offload.checksum_offset : 0);
  out[7] = static_cast<std::uint8_t>(offload.gso_size != 0 ? offload.header_bytes : 0);
}

/// Writes kRingedHeadBytes for a packet of that many bytes whose own are in the ring.
inline void write_ringed_head(const Offload& offload, std::size_t bytes, std::uint8_t* out) {
  write_head(offload, out);
  out[0] = static_cast<std::uint8_t>(MessageKind::kRingedPacket);
  store_be32(out + kHeadBytes, static_cast<std::uint32_t>(bytes));
}

/// What the head says of `packet`. False: that cannot be.
inline bool read_head(const std::uint8_t* head, ByteView packet, Offload& offload) {
  constexpr std::size_t kIpHeaderBytesMin = 20;
  if (packet.size() < kIpHeaderBytesMin || (head[1] & ~3) != 0) return false;
  offload = {};
  offload.is_ipv6 = (head[1] & 2) != 0;
  if ((head[1] & 1) != 0) {
    offload.checksum = Offload::Checksum::kPartial;
    offload.checksum_start = load_be16(head + 4);
    offload.checksum_offset = head[6];
    const std::size_t field = std::size_t{offload.checksum_start} + offload.checksum_offset;
    if (offload.checksum_start < kIpHeaderBytesMin || field + 2 > packet.size()) return false;
  }
  offload.gso_size = load_be16(head + 2);
  if (offload.gso_size == 0) return true;
  offload.header_bytes = head[7];
  const bool is_ipv6 = packet[0] >> 4 == 6;
  return offload.header_bytes <= packet.size() && offload.is_ipv6 == is_ipv6;
}

}  // namespace oriel::loopback
