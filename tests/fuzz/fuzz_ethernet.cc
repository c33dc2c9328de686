// Ethernet: what parses is written back byte for byte, tags included.
#include "fuzz_check.h"
#include "wire/ethernet.h"

using namespace oriel;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::ExactBytes in({data, size});
  const auto header = wire::parse_ethernet(in.view());
  FUZZ_CHECK(header.has_value() || size < wire::kEthernetHeaderBytesMax);
  if (!header) return 0;
  std::uint8_t out[wire::kEthernetHeaderBytesMax];
  const std::size_t bytes = wire::emit_ethernet(*header, out);
  FUZZ_CHECK(bytes == header->header_bytes() && bytes <= size);
  FUZZ_CHECK(fuzz::is_equal({out, bytes}, in.view().first(bytes)));
  return 0;
}
