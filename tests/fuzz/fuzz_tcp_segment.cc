// TCP headers: what parses, is written and parses again is the same; a header cut short never
// parses.
#include "fuzz_check.h"
#include "tcp_options_equal.h"
#include "wire/tcp_segment.h"

using namespace oriel;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::ExactBytes in({data, size});
  const auto tcp = wire::parse_tcp(in.view());
  if (!tcp) return 0;
  FUZZ_CHECK(tcp->header_bytes >= wire::kTcpHeaderBytesMin && tcp->header_bytes <= size);
  const fuzz::ExactBytes cut(in.view().first(tcp->header_bytes - 1));
  FUZZ_CHECK(!wire::parse_tcp(cut.view()));

  std::uint8_t out[wire::kTcpHeaderBytesMax];
  const std::size_t bytes = wire::emit_tcp(tcp->header, tcp->options, out);
  FUZZ_CHECK(bytes == wire::kTcpHeaderBytesMin + wire::tcp_options_bytes(tcp->options));
  FUZZ_CHECK(fuzz::is_equal({out, 12}, in.view().first(12)));  // ports, seq, ack
  FUZZ_CHECK(fuzz::is_equal({out + 13, 7}, in.view().subspan(13, 7)));
  const auto again = wire::parse_tcp({out, bytes});
  FUZZ_CHECK(again && again->header_bytes == bytes);
  FUZZ_CHECK(fuzz::is_written_form(tcp->options, again->options));
  return 0;
}
