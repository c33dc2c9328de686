#include "ip/icmp_errors.h"

#include <gtest/gtest.h>

#include "ip/hosts_test.h"
#include "wire/ipv4.h"

namespace oriel::ip {
namespace {

using Kind = IcmpEvent::Kind;

const std::vector<std::uint8_t> kPorts = {0x13, 0x88, 0, 80, 0x01, 0x02, 0x03, 0x04, 9, 9, 9, 9};

TEST(IcmpErrors, AreNotSentWhereTheyAreForbidden) {
  struct Row {
    const char* why;
    const char* source;
    const char* destination;
    std::uint8_t next_header;
    std::uint8_t first_byte;
    bool is_link_multicast;
    bool expected;
  };
  const Row rows[] = {
      {"plain UDP", "10.0.0.1", "10.0.0.2", 17, 0, false, true},
      {"link broadcast", "10.0.0.1", "10.0.0.2", 17, 0, true, false},
      {"to broadcast", "10.0.0.1", "255.255.255.255", 17, 0, false, false},
      {"to a group", "10.0.0.1", "224.0.0.1", 17, 0, false, false},
      {"from nobody", "0.0.0.0", "10.0.0.2", 17, 0, false, false},
      {"from a group", "224.0.0.5", "10.0.0.2", 17, 0, false, false},
      {"from class E", "240.0.0.5", "10.0.0.2", 17, 0, false, false},
      {"about unreachable", "10.0.0.1", "10.0.0.2", 1, 3, false, false},
      {"about time exceeded", "10.0.0.1", "10.0.0.2", 1, 11, false, false},
      {"about an echo request", "10.0.0.1", "10.0.0.2", 1, 8, false, true},
      {"IPv6 plain", "fd00::1", "fd00::2", 17, 0, false, true},
      {"IPv6 from a group", "ff02::1", "fd00::2", 17, 0, false, false},
      {"IPv6 from nobody", "::", "fd00::2", 17, 0, false, false},
      {"IPv6 about an error", "fd00::1", "fd00::2", 58, 1, false, false},
      {"IPv6 about a redirect", "fd00::1", "fd00::2", 58, 137, false, false},
      {"IPv6 about an echo request", "fd00::1", "fd00::2", 58, 128, false, true},
  };
  for (const Row& row : rows) {
    auto transport = kPorts;
    transport[0] = row.first_byte;
    const auto packet =
        ip_packet(addr(row.source), addr(row.destination), row.next_header, transport);
    EXPECT_EQ(may_answer_with_error(packet, row.is_link_multicast), row.expected) << row.why;
  }
  EXPECT_FALSE(may_answer_with_error({}, false));
}

TEST(IcmpErrors, NotAboutLaterFragments) {
  auto packet = ip_packet(addr("10.0.0.1"), addr("10.0.0.2"), 17, kPorts);
  packet[7] = 1;  // offset 8
  EXPECT_FALSE(may_answer_with_error(packet, false));
  packet[7] = 0;
  packet[6] = 0x20;  // first of several
  EXPECT_TRUE(may_answer_with_error(packet, false));
}

TEST(IcmpErrors, BuiltMessagesSayWhatTheyMeanWhenRead) {
  struct Row {
    IcmpError error;
    Kind v4;
    Kind v6;
  };
  for (const Row& row :
       {Row{IcmpError::kPortUnreachable, Kind::kPortUnreachable, Kind::kPortUnreachable},
        Row{IcmpError::kProtocolUnreachable, Kind::kProtocolUnreachable,
            Kind::kProtocolUnreachable},
        Row{IcmpError::kReassemblyTimeout, Kind::kTimeExceeded, Kind::kTimeExceeded},
        Row{IcmpError::kParameterProblem, Kind::kParameterProblem, Kind::kParameterProblem},
        Row{IcmpError::kUnknownOption, Kind::kParameterProblem, Kind::kParameterProblem}}) {
    std::array<std::uint8_t, kIcmpv6ErrorBytesMax> out;
    const auto v4 = ip_packet(addr("10.0.0.1"), addr("10.0.0.2"), 6, kPorts);
    std::size_t n = build_icmp_error(row.error, 6, addr("10.0.0.2"), addr("10.0.0.1"), v4, out);
    const auto m4 = wire::parse_icmpv4({out.data(), n});
    ASSERT_TRUE(m4);
    const auto e4 = parse_icmpv4_error(*m4);
    ASSERT_TRUE(e4);
    EXPECT_EQ(e4->kind, row.v4);
    EXPECT_EQ(e4->source, addr("10.0.0.1"));
    EXPECT_EQ(e4->destination, addr("10.0.0.2"));
    EXPECT_EQ(e4->protocol, 6);
    EXPECT_EQ(e4->source_port(), 5000);
    EXPECT_EQ(e4->destination_port(), 80);
    EXPECT_EQ(e4->tcp_seq(), 0x01020304u);
    const auto v6 = ip_packet(addr("fd00::1"), addr("fd00::2"), 6, kPorts);
    n = build_icmp_error(row.error, 6, addr("fd00::2"), addr("fd00::1"), v6, out);
    const auto m6 = wire::parse_icmpv6(addr("fd00::2"), addr("fd00::1"), {out.data(), n});
    ASSERT_TRUE(m6);
    const auto e6 = parse_icmpv6_error(*m6);
    ASSERT_TRUE(e6);
    EXPECT_EQ(e6->kind, row.v6);
    EXPECT_EQ(e6->source, addr("fd00::1"));
  }
}

TEST(IcmpErrors, QuoteAsMuchAsFitsTheSmallestPacket) {
  std::array<std::uint8_t, kIcmpv6ErrorBytesMax> out;
  const auto big4 = ip_packet(addr("10.0.0.1"), addr("10.0.0.2"), 17, pattern(3000));
  EXPECT_EQ(build_icmp_error(IcmpError::kPortUnreachable, 0, addr("10.0.0.2"), addr("10.0.0.1"),
                             big4, out),
            576u - 20u);
  const auto big6 = ip_packet(addr("fd00::1"), addr("fd00::2"), 17, pattern(3000));
  EXPECT_EQ(
      build_icmp_error(IcmpError::kPortUnreachable, 0, addr("fd00::2"), addr("fd00::1"), big6, out),
      1280u - 40u);
}

TEST(IcmpErrors, MtuOfFragmentationNeeded) {
  struct Row {
    std::uint16_t mtu_field;
    std::uint16_t quoted_total;
    std::uint32_t expected;  // 0: refused
  };
  for (const Row& row :
       {Row{1400, 1500, 1400}, Row{68, 1500, 68}, Row{67, 1500, 0}, Row{0, 1500, 1492},
        Row{0, 1492, 1006}, Row{0, 576, 552}, Row{0, 65535, 32000}}) {
    auto quoted = ip_packet(addr("10.0.0.1"), addr("10.0.0.2"), 6, kPorts);
    store_be16(quoted.data() + 2, row.quoted_total);
    const auto event =
        parse_icmpv4_error(wire::Icmpv4Message::unreachable(4, quoted, row.mtu_field));
    EXPECT_EQ(event ? event->mtu : 0, row.expected) << row.mtu_field << " " << row.quoted_total;
  }
  const auto quoted = ip_packet(addr("fd00::1"), addr("fd00::2"), 6, kPorts);
  EXPECT_EQ(parse_icmpv6_error(wire::Icmpv6Message::packet_too_big(1400, quoted))->mtu, 1400u);
  EXPECT_FALSE(parse_icmpv6_error(wire::Icmpv6Message::packet_too_big(1279, quoted)));
}

TEST(IcmpErrors, ShortOrForeignQuotesAreRefused) {
  auto quoted = ip_packet(addr("10.0.0.1"), addr("10.0.0.2"), 6, kPorts);
  quoted.resize(20 + 7);
  EXPECT_FALSE(parse_icmpv4_error(wire::Icmpv4Message::unreachable(1, quoted)));
  const auto v6 = ip_packet(addr("fd00::1"), addr("fd00::2"), 6, kPorts);
  EXPECT_FALSE(parse_icmpv4_error(wire::Icmpv4Message::unreachable(1, v6)));
  EXPECT_FALSE(parse_icmpv4_error(wire::Icmpv4Message::unreachable(77, quoted)));
}

TEST(IcmpRateLimit, IsATokenBucket) {
  IcmpRateLimit limit(10, 3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limit.take(at(0)));
  EXPECT_FALSE(limit.take(at(99)));
  EXPECT_TRUE(limit.take(at(100)));
  EXPECT_FALSE(limit.take(at(199)));
  EXPECT_TRUE(limit.take(at(200)));
  int taken = 0;
  while (taken < 100 && limit.take(at(60'000))) ++taken;
  EXPECT_EQ(taken, 3);
  IcmpRateLimit none(0, 50);
  EXPECT_FALSE(none.take(at(0)));
}

}  // namespace
}  // namespace oriel::ip
