// Neighbour discovery: what parses, is written and parses again is the same message.
#include <vector>

#include "fuzz_check.h"
#include "wire/ndp.h"

using namespace oriel;

namespace {

const std::uint8_t kEnds[32] = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
                                0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

// The message that `emit` writes for `value`, parsed as ICMPv6.
template <class Value, class Emit>
wire::Icmpv6Message rewritten(const Value& value, Emit emit, std::vector<std::uint8_t>& out) {
  const IpAddress source = IpAddress::v6(kEnds);
  const IpAddress destination = IpAddress::v6(kEnds + 16);
  const std::size_t bytes = emit(value, source, destination, ByteSpan(out));
  const auto message = wire::parse_icmpv6(source, destination, ByteView(out).first(bytes));
  FUZZ_CHECK(message.has_value());
  return *message;
}

template <class Parse, class Emit>
void check_values(const wire::Icmpv6Message& message, Parse parse, Emit emit) {
  const auto value = parse(message);
  if (!value) return;
  std::vector<std::uint8_t> out(wire::kNdpMessageBytesMax);
  const auto again = parse(rewritten(*value, emit, out));
  FUZZ_CHECK(again && *again == *value);
}

void check_advertisement(const wire::Icmpv6Message& message) {
  const auto value = wire::parse_router_advertisement(message);
  if (!value) return;
  std::vector<std::uint8_t> out(wire::kNdpMessageBytesMax);
  const auto again =
      wire::parse_router_advertisement(rewritten(*value, wire::emit_router_advertisement, out));
  FUZZ_CHECK(again.has_value());
  FUZZ_CHECK(again->hop_limit == value->hop_limit && again->is_managed == value->is_managed);
  FUZZ_CHECK(again->is_other_config == value->is_other_config);
  FUZZ_CHECK(again->router_lifetime_s == value->router_lifetime_s);
  FUZZ_CHECK(again->reachable_time_ms == value->reachable_time_ms);
  FUZZ_CHECK(again->retrans_timer_ms == value->retrans_timer_ms);
  FUZZ_CHECK(again->options.source_link_address == value->options.source_link_address);
  FUZZ_CHECK(again->options.mtu == value->options.mtu);
  FUZZ_CHECK(again->options.prefix_count == value->options.prefix_count);
  FUZZ_CHECK(again->options.prefixes == value->options.prefixes);
}

void check_redirect(const wire::Icmpv6Message& message) {
  const auto value = wire::parse_ndp_redirect(message);
  if (!value) return;
  std::vector<std::uint8_t> out(wire::kNdpMessageBytesMax + 8 + value->redirected.size());
  const auto again = wire::parse_ndp_redirect(rewritten(*value, wire::emit_ndp_redirect, out));
  FUZZ_CHECK(again.has_value());
  FUZZ_CHECK(again->target == value->target && again->destination == value->destination);
  FUZZ_CHECK(again->target_link_address == value->target_link_address);
  FUZZ_CHECK(fuzz::is_equal(again->redirected, value->redirected));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < wire::kIcmpHeaderBytes) return 0;
  // The checksum is not looked for: the fuzzer would only learn to make one.
  const fuzz::ExactBytes body({data + wire::kIcmpHeaderBytes, size - wire::kIcmpHeaderBytes});
  const wire::Icmpv6Message message = {{data[0], data[1], load_be32(data + 4), body.view()}};
  check_values(message, wire::parse_neighbour_solicitation, wire::emit_neighbour_solicitation);
  check_values(message, wire::parse_neighbour_advertisement, wire::emit_neighbour_advertisement);
  check_values(message, wire::parse_router_solicitation, wire::emit_router_solicitation);
  check_advertisement(message);
  check_redirect(message);
  return 0;
}
