// IPv4: the bytes as they are, then with their header checksum made right so that more of them
// parse; what parses is written back byte for byte (but for the reserved flag), and quotes never
// read too far.
#include <algorithm>

#include "fuzz_check.h"
#include "wire/checksum.h"
#include "wire/ipv4.h"
#include "wire/quoted_packet.h"

using namespace oriel;

namespace {

void check_round_trip(ByteView packet) {
  const auto header = wire::parse_ipv4(packet);
  if (!header) return;
  FUZZ_CHECK(header->header_bytes <= header->total_bytes && header->total_bytes <= packet.size());
  FUZZ_CHECK(wire::checksum(packet.first(header->header_bytes)) == 0);
  std::uint8_t out[wire::kIpv4HeaderBytesMax];
  FUZZ_CHECK(wire::emit_ipv4(*header, out) == header->header_bytes);
  if ((packet[6] & 0x80) != 0) return;  // the reserved flag is written as zero
  FUZZ_CHECK(fuzz::is_equal({out, 10}, packet.first(10)));
  const std::size_t behind_checksum = header->header_bytes - 12u;
  FUZZ_CHECK(fuzz::is_equal({out + 12, behind_checksum}, packet.subspan(12, behind_checksum)));
  // Zero has two forms in ones' complement; both verify.
  FUZZ_CHECK(load_be16(out + 10) % 0xffff == load_be16(packet.data() + 10) % 0xffff);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::ExactBytes in({data, size});
  check_round_trip(in.view());
  if (const auto quoted = wire::parse_quoted_packet(in.view())) {
    FUZZ_CHECK(quoted->transport.size() <= size);
  }
  if (size < wire::kIpv4HeaderBytesMin) return 0;
  const std::size_t header_bytes = std::min<std::size_t>((data[0] & 15u) * 4u, size) & ~1u;
  store_be16(in.span().data() + 10, 0);
  store_be16(in.span().data() + 10, wire::checksum(in.view().first(header_bytes)));
  check_round_trip(in.view());
  return 0;
}
