// The fixed IPv6 header both ways (RFC 8200 3).
#include "wire/ipv6.h"

#include <cassert>
#include <cstring>

namespace oriel::wire {

std::optional<Ipv6Header> parse_quoted_ipv6(ByteView packet) {
  std::optional<Ipv6Header> header;
  if (packet.size() < kIpv6HeaderBytes || packet[0] >> 4 != 6) return header;
  const std::uint8_t* p = packet.data();
  const std::uint32_t first = load_be32(p);
  header.emplace();
  header->traffic_class = static_cast<std::uint8_t>(first >> 20);
  header->flow_label = first & 0xfffff;
  header->payload_bytes = load_be16(p + 4);
  header->next_header = p[6];
  header->hop_limit = p[7];
  header->source = IpAddress::v6(p + 8);
  header->destination = IpAddress::v6(p + 24);
  if (header->source.is_v4() || header->destination.is_v4()) header.reset();
  return header;
}

std::optional<Ipv6Header> parse_ipv6(ByteView packet) {
  auto header = parse_quoted_ipv6(packet);
  if (header && header->payload_bytes > packet.size() - kIpv6HeaderBytes) header.reset();
  return header;
}

std::size_t emit_ipv6(const Ipv6Header& header, ByteSpan out) {
  assert(out.size() >= kIpv6HeaderBytes);
  std::uint8_t* p = out.data();
  store_be32(
      p, 0x60000000u | std::uint32_t{header.traffic_class} << 20 | (header.flow_label & 0xfffff));
  store_be16(p + 4, header.payload_bytes);
  p[6] = header.next_header;
  p[7] = header.hop_limit;
  std::memcpy(p + 8, header.source.bytes().data(), 16);
  std::memcpy(p + 24, header.destination.bytes().data(), 16);
  return kIpv6HeaderBytes;
}

}  // namespace oriel::wire
