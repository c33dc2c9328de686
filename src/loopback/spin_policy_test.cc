// What a run of gaps teaches.
#include "loopback/spin_policy.h"

#include <gtest/gtest.h>

namespace oriel::loopback {
namespace {

Duration us(std::int64_t n) {
  return std::chrono::microseconds(n);
}

/// A wait that slept, its own wake-up included.
PastWait slept(Duration gap, Duration own_wake) {
  return {gap + own_wake, own_wake, false, false};
}

TEST(SpinPolicy, ShortGapsAreWaitedOutAwake) {
  SpinPolicy policy;
  for (int i = 0; i < 100; ++i) policy.on_arrival({us(2)});
  EXPECT_EQ(policy.budget(false), SpinPolicy::kBudgetMin);
}

TEST(SpinPolicy, LongGapsAreSleptAndBurnNothing) {
  SpinPolicy policy;
  int looks = 0;
  for (int i = 0; i < 1000; ++i) {
    if (policy.budget(false) > us(0)) ++looks;
    policy.on_arrival(slept(us(50), us(5)));
  }
  EXPECT_LE(looks, 4);
}

TEST(SpinPolicy, LearnsABusySpellAfterAPauseWithinTwoDozenArrivals) {
  SpinPolicy policy;
  for (int i = 0; i < 1000; ++i) policy.on_arrival(slept(std::chrono::seconds(1), us(6)));
  int waits = 0;
  while (policy.budget(false) == us(0) && waits < 1000) {
    policy.on_arrival(slept(us(2), us(6)));
    ++waits;
  }
  EXPECT_LE(waits, 24);
}

// A client that thinks finds the server asleep each time: what its answer takes then is a wake-up,
// of which there is no telling whether it is short, but that it is as long as one's own.
TEST(SpinPolicy, AnAnswerOfSomebodyWhoIsWokenFirstIsWaitedOutAwake) {
  SpinPolicy policy;
  for (int i = 0; i < 100; ++i) policy.on_arrival({us(48), us(23), true, false});
  EXPECT_GE(policy.budget(true), us(20 + 20)) << "both wake-ups took 23 us, and the work 2";
  EXPECT_GE(policy.budget(false), us(20));
  for (int i = 0; i < 100; ++i) policy.on_arrival({us(23 + 60 + 23), us(23), true, false});
  EXPECT_EQ(policy.budget(true), us(0)) << "the work takes 60 us";
}

// REQ LFP-7: a gap is waited out awake where that costs no more than the wake-up that it saves.
TEST(SpinPolicy, LooksForAboutAsLongAsAWakeUpTakesOnThisMachine) {
  SpinPolicy of_slow_wakes;
  SpinPolicy of_quick_wakes;
  for (int i = 0; i < 100; ++i) {
    of_slow_wakes.on_arrival(slept(us(25), us(35)));
    of_quick_wakes.on_arrival(slept(us(25), us(5)));
  }
  EXPECT_GT(of_slow_wakes.budget(false), us(25));
  EXPECT_EQ(of_quick_wakes.budget(false), us(0));
}

TEST(SpinPolicy, AWakeUpIsNeverTakenForLongerThanItsBound) {
  SpinPolicy policy;
  for (int i = 0; i < 100; ++i) policy.on_arrival({us(500), us(500), false, false});
  EXPECT_LE(policy.budget(true), SpinPolicy::kBudgetMax + SpinPolicy::kWakeMax);
  EXPECT_LE(policy.budget(false), SpinPolicy::kBudgetMax);
}

TEST(SpinPolicy, DoesNotLookWhereNoCoreIsIdle) {
  SpinPolicy policy;
  policy.on_contended();
  for (std::uint32_t i = 0; i < SpinPolicy::kContendedWaits; ++i) {
    EXPECT_EQ(policy.budget(false), us(0));
    policy.on_arrival({us(1)});
  }
  EXPECT_EQ(policy.budget(false), SpinPolicy::kBudgetMin);
}

TEST(SpinPolicy, KeepsTheCpuWhereAThirdOneTakesItForLong) {
  SpinPolicy policy;
  policy.on_yield(us(2));
  EXPECT_TRUE(policy.may_yield());
  policy.on_yield(us(2800));
  EXPECT_TRUE(policy.may_yield()) << "an interrupt";
  policy.on_yield(us(2));
  policy.on_yield(us(2800));
  for (std::uint32_t i = 0; i < SpinPolicy::kWaitsWithoutYield; ++i) {
    EXPECT_FALSE(policy.may_yield());
    policy.on_arrival(slept(us(3), us(4)));
  }
  EXPECT_TRUE(policy.may_yield());
  policy.on_yield(us(2800));
  EXPECT_FALSE(policy.may_yield()) << "it is still there";
}

TEST(SpinPolicy, GivesTheCpuAwayWhereInterruptsTakeItNowAndThen) {
  SpinPolicy policy;
  for (int i = 0; i < 10000; ++i) {
    policy.on_yield(i % 100 == 0 ? us(350) : us(3));
    EXPECT_TRUE(policy.may_yield()) << i;
  }
}

TEST(SpinPolicy, KeepsTheCpuWhereAnswersTakeLong) {
  SpinPolicy policy;
  for (int i = 0; i < 100; ++i) policy.on_arrival(slept(us(200), us(4)));
  EXPECT_FALSE(policy.may_yield());
}

}  // namespace
}  // namespace oriel::loopback
