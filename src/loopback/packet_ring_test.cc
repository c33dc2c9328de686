// The two sides of a packet ring, and what a false one can do.
#include "loopback/packet_ring.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <numeric>
#include <vector>

#include "support/req.h"

namespace oriel::loopback {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes numbered(std::size_t n, std::uint8_t first) {
  Bytes bytes(n);
  std::iota(bytes.begin(), bytes.end(), first);
  return bytes;
}

class PacketRingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(out_.prepare());
    ASSERT_TRUE(in_.open(::dup(out_.fd())));
    out_.on_credit(0);
  }
  void write(const Bytes& bytes) {
    const ByteView piece(bytes);
    out_.write({&piece, 1});
  }
  Bytes read(std::size_t n) {
    Bytes bytes(n);
    EXPECT_TRUE(in_.read(bytes));
    return bytes;
  }
  PacketRingOut out_;
  PacketRingIn in_;
};

TEST_F(PacketRingTest, PacketsComeOutInOrderAndWhole) {
  const Bytes first = numbered(5000, 1), second = numbered(70'000, 2);
  const ByteView pieces[] = {ByteView(second).first(10), {}, ByteView(second).subspan(10)};
  write(first);
  out_.write(pieces);
  EXPECT_EQ(read(first.size()), first);
  EXPECT_EQ(read(second.size()), second);
}

TEST_F(PacketRingTest, GoesRoundAsOftenAsCreditAllows) {
  const std::size_t size = 60'001;  // no divisor of the ring
  for (std::size_t i = 0; i < 3 * kPacketRingBytes / size; ++i) {
    ASSERT_TRUE(out_.has_room(size)) << i;
    const Bytes packet = numbered(size, static_cast<std::uint8_t>(i));
    write(packet);
    ASSERT_EQ(read(size), packet) << i;
    if (in_.take_due_credit()) out_.on_credit(in_.consumed());
  }
}

TEST_F(PacketRingTest, WithoutCreditItFillsUp) {
  const std::size_t size = kPacketRingBytes / 4;
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(out_.has_room(size));
    write(Bytes(size));
  }
  EXPECT_FALSE(out_.has_room(1));
  out_.on_credit(1);
  EXPECT_TRUE(out_.has_room(1));
  EXPECT_FALSE(out_.has_room(2));
}

TEST_F(PacketRingTest, WhatWasNotSentIsWrittenOver) {
  write(numbered(100, 1));
  const std::uint64_t sent = out_.written();
  write(numbered(5000, 9));
  out_.take_back_to(sent);
  const Bytes second = numbered(200, 5);
  write(second);
  EXPECT_EQ(read(100), numbered(100, 1));
  EXPECT_EQ(read(200), second);
}

TEST_F(PacketRingTest, CreditIsToldOnceForEachPart) {
  write(Bytes(kCreditBytes));
  read(kCreditBytes - 1);
  EXPECT_FALSE(in_.take_due_credit());
  read(1);
  EXPECT_TRUE(in_.take_due_credit());
  EXPECT_FALSE(in_.take_due_credit());
}

// A credit that cannot be would let the sender write over what nobody has read, or believe that
// there is never room.
TEST_F(PacketRingTest, FalseCreditsCountForNothing) {
  REQ("LFP-12");
  write(Bytes(kPacketRingBytes));
  out_.on_credit(kPacketRingBytes + 1);
  EXPECT_FALSE(out_.has_room(1));
  out_.on_credit(1000);
  out_.on_credit(999);
  EXPECT_TRUE(out_.has_room(1000));
  EXPECT_FALSE(out_.has_room(1001));
}

TEST_F(PacketRingTest, LengthsThatCannotBeAreRefused) {
  REQ("LFP-12");
  Bytes too_much(kPacketRingBytes + 1);
  EXPECT_FALSE(in_.read(too_much));
  EXPECT_FALSE(in_.read({}));
  EXPECT_EQ(in_.consumed(), 0u);
  EXPECT_FALSE(in_.open(::dup(out_.fd()))) << "a second ring";
  PacketRingIn nothing;
  Bytes some(10);
  EXPECT_FALSE(nothing.read(some)) << "no ring";
  auto small = MemoryFile::create(kPacketRingBytes / 2);
  ASSERT_TRUE(small);
  EXPECT_FALSE(nothing.open(::dup(small->fd())));
}

TEST(PacketRing, BeforeTheFirstWordOfTheReceiverThereIsNoRoom) {
  PacketRingOut out;
  EXPECT_FALSE(out.has_room(1));
  out.on_credit(0);
  EXPECT_FALSE(out.has_room(1)) << "a word about a ring that there is not";
  ASSERT_TRUE(out.prepare());
  EXPECT_FALSE(out.has_room(1));
}

}  // namespace
}  // namespace oriel::loopback
