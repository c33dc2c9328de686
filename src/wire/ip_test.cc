#include <gtest/gtest.h>

#include <vector>

#include "wire/checksum.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/quoted_packet.h"

namespace oriel::wire {
namespace {

using Bytes = std::vector<std::uint8_t>;

// A header whose checksum, 0xb861, is worked out in many texts; 95 bytes of payload follow it.
Bytes ipv4_packet() {
  Bytes packet = {0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
                  0xb8, 0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7};
  packet.resize(0x73, 0x5a);
  return packet;
}

TEST(Ipv4, ReadsAndWritesAKnownHeader) {
  const Bytes packet = ipv4_packet();
  const auto header = parse_ipv4(packet);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->source, IpAddress::v4(192, 168, 0, 1));
  EXPECT_EQ(header->destination, IpAddress::v4(192, 168, 0, 199));
  EXPECT_EQ(header->total_bytes, 0x73);
  EXPECT_EQ(header->header_bytes, 20);
  EXPECT_EQ(header->protocol, ip_protocol::kUdp);
  EXPECT_EQ(header->ttl, 64);
  EXPECT_TRUE(header->df);
  EXPECT_FALSE(header->is_fragment());
  EXPECT_TRUE(header->options.empty());
  Bytes out(20);
  EXPECT_EQ(emit_ipv4(*header, out), 20u);
  EXPECT_EQ(out, Bytes(packet.begin(), packet.begin() + 20));
}

TEST(Ipv4, FragmentFieldsComeBack) {
  Ipv4Header header;
  header.total_bytes = 20;
  header.id = 0xbeef;
  header.fragment_offset_bytes = 65528;
  header.mf = true;
  header.dscp_ecn = 0xbb;
  header.ttl = 1;
  header.protocol = 253;
  Bytes out(20);
  emit_ipv4(header, out);
  const auto again = parse_ipv4(out);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->id, 0xbeef);
  EXPECT_EQ(again->fragment_offset_bytes, 65528);
  EXPECT_TRUE(again->mf);
  EXPECT_FALSE(again->df);
  EXPECT_TRUE(again->is_fragment());
  EXPECT_EQ(again->dscp_ecn, 0xbb);
  EXPECT_EQ(again->ttl, 1);
  EXPECT_EQ(again->protocol, 253);
}

TEST(Ipv4, OptionsArePaddedWithEnd) {
  const Bytes options = {0x94, 0x04, 0x00, 0x00, 0x01};
  Ipv4Header header;
  header.total_bytes = 28;
  header.options = options;
  Bytes out(60, 0xee);
  EXPECT_EQ(emit_ipv4(header, out), 28u);
  const auto again = parse_ipv4(out);
  ASSERT_TRUE(again);
  EXPECT_EQ(Bytes(again->options.begin(), again->options.end()),
            (Bytes{0x94, 0x04, 0, 0, 1, 0, 0, 0}));
}

TEST(Ipv4, RefusesEveryTruncation) {
  const Bytes packet = ipv4_packet();
  for (std::size_t n = 0; n < packet.size(); ++n) {
    const Bytes cut(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(n));
    EXPECT_FALSE(parse_ipv4(cut)) << n;
    EXPECT_EQ(parse_quoted_ipv4(cut).has_value(), n >= 20) << n;
  }
}

TEST(Ipv4, RefusesEveryFlippedBitOfTheHeader) {
  for (std::size_t bit = 0; bit < 160; ++bit) {
    Bytes packet = ipv4_packet();
    packet[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    EXPECT_FALSE(parse_ipv4(packet)) << bit;
  }
}

TEST(Ipv4, RefusesLengthsThatContradict) {
  Bytes packet = ipv4_packet();
  const auto with = [&](std::uint8_t first, std::uint16_t total) {
    Bytes p = packet;
    p[0] = first;
    store_be16(p.data() + 2, total);
    store_be16(p.data() + 10, 0);
    store_be16(p.data() + 10, checksum(ByteView(p).first(std::max(20, (first & 15) * 4))));
    return parse_ipv4(p).has_value();
  };
  EXPECT_TRUE(with(0x45, 0x73));
  EXPECT_TRUE(with(0x45, 20));
  EXPECT_TRUE(with(0x4f, 60));
  EXPECT_FALSE(with(0x45, 19));
  EXPECT_FALSE(with(0x45, 0x74));
  EXPECT_FALSE(with(0x44, 0x73));
  EXPECT_FALSE(with(0x4f, 59));
  EXPECT_FALSE(with(0x65, 0x73));
}

const std::uint8_t kA[16] = {0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
const std::uint8_t kB[16] = {0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};

Bytes ipv6_packet(std::uint8_t next_header, const Bytes& payload) {
  Ipv6Header header;
  header.source = IpAddress::v6(kA);
  header.destination = IpAddress::v6(kB);
  header.next_header = next_header;
  header.payload_bytes = static_cast<std::uint16_t>(payload.size());
  Bytes packet(40);
  EXPECT_EQ(emit_ipv6(header, packet), 40u);
  packet.insert(packet.end(), payload.begin(), payload.end());
  return packet;
}

Bytes join(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

TEST(Ipv6, EveryFieldComesBack) {
  Ipv6Header header;
  header.source = IpAddress::v6(kA);
  header.destination = IpAddress::v6(kB);
  header.flow_label = 0xabcde;
  header.traffic_class = 0x7b;
  header.payload_bytes = 3;
  header.next_header = 17;
  header.hop_limit = 255;
  Bytes packet(43);
  emit_ipv6(header, packet);
  const auto again = parse_ipv6(packet);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->source, header.source);
  EXPECT_EQ(again->destination, header.destination);
  EXPECT_EQ(again->flow_label, 0xabcdeu);
  EXPECT_EQ(again->traffic_class, 0x7b);
  EXPECT_EQ(again->payload_bytes, 3);
  EXPECT_EQ(again->next_header, 17);
  EXPECT_EQ(again->hop_limit, 255);
  EXPECT_EQ(packet[0], 0x67);
  EXPECT_EQ(packet[1], 0xba);
}

TEST(Ipv6, RefusesTruncationsOtherVersionsAndMappedAddresses) {
  const Bytes packet = ipv6_packet(6, Bytes(5));
  for (std::size_t n = 0; n < packet.size(); ++n) {
    const Bytes cut(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(n));
    EXPECT_FALSE(parse_ipv6(cut)) << n;
    EXPECT_EQ(parse_quoted_ipv6(cut).has_value(), n >= 40) << n;
  }
  Bytes other = packet;
  other[0] = 0x45;
  EXPECT_FALSE(parse_ipv6(other));
  for (const std::size_t at : {8u, 24u}) {
    Bytes mapped = packet;
    std::memcpy(mapped.data() + at, IpAddress::v4(10, 0, 0, 1).bytes().data(), 16);
    EXPECT_FALSE(parse_ipv6(mapped)) << at;
  }
}

const Bytes kRouterAlertThenDest = {60, 0, 5, 2, 0, 0, 1, 0};
const Bytes kPadThenRouting = {43, 0, 1, 4, 0, 0, 0, 0};
const Bytes kRoutingDoneThenFragment = {44, 0, 0, 0, 0, 0, 0, 0};
const Bytes kAtomicThenTcp = {6, 0, 0, 0, 0, 0, 0, 7};

TEST(Ipv6Walk, WithoutExtensionsNamesTheFixedHeader) {
  const auto walk = walk_ipv6_extensions(ipv6_packet(6, Bytes(20)));
  ASSERT_TRUE(walk);
  EXPECT_EQ(walk->protocol, 6);
  EXPECT_EQ(walk->upper_offset, 40);
  EXPECT_EQ(walk->next_header_offset, 6);
  EXPECT_FALSE(walk->fragment);
  EXPECT_FALSE(walk->problem);
}

TEST(Ipv6Walk, GoesThroughTheWholeChainAndRefusesItsTruncations) {
  const Bytes chain =
      join({kRouterAlertThenDest, kPadThenRouting, kRoutingDoneThenFragment, kAtomicThenTcp});
  const auto walk = walk_ipv6_extensions(ipv6_packet(0, join({chain, Bytes(20)})));
  ASSERT_TRUE(walk);
  EXPECT_EQ(walk->protocol, 6);
  EXPECT_EQ(walk->upper_offset, 72);
  EXPECT_EQ(walk->next_header_offset, 64);
  ASSERT_TRUE(walk->fragment);
  EXPECT_TRUE(walk->fragment->is_atomic());
  EXPECT_EQ(walk->fragment->header_offset, 64);
  EXPECT_EQ(walk->fragment->next_header_offset, 56);
  EXPECT_FALSE(walk->problem);
  for (std::size_t n = 0; n < chain.size(); ++n) {
    const Bytes cut(chain.begin(), chain.begin() + static_cast<std::ptrdiff_t>(n));
    EXPECT_FALSE(walk_ipv6_extensions(ipv6_packet(0, cut))) << n;
  }
}

TEST(Ipv6Walk, StopsBehindARealFragment) {
  const auto walk = walk_ipv6_extensions(
      ipv6_packet(44, join({{60, 0, 0x05, 0x39, 0, 0, 0, 7}, Bytes(16, 0xff)})));
  ASSERT_TRUE(walk);
  EXPECT_EQ(walk->protocol, 60);  // not walked: it is payload of the whole packet
  EXPECT_EQ(walk->upper_offset, 48);
  EXPECT_EQ(walk->next_header_offset, 40);
  EXPECT_EQ(walk->fragment->offset_bytes, 0x538);
  EXPECT_TRUE(walk->fragment->more);
  EXPECT_EQ(walk->fragment->id, 7u);
  EXPECT_EQ(walk->fragment->next_header_offset, 6);
}

TEST(Ipv6Walk, UnknownOptionsAskForWhatTheirHighBitsSay) {
  using Answer = Ipv6Problem::Answer;
  const auto walk_with = [](std::uint8_t type) {
    return walk_ipv6_extensions(ipv6_packet(60, {6, 0, 1, 0, type, 2, 0, 0}));
  };
  EXPECT_FALSE(walk_with(0x1e)->problem);
  EXPECT_EQ(walk_with(0x1e)->protocol, 6);
  ASSERT_TRUE(walk_with(0x5e)->problem);
  EXPECT_EQ(walk_with(0x5e)->problem->answer, Answer::kSilence);
  EXPECT_EQ(walk_with(0x9e)->problem->answer, Answer::kParameterProblem);
  EXPECT_EQ(walk_with(0xde)->problem->answer, Answer::kParameterProblemIfUnicast);
  EXPECT_EQ(walk_with(0xde)->problem->code, 2);
  EXPECT_EQ(walk_with(0xde)->problem->pointer, 44u);
}

TEST(Ipv6Walk, HopByHopComesFirstOrIsAnUnknownNextHeader) {
  const auto walk = walk_ipv6_extensions(
      ipv6_packet(60, join({{0, 0, 1, 4, 0, 0, 0, 0}, {6, 0, 1, 4, 0, 0, 0, 0}})));
  ASSERT_TRUE(walk && walk->problem);
  EXPECT_EQ(walk->problem->code, 1);
  EXPECT_EQ(walk->problem->pointer, 40u);
}

TEST(Ipv6Walk, SegmentsLeftPointAtTheRoutingType) {
  const auto walk = walk_ipv6_extensions(ipv6_packet(43, {6, 0, 0, 1, 0, 0, 0, 0}));
  ASSERT_TRUE(walk && walk->problem);
  EXPECT_EQ(walk->problem->code, 0);
  EXPECT_EQ(walk->problem->pointer, 42u);
}

TEST(Ipv6Walk, GivesUpPastItsLimits) {
  const auto chain_of = [](std::size_t count) {
    Bytes chain;
    for (std::size_t i = 0; i < count; ++i) {
      chain =
          join({chain, {static_cast<std::uint8_t>(i + 1 < count ? 60 : 6), 0, 1, 4, 0, 0, 0, 0}});
    }
    return walk_ipv6_extensions(ipv6_packet(60, chain));
  };
  EXPECT_TRUE(chain_of(kIpv6ExtensionHeadersMax));
  EXPECT_FALSE(chain_of(kIpv6ExtensionHeadersMax + 1));
  const auto padded = [](std::size_t options) {
    Bytes header = {6, 8};
    header.resize(2 + options);  // so many Pad1
    header.push_back(1);
    header.push_back(static_cast<std::uint8_t>(72 - header.size() - 1));
    header.resize(72);
    return walk_ipv6_extensions(ipv6_packet(60, header));
  };
  EXPECT_TRUE(padded(kIpv6OptionsPerHeaderMax - 1));
  EXPECT_FALSE(padded(kIpv6OptionsPerHeaderMax));
}

TEST(QuotedPacket, FindsThePortsInBothFamilies) {
  const Bytes v4 = ipv4_packet();
  const auto q4 = parse_quoted_packet(ByteView(v4).first(28));
  ASSERT_TRUE(q4);
  EXPECT_EQ(q4->source, IpAddress::v4(192, 168, 0, 1));
  EXPECT_EQ(q4->protocol, 17);
  EXPECT_EQ(q4->total_bytes, 0x73);
  EXPECT_EQ(q4->transport.size(), 8u);
  const Bytes v6 = ipv6_packet(60, join({{6, 0, 1, 4, 0, 0, 0, 0}, Bytes(20, 9)}));
  const auto q6 = parse_quoted_packet(ByteView(v6).first(52));
  ASSERT_TRUE(q6);
  EXPECT_EQ(q6->destination, IpAddress::v6(kB));
  EXPECT_EQ(q6->protocol, 6);
  EXPECT_EQ(q6->total_bytes, 68);
  EXPECT_EQ(q6->transport.size(), 4u);
}

TEST(QuotedPacket, RefusesWhatHasNoWholeHeader) {
  const Bytes v4 = ipv4_packet();
  for (std::size_t n = 0; n < 20; ++n) EXPECT_FALSE(parse_quoted_packet(ByteView(v4).first(n)));
  EXPECT_TRUE(parse_quoted_packet(ByteView(v4).first(20))->transport.empty());
  const Bytes v6 = ipv6_packet(60, {6, 0, 1, 4, 0, 0, 0, 0});
  for (std::size_t n = 0; n < 48; ++n) EXPECT_FALSE(parse_quoted_packet(ByteView(v6).first(n)));
  EXPECT_TRUE(parse_quoted_packet(v6));
}

TEST(QuotedPacket, ALaterFragmentHasNoTransport) {
  Bytes v4 = ipv4_packet();
  v4[7] = 1;
  const auto quoted = parse_quoted_packet(v4);
  ASSERT_TRUE(quoted);
  EXPECT_TRUE(quoted->transport.empty());
}

}  // namespace
}  // namespace oriel::wire
