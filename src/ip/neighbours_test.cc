#include "ip/neighbours.h"

#include <gtest/gtest.h>

#include "ip/hosts_test.h"

namespace oriel::ip {
namespace {

using State = Neighbours::State;

class NeighboursTest : public ::testing::Test {
 protected:
  OwnedPacket frame(std::uint8_t tag) {
    std::array<std::uint8_t, 15> bytes{};
    bytes[14] = tag;
    return {1, pool_.copy_of(bytes), {}};
  }
  int solicits(bool is_unicast) {
    int n = 0;
    Neighbours::Solicit s;
    while (neighbours_.poll_solicit(s)) n += s.is_unicast == is_unicast ? 1 : 100;
    return n;
  }
  State state() { return *neighbours_.state_of(key_); }
  void make_reachable(Instant now) {
    MacAddress m;
    ASSERT_FALSE(neighbours_.resolve(now, key_, m));
    neighbours_.on_answer(now, key_, mac(9), true);
    ASSERT_EQ(solicits(false), 1);
    ASSERT_EQ(state(), State::kReachable);
  }

  BufferPool pool_;
  Neighbours neighbours_;
  Neighbours::Key key_{1, addr("10.0.0.9")};
  MacAddress mac_;
};

TEST_F(NeighboursTest, AnswerReleasesTheLastThreeWithTheirDestinationFilledIn) {
  ASSERT_FALSE(neighbours_.resolve(at(0), key_, mac_));
  EXPECT_EQ(solicits(false), 1);
  for (std::uint8_t i = 1; i <= 3; ++i) {
    EXPECT_EQ(neighbours_.queue(key_, frame(i)), DropReason::kNone);
  }
  EXPECT_EQ(neighbours_.queue(key_, frame(4)), DropReason::kNeighbourPending);
  EXPECT_FALSE(neighbours_.resolve(at(1), key_, mac_));
  EXPECT_EQ(solicits(false), 0);
  neighbours_.on_answer(at(2), key_, mac(9), true);
  OwnedPacket p;
  for (std::uint8_t i = 2; i <= 4; ++i) {
    ASSERT_TRUE(neighbours_.poll_released(p));
    EXPECT_EQ(p.bytes.data()[14], i);
    EXPECT_EQ(p.bytes.data()[5], 9);
  }
  EXPECT_FALSE(neighbours_.poll_released(p));
  EXPECT_TRUE(neighbours_.resolve(at(3), key_, mac_));
  EXPECT_EQ(mac_, mac(9));
}

TEST_F(NeighboursTest, ThreeUnansweredRequestsFailAndAreHeldForASecond) {
  ASSERT_FALSE(neighbours_.resolve(at(0), key_, mac_));
  neighbours_.queue(key_, frame(1));
  EXPECT_EQ(solicits(false), 1);
  for (int second = 1; second <= 2; ++second) {
    EXPECT_EQ(neighbours_.next_deadline(), at(second * 1000));
    neighbours_.on_timeout(at(second * 1000));
    EXPECT_EQ(solicits(false), 1);
  }
  neighbours_.on_timeout(at(3000));
  EXPECT_EQ(solicits(false), 0);
  OwnedPacket p;
  EXPECT_TRUE(neighbours_.poll_failed(p));
  // While it is held, packets fail at once and nothing is asked.
  EXPECT_FALSE(neighbours_.resolve(at(3500), key_, mac_));
  EXPECT_EQ(neighbours_.queue(key_, frame(2)), DropReason::kNone);
  EXPECT_TRUE(neighbours_.poll_failed(p));
  EXPECT_EQ(solicits(false), 0);
  neighbours_.on_timeout(at(4000));
  EXPECT_EQ(neighbours_.size(), 0u);
  EXPECT_FALSE(neighbours_.resolve(at(4001), key_, mac_));
  EXPECT_EQ(solicits(false), 1);
}

TEST_F(NeighboursTest, ReachableGoesStaleThenDelayThenProbeThenIsGone) {
  make_reachable(at(0));
  const auto before = neighbours_.generation();
  neighbours_.on_timeout(at(30'000));
  EXPECT_EQ(state(), State::kStale);
  EXPECT_NE(neighbours_.generation(), before);
  EXPECT_TRUE(neighbours_.next_deadline().is_never());
  EXPECT_TRUE(neighbours_.resolve(at(40'000), key_, mac_));
  EXPECT_EQ(state(), State::kDelay);
  neighbours_.on_timeout(at(45'000));
  EXPECT_EQ(state(), State::kProbe);
  EXPECT_EQ(solicits(true), 1);
  neighbours_.on_timeout(at(46'000));
  neighbours_.on_timeout(at(47'000));
  EXPECT_EQ(solicits(true), 2);
  EXPECT_TRUE(neighbours_.resolve(at(47'500), key_, mac_));  // still used while it is probed
  neighbours_.on_timeout(at(48'000));
  EXPECT_FALSE(neighbours_.resolve(at(48'000), key_, mac_));
  neighbours_.on_timeout(at(49'000));
  EXPECT_EQ(neighbours_.size(), 0u);
}

TEST_F(NeighboursTest, TransportProgressSparesTheProbe) {
  make_reachable(at(0));
  neighbours_.on_timeout(at(30'000));
  ASSERT_TRUE(neighbours_.resolve(at(30'001), key_, mac_));
  neighbours_.confirm(at(31'000), key_);
  EXPECT_EQ(state(), State::kReachable);
  EXPECT_EQ(neighbours_.next_deadline(), at(61'000));
  neighbours_.on_timeout(at(35'001));
  EXPECT_EQ(solicits(true), 0);
}

TEST_F(NeighboursTest, AnotherAddressNeedsTheOverrideFlag) {
  make_reachable(at(0));
  neighbours_.on_answer(at(1), key_, mac(8), false);
  EXPECT_EQ(state(), State::kStale);
  ASSERT_TRUE(neighbours_.resolve(at(2), key_, mac_));
  EXPECT_EQ(mac_, mac(9));
  neighbours_.on_answer(at(3), key_, mac(8), true);
  EXPECT_EQ(state(), State::kReachable);
  ASSERT_TRUE(neighbours_.resolve(at(4), key_, mac_));
  EXPECT_EQ(mac_, mac(8));
}

TEST_F(NeighboursTest, HintsMakeStaleEntriesAndAnswersAloneMakeNone) {
  neighbours_.on_answer(at(0), key_, mac(9), true);
  neighbours_.on_hint(at(0), key_, mac(9), false);
  neighbours_.on_unsolicited(at(0), key_, mac(9), true);
  EXPECT_EQ(neighbours_.size(), 0u);
  neighbours_.on_hint(at(0), key_, mac(9), true);
  EXPECT_EQ(state(), State::kStale);
  neighbours_.on_unsolicited(at(1), key_, mac(9), false);  // proves nothing about reachability
  EXPECT_EQ(state(), State::kStale);
}

TEST_F(NeighboursTest, FullTableEvictsTheLeastRecentlyUsed) {
  for (std::uint32_t i = 0; i < kNeighboursMax; ++i) {
    neighbours_.on_hint(at(i), {1, IpAddress::v4_from_value(0x0a000000 + i)}, mac(1), true);
  }
  const Neighbours::Key first{1, IpAddress::v4_from_value(0x0a000000)};
  const Neighbours::Key second{1, IpAddress::v4_from_value(0x0a000001)};
  ASSERT_TRUE(neighbours_.resolve(at(10'000), first, mac_));
  neighbours_.on_hint(at(10'001), {2, addr("10.9.9.9")}, mac(1), true);
  EXPECT_EQ(neighbours_.size(), kNeighboursMax);
  EXPECT_NE(neighbours_.state_of(first), nullptr);
  EXPECT_EQ(neighbours_.state_of(second), nullptr);
}

TEST_F(NeighboursTest, TableFullOfUnresolvedTakesNoMore) {
  for (std::uint32_t i = 0; i < kNeighboursMax; ++i) {
    ASSERT_FALSE(neighbours_.resolve(at(0), {1, IpAddress::v4_from_value(0x0b000000 + i)}, mac_));
  }
  EXPECT_FALSE(neighbours_.resolve(at(1), key_, mac_));
  EXPECT_EQ(neighbours_.queue(key_, frame(1)), DropReason::kNeighbourLimit);
  EXPECT_EQ(neighbours_.size(), kNeighboursMax);
}

}  // namespace
}  // namespace oriel::ip
