// Encoding and decoding of struct virtio_net_hdr, by byte so that the layout is visible here.
#include "link/vnet_header.h"

#include <cassert>

namespace oriel::link {
namespace {

constexpr std::uint8_t kNeedsChecksum = 1;
constexpr std::uint8_t kDataValid = 2;
constexpr std::uint8_t kGsoNone = 0;
constexpr std::uint8_t kGsoTcp4 = 1;
constexpr std::uint8_t kGsoTcp6 = 4;
constexpr std::uint8_t kGsoEcnBit = 0x80;

constexpr std::size_t kTcpHeaderBytesMin = 20;

void store_le16(std::uint8_t* p, std::uint16_t v) {
  p[0] = static_cast<std::uint8_t>(v);
  p[1] = static_cast<std::uint8_t>(v >> 8);
}
std::uint16_t load_le16(const std::uint8_t* p) {
  return static_cast<std::uint16_t>(p[0] | (p[1] << 8));
}

/// Where TCP starts when the header does not say (no extension headers, no VLAN tag).
std::size_t tcp_offset(ByteView packet, DeviceInfo::Framing framing) {
  const std::size_t ip = framing == DeviceInfo::Framing::kEthernet ? 14 : 0;
  if (packet.size() <= ip) return packet.size();
  const std::uint8_t first = packet[ip];
  return ip + (first >> 4 == 6 ? 40u : (first & 0x0fu) * 4u);
}

}  // namespace

VnetHeader encode_vnet(const Offload& offload) {
  VnetHeader h{};
  if (offload.checksum == Offload::Checksum::kPartial) {
    h[0] = kNeedsChecksum;
    store_le16(&h[6], offload.checksum_start);
    store_le16(&h[8], offload.checksum_offset);
  }
  if (offload.gso_size != 0) {
    assert(offload.checksum == Offload::Checksum::kPartial);
    h[1] = offload.is_ipv6 ? kGsoTcp6 : kGsoTcp4;
    store_le16(&h[2], offload.header_bytes);
    store_le16(&h[4], offload.gso_size);
  }
  return h;
}

std::optional<Offload> decode_vnet(const VnetHeader& h, ByteView packet,
                                   DeviceInfo::Framing framing) {
  Offload offload;
  if ((h[0] & kNeedsChecksum) != 0) {
    offload.checksum = Offload::Checksum::kPartial;
    offload.checksum_start = load_le16(&h[6]);
    offload.checksum_offset = load_le16(&h[8]);
    const std::size_t field = std::size_t{offload.checksum_start} + offload.checksum_offset;
    if (field + 2 > packet.size()) return std::nullopt;
  } else if ((h[0] & kDataValid) != 0) {
    offload.checksum = Offload::Checksum::kVerified;
  }
  const auto gso_type = static_cast<std::uint8_t>(h[1] & ~kGsoEcnBit);
  if (gso_type == kGsoNone) return offload;
  if (gso_type != kGsoTcp4 && gso_type != kGsoTcp6) return std::nullopt;
  offload.gso_size = load_le16(&h[4]);
  offload.is_ipv6 = gso_type == kGsoTcp6;
  const std::size_t tcp = offload.checksum == Offload::Checksum::kPartial
                              ? offload.checksum_start
                              : tcp_offset(packet, framing);
  if (offload.gso_size == 0 || tcp + kTcpHeaderBytesMin > packet.size()) return std::nullopt;
  const std::size_t header_bytes = tcp + (packet[tcp + 12] >> 4) * 4u;
  if (header_bytes < tcp + kTcpHeaderBytesMin || header_bytes > packet.size()) return std::nullopt;
  offload.header_bytes = static_cast<std::uint16_t>(header_bytes);
  return offload;
}

}  // namespace oriel::link
