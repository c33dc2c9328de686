// ARP: what parses is written back byte for byte.
#include "fuzz_check.h"
#include "wire/arp.h"

using namespace oriel;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::ExactBytes in({data, size});
  const auto packet = wire::parse_arp(in.view());
  if (!packet) return 0;
  std::uint8_t out[wire::kArpBytes];
  FUZZ_CHECK(wire::emit_arp(*packet, out) == wire::kArpBytes);
  FUZZ_CHECK(fuzz::is_equal(out, in.view().first(wire::kArpBytes)));
  return 0;
}
