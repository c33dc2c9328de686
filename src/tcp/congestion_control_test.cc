// Controllers on a whole path: what they fill, what they lose, where slow start ends.
#include "tcp/congestion_control.h"

#include <gtest/gtest.h>

#include "tcp/cc_path_model.h"

namespace oriel::tcp {
namespace {

using testing::PathModel;
using testing::PathOptions;
using testing::PathResult;

double bdp_bytes(const PathOptions& o) {
  return o.rate_bits_per_second / 8e9 * static_cast<double>(o.rtt.count()) * PathModel::kMss /
         PathModel::kWireBytes;
}

PathResult run(CcAlgorithm algorithm, const PathOptions& options, bool is_hystart = true) {
  CcLimits limits;
  limits.is_hystart = is_hystart;
  CongestionControl cc(algorithm, limits, PathModel::kMss);
  return PathModel(cc, options).run();
}

TEST(CongestionControl, StateFitsInTwoCacheLines) {
  EXPECT_LE(sizeof(CongestionControl), 120u);
}

TEST(CongestionControl, AnswersTheNameOfItsAlgorithm) {
  EXPECT_EQ(CongestionControl(CcAlgorithm::kCubic, {}, 1460).name(), "cubic");
  EXPECT_EQ(CongestionControl(CcAlgorithm::kNewReno, {}, 1460).name(), "newreno");
}

TEST(CongestionControl, BeginsWithTenSegmentsUnpaced) {
  for (const auto algorithm : {CcAlgorithm::kCubic, CcAlgorithm::kNewReno}) {
    CongestionControl cc(algorithm, {}, 1460);
    EXPECT_EQ(cc.cwnd(), 14600u);
    EXPECT_EQ(cc.ssthresh(), UINT32_MAX);
    EXPECT_TRUE(cc.is_in_slow_start());
    EXPECT_EQ(cc.pacing_rate(), 0u);
  }
}

// The path of the marks: 1 Gbit/s, 100 ms, 6 MB of queue, 12 s from the SYN. Perfect doubling until
// the pipe is full would reach 0.914; the mark is 0.91 with at most 309 retransmissions.
TEST(CubicOnLongFatPath, FillsItFromTheSynOnWithoutLoss) {
  const PathOptions o;
  const PathResult r = run(CcAlgorithm::kCubic, o);
  EXPECT_GE(r.share, 0.912);
  EXPECT_EQ(r.drops, 0u);
  EXPECT_EQ(r.retransmits, 0u);
  EXPECT_EQ(r.timeouts, 0u);
  EXPECT_LE(r.rounds_to_90, 14.0);
  EXPECT_FALSE(r.has_outgrown_acks);
}

TEST(CubicOnLongFatPath, LeavesSlowStartBetweenBdpAndBdpPlusQueue) {
  const PathOptions o;
  const PathResult r = run(CcAlgorithm::kCubic, o);
  EXPECT_GE(r.cwnd_at_exit, 0.98 * bdp_bytes(o));
  EXPECT_LE(r.cwnd_at_exit, bdp_bytes(o) + static_cast<double>(o.queue_bytes));
}

TEST(CubicOnLongFatPath, WithoutHyStartOverflowsTheQueueByThousands) {
  const PathResult r = run(CcAlgorithm::kCubic, {}, false);
  EXPECT_GT(r.retransmits, 5000u);
}

// Receivers that merge what arrives in a burst acknowledge up to 64 segments at once.
TEST(CubicOnLongFatPath, FillsItWhateverOneAckCovers) {
  for (const std::uint32_t segments : {1u, 8u, 16u, 44u, 64u}) {
    PathOptions o;
    o.segments_per_ack = segments;
    o.ack_hold = std::chrono::microseconds(12 * segments);
    const PathResult r = run(CcAlgorithm::kCubic, o);
    EXPECT_GE(r.share, 0.91) << segments;
    EXPECT_LE(r.retransmits, 309u) << segments;
    EXPECT_FALSE(r.has_outgrown_acks) << segments;
  }
}

// Queue of 0.48 BDP at every rate: the phase of doubling differs, the exit may not.
TEST(CubicOnLongFatPath, LeavesSlowStartSanelyAtEveryRate) {
  for (const double rate : {1e8, 3e8, 5e8, 7e8, 1.5e9, 2.5e9}) {
    PathOptions o;
    o.rate_bits_per_second = rate;
    o.queue_bytes = static_cast<std::int64_t>(rate / 80 * 0.48);
    const PathResult with = run(CcAlgorithm::kCubic, o);
    const PathResult without = run(CcAlgorithm::kCubic, o, false);
    EXPECT_LE(with.retransmits, 20u) << rate;
    // Above 1.1 Gbit/s kRoundGrowthBytesMax costs a round trip or two of the twelve seconds.
    EXPECT_GE(with.share, without.share - (rate > 1.1e9 ? 0.010 : 0.005)) << rate;
    EXPECT_GE(with.cwnd_at_exit, 0.95 * bdp_bytes(o)) << rate;
    EXPECT_LE(with.cwnd_at_exit, 1.48 * bdp_bytes(o)) << rate;
  }
}

TEST(CubicOnLongFatPath, LeavesSlowStartSanelyAtEveryRtt) {
  for (const int ms : {20, 50, 100, 200}) {
    PathOptions o;
    o.rtt = std::chrono::milliseconds(ms);
    o.queue_bytes = static_cast<std::int64_t>(125'000 * ms * 0.48);
    const PathResult with = run(CcAlgorithm::kCubic, o);
    const PathResult without = run(CcAlgorithm::kCubic, o, false);
    EXPECT_LE(with.retransmits, 20u) << ms;
    EXPECT_GE(with.share, without.share - (ms > 110 ? 0.015 : 0.006)) << ms;
  }
}

TEST(CubicOnShortPath, KeepsItFull) {
  for (const int ms : {1, 5, 10}) {
    PathOptions o;
    o.rtt = std::chrono::milliseconds(ms);
    o.queue_bytes = 125'000 * ms / 2;
    EXPECT_GE(run(CcAlgorithm::kCubic, o).share, 0.99) << ms;
  }
}

TEST(NewRenoOnLongFatPath, SharesTheExitOfSlowStart) {
  const PathResult r = run(CcAlgorithm::kNewReno, {});
  EXPECT_GE(r.share, 0.912);
  EXPECT_EQ(r.retransmits, 0u);
}

TEST(NewRenoOnSmallPath, SawtoothKeepsMostOfTheLink) {
  PathOptions o;
  o.rate_bits_per_second = 1e7;
  o.rtt = std::chrono::milliseconds(40);
  o.queue_bytes = 50'000;
  o.length = std::chrono::seconds(60);
  const PathResult r = run(CcAlgorithm::kNewReno, o);
  EXPECT_GE(r.share, 0.97);
  EXPECT_GT(r.loss_episodes, 1u);
  EXPECT_EQ(r.timeouts, 0u);
}

// The model is deterministic, so a run is its own golden value.
TEST(PathModel, SameRunGivesSameFigures) {
  PathOptions o;
  o.drop_every = 10'007;
  const PathResult a = run(CcAlgorithm::kCubic, o);
  const PathResult b = run(CcAlgorithm::kCubic, o);
  EXPECT_EQ(a.share, b.share);
  EXPECT_EQ(a.retransmits, b.retransmits);
  EXPECT_GT(a.loss_episodes, 0u);
}

}  // namespace
}  // namespace oriel::tcp
