// The laboratory's claims, on a path small enough for every test run.
#include "lab_backlog.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "backlog_report.h"

namespace oriel::cli {
namespace {

BacklogOptions small_path() {
  BacklogOptions o;
  o.rate_bps = 50'000'000;
  o.rtt = std::chrono::milliseconds(100);
  o.queue_bytes = 300'000;
  o.length = std::chrono::seconds(9);
  return o;
}

TEST(LabBacklog, FollowersFillThePathAFixedBufferDoesNot) {
  for (const UploadStyle style : upload_styles()) {
    const auto run = run_backlog(small_path(), style, {});
    ASSERT_TRUE(run.has_value()) << run.error().message();
    const std::string name(name_of(style));
    EXPECT_EQ(run->sender, name);
    EXPECT_EQ(run->bdp_bytes, 608'333u) << name;
    if (style == UploadStyle::kFixed) {
      EXPECT_LT(run->share, 0.15);
      EXPECT_NEAR(run->goodput_bps, 65536 * 8 / 0.1, 100'000);
      continue;
    }
    EXPECT_GE(run->share, 0.95) << name;
    EXPECT_GE(run->backlog_bytes_median, run->bdp_bytes) << name;
    EXPECT_LE(run->backlog_bytes_median, 2 * run->bdp_bytes) << name;
    const bool is_told = style != UploadStyle::kQuery && style != UploadStyle::kDynamic;
    EXPECT_EQ(run->notifications != 0, is_told) << name;
    EXPECT_LE(run->notifications, 60u) << name;
  }
}

TEST(LabBacklog, TheBacklogFollowsAPathThatChanges) {
  const auto scene = run_backlog_scene(small_path(), {});
  ASSERT_TRUE(scene.has_value()) << scene.error().message();
  ASSERT_EQ(scene->phases.size(), 5u);
  const BacklogPhase& beside = scene->phases[1];
  EXPECT_GE(beside.goodput_bps, 0.2 * (beside.goodput_bps + beside.others_bps));
  const BacklogPhase& low = scene->phases[3];
  EXPECT_LE(low.backlog_bytes_median, std::max<std::uint64_t>(65536, 2 * low.bdp_bytes));
  EXPECT_GE(low.goodput_bps, 0.9 * 5e6);
  const BacklogPhase& back = scene->phases[4];
  // The window comes back at CUBIC's pace: K of RFC 9438 4.2 is many seconds here.
  EXPECT_GE(back.goodput_bps, 3 * low.goodput_bps);
  EXPECT_GE(back.backlog_bytes_median, 3 * low.backlog_bytes_median);
  // What holds the sender back is cwnd: the backlog covers more than it delivers in a round trip.
  EXPECT_GE(static_cast<double>(back.backlog_bytes_median), 1.1 * back.goodput_bps / 8 * 0.1);
}

TEST(LabBacklog, JsonHasItsNames) {
  BacklogRun run;
  run.sender = "fixed";
  const std::string json = backlog_json({}, {run});
  for (const char* name : {"lab", "runs", "sender", "rate_bps", "rtt_ms", "goodput_bps",
                           "limit_bps", "share", "bdp_bytes", "backlog_bytes_median",
                           "backlog_bytes_max", "memory_bytes_max", "notifications"}) {
    EXPECT_NE(json.find('"' + std::string(name) + '"'), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace oriel::cli
