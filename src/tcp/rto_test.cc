// The time-out, its limits and its back-off.
#include "tcp/rto.h"

#include <gtest/gtest.h>

namespace oriel::tcp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

RttEstimator measured(Duration rtt, int samples) {
  RttEstimator estimator;
  for (int i = 0; i < samples; ++i) estimator.on_sample(Instant{}, rtt);
  return estimator;
}

TEST(Rto, TableOfSamplesAndBackOffs) {
  struct Row {
    Duration rtt;  // 0: none
    int samples;
    int timeouts;
    Duration expected;
  };
  const Row rows[] = {
      {seconds(0), 0, 0, seconds(1)},
      {seconds(0), 0, 1, seconds(2)},
      {seconds(0), 0, 5, seconds(32)},
      {seconds(0), 0, 6, seconds(60)},
      {seconds(0), 0, 100, seconds(60)},
      {milliseconds(1), 1, 0, milliseconds(300)},
      {milliseconds(100), 1, 0, milliseconds(300)},  // 100 + 4 * 50
      {milliseconds(200), 1, 0, milliseconds(600)},
      {milliseconds(200), 1, 2, milliseconds(2400)},
      {milliseconds(500), 200, 0, milliseconds(501)},  // rttvar gone: the clock's granularity
      {seconds(100), 1, 0, seconds(60)},
  };
  for (const Row& row : rows) {
    Rto rto;
    for (int i = 0; i < row.timeouts; ++i) rto.on_timeout();
    EXPECT_EQ(rto.current(measured(row.rtt, row.samples), RtoLimits{}), row.expected)
        << row.rtt.count() << " ns, " << row.timeouts << " time-outs";
  }
}

TEST(Rto, ProgressEndsTheBackOff) {
  Rto rto;
  rto.on_timeout();
  rto.on_timeout();
  EXPECT_EQ(rto.backoff(), 2u);
  rto.on_progress();
  EXPECT_EQ(rto.backoff(), 0u);
  EXPECT_EQ(rto.current(RttEstimator{}, RtoLimits{}), seconds(1));
}

TEST(Rto, BackOffIsBounded) {
  Rto rto;
  for (int i = 0; i < 1000; ++i) rto.on_timeout();
  EXPECT_EQ(rto.backoff(), 16u);
}

}  // namespace
}  // namespace oriel::tcp
