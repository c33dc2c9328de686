// What a run of the loopback bench says: goals are ratios of medians, and JSON has the names that
// others read.
#include "bench_report.h"

#include <gmock/gmock.h>

namespace oriel::cli {
namespace {

using ::testing::HasSubstr;

LoopbackCell cell(const char* transport, const char* op, std::size_t size, double p50_us,
                  double bytes_per_s) {
  LoopbackCell c;
  c.transport = transport;
  c.load.op = op;
  c.load.size = size;
  c.is_plain = true;
  for (const double factor : {1.0, 0.5, 2.0}) {
    LoopbackFigures f;
    f.p50_us = p50_us * factor;
    f.bytes_per_s = bytes_per_s * factor;
    c.reps.push_back(f);
  }
  return c;
}

const LoopbackGoal* goal_with(const std::vector<LoopbackGoal>& goals, const std::string& words) {
  for (const LoopbackGoal& g : goals) {
    if (g.what.find(words) != std::string::npos) return &g;
  }
  return nullptr;
}

TEST(BenchReport, GoalsCompareMediansUnderTheSameLoad) {
  LoopbackRun run;
  run.cells = {cell("kernel-tcp", "round-trip", 64, 10, 1), cell("fast", "round-trip", 64, 0.2, 1),
               cell("fast", "round-trip", 16384, 3, 1)};
  const auto goals = loopback_goals(run);
  const LoopbackGoal* small = goal_with(goals, "fast / kernel-tcp: round trip 64 B, p50");
  ASSERT_NE(small, nullptr);
  EXPECT_DOUBLE_EQ(small->reached, 0.02);
  EXPECT_TRUE(small->is_met());
  EXPECT_EQ(goal_with(goals, "16 KiB"), nullptr) << "without a rival there is nothing to compare";
}

TEST(BenchReport, OneSlowCellIsTold) {
  LoopbackRun run;
  run.cells = {cell("ordinary", "stream", 64, 1, 1e9), cell("fast", "stream", 64, 1, 4e9),
               cell("ordinary", "stream", 1024, 1, 1e9), cell("fast", "stream", 1024, 1, 5e8)};
  const auto goals = loopback_goals(run);
  const LoopbackGoal* worst = goal_with(goals, "fast / ordinary: speed in the worst of 2 cells");
  ASSERT_NE(worst, nullptr);
  EXPECT_THAT(worst->what, HasSubstr("1 slower"));
  EXPECT_DOUBLE_EQ(worst->reached, 0.5);
  EXPECT_FALSE(worst->is_met());
}

TEST(BenchReport, JsonHasTheNamesThatOthersRead) {
  LoopbackRun run;
  run.machine = "a 2-core one";
  run.cells = {cell("fast", "round-trip", 64, 0.2, 1)};
  run.cells.push_back(run.cells[0]);
  run.cells[1].is_plain = false;
  run.cells[1].load.think_us = 5;
  const std::string json = loopback_json(run);
  EXPECT_THAT(json, HasSubstr(R"({"bench":"loopback","machine":"a 2-core one",)"));
  EXPECT_THAT(json, HasSubstr(R"("cells":[{"transport":"fast","op":"round-trip","size":64,)"
                              R"("api":"blocking","wait":"adaptive","p50_us":0.2,"p99_us":0,)"
                              R"("bytes_per_s":1,"cpu_us_per_op":0,"reps":[0.2,0.1,0.4],)"
                              R"("median":0.2,"min":0.1,"max":0.4}])"));
  EXPECT_THAT(json, HasSubstr(R"("more_cells":[{)"));
}

TEST(BenchReport, QuickCellsAreThePromisedOnes) {
  const auto cells = loopback_cells(true, {});
  EXPECT_EQ(cells.size(), 2u * 3 * 5);
  for (const LoopbackCell& c : cells) {
    EXPECT_TRUE(c.is_plain);
    EXPECT_EQ(c.load.api, "blocking");
    EXPECT_EQ(c.load.wait, "adaptive");
  }
}

}  // namespace
}  // namespace oriel::cli
