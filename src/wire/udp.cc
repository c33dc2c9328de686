// UDP headers both ways.
#include "wire/udp.h"

#include <cassert>

#include "wire/ipv4.h"

namespace oriel::wire {

std::optional<ParsedUdp> parse_udp(ByteView datagram) {
  if (datagram.size() < kUdpHeaderBytes) return std::nullopt;
  const std::uint8_t* p = datagram.data();
  const UdpHeader header = {load_be16(p), load_be16(p + 2), load_be16(p + 4), load_be16(p + 6)};
  if (header.length_bytes < kUdpHeaderBytes) return std::nullopt;
  if (header.length_bytes > datagram.size()) return std::nullopt;
  return ParsedUdp{header,
                   datagram.subspan(kUdpHeaderBytes, header.length_bytes - kUdpHeaderBytes)};
}

std::size_t emit_udp(const UdpHeader& header, ByteSpan out) {
  assert(out.size() >= kUdpHeaderBytes);
  std::uint8_t* p = out.data();
  store_be16(p, header.source_port);
  store_be16(p + 2, header.destination_port);
  store_be16(p + 4, header.length_bytes);
  store_be16(p + 6, header.checksum);
  return kUdpHeaderBytes;
}

bool is_udp_checksum_ok(const IpAddress& source, const IpAddress& destination, ByteView datagram) {
  const auto udp = parse_udp(datagram);
  if (!udp) return false;
  if (udp->header.checksum == 0) return source.is_v4();
  const std::uint16_t length = udp->header.length_bytes;
  return is_checksum_ok(pseudo_header_sum(source, destination, ip_protocol::kUdp, length),
                        datagram.first(length));
}

}  // namespace oriel::wire
