// What a run of `oriel bench loopback` says: a table, the goals beside what was reached, JSON, a
// page.
#pragma once

#include <string>
#include <vector>

#include "bench_loopback.h"
#include "bench_marks.h"
#include "report_page.h"

namespace oriel::cli {

struct LoopbackRun {
  std::vector<LoopbackCell> cells;
  std::vector<LoopbackMark> marks;
  std::string machine;     ///< its processor's name
  double load_before = 0;  ///< of the machine, runnable threads over a minute
};

/// One line of what was aimed at. Ratios are median over median of the same run.
struct LoopbackGoal {
  std::string what;
  double reached = 0;
  double bound = 0;
  bool is_at_most = true;
  std::string unit = "x";  ///< x: a ratio
  bool is_met() const { return is_at_most ? reached <= bound : reached >= bound; }
};

/// "64 B", "16 KiB", "4 MiB".
std::string size_text(std::uint64_t bytes);

/// Those that this run has figures for.
std::vector<LoopbackGoal> loopback_goals(const LoopbackRun& run);

std::string loopback_table(const LoopbackRun& run);
std::string goals_table(const std::vector<LoopbackGoal>& goals);
std::string loopback_json(const LoopbackRun& run);
ReportPage loopback_page(const LoopbackRun& run);

}  // namespace oriel::cli
