// A one-second laboratory run and its three forms: exactly the promised names, figures that hang
// together.
#include "lab_report.h"

#include <gtest/gtest.h>

#include <sstream>

#include "lab_longfat.h"

namespace oriel::cli {
namespace {

LongfatOptions small_lab() {
  LongfatOptions o;
  o.rate_bps = 10'000'000;
  o.rtt = std::chrono::milliseconds(20);
  o.queue_bytes = 100'000;
  o.length = std::chrono::seconds(1);
  return o;
}

// Names of the first object in "runs", in order.
std::vector<std::string> names_of_first_run(const std::string& json) {
  std::vector<std::string> names;
  const std::size_t begin = json.find("[{") + 2;
  const std::string object = json.substr(begin, json.find('}') - begin);
  std::stringstream fields(object);
  for (std::string field; std::getline(fields, field, ',');) {
    names.push_back(field.substr(1, field.find("\":") - 1));
  }
  return names;
}

TEST(LabLongfat, JsonHasExactlyThePromisedNames) {
  const auto run = run_longfat(small_lab(), "normal", "", {});
  ASSERT_TRUE(run.has_value()) << run.error().message();
  const std::string json = longfat_json(small_lab(), {*run});
  EXPECT_EQ(json.substr(0, 24), R"({"lab":"longfat","runs":)");
  EXPECT_EQ(names_of_first_run(json),
            (std::vector<std::string>{"mode", "rate_bps", "rtt_ms", "loss", "goodput_bps",
                                      "goodput_from_syn_bps", "limit_bps", "share", "time_to_90_ms",
                                      "window_scale_sent", "first_window_field",
                                      "window_bytes_start", "window_bytes_max", "retransmits"}));
}

TEST(LabLongfat, FiguresHangTogether) {
  const auto run = run_longfat(small_lab(), "normal", "", {});
  ASSERT_TRUE(run.has_value()) << run.error().message();
  EXPECT_GT(run->goodput_bps, 0.9 * run->limit_bps);
  EXPECT_LE(run->goodput_bps, 1.001 * run->limit_bps);
  EXPECT_LT(run->goodput_from_syn_bps, run->goodput_bps);
  EXPECT_GT(run->time_to_90_ms, 20);
  EXPECT_LT(run->time_to_90_ms, 500);
  EXPECT_EQ(run->receiver.window_scale_sent, 8);
}

TEST(LabLongfat, WithoutScalingTheWindowIsTheLimit) {
  LongfatOptions o = small_lab();
  o.rate_bps = 1'000'000'000;
  o.rtt = std::chrono::milliseconds(100);
  o.length = std::chrono::seconds(3);
  const auto run = run_longfat(o, "no-scaling", "", {});
  ASSERT_TRUE(run.has_value()) << run.error().message();
  EXPECT_EQ(run->receiver.window_scale_sent, -1);
  EXPECT_EQ(run->receiver.rcv_wnd_max, 65'535u);
  EXPECT_DOUBLE_EQ(run->limit_bps, 65'535 * 8 / 0.1);
  EXPECT_GT(run->share, 0.97);
}

TEST(LabLongfat, TheSameSeedGivesTheSameFigures) {
  LongfatOptions o = small_lab();
  o.loss = 0.01;
  const auto first = run_longfat(o, "normal", "", {});
  const auto second = run_longfat(o, "normal", "", {});
  ASSERT_TRUE(first && second);
  EXPECT_EQ(longfat_csv(o, {*first}), longfat_csv(o, {*second}));
}

TEST(LabLongfat, UnknownModesAreNamedWithTheKnownOnes) {
  const auto run = run_longfat(small_lab(), "turbo", "", {});
  ASSERT_FALSE(run.has_value());
  EXPECT_NE(run.error().message().find("'turbo' is not a mode; there are default, "),
            std::string::npos);
}

TEST(LabLongfat, CsvHasALineEveryTenMilliseconds) {
  const auto run = run_longfat(small_lab(), "normal", "", {});
  ASSERT_TRUE(run.has_value()) << run.error().message();
  std::stringstream csv(longfat_csv(small_lab(), {*run}));
  std::string line;
  std::getline(csv, line);
  EXPECT_EQ(line, "mode,time_ms,window_bytes,bytes_in_flight,cwnd_bytes,goodput_bps");
  int lines = 0;
  while (std::getline(csv, line)) ++lines;
  EXPECT_EQ(lines, 101);
}

}  // namespace
}  // namespace oriel::cli
