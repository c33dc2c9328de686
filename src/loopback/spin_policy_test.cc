// What a run of gaps teaches.
#include "loopback/spin_policy.h"

#include <gtest/gtest.h>

namespace oriel::loopback {
namespace {

Duration us(std::int64_t n) {
  return std::chrono::microseconds(n);
}

TEST(SpinPolicy, ShortGapsAreWaitedOutAwake) {
  SpinPolicy policy;
  for (int i = 0; i < 100; ++i) policy.on_arrival(us(2), false);
  EXPECT_EQ(policy.budget(), SpinPolicy::kBudget);
}

TEST(SpinPolicy, LongGapsAreSleptAndBurnNothing) {
  SpinPolicy policy;
  int looks = 0;
  for (int i = 0; i < 1000; ++i) {
    if (policy.budget() > us(0)) ++looks;
    policy.on_arrival(us(50), true);
  }
  EXPECT_LE(looks, 4);
}

TEST(SpinPolicy, LearnsABusySpellAfterAPauseWithinTwoDozenArrivals) {
  SpinPolicy policy;
  for (int i = 0; i < 1000; ++i) policy.on_arrival(std::chrono::seconds(1), true);
  int waits = 0;
  while (policy.budget() == us(0) && waits < 1000) {
    policy.on_arrival(us(8), true);  // 2 us of it the gap, the rest the wake-up
    ++waits;
  }
  EXPECT_LE(waits, 24);
}

TEST(SpinPolicy, DoesNotLookWhereNoCoreIsIdle) {
  SpinPolicy policy;
  policy.on_contended();
  for (std::uint32_t i = 0; i < SpinPolicy::kContendedWaits; ++i) {
    EXPECT_EQ(policy.budget(), us(0));
    policy.on_arrival(us(1), false);
  }
  EXPECT_EQ(policy.budget(), SpinPolicy::kBudget);
}

}  // namespace
}  // namespace oriel::loopback
