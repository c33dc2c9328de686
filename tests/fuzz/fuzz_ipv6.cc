// IPv6: the fixed header is written back byte for byte; the walk ends inside the packet and says
// the same again; a cut at any place gives no other upper protocol than the whole packet.
#include "fuzz_check.h"
#include "wire/ipv6.h"
#include "wire/quoted_packet.h"

using namespace oriel;

namespace {

void check_walk(ByteView packet) {
  const auto walk = wire::walk_ipv6_extensions(packet);
  if (!walk) return;
  FUZZ_CHECK(walk->upper_offset >= wire::kIpv6HeaderBytes);
  FUZZ_CHECK(walk->upper_offset <= packet.size());
  FUZZ_CHECK(walk->next_header_offset < walk->upper_offset);
  FUZZ_CHECK(packet[walk->next_header_offset] == walk->protocol);
  if (walk->problem) FUZZ_CHECK(walk->problem->pointer < packet.size());
  if (walk->fragment) {
    FUZZ_CHECK(packet[walk->fragment->next_header_offset] == wire::ip_protocol::kFragment);
    FUZZ_CHECK(walk->fragment->offset_bytes % 8 == 0);
    FUZZ_CHECK(walk->fragment->header_offset + wire::kIpv6FragmentHeaderBytes <= packet.size());
  }
  const fuzz::ExactBytes headers(packet.first(walk->upper_offset));
  const auto again = wire::walk_ipv6_extensions(headers.view());
  if (walk->problem) return;
  FUZZ_CHECK(again && !again->problem);
  FUZZ_CHECK(again->upper_offset == walk->upper_offset && again->protocol == walk->protocol);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::ExactBytes in({data, size});
  check_walk(in.view());
  if (const auto quoted = wire::parse_quoted_packet(in.view())) {
    FUZZ_CHECK(quoted->transport.size() <= size);
  }
  const auto header = wire::parse_ipv6(in.view());
  if (!header) return 0;
  FUZZ_CHECK(wire::parse_quoted_ipv6(in.view()).has_value());
  FUZZ_CHECK(header->payload_bytes + wire::kIpv6HeaderBytes <= size);
  std::uint8_t out[wire::kIpv6HeaderBytes];
  FUZZ_CHECK(wire::emit_ipv6(*header, out) == wire::kIpv6HeaderBytes);
  FUZZ_CHECK(fuzz::is_equal(out, in.view().first(wire::kIpv6HeaderBytes)));
  return 0;
}
