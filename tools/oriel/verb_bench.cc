// `oriel bench loopback`: what carries bytes between two processes of this machine, compared in one
// run.
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench_report.h"
#include "output_file.h"
#include "progress.h"
#include "verbs.h"

namespace oriel::cli {
namespace {

// The quick run stays within 30 s; the long one takes about a quarter of an hour.
constexpr double kQuickSeconds = 0.09;
constexpr double kSeconds = 0.15;
constexpr int kRepetitions = 5;
constexpr int kMarkRepetitions = 5;

struct BenchWords {
  bool is_quick = false;
  std::optional<std::string> only;
  int repetitions = kRepetitions;
  double seconds = 0;
  std::string json;
  std::string report;
};

double machine_load() {
  double load = 0;
  return ::getloadavg(&load, 1) == 1 ? load : 0;
}

std::string machine_name() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

constexpr std::array<std::string_view, 5> kGroups = {"plain", "think", "together", "grid", "marks"};

/// Errors: an unknown group, or none at all.
Result<std::vector<std::string>> parse_groups(std::string_view text) {
  auto groups = split_list(text);
  const auto unknown = std::find_if(groups.begin(), groups.end(), [](const std::string& group) {
    return std::find(kGroups.begin(), kGroups.end(), group) == kGroups.end();
  });
  if (groups.empty() || unknown != groups.end()) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("--only: '{}' is not a group; there are {}, with commas",
                    groups.empty() ? text : std::string_view(*unknown), fmt::join(kGroups, ", ")));
  }
  return groups;
}

int bench_loopback(const BenchWords& words) {
  if (!words.report.empty() && !report_obstacle().empty()) {
    return complain("bench", report_obstacle(), kExitUsage);
  }
  std::vector<std::string> groups(kGroups.begin(), kGroups.end());
  if (words.only) {
    auto some = parse_groups(*words.only);
    if (!some) return complain("bench", some.error().message(), kExitUsage);
    groups = std::move(*some);
  }
  // A world of its own: neither ports nor filters of other programs.
  ::setenv("ORIEL_HOST", fmt::format("bench-{}", ::getpid()).c_str(), 1);
  LoopbackRun run;
  run.machine = machine_name();
  run.load_before = machine_load();
  run.cells = loopback_cells(words.is_quick, groups);
  const double usual_seconds = words.is_quick ? kQuickSeconds : kSeconds;
  Progress progress;
  measure_cells(run.cells, words.repetitions, words.seconds > 0 ? words.seconds : usual_seconds,
                [&](std::size_t done, std::size_t all) {
                  progress.show(fmt::format("{} of {} measurements", done, all));
                });
  const bool has_marks =
      !words.is_quick && std::find(groups.begin(), groups.end(), "marks") != groups.end();
  if (has_marks) {
    run.marks = measure_marks(std::min(words.repetitions, kMarkRepetitions),
                              [&](const std::string& name) { progress.show(name); });
  }
  progress.clear();
  if (words.json != "-") {
    fmt::print("{}\n{}", loopback_table(run), goals_table(loopback_goals(run)));
  }
  if (!words.json.empty()) {
    const auto written = write_text(words.json, loopback_json(run));
    if (!written) return complain("bench", written.error().message(), kExitUsage);
  }
  if (!words.report.empty()) {
    const auto written = write_report(words.report, loopback_page(run));
    if (!written) return complain("bench", written.error().message(), kExitUsage);
  }
  for (const LoopbackCell& cell : run.cells) {
    if (cell.reps.empty())
      return complain("bench", "some cells could not be measured", kExitFailed);
  }
  return kExitDone;
}

}  // namespace

void add_bench(CLI::App& app, Run& run) {
  CLI::App* bench = app.add_subcommand("bench", "Measure this machine and Oriel on it.");
  bench->require_subcommand(1);
  CLI::App* loopback = bench->add_subcommand("loopback",
                                             "Kernel TCP, Unix sockets, a bare ring and Oriel's "
                                             "two loopback paths between two processes.");
  auto w = std::make_shared<BenchWords>();
  CLI::Option* quick =
      loopback->add_flag("--quick", w->is_quick, "blocking calls at three sizes, within 30 s");
  loopback
      ->add_option(
          "--only", w->only,
          fmt::format("some of {}, with commas; without it: all", fmt::join(kGroups, ", ")))
      ->excludes(quick);
  loopback->add_option("--repetitions", w->repetitions, "of each measurement")
      ->check(CLI::Range(1, 1000));
  loopback->add_option("--seconds", w->seconds, "of one measurement")->check(CLI::PositiveNumber);
  add_output_option(loopback, "--json", w->json,
                    "write the figures as JSON; - is standard output, without the table");
  add_output_option(loopback, "--report", w->report,
                    "write one HTML page that explains itself; opens without a network");
  loopback->footer(
      "Examples:\n"
      "  oriel bench loopback --quick\n"
      "  oriel bench loopback --only think,together --json loopback.json\n"
      "What each JSON name means: docs/guide/json.md. Other work on the machine spoils all of it.");
  loopback->callback([w, &run] { run = [w] { return bench_loopback(*w); }; });
}

}  // namespace oriel::cli
