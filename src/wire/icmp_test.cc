#include <gtest/gtest.h>

#include <vector>

#include "wire/icmpv4.h"
#include "wire/icmpv6.h"
#include "wire/ndp.h"

namespace oriel::wire {
namespace {

using Bytes = std::vector<std::uint8_t>;

const IpAddress kSource = *IpAddress::parse("fe80::1");
const IpAddress kDestination = *IpAddress::parse("ff02::1");
const MacAddress kMac{{2, 0, 0, 0, 0, 1}};

TEST(Icmpv4, WritesAKnownEcho) {
  const Bytes data = {'a', 'b', 'c'};
  Bytes out(11);
  EXPECT_EQ(emit_icmpv4(Icmpv4Message::echo(icmpv4_type::kEchoRequest, 0x1234, 1, data), out), 11u);
  // 0800 + 1234 + 0001 + 6162 + 6300 = de97, complement 2168
  EXPECT_EQ(out, (Bytes{8, 0, 0x21, 0x68, 0x12, 0x34, 0, 1, 'a', 'b', 'c'}));
  const auto echo = parse_icmpv4(out);
  ASSERT_TRUE(echo);
  EXPECT_EQ(echo->identifier(), 0x1234);
  EXPECT_EQ(echo->sequence_number(), 1);
  EXPECT_EQ(Bytes(echo->body.begin(), echo->body.end()), data);
  EXPECT_FALSE(echo->is_error());
}

TEST(Icmpv4, ErrorsCarryTheirField) {
  const Bytes quoted(28, 0x45);
  Bytes out(36);
  emit_icmpv4(Icmpv4Message::unreachable(icmpv4_unreachable::kFragmentationNeeded, quoted, 1400),
              out);
  auto message = parse_icmpv4(out);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->next_hop_mtu(), 1400);
  EXPECT_EQ(message->code, 4);
  EXPECT_TRUE(message->is_error());
  emit_icmpv4(Icmpv4Message::parameter_problem(20, quoted), out);
  EXPECT_EQ(parse_icmpv4(out)->pointer(), 20);
  emit_icmpv4(Icmpv4Message::time_exceeded(icmp_time_exceeded::kReassembly, quoted), out);
  message = parse_icmpv4(out);
  EXPECT_EQ(message->type, icmpv4_type::kTimeExceeded);
  EXPECT_EQ(message->code, 1);
}

TEST(Icmp, RefusesTruncationsAndDamage) {
  const Bytes data = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  Bytes v4(17);
  emit_icmpv4(Icmpv4Message::echo(8, 7, 7, data), v4);
  Bytes v6(17);
  emit_icmpv6(Icmpv6Message::echo(128, 7, 7, data), kSource, kDestination, v6);
  for (std::size_t n = 0; n < 17; ++n) {
    EXPECT_FALSE(parse_icmpv4(ByteView(v4).first(n))) << n;
    EXPECT_FALSE(parse_icmpv6(kSource, kDestination, ByteView(v6).first(n))) << n;
  }
  for (std::size_t bit = 0; bit < 17 * 8; ++bit) {
    const auto flip = static_cast<std::uint8_t>(1u << bit % 8);
    v4[bit / 8] ^= flip;
    v6[bit / 8] ^= flip;
    EXPECT_FALSE(parse_icmpv4(v4)) << bit;
    EXPECT_FALSE(parse_icmpv6(kSource, kDestination, v6)) << bit;
    v4[bit / 8] ^= flip;
    v6[bit / 8] ^= flip;
  }
  EXPECT_TRUE(parse_icmpv4(v4));
  EXPECT_TRUE(parse_icmpv6(kSource, kDestination, v6));
  EXPECT_FALSE(parse_icmpv6(kSource, kSource, v6));  // the pseudo-header counts
}

TEST(Icmpv6, ErrorsCarryTheirField) {
  const Bytes quoted(48, 0x60);
  Bytes out(56);
  emit_icmpv6(Icmpv6Message::packet_too_big(70000, quoted), kSource, kDestination, out);
  auto message = parse_icmpv6(kSource, kDestination, out);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->mtu(), 70000u);
  EXPECT_TRUE(message->is_error());
  EXPECT_EQ(message->body.size(), 48u);
  emit_icmpv6(Icmpv6Message::parameter_problem(icmpv6_parameter::kOption, 42, quoted), kSource,
              kDestination, out);
  message = parse_icmpv6(kSource, kDestination, out);
  EXPECT_EQ(message->pointer(), 42u);
  EXPECT_EQ(message->code, 2);
  EXPECT_FALSE(Icmpv6Message{Icmpv6Message::echo(128, 0, 0, {})}.is_error());
}

TEST(Icmp, TheBodyMayLieInPlace) {
  Bytes out = {0, 0, 0, 0, 0, 0, 0, 0, 'x', 'y'};
  emit_icmpv4(Icmpv4Message::echo(0, 1, 2, ByteView(out).subspan(8)), out);
  EXPECT_EQ(parse_icmpv4(out)->body[1], 'y');
}

template <class Emit, class Value>
Bytes emitted(Emit emit, const Value& value, std::size_t room = kNdpMessageBytesMax) {
  Bytes out(room);
  out.resize(emit(value, kSource, kDestination, out));
  return out;
}

// Checks that no cut of the message, between whole options excepted, parses.
template <class Parse>
void expect_truncations_refused(const Bytes& bytes, std::size_t fixed_bytes, Parse parse) {
  for (std::size_t n = kIcmpHeaderBytes; n < bytes.size(); ++n) {
    const Icmpv6Message cut{
        {bytes[0], bytes[1], load_be32(bytes.data() + 4), ByteView(bytes).subspan(8, n - 8)}};
    const bool is_between = n >= 8 + fixed_bytes && (n - 8 - fixed_bytes) % 8 == 0;
    if (is_between) continue;
    EXPECT_FALSE(parse(cut)) << n;
  }
}

TEST(Ndp, SolicitationComesBack) {
  const NeighbourSolicitation value{*IpAddress::parse("fe80::2"), kMac};
  const Bytes bytes = emitted(emit_neighbour_solicitation, value);
  EXPECT_EQ(bytes.size(), 32u);
  EXPECT_EQ(bytes[0], 135);
  EXPECT_EQ(Bytes(bytes.begin() + 24, bytes.end()), (Bytes{1, 1, 2, 0, 0, 0, 0, 1}));
  const auto message = parse_icmpv6(kSource, kDestination, bytes);
  ASSERT_TRUE(message);
  EXPECT_EQ(parse_neighbour_solicitation(*message), value);
  EXPECT_FALSE(parse_neighbour_advertisement(*message));
  expect_truncations_refused(bytes, 16, parse_neighbour_solicitation);
  const NeighbourSolicitation bare{value.target, std::nullopt};
  EXPECT_EQ(emitted(emit_neighbour_solicitation, bare).size(), 24u);
}

TEST(Ndp, AdvertisementComesBackWithEachFlag) {
  for (int flags = 0; flags < 8; ++flags) {
    const NeighbourAdvertisement value{*IpAddress::parse("fe80::2"), (flags & 4) != 0,
                                       (flags & 2) != 0, (flags & 1) != 0, kMac};
    const Bytes bytes = emitted(emit_neighbour_advertisement, value);
    EXPECT_EQ(bytes[4], flags << 5);
    const auto message = parse_icmpv6(kSource, kDestination, bytes);
    ASSERT_TRUE(message);
    EXPECT_EQ(parse_neighbour_advertisement(*message), value);
  }
}

TEST(Ndp, RouterSolicitationComesBack) {
  const RouterSolicitation value{kMac};
  const auto bytes = emitted(emit_router_solicitation, value);
  EXPECT_EQ(parse_router_solicitation(*parse_icmpv6(kSource, kDestination, bytes)), value);
}

TEST(Ndp, RouterAdvertisementComesBackAndKeepsAtMostFourPrefixes) {
  RouterAdvertisement value;
  value.hop_limit = 64;
  value.is_managed = true;
  value.router_lifetime_s = 1800;
  value.reachable_time_ms = 30000;
  value.retrans_timer_ms = 1000;
  value.options.source_link_address = kMac;
  value.options.mtu = 1400;
  value.options.prefix_count = 4;
  for (std::size_t i = 0; i < 4; ++i) {
    value.options.prefixes[i] = {*Prefix::parse("fd00::/64"), i % 2 == 0, i < 2, 86400, 14400};
  }
  Bytes bytes = emitted(emit_router_advertisement, value);
  EXPECT_EQ(bytes.size(), 16u + 8 + 8 + 4 * 32);
  const auto check = [&](const Icmpv6Message& message) {
    const auto again = parse_router_advertisement(message);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->hop_limit, 64);
    EXPECT_TRUE(again->is_managed);
    EXPECT_FALSE(again->is_other_config);
    EXPECT_EQ(again->router_lifetime_s, 1800);
    EXPECT_EQ(again->reachable_time_ms, 30000u);
    EXPECT_EQ(again->retrans_timer_ms, 1000u);
    EXPECT_EQ(again->options.source_link_address, kMac);
    EXPECT_EQ(again->options.mtu, 1400u);
    EXPECT_EQ(again->options.prefix_count, 4);
    EXPECT_EQ(again->options.prefixes, value.options.prefixes);
  };
  const auto message = parse_icmpv6(kSource, kDestination, bytes);
  ASSERT_TRUE(message);
  check(*message);
  expect_truncations_refused(bytes, 8, parse_router_advertisement);
  const Bytes fifth(bytes.end() - 32, bytes.end());
  bytes.insert(bytes.end(), fifth.begin(), fifth.end());
  check({134, 0, load_be32(bytes.data() + 4), ByteView(bytes).subspan(8)});
}

TEST(Ndp, RedirectComesBackCutToEights) {
  const Bytes quoted(43, 0x60);
  const NdpRedirect value{*IpAddress::parse("fe80::2"), *IpAddress::parse("fd00::9"), kMac, quoted};
  const Bytes bytes = emitted(emit_ndp_redirect, value, kNdpMessageBytesMax + 8 + quoted.size());
  const auto message = parse_icmpv6(kSource, kDestination, bytes);
  ASSERT_TRUE(message);
  const auto again = parse_ndp_redirect(*message);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->target, value.target);
  EXPECT_EQ(again->destination, value.destination);
  EXPECT_EQ(again->target_link_address, kMac);
  EXPECT_EQ(again->redirected.size(), 40u);
  expect_truncations_refused(bytes, 32, parse_ndp_redirect);
}

TEST(Ndp, RefusesBadOptionsCodesAndTargets) {
  Bytes body(16 + 8);
  std::memcpy(body.data(), IpAddress::parse("fe80::2")->bytes().data(), 16);
  const auto parses = [&](std::uint8_t code = 0) {
    return parse_neighbour_solicitation({135, code, 0, body}).has_value();
  };
  body[16] = 1;
  body[17] = 1;
  EXPECT_TRUE(parses());
  EXPECT_FALSE(parses(1));
  body[17] = 0;  // length zero
  EXPECT_FALSE(parses());
  body[17] = 2;  // past the end
  EXPECT_FALSE(parses());
  body[16] = 200;  // unknown kinds are passed over
  body[17] = 1;
  EXPECT_TRUE(parses());
  body[0] = 0xff;  // multicast target
  EXPECT_FALSE(parses());
  std::memcpy(body.data(), IpAddress::v4(10, 0, 0, 1).bytes().data(), 16);
  EXPECT_FALSE(parses());
}

TEST(Ndp, GivesUpPastItsLimitOfOptions) {
  Bytes body(kNdpOptionsMax * 8);
  for (std::size_t i = 0; i < body.size(); i += 8) {
    body[i] = 200;
    body[i + 1] = 1;
  }
  EXPECT_TRUE(parse_router_solicitation({133, 0, 0, body}));
  body.insert(body.end(), {200, 1, 0, 0, 0, 0, 0, 0});
  EXPECT_FALSE(parse_router_solicitation({133, 0, 0, body}));
}

}  // namespace
}  // namespace oriel::wire
