// The virtio-net header both ways, and the lies that are not believed.
#include "link/vnet_header.h"

#include <gtest/gtest.h>

#include <vector>

namespace oriel::link {
namespace {

constexpr auto kIp = DeviceInfo::Framing::kIp;

/// IPv4, TCP with 12 bytes of options, 100 bytes of payload.
std::vector<std::uint8_t> tcp_packet() {
  std::vector<std::uint8_t> p(20 + 32 + 100);
  p[0] = 0x45;
  p[9] = 6;
  p[20 + 12] = 0x80;
  return p;
}

TEST(VnetHeader, PlainPacketIsAllZero) {
  EXPECT_EQ(encode_vnet(Offload{}), VnetHeader{});
  const auto packet = tcp_packet();
  const auto offload = decode_vnet(VnetHeader{}, packet, kIp);
  ASSERT_TRUE(offload);
  EXPECT_EQ(offload->checksum, Offload::Checksum::kComplete);
  EXPECT_EQ(offload->gso_size, 0);
}

TEST(VnetHeader, SuperSegmentSurvivesTheRoundTrip) {
  Offload out;
  out.checksum = Offload::Checksum::kPartial;
  out.checksum_start = 20;
  out.checksum_offset = 16;
  out.gso_size = 0x1234;
  out.header_bytes = 52;
  for (bool is_ipv6 : {false, true}) {
    out.is_ipv6 = is_ipv6;
    const VnetHeader header = encode_vnet(out);
    EXPECT_EQ(header, (VnetHeader{1, static_cast<std::uint8_t>(is_ipv6 ? 4 : 1), 52, 0, 0x34, 0x12,
                                  20, 0, 16, 0}));
    const auto in = decode_vnet(header, tcp_packet(), kIp);
    ASSERT_TRUE(in);
    EXPECT_EQ(in->checksum, Offload::Checksum::kPartial);
    EXPECT_EQ(in->checksum_start, 20);
    EXPECT_EQ(in->checksum_offset, 16);
    EXPECT_EQ(in->gso_size, 0x1234);
    EXPECT_EQ(in->header_bytes, 52);
    EXPECT_EQ(in->is_ipv6, is_ipv6);
  }
}

TEST(VnetHeader, HeaderLengthComesFromThePacketNotFromTheHint) {
  VnetHeader header{1, 1, 0xff, 0xff, 100, 0, 20, 0, 16, 0};
  EXPECT_EQ(decode_vnet(header, tcp_packet(), kIp)->header_bytes, 52);
}

TEST(VnetHeader, EcnBitOfTheTypeIsMasked) {
  VnetHeader header{1, 0x81, 0, 0, 100, 0, 20, 0, 16, 0};
  EXPECT_EQ(decode_vnet(header, tcp_packet(), kIp)->gso_size, 100);
}

TEST(VnetHeader, DataValidMeansVerified) {
  VnetHeader header{2};
  EXPECT_EQ(decode_vnet(header, tcp_packet(), kIp)->checksum, Offload::Checksum::kVerified);
}

TEST(VnetHeader, MergedSegmentsWithoutPartialChecksumFindTcpByTheIpHeader) {
  VnetHeader header{2, 1, 0, 0, 100, 0};
  EXPECT_EQ(decode_vnet(header, tcp_packet(), kIp)->header_bytes, 52);
  std::vector<std::uint8_t> ethernet(14);
  for (std::uint8_t b : tcp_packet()) ethernet.push_back(b);
  EXPECT_EQ(decode_vnet(header, ethernet, DeviceInfo::Framing::kEthernet)->header_bytes, 66);
}

TEST(VnetHeader, NonsenseIsRefused) {
  const auto packet = tcp_packet();
  auto bad_offset = packet;
  bad_offset[32] = 0x40;  // a TCP header of 16 bytes
  auto long_offset = packet;
  long_offset.resize(20 + 40);
  long_offset[32] = 0xf0;  // 60 bytes, of which 40 are there
  struct Row {
    const char* what;
    VnetHeader header;
    std::vector<std::uint8_t> packet;
  };
  const Row rows[] = {
      {"checksum field outside the packet", {1, 0, 0, 0, 0, 0, 140, 0, 16, 0}, packet},
      {"offsets that overflow 16 bits", {1, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}, packet},
      {"UDP segmentation, not asked for", {1, 5, 0, 0, 100, 0, 20, 0, 6, 0}, packet},
      {"segment size of zero", {1, 1, 0, 0, 0, 0, 20, 0, 16, 0}, packet},
      {"TCP header below 20 bytes", {1, 1, 0, 0, 100, 0, 20, 0, 16, 0}, bad_offset},
      {"TCP header beyond the packet", {1, 1, 0, 0, 100, 0, 20, 0, 16, 0}, long_offset},
      {"super-segment without a packet", {2, 1, 0, 0, 100, 0}, {}},
      {"partial checksum without a packet", {1}, {}},
  };
  for (const Row& row : rows) EXPECT_FALSE(decode_vnet(row.header, row.packet, kIp)) << row.what;
}

}  // namespace
}  // namespace oriel::link
