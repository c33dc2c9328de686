// A smoke run of the simulation, and that a seed decides everything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenario.h"

namespace oriel::sim {
namespace {

class Seeds : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Seeds, NoCheckerFires) {
  const ScenarioResult r = run_scenario(GetParam());
  EXPECT_THAT(r.violations, testing::IsEmpty()) << r.description;
}

INSTANTIATE_TEST_SUITE_P(Smoke, Seeds, testing::Range<std::uint64_t>(1, 21));

// Seeds that once failed: unread bytes behind a reset, half-open ends in outages, orphans in long
// bursts of losses, resets in LAST-ACK.
INSTANTIATE_TEST_SUITE_P(Found, Seeds,
                         testing::Values(221, 299, 434, 743, 745, 1261, 1881, 1892, 2252, 3358,
                                         3760, 4530, 12427, 12927, 20600, 21371));

TEST(Determinism, TheSameSeedGivesTheSamePacketsAndAnotherDoesNot) {
  for (std::uint64_t seed : {3, 4, 5}) {
    const ScenarioResult first = run_scenario(seed);
    EXPECT_EQ(run_scenario(seed).digest, first.digest) << first.description;
    EXPECT_NE(run_scenario(seed + 100).digest, first.digest);
  }
}

}  // namespace
}  // namespace oriel::sim
