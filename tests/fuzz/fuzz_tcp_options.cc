// TCP options: what parses, is written and parses again is the same, within 40 bytes.
#include "fuzz_check.h"
#include "tcp_options_equal.h"

using namespace oriel;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::ExactBytes in({data, size});
  const auto options = wire::parse_tcp_options(in.view());
  if (!options) return 0;
  const std::size_t bytes = wire::tcp_options_bytes(*options);
  FUZZ_CHECK(bytes <= wire::kTcpOptionsBytesMax && bytes % 4 == 0);
  std::uint8_t space[wire::kTcpOptionsBytesMax] = {};
  fuzz::ExactBytes out({space, bytes});
  FUZZ_CHECK(wire::emit_tcp_options(*options, out.span()) == bytes);
  const auto again = wire::parse_tcp_options(out.view());
  FUZZ_CHECK(again && fuzz::is_written_form(*options, *again));
  return 0;
}
