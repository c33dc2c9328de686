#include "runtime/spin_gauge.h"

#include <gtest/gtest.h>

namespace oriel::runtime {
namespace {

constexpr Duration kShort = SpinGauge::kShortSleep;
constexpr Duration kLong = SpinGauge::kShortSleep + Duration(1);

// Waits as a thread does for which a look never finds anything; returns how many waits looked.
int looks_in_vain(SpinGauge& gauge, int waits, Duration asleep) {
  int looks = 0;
  for (int i = 0; i < waits; ++i) {
    if (gauge.budget() == Duration(0)) {
      gauge.on_slept(asleep);
    } else {
      ++looks;
      gauge.on_missed();
    }
  }
  return looks;
}

TEST(SpinGauge, GoesOnLookingWhileItFindsSomething) {
  SpinGauge gauge;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(gauge.budget(), SpinGauge::kSpin);
    gauge.on_found();
  }
}

TEST(SpinGauge, LongWaitsLookOnce) {
  SpinGauge gauge;
  EXPECT_EQ(looks_in_vain(gauge, 1'000'000, kLong), 1);
}

TEST(SpinGauge, LooksInVainBecomeRareButDoNotEnd) {
  SpinGauge gauge;
  // Waits: 1 look, 1 sleep, 1 look, 3 sleeps, ... up to 255 sleeps for each look.
  EXPECT_EQ(looks_in_vain(gauge, 2 + 4 + 8 + 16 + 32 + 64 + 128 + 256, kShort), 8);
  EXPECT_EQ(looks_in_vain(gauge, 2560, kShort), 10);
}

TEST(SpinGauge, OneThatFoundSomethingIsTrustedAgain) {
  SpinGauge gauge;
  looks_in_vain(gauge, 10'000, kShort);
  while (gauge.budget() == Duration(0)) gauge.on_slept(kShort);
  gauge.on_found();
  EXPECT_EQ(gauge.budget(), SpinGauge::kSpin);
  gauge.on_missed();
  EXPECT_EQ(gauge.budget(), Duration(0));
  gauge.on_slept(kShort);
  EXPECT_EQ(gauge.budget(), SpinGauge::kSpin);
}

}  // namespace
}  // namespace oriel::runtime
