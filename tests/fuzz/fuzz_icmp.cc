// ICMP of both families: a message written from any bytes parses to the same, one flipped bit makes
// it fail, and the packets quoted in bodies are read without going too far.
#include <vector>

#include "fuzz_check.h"
#include "wire/icmpv4.h"
#include "wire/icmpv6.h"
#include "wire/quoted_packet.h"

using namespace oriel;

namespace {

template <class Message>
void check_same(const Message& a, const std::optional<Message>& b) {
  FUZZ_CHECK(b.has_value());
  FUZZ_CHECK(a.type == b->type && a.code == b->code && a.rest_of_header == b->rest_of_header);
  FUZZ_CHECK(fuzz::is_equal(a.body, b->body));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::uint8_t ends[32] = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
                                 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};
  const IpAddress source = IpAddress::v6(ends);
  const IpAddress destination = IpAddress::v6(ends + 16);
  const fuzz::ExactBytes in({data, size});
  (void)wire::parse_icmpv4(in.view());
  (void)wire::parse_icmpv6(source, destination, in.view());
  if (size < wire::kIcmpHeaderBytes) return 0;
  const std::uint32_t rest = load_be32(data + 4);
  const ByteView body = in.view().subspan(wire::kIcmpHeaderBytes);
  fuzz::ExactBytes out(in.view());

  const wire::Icmpv4Message v4 = {{data[0], data[1], rest, body}};
  FUZZ_CHECK(wire::emit_icmpv4(v4, out.span()) == size);
  check_same(v4, wire::parse_icmpv4(out.view()));
  out.span()[size - 1] ^= 1;
  FUZZ_CHECK(!wire::parse_icmpv4(out.view()));

  const wire::Icmpv6Message v6 = {{data[0], data[1], rest, body}};
  FUZZ_CHECK(wire::emit_icmpv6(v6, source, destination, out.span()) == size);
  check_same(v6, wire::parse_icmpv6(source, destination, out.view()));
  out.span()[size - 1] ^= 1;
  FUZZ_CHECK(!wire::parse_icmpv6(source, destination, out.view()));

  if (const auto quoted = wire::parse_quoted_packet(body)) {
    FUZZ_CHECK(quoted->transport.size() <= body.size());
    FUZZ_CHECK(quoted->source.is_v4() == quoted->destination.is_v4());
  }
  return 0;
}
