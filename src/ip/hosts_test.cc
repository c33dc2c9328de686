// The packet builder that the tests of this folder share.
#include "ip/hosts_test.h"

#include <gtest/gtest.h>

#include "wire/ipv4.h"
#include "wire/ipv6.h"

namespace oriel::ip {

std::vector<std::uint8_t> ip_packet(const IpAddress& source, const IpAddress& destination,
                                    std::uint8_t next_header, ByteView transport) {
  const std::size_t header_bytes = source.is_v4() ? 20 : 40;
  std::vector<std::uint8_t> out(header_bytes + transport.size());
  if (source.is_v4()) {
    wire::Ipv4Header h;
    h.source = source;
    h.destination = destination;
    h.total_bytes = static_cast<std::uint16_t>(out.size());
    h.protocol = next_header;
    wire::emit_ipv4(h, out);
  } else {
    wire::Ipv6Header h;
    h.source = source;
    h.destination = destination;
    h.payload_bytes = static_cast<std::uint16_t>(transport.size());
    h.next_header = next_header;
    wire::emit_ipv6(h, out);
  }
  std::copy(transport.begin(), transport.end(), out.begin() + static_cast<long>(header_bytes));
  return out;
}

}  // namespace oriel::ip
