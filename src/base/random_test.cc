#include "base/random.h"

#include <gtest/gtest.h>

#include <array>

namespace oriel {
namespace {

TEST(Random, OneSeedDecidesEverything) {
  Random a(42);
  Random b(42);
  Random c(43);
  bool is_other = false;
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t value = a.next();
    EXPECT_EQ(value, b.next());
    is_other = is_other || value != c.next();
  }
  EXPECT_TRUE(is_other);
}

TEST(Random, StaysBelowTheBoundAndReachesAllOfIt) {
  Random random(1);
  std::array<int, 7> hits{};
  for (int i = 0; i < 7000; ++i) {
    const std::uint64_t v = random.below(7);
    ASSERT_LT(v, 7u);
    ++hits[v];
  }
  for (const int n : hits) EXPECT_NEAR(n, 1000, 150);
  EXPECT_EQ(random.below(0), 0u);
  EXPECT_EQ(random.below(1), 0u);
}

TEST(Random, UnitAndChanceKeepTheirRange) {
  Random random(2);
  int yes = 0;
  for (int i = 0; i < 10000; ++i) {
    const double u = random.unit();
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    if (random.chance(0.25)) ++yes;
    ASSERT_FALSE(random.chance(0.0));
    ASSERT_TRUE(random.chance(1.0));
  }
  EXPECT_NEAR(yes, 2500, 200);
}

// Key 00..0f and messages 00, 00 01, ...: the vectors published with SipHash-2-4.
TEST(SipHash, GivesThePublishedValues) {
  const SipKey key{0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
  std::array<std::uint8_t, 15> message{};
  for (std::uint8_t i = 0; i < message.size(); ++i) message[i] = i;
  const std::span<const std::uint8_t> all(message);
  EXPECT_EQ(siphash(key, all.first(0)), 0x726fdb47dd0e0e31u);
  EXPECT_EQ(siphash(key, all.first(1)), 0x74f839c593dc67fdu);
  EXPECT_EQ(siphash(key, all.first(2)), 0x0d6c8009d9a94f5au);
  EXPECT_EQ(siphash(key, all.first(8)), 0x93f5f5799a932462u);
  EXPECT_EQ(siphash(key, all), 0xa129ca6149be45e5u);
}

}  // namespace
}  // namespace oriel
