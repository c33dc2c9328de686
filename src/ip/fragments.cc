// Fragment headers, one at a time.
#include "ip/fragments.h"

#include <cstring>

#include "wire/ipv4.h"
#include "wire/ipv6.h"

namespace oriel::ip {

std::size_t fragment_data_bytes(const Path& path) {
  const std::size_t headers =
      path.is_v4 ? kIpv4HeaderBytes : kIpv6HeaderBytes + kIpv6FragmentHeaderBytes;
  return (path.pmtu - headers) & ~std::size_t{7};
}

std::size_t emit_fragment_headers(const Path& path, const NetworkHeader& header,
                                  std::uint32_t identification, std::size_t offset,
                                  std::size_t bytes, ByteSpan out) {
  const bool has_more = offset + bytes < header.transport_bytes;
  if (path.is_v4) {
    std::memcpy(out.data(), path.link_header.data(), path.link_header_bytes);
    wire::Ipv4Header h;
    h.source = path.source;
    h.destination = path.destination;
    h.total_bytes = static_cast<std::uint16_t>(kIpv4HeaderBytes + bytes);
    h.id = static_cast<std::uint16_t>(identification);
    h.fragment_offset_bytes = static_cast<std::uint16_t>(offset);
    h.mf = has_more;
    h.dscp_ecn = header.traffic_class;
    h.ttl = header.hop_limit;
    h.protocol = header.protocol;
    return path.link_header_bytes + wire::emit_ipv4(h, out.subspan(path.link_header_bytes));
  }
  NetworkHeader outer = header;
  outer.protocol = protocol::kFragment;
  outer.transport_bytes = static_cast<std::uint32_t>(kIpv6FragmentHeaderBytes + bytes);
  const std::size_t at = emit_headers(path, outer, out);
  std::uint8_t* f = out.data() + at;
  f[0] = header.protocol;
  f[1] = 0;
  store_be16(f + 2, static_cast<std::uint16_t>(offset | (has_more ? 1u : 0u)));
  store_be32(f + 4, identification);
  return at + kIpv6FragmentHeaderBytes;
}

}  // namespace oriel::ip
