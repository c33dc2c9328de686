#include "wire/checksum.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"

namespace oriel::wire {
namespace {

std::uint16_t naive_fold(ByteView bytes) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    sum += i % 2 == 0 ? std::uint64_t{bytes[i]} << 8 : bytes[i];
  }
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

std::vector<std::uint8_t> random_bytes(std::size_t size, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::uint8_t> bytes(size);
  for (auto& b : bytes) b = static_cast<std::uint8_t>(random.next());
  return bytes;
}

// The worked example of RFC 1071 section 3.
TEST(Checksum, SumsTheExampleOfTheRfc) {
  const std::uint8_t bytes[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
  EXPECT_EQ(checksum_fold(checksum_add(0, bytes)), 0xddf2);
  EXPECT_EQ(checksum(bytes), 0x220d);
}

TEST(Checksum, AgreesWithTheNaiveSumAtEveryLengthAndAlignment) {
  const auto bytes = random_bytes(700, 1);
  for (std::size_t skip = 0; skip < 8; ++skip) {
    for (std::size_t n = 0; n + skip <= bytes.size(); ++n) {
      const ByteView view = ByteView(bytes).subspan(skip, n);
      ASSERT_EQ(checksum_fold(checksum_add(0, view)), naive_fold(view)) << skip << " " << n;
    }
  }
}

TEST(Checksum, LosesNoCarryInALongRunOfOnes) {
  for (const std::size_t n : {1u, 2u, 127u, 128u, 129u, 1460u, 65535u, 1u << 20}) {
    const std::vector<std::uint8_t> ones(n, 0xff);
    EXPECT_EQ(checksum_fold(checksum_add(0, ones)), naive_fold(ones)) << n;
  }
}

TEST(Checksum, AccumulatesPiecesOfAnyLengthInAnyCut) {
  const auto bytes = random_bytes(97, 2);
  const ByteView all(bytes);
  for (std::size_t a = 0; a <= all.size(); ++a) {
    for (std::size_t b = a; b <= all.size(); ++b) {
      ChecksumAccumulator sum;
      sum.add(all.first(a));
      sum.add(all.subspan(a, b - a));
      sum.add(all.subspan(b));
      ASSERT_EQ(sum.folded(), naive_fold(all)) << a << " " << b;
    }
  }
}

TEST(Checksum, AccumulatesWordsBehindAnOddPiece) {
  const std::uint8_t bytes[] = {0x01, 0x23, 0x45, 0xde, 0xad, 0xbe, 0xef, 0x77};
  ChecksumAccumulator sum;
  sum.add(ByteView(bytes).first(1));
  sum.add_be16(0x2345);
  sum.add_be32(0xdeadbeef);
  sum.add(ByteView(bytes).last(1));
  EXPECT_EQ(sum.folded(), naive_fold(bytes));
  EXPECT_EQ(sum.finish(), static_cast<std::uint16_t>(~naive_fold(bytes)));
}

TEST(Checksum, PseudoHeaderOfIpv4IsThatOfTheRfc) {
  const std::uint8_t layout[] = {10, 0, 0, 1, 255, 255, 254, 2, 0, 6, 0x12, 0x34};
  EXPECT_EQ(checksum_fold(pseudo_header_sum(IpAddress::v4(10, 0, 0, 1),
                                            IpAddress::v4(255, 255, 254, 2), 6, 0x1234)),
            naive_fold(layout));
}

TEST(Checksum, PseudoHeaderOfIpv6IsThatOfTheRfc) {
  const auto addresses = random_bytes(32, 3);
  std::vector<std::uint8_t> layout = addresses;
  for (const int b : {0x00, 0x01, 0x23, 0x45, 0, 0, 0, 58}) {
    layout.push_back(static_cast<std::uint8_t>(b));
  }
  EXPECT_EQ(checksum_fold(pseudo_header_sum(IpAddress::v6(addresses.data()),
                                            IpAddress::v6(addresses.data() + 16), 58, 0x12345)),
            naive_fold(layout));
}

TEST(Checksum, UpdatesInPlace) {
  auto bytes = random_bytes(40, 4);
  const std::uint16_t check = checksum(bytes);
  const std::uint16_t before = load_be16(bytes.data() + 8);
  store_be16(bytes.data() + 8, 0xbeef);
  EXPECT_EQ(checksum_update(check, before, 0xbeef), checksum(bytes));
  // The case that RFC 1624 was written for: 0x0000 must not come out as 0xffff.
  EXPECT_EQ(checksum_update(0xdd2f, 0x5555, 0x3285), 0x0000);
  EXPECT_EQ(checksum_update32(0x1234, 0xaaaabbbb, 0xaaaabbbb), 0x1234);
}

TEST(Checksum, CompletesAPartialOne) {
  const IpAddress source = IpAddress::v4(10, 0, 0, 1);
  const IpAddress destination = IpAddress::v4(10, 0, 0, 2);
  for (const std::size_t n : {20u, 21u, 333u}) {
    auto packet = random_bytes(14 + n, n);
    const auto length = static_cast<std::uint32_t>(n);
    store_be16(packet.data() + 14 + 16, partial_checksum(source, destination, 6, length));
    ASSERT_TRUE(complete_checksum(packet, 14, 16));
    EXPECT_TRUE(is_checksum_ok(pseudo_header_sum(source, destination, 6, length),
                               ByteView(packet).subspan(14)));
  }
}

TEST(Checksum, CompletingAvoidsZeroOnlyWhereAsked) {
  std::uint8_t udp[] = {0xff, 0xff, 0x00, 0x00};  // sums to 0xffff, complement zero
  ASSERT_TRUE(complete_checksum(udp, 0, 2));
  EXPECT_EQ(load_be16(udp + 2), 0x0000);
  ASSERT_TRUE(complete_checksum(udp, 0, 2, true));
  EXPECT_EQ(load_be16(udp + 2), 0xffff);
}

TEST(Checksum, RefusesAFieldOutsideThePacket) {
  std::uint8_t packet[10] = {};
  EXPECT_TRUE(complete_checksum(packet, 8, 0));
  EXPECT_FALSE(complete_checksum(packet, 8, 1));
  EXPECT_FALSE(complete_checksum(packet, 9, 0));
  EXPECT_FALSE(complete_checksum(packet, 11, 0));
  EXPECT_FALSE(complete_checksum(packet, 0, ~std::size_t{0}));
  EXPECT_FALSE(complete_checksum({}, 0, 0));
}

}  // namespace
}  // namespace oriel::wire
