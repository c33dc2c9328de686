// Cells of the matrix: the limits that arithmetic gives, and what boxes do to whom.
#include "lab_compat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compat_report.h"
#include "lab_claims.h"
#include "support/req.h"

namespace oriel::cli {
namespace {

CompatRun cell(const char* mode, const char* path) {
  auto run = run_compat(mode, path);
  EXPECT_TRUE(run.has_value()) << run.error().message();
  return run ? *run : CompatRun{};
}

struct Limit {
  const char* mode;
  double bytes_a_trip;
};

void PrintTo(const Limit& l, std::ostream* out) {
  *out << l.mode;
}

class CompatLimit : public testing::TestWithParam<Limit> {};
INSTANTIATE_TEST_SUITE_P(Modes, CompatLimit,
                         testing::Values(Limit{"default", 16'776'960},
                                         Limit{"autotuning-vista", 262'140},
                                         Limit{"level-restricted", 1'048'560},
                                         Limit{"level-disabled", 65'535}, Limit{"xp", 64'240},
                                         Limit{"xp-tcpwindowsize-17520", 17'520}));

TEST_P(CompatLimit, ACleanPathCarriesAWindowEachRoundTrip) {
  REQ("CM-13");
  const CompatRun r = cell(GetParam().mode, "clean");
  EXPECT_EQ(r.window_bytes_max, GetParam().bytes_a_trip);
  const double limit_bps = GetParam().bytes_a_trip * 8 / seconds(kCompatRtt);
  EXPECT_GT(r.goodput_bps, 0.97 * limit_bps);
  EXPECT_LT(r.goodput_bps, 1.005 * limit_bps);
  EXPECT_TRUE(r.is_completed);
}

TEST(LabCompat, ABlindGatewayStallsTheDefaultAndNotItsCures) {
  REQ("CM-14");
  const CompatRun stalled = cell("default", "scale-blind-gateway");
  EXPECT_EQ(stalled.first_window_field, 256);
  EXPECT_EQ(stalled.samples.back().received_bytes, 0u);
  EXPECT_EQ(stalled.verdict, "stalls");
  EXPECT_FALSE(stalled.is_completed);
  EXPECT_TRUE(cell("autotuning-vista", "scale-blind-gateway").is_completed);
  EXPECT_TRUE(cell("autotuning-xp", "scale-blind-gateway").is_completed);
}

TEST(LabCompat, AnAwareGatewayIsInNobodysWay) {
  REQ("CM-14");
  const CompatRun r = cell("default", "scale-aware-gateway");
  EXPECT_EQ(r.verdict, "full speed");
  EXPECT_EQ(r.window_bytes_max, 16'776'960u);
}

TEST(LabCompat, APeerThatObeysTheFieldDribblesUntilTheFieldIsLarge) {
  REQ("CM-14");
  const CompatRun dribbles = cell("default", "field-obeying-peer");
  EXPECT_EQ(dribbles.verdict, "256-byte dribbles");
  EXPECT_LT(dribbles.goodput_bps, 256 * 8 / 0.1);
  EXPECT_GT(dribbles.goodput_bps, 1000);
  EXPECT_FALSE(dribbles.is_completed);
  const CompatRun cured = cell("autotuning-vista", "field-obeying-peer");
  EXPECT_TRUE(cured.is_completed);
  EXPECT_GT(cured.goodput_bps, 0.9 * 16'384 * 8 / 0.1);
}

TEST(LabCompat, WithoutTheOptionNobodyScales) {
  const CompatRun r = cell("default", "wsopt-stripper");
  EXPECT_EQ(r.window_scale_sent, 8u);  // what the receiver sent, before the firewall
  EXPECT_LE(r.window_bytes_max, 65'535u);
  EXPECT_TRUE(r.is_completed);
}

TEST(LabCompat, OptionsAreReadFromTheSyn) {
  EXPECT_EQ(cell("default", "scale-blind-gateway").syn_options, "MSS 1460, WSopt 8, SACK");
  EXPECT_EQ(cell("autotuning-xp", "scale-blind-gateway").syn_options, "MSS 1460, SACK");
  EXPECT_THAT(cell("xp-tcp1323opts-3", "scale-blind-gateway").syn_options,
              testing::HasSubstr("TSopt"));
}

TEST(LabCompat, JsonHasThePromisedNames) {
  CompatRun r;
  r.mode = "xp";
  r.path = "clean";
  r.syn_options = "MSS 1460";
  r.first_window_field = 64'240;
  r.window_bytes_start = 64'240;
  r.window_bytes_max = 64'240;
  r.goodput_bps = 5e6;
  r.is_completed = true;
  r.verdict = "limited by window";
  EXPECT_EQ(compat_json({r}),
            R"({"lab":"compat","runs":[{"mode":"xp","path":"clean","syn_options":"MSS 1460",)"
            R"("wsopt_sent":false,"window_scale_sent":null,"first_window_field":64240,)"
            R"("window_bytes_start":64240,"window_bytes_max":64240,"goodput_bps":5000000,)"
            R"("completed":true,"verdict":"limited by window"}]})"
            "\n");
  r.window_scale_sent = 8;
  EXPECT_THAT(compat_json({r}), testing::HasSubstr(R"("wsopt_sent":true,"window_scale_sent":8)"));
}

TEST(LabCompat, UnknownPathsAreNamedWithTheKnownOnes) {
  const auto run = run_compat("default", "dirty");
  ASSERT_FALSE(run.has_value());
  EXPECT_EQ(run.error().message(),
            "'dirty' is not a path; there are clean, scale-blind-gateway, scale-aware-gateway, "
            "field-obeying-peer, wsopt-stripper");
}

TEST(LabCompat, CellsKeepTheirOrder) {
  const auto runs = run_compat_cells(
      compat_matrix({"xp", "autotuning-xp"}, {"scale-blind-gateway", "field-obeying-peer"}), {});
  ASSERT_TRUE(runs.has_value());
  std::vector<std::string> names;
  for (const CompatRun& r : *runs) names.push_back(r.mode + " " + r.path);
  EXPECT_THAT(names,
              testing::ElementsAre("xp scale-blind-gateway", "autotuning-xp scale-blind-gateway",
                                   "xp field-obeying-peer", "autotuning-xp field-obeying-peer"));
}

}  // namespace
}  // namespace oriel::cli
