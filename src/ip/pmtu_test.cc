#include "ip/pmtu.h"

#include <gtest/gtest.h>

#include "ip/hosts_test.h"

namespace oriel::ip {
namespace {

TEST(Pmtu, ShrinksByMessagesAndGrowsOnlyByAge) {
  PmtuCache cache;
  const IpAddress to = addr("10.0.0.9");
  EXPECT_EQ(cache.lookup(to, 1500), 1500u);
  EXPECT_TRUE(cache.learn(at(0), to, 1400));
  EXPECT_FALSE(cache.learn(at(1), to, 1450));
  EXPECT_EQ(cache.lookup(to, 1500), 1400u);
  EXPECT_EQ(cache.lookup(to, 1300), 1300u);
  EXPECT_FALSE(cache.learn(at(60'000), to, 1400));  // renews the age
  EXPECT_FALSE(cache.on_timeout(at(600'000)));
  EXPECT_TRUE(cache.on_timeout(at(660'000)));
  EXPECT_EQ(cache.lookup(to, 1500), 1500u);
  EXPECT_TRUE(cache.next_deadline().is_never());
}

TEST(Pmtu, HasAFloorForEachFamily) {
  PmtuCache cache;
  cache.learn(at(0), addr("10.0.0.9"), 68);
  cache.learn(at(0), addr("fd00::9"), 68);
  EXPECT_EQ(cache.lookup(addr("10.0.0.9"), 1500), 552u);
  EXPECT_EQ(cache.lookup(addr("fd00::9"), 1500), 1280u);
}

TEST(Pmtu, FullCacheForgetsTheOldest) {
  PmtuCache cache;
  for (std::uint32_t i = 0; i <= kPmtuEntriesMax; ++i) {
    cache.learn(at(i), IpAddress::v4_from_value(0x0a000000 + i), 1000);
  }
  EXPECT_EQ(cache.size(), kPmtuEntriesMax);
  EXPECT_EQ(cache.lookup(IpAddress::v4_from_value(0x0a000000), 1500), 1500u);
  EXPECT_EQ(cache.lookup(IpAddress::v4_from_value(0x0a000001), 1500), 1000u);
}

}  // namespace
}  // namespace oriel::ip
