// ARP packets both ways. Layout: htype ptype hlen plen | oper | sha(6) spa(4) | tha(6) tpa(4).
#include "wire/arp.h"

#include <cassert>
#include <cstring>

namespace oriel::wire {
namespace {

constexpr std::uint32_t kEthernetIpv4 = 0x00010800;  // htype 1, ptype 0x0800
constexpr std::uint16_t kLengths = 0x0604;           // hlen 6, plen 4

}  // namespace

std::optional<ArpPacket> parse_arp(ByteView bytes) {
  if (bytes.size() < kArpBytes) return std::nullopt;
  const std::uint8_t* p = bytes.data();
  if (load_be32(p) != kEthernetIpv4 || load_be16(p + 4) != kLengths) return std::nullopt;
  const std::uint16_t operation = load_be16(p + 6);
  if (operation != 1 && operation != 2) return std::nullopt;
  std::optional<ArpPacket> packet(std::in_place);
  packet->operation = static_cast<ArpPacket::Operation>(operation);
  std::memcpy(packet->sender_mac.bytes.data(), p + 8, 6);
  packet->sender_ip = IpAddress::v4(p + 14);
  std::memcpy(packet->target_mac.bytes.data(), p + 18, 6);
  packet->target_ip = IpAddress::v4(p + 24);
  return packet;
}

std::size_t emit_arp(const ArpPacket& packet, ByteSpan out) {
  assert(out.size() >= kArpBytes && packet.sender_ip.is_v4() && packet.target_ip.is_v4());
  std::uint8_t* p = out.data();
  store_be32(p, kEthernetIpv4);
  store_be16(p + 4, kLengths);
  store_be16(p + 6, static_cast<std::uint16_t>(packet.operation));
  std::memcpy(p + 8, packet.sender_mac.bytes.data(), 6);
  std::memcpy(p + 14, packet.sender_ip.v4_bytes(), 4);
  std::memcpy(p + 18, packet.target_mac.bytes.data(), 6);
  std::memcpy(p + 24, packet.target_ip.v4_bytes(), 4);
  return kArpBytes;
}

}  // namespace oriel::wire
