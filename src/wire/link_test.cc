#include <gtest/gtest.h>

#include <vector>

#include "wire/arp.h"
#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/udp.h"

namespace oriel::wire {
namespace {

using Bytes = std::vector<std::uint8_t>;

const MacAddress kMacA{{2, 0, 0, 0, 0, 1}};
const MacAddress kMacB{{2, 0, 0, 0, 0, 2}};

Bytes emitted(const EthernetHeader& header) {
  Bytes out(header.header_bytes());
  EXPECT_EQ(emit_ethernet(header, out), out.size());
  return out;
}

TEST(Ethernet, ReadsAndWritesAPlainHeader) {
  const EthernetHeader header{kMacA, kMacB, ethertype::kIpv6, 0, {}};
  const Bytes bytes = emitted(header);
  EXPECT_EQ(bytes, (Bytes{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x86, 0xdd}));
  EXPECT_EQ(parse_ethernet(bytes), header);
}

TEST(Ethernet, ReportsTagsAndSkipsThem) {
  EthernetHeader header{kMacA, kMacB, ethertype::kIpv4, 2, {}};
  header.tags = {VlanTag{ethertype::kServiceVlan, 0x2005}, VlanTag{ethertype::kVlan, 0xe001}};
  const Bytes bytes = emitted(header);
  const auto again = parse_ethernet(bytes);
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, header);
  EXPECT_EQ(again->header_bytes(), 22u);
  EXPECT_EQ(again->tags[0].id(), 5);
}

TEST(Ethernet, AThirdTagIsTheEthertype) {
  Bytes bytes(12);
  for (int i = 0; i < 3; ++i) bytes.insert(bytes.end(), {0x81, 0, 0, 1});
  bytes.insert(bytes.end(), {8, 0});
  const auto header = parse_ethernet(bytes);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->ethertype, ethertype::kVlan);
  EXPECT_EQ(header->header_bytes(), 22u);
}

TEST(Ethernet, RefusesEveryTruncation) {
  EthernetHeader header{kMacA, kMacB, ethertype::kArp, 1, {}};
  const Bytes bytes = emitted(header);
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    EXPECT_FALSE(parse_ethernet(ByteView(bytes).first(n))) << n;
  }
  EXPECT_TRUE(parse_ethernet(bytes));
}

TEST(Arp, ReadsAndWrites) {
  const Bytes bytes = {0,  1, 8, 0, 6, 4, 0, 2, 2, 0, 0,  0, 0, 1,
                       10, 0, 0, 1, 2, 0, 0, 0, 0, 2, 10, 0, 0, 2};
  const ArpPacket reply{ArpPacket::Operation::kReply, kMacA, IpAddress::v4(10, 0, 0, 1), kMacB,
                        IpAddress::v4(10, 0, 0, 2)};
  Bytes out(kArpBytes);
  EXPECT_EQ(emit_arp(reply, out), kArpBytes);
  EXPECT_EQ(out, bytes);
  EXPECT_EQ(parse_arp(bytes), reply);
  Bytes padded = bytes;
  padded.resize(46);
  EXPECT_EQ(parse_arp(padded), reply);
}

TEST(Arp, RefusesTruncationsAndOtherKinds) {
  Bytes bytes(kArpBytes);
  emit_arp(ArpPacket{}, bytes);
  ASSERT_TRUE(parse_arp(bytes));
  for (std::size_t n = 0; n < bytes.size(); ++n) EXPECT_FALSE(parse_arp(ByteView(bytes).first(n)));
  for (std::size_t i = 0; i < 8; ++i) {  // hardware, protocol, lengths, operation
    Bytes other = bytes;
    other[i] ^= 8;
    EXPECT_FALSE(parse_arp(other)) << i;
  }
}

Bytes datagram(const IpAddress& source, const IpAddress& destination, Bytes payload) {
  const auto length = static_cast<std::uint16_t>(kUdpHeaderBytes + payload.size());
  UdpHeader header{5000, 53, length, 0};
  Bytes out(kUdpHeaderBytes);
  emit_udp(header, out);
  out.insert(out.end(), payload.begin(), payload.end());
  ChecksumAccumulator sum(pseudo_header_sum(source, destination, ip_protocol::kUdp, length));
  sum.add(out);
  header.checksum = udp_checksum_field(sum);
  emit_udp(header, out);
  return out;
}

TEST(Udp, ReadsWhatItsLengthSays) {
  Bytes bytes = {0x13, 0x88, 0, 53, 0, 11, 0xab, 0xcd, 'a', 'b', 'c', 0, 0};
  const auto udp = parse_udp(bytes);
  ASSERT_TRUE(udp);
  EXPECT_EQ(udp->header, (UdpHeader{5000, 53, 11, 0xabcd}));
  EXPECT_EQ(udp->payload.size(), 3u);
  EXPECT_EQ(udp->payload.data(), bytes.data() + 8);
  for (std::size_t n = 0; n < 11; ++n) EXPECT_FALSE(parse_udp(ByteView(bytes).first(n))) << n;
  bytes[5] = 7;
  EXPECT_FALSE(parse_udp(bytes));
  bytes[5] = 8;
  EXPECT_TRUE(parse_udp(bytes)->payload.empty());
}

TEST(Udp, ChecksumIsVerifiedInBothFamilies) {
  const std::uint8_t a[16] = {0xfd, 1};
  const std::uint8_t b[16] = {0xfd, 2};
  const IpAddress pairs[][2] = {{IpAddress::v4(10, 0, 0, 1), IpAddress::v4(10, 0, 0, 2)},
                                {IpAddress::v6(a), IpAddress::v6(b)}};
  for (const auto& pair : pairs) {
    for (std::size_t n = 0; n < 20; ++n) {
      Bytes bytes = datagram(pair[0], pair[1], Bytes(n, 0xa5));
      EXPECT_TRUE(is_udp_checksum_ok(pair[0], pair[1], bytes)) << n;
      bytes.back() ^= 1;
      EXPECT_FALSE(is_udp_checksum_ok(pair[0], pair[1], bytes)) << n;
    }
  }
}

TEST(Udp, NoChecksumIsAllowedInIpv4Only) {
  const Bytes bytes = {0, 1, 0, 2, 0, 8, 0, 0};
  EXPECT_TRUE(is_udp_checksum_ok(IpAddress::v4_any(), IpAddress::v4_any(), bytes));
  EXPECT_FALSE(is_udp_checksum_ok(IpAddress::v6_any(), IpAddress::v6_any(), bytes));
}

TEST(Udp, AComputedZeroGoesOutAsOnes) {
  ChecksumAccumulator sum;
  sum.add_be16(0xffff);
  EXPECT_EQ(sum.finish(), 0);
  EXPECT_EQ(udp_checksum_field(sum), 0xffff);
}

}  // namespace
}  // namespace oriel::wire
