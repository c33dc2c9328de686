// RFC 5681 section 3.1 and 3.2, in bytes.
#include "tcp/cc_newreno.h"

#include <gtest/gtest.h>

#include "support/req.h"

namespace oriel::tcp {
namespace {

constexpr std::uint32_t kRenoMss = 1000;

CcNewReno reno_at(std::uint32_t segments) {
  CcLimits limits;
  limits.is_hystart = false;
  limits.initial_window_segments = segments;
  return CcNewReno(limits, kRenoMss);
}

void ack(CcNewReno& cc, std::uint32_t bytes, bool is_cwnd_limited = true) {
  CcAck a;
  a.acked_bytes = bytes;
  a.is_cwnd_limited = is_cwnd_limited;
  cc.on_ack(a);
}

// Slow start and congestion avoidance of RFC 5681.
TEST(NewReno, SlowStartAddsWhatWasAcknowledged) {
  REQ("RFC9293-MUST-19");
  CcNewReno cc = reno_at(10);
  ack(cc, 2000);
  EXPECT_EQ(cc.cwnd(), 12'000u);
}

TEST(NewReno, CongestionAvoidanceAddsOneSegmentAWindow) {
  CcNewReno cc = reno_at(20);
  cc.on_loss_episode({}, 20 * kRenoMss);
  cc.on_recovery_end({});
  ASSERT_EQ(cc.cwnd(), 10'000u);
  for (int i = 0; i < 9; ++i) ack(cc, 1000);
  EXPECT_EQ(cc.cwnd(), 10'000u);
  ack(cc, 1000);
  EXPECT_EQ(cc.cwnd(), 11'000u);
  for (int i = 0; i < 11; ++i) ack(cc, 1000);
  EXPECT_EQ(cc.cwnd(), 12'000u);
}

TEST(NewReno, AnAckAcrossTheThresholdSplits) {
  CcNewReno cc = reno_at(20);
  cc.on_rto({}, 20 * kRenoMss, true);
  ASSERT_EQ(cc.ssthresh(), 10'000u);
  ack(cc, 8'500);
  EXPECT_EQ(cc.cwnd(), 9'500u);
  ack(cc, 2'500);  // 500 to the threshold, 2,000 towards the next segment
  EXPECT_EQ(cc.cwnd(), 10'000u);
  ack(cc, 8'000);
  EXPECT_EQ(cc.cwnd(), 11'000u);
}

TEST(NewReno, LossHalvesFlightButNotBelowTwoSegments) {
  CcNewReno cc = reno_at(10);
  cc.on_loss_episode({}, 10 * kRenoMss);
  EXPECT_EQ(cc.cwnd(), 5'000u);
  cc.on_loss_episode({}, 2 * kRenoMss);
  EXPECT_EQ(cc.cwnd(), 2'000u);
}

TEST(NewReno, TimeoutFallsToOneSegmentAndSetsTheThresholdOnce) {
  CcNewReno cc = reno_at(10);
  cc.on_rto({}, 10 * kRenoMss, true);
  EXPECT_EQ(cc.cwnd(), kRenoMss);
  EXPECT_EQ(cc.ssthresh(), 5'000u);
  cc.on_rto({}, kRenoMss, false);
  EXPECT_EQ(cc.ssthresh(), 5'000u);
}

TEST(NewReno, SpuriousCutIsUndone) {
  CcNewReno cc = reno_at(10);
  cc.on_rto({}, 10 * kRenoMss, true);
  cc.on_spurious({});
  EXPECT_EQ(cc.cwnd(), 10'000u);
  EXPECT_EQ(cc.ssthresh(), UINT32_MAX);
}

TEST(NewReno, DoesNotGrowWhileTheWindowIsUnused) {
  CcNewReno cc = reno_at(10);
  ack(cc, 10'000, false);
  EXPECT_EQ(cc.cwnd(), 10'000u);
}

}  // namespace
}  // namespace oriel::tcp
