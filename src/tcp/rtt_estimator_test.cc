// srtt, rttvar and the windowed minimum, sample by sample.
#include "tcp/rtt_estimator.h"

#include <gtest/gtest.h>

namespace oriel::tcp {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

Instant at(Duration d) {
  return Instant{} + d;
}

TEST(RttEstimator, FirstSampleSetsSrttAndHalfOfItAsRttvar) {
  RttEstimator rtt;
  EXPECT_FALSE(rtt.has_sample());
  EXPECT_EQ(rtt.rtt_min(), Duration(0));
  rtt.on_sample(at(seconds(1)), milliseconds(100));
  EXPECT_TRUE(rtt.has_sample());
  EXPECT_EQ(rtt.srtt(), milliseconds(100));
  EXPECT_EQ(rtt.rttvar(), milliseconds(50));
  EXPECT_EQ(rtt.latest(), milliseconds(100));
  EXPECT_EQ(rtt.rtt_min(), milliseconds(100));
}

TEST(RttEstimator, LaterSamplesUseTheGainsOfRfc6298) {
  RttEstimator rtt;
  rtt.on_sample(at(seconds(1)), milliseconds(100));
  rtt.on_sample(at(seconds(2)), milliseconds(180));
  EXPECT_EQ(rtt.rttvar(), microseconds(57500));  // 3/4 * 50 + 1/4 * 80, with the old srtt
  EXPECT_EQ(rtt.srtt(), milliseconds(110));      // 7/8 * 100 + 1/8 * 180
}

TEST(RttEstimator, ManySamplesARoundMoveItAsOneWould) {
  RttEstimator one;
  RttEstimator many;
  one.on_sample(at(seconds(1)), milliseconds(100));
  many.on_sample(at(seconds(1)), milliseconds(100));
  one.on_sample(at(seconds(2)), milliseconds(180));
  for (int i = 0; i < 1000; ++i) many.on_sample(at(seconds(2)), milliseconds(180), 1000);
  EXPECT_NEAR(static_cast<double>(many.srtt().count()), static_cast<double>(one.srtt().count()),
              1e6);
}

TEST(RttEstimator, SamplesAreBounded) {
  RttEstimator rtt;
  rtt.on_sample(at(seconds(1)), Duration(0));
  EXPECT_EQ(rtt.srtt(), microseconds(1));
  rtt = {};
  rtt.on_sample(at(seconds(1)), Duration(-5));
  EXPECT_EQ(rtt.latest(), microseconds(1));
  rtt.on_sample(at(seconds(1)), std::chrono::hours(10), 0);
  EXPECT_EQ(rtt.latest(), RttEstimator::kRttMax);
}

TEST(RttEstimator, MinimumIsForgottenAfterItsWindow) {
  RttEstimator rtt;
  rtt.on_sample(at(seconds(0)), milliseconds(10));
  rtt.on_sample(at(seconds(100)), milliseconds(30));
  EXPECT_EQ(rtt.rtt_min(), milliseconds(10));
  rtt.on_sample(at(seconds(299)), milliseconds(20));
  EXPECT_EQ(rtt.rtt_min(), milliseconds(10));
  rtt.on_sample(at(seconds(300)), milliseconds(40));
  EXPECT_EQ(rtt.rtt_min(), milliseconds(20));
  rtt.on_sample(at(seconds(2000)), milliseconds(50));
  EXPECT_EQ(rtt.rtt_min(), milliseconds(50));
  rtt.on_sample(at(seconds(2001)), milliseconds(5));
  EXPECT_EQ(rtt.rtt_min(), milliseconds(5));
}

}  // namespace
}  // namespace oriel::tcp
