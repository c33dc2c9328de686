// UDP: headers are written back byte for byte, and a checksum made for a datagram is accepted in
// both families while a flipped bit is not.
#include "fuzz_check.h"
#include "wire/ipv4.h"
#include "wire/udp.h"

using namespace oriel;

namespace {

void check_checksum(const IpAddress& source, const IpAddress& destination, ByteView datagram) {
  fuzz::ExactBytes copy(datagram);
  store_be16(copy.span().data() + 6, 0);
  FUZZ_CHECK(wire::is_udp_checksum_ok(source, destination, copy.view()) == source.is_v4());
  const auto length = static_cast<std::uint32_t>(datagram.size());
  wire::ChecksumAccumulator sum(
      wire::pseudo_header_sum(source, destination, wire::ip_protocol::kUdp, length));
  sum.add(copy.view());
  store_be16(copy.span().data() + 6, wire::udp_checksum_field(sum));
  FUZZ_CHECK(wire::is_udp_checksum_ok(source, destination, copy.view()));
  copy.span()[0] ^= 0x80;
  FUZZ_CHECK(!wire::is_udp_checksum_ok(source, destination, copy.view()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::ExactBytes in({data, size});
  const auto udp = wire::parse_udp(in.view());
  const IpAddress v4 = IpAddress::v4(10, 0, 0, 1);
  const IpAddress v6 = IpAddress::v6_any();
  (void)wire::is_udp_checksum_ok(v4, v4, in.view());
  if (!udp) return 0;
  FUZZ_CHECK(udp->payload.size() + wire::kUdpHeaderBytes == udp->header.length_bytes);
  FUZZ_CHECK(udp->header.length_bytes <= size);
  std::uint8_t out[wire::kUdpHeaderBytes];
  FUZZ_CHECK(wire::emit_udp(udp->header, out) == wire::kUdpHeaderBytes);
  FUZZ_CHECK(fuzz::is_equal(out, in.view().first(wire::kUdpHeaderBytes)));
  const ByteView datagram = in.view().first(udp->header.length_bytes);
  check_checksum(v4, v4, datagram);
  check_checksum(v6, v6, datagram);
  return 0;
}
