#include "tcp/ideal_send_backlog.h"

#include <gtest/gtest.h>

#include "support/req.h"

namespace oriel::tcp {
namespace {

constexpr std::uint32_t kMiB = 1u << 20;

IsbInput path(std::uint32_t cwnd, bool is_in_slow_start = false) {
  IsbInput in;
  in.cwnd = cwnd;
  in.smss = 1460;
  in.snd_wnd = 1u << 30;
  in.is_in_slow_start = is_in_slow_start;
  return in;
}

TEST(IdealSendBacklog, BeginsAt65536) {
  REQ("ISB-2");
  IdealSendBacklog isb;
  EXPECT_EQ(isb.backlog_bytes(), 65536u);
  EXPECT_FALSE(isb.update(path(14'600, true)));
  EXPECT_EQ(isb.backlog_bytes(), 65536u);
}

TEST(IdealSendBacklog, CoversTheNextRoundTripOfSlowStart) {
  REQ("ISB-3");
  IdealSendBacklog isb;
  for (std::uint32_t cwnd = 14'600; cwnd < 8 * kMiB; cwnd *= 2) {
    isb.update(path(cwnd, true));
    EXPECT_GE(isb.backlog_bytes(), 2 * cwnd);
  }
}

TEST(IdealSendBacklog, SettlesWithinOneAndTwoBdp) {
  IdealSendBacklog isb;
  const std::uint32_t bdp = 12'500'000;
  isb.update(path(bdp / 2));
  EXPECT_GE(isb.backlog_bytes(), bdp / 2);
  EXPECT_LE(isb.backlog_bytes(), bdp);
}

TEST(IdealSendBacklog, ThePeersWindowBoundsIt) {
  IdealSendBacklog isb;
  IsbInput in = path(4 * kMiB, true);
  in.snd_wnd = 262'140;
  isb.update(in);
  EXPECT_EQ(isb.backlog_bytes(), 262'144u);
}

// What is reported ends at 16 MiB; the internal buffer follows the path.
TEST(IdealSendBacklog, ReportEndsAt16MiBButTheBufferDoesNot) {
  IdealSendBacklog isb;
  isb.update(path(100 * kMiB));
  EXPECT_EQ(isb.backlog_bytes(), 16'777'216u);
  EXPECT_GE(isb.snd_buffer_target_bytes(), 125u * kMiB);
}

TEST(IdealSendBacklog, SmallStepsOfCwndDoNotShow) {
  IdealSendBacklog isb;
  isb.update(path(10 * kMiB));
  int changes = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::uint32_t breath = static_cast<std::uint32_t>(i % 7) * 100'000;
    changes += isb.update(path(9 * kMiB + breath)) ? 1 : 0;
  }
  EXPECT_EQ(changes, 0);
}

TEST(IdealSendBacklog, FallsAfterLossButNotForNothing) {
  IdealSendBacklog isb;
  isb.update(path(8 * kMiB));
  const std::uint32_t high = isb.backlog_bytes();
  EXPECT_FALSE(isb.update(path(6 * kMiB)));
  IsbInput lost = path(6 * kMiB);
  lost.loss_episodes = 1;
  EXPECT_TRUE(isb.update(lost));
  EXPECT_LT(isb.backlog_bytes(), high);
  EXPECT_GE(isb.backlog_bytes(), 6 * kMiB + 6 * kMiB / 4);
}

TEST(IdealSendBacklog, FallsWithAClosingWindowToItsFloor) {
  IdealSendBacklog isb;
  isb.update(path(8 * kMiB));
  IsbInput closed = path(8 * kMiB);
  closed.snd_wnd = 0;
  EXPECT_TRUE(isb.update(closed));
  EXPECT_EQ(isb.backlog_bytes(), 65536u);
}

TEST(IdealSendBacklog, TheHostsBudgetThrottlesItDownToNothingAndBack) {
  IdealSendBacklog isb;
  isb.update(path(8 * kMiB));
  IsbInput tight = path(8 * kMiB);
  tight.memory_budget_bytes = 300'000;
  isb.update(tight);
  EXPECT_EQ(isb.backlog_bytes(), 300'000u);
  tight.memory_budget_bytes = 0;
  isb.update(tight);
  EXPECT_EQ(isb.backlog_bytes(), 0u);
  isb.update(path(8 * kMiB));
  EXPECT_GE(isb.backlog_bytes(), 8 * kMiB);
}

}  // namespace
}  // namespace oriel::tcp
