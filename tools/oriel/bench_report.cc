// Figures into text. Names in JSON are stable once shipped: others read them.
#include "bench_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "json_writer.h"

namespace oriel::cli {
namespace {

std::string load_words(const LoopbackLoad& load) {
  std::string words = load.api;
  if (load.wait != "adaptive") words += ", asleep";
  if (load.rcv_buffer_bytes != 0) {
    words += ", SO_RCVBUF " + size_text(static_cast<std::uint64_t>(load.rcv_buffer_bytes));
  }
  if (load.think_us != 0) words += fmt::format(", thinks {} us", load.think_us);
  if (load.is_together) words += ", one core";
  return words;
}

/// least to most of what the repetitions are compared by, beside the median.
std::string spread(const LoopbackCell& cell) {
  double least = 0;
  double most = 0;
  for (const LoopbackFigures& f : cell.reps) {
    const double value = cell.figure(f);
    if (&f == &cell.reps.front()) least = most = value;
    least = std::min(least, value);
    most = std::max(most, value);
  }
  const double median = cell.figure(cell.medians());
  return median == 0 ? "" : fmt::format("{:.2f}..{:.2f}", least / median, most / median);
}

/// Beside kernel TCP under the same load, as a factor of what they are compared by.
std::string ratio(const LoopbackRun& run, const LoopbackCell& cell) {
  for (const LoopbackCell& other : run.cells) {
    if (other.transport != "kernel-tcp" || other.load != cell.load || other.reps.empty()) continue;
    return fmt::format("x{:.3g}", cell.figure(cell.medians()) / other.figure(other.medians()));
  }
  return "";
}

std::vector<std::string> row_of(const LoopbackRun& run, const LoopbackCell& cell) {
  std::vector<std::string> row = {cell.load.op, size_text(cell.load.size), cell.transport,
                                  load_words(cell.load)};
  if (cell.reps.empty()) {
    row.push_back(cell.failure);
    return row;
  }
  const LoopbackFigures f = cell.medians();
  row.insert(row.end(), {fmt::format("{:.3f}", f.p50_us), fmt::format("{:.3f}", f.p99_us),
                         fmt::format("{:.3f}", f.bytes_per_s / 1e9),
                         fmt::format("{:.3f}", f.cpu_us_per_op), spread(cell), ratio(run, cell)});
  return row;
}

constexpr const char* kColumns[] = {"op",     "size", "transport", "calls",  "p50 us",
                                    "p99 us", "GB/s", "CPU us/op", "spread", "beside TCP"};

std::string verdict(const LoopbackGoal& goal) {
  return goal.is_met() ? "met" : "short";
}

std::string bound_text(const LoopbackGoal& goal) {
  return fmt::format("{} {:.4g} {}", goal.is_at_most ? "<=" : ">=", goal.bound, goal.unit);
}

}  // namespace

std::string size_text(std::uint64_t bytes) {
  if (bytes >= 1u << 20 && bytes % (1u << 20) == 0) return fmt::format("{} MiB", bytes >> 20);
  if (bytes >= 1024 && bytes % 1024 == 0) return fmt::format("{} KiB", bytes >> 10);
  return fmt::format("{} B", bytes);
}

static std::string line_of(const std::vector<std::string>& row) {
  constexpr int kWidths[] = {-11, 8, -11, -32, 10, 10, 8, 10, 12, 10};
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const int width = kWidths[i];
    line +=
        width < 0 ? fmt::format("{:<{}} ", row[i], -width) : fmt::format("{:>{}} ", row[i], width);
  }
  return line + "\n";
}

std::string loopback_table(const LoopbackRun& run) {
  std::string out =
      fmt::format("two processes, a core each unless said; load of the machine before: {:.1f}\n",
                  run.load_before);
  out += line_of({std::begin(kColumns), std::end(kColumns)});
  for (const LoopbackCell& cell : run.cells) out += line_of(row_of(run, cell));
  for (const LoopbackMark& mark : run.marks) {
    out += fmt::format("{}: {}: ", mark.name, mark.what);
    if (mark.fast.empty()) {
      out += mark.failure + "\n";
      continue;
    }
    out += fmt::format("{:.4g} {}", median_of(mark.fast), mark.unit);
    if (!mark.rival.empty()) {
      out += fmt::format("; kernel TCP {:.4g}", median_of(mark.rival));
    }
    out += "\n";
  }
  return out;
}

std::string goals_table(const std::vector<LoopbackGoal>& goals) {
  std::string out;
  for (const LoopbackGoal& goal : goals) {
    out += fmt::format("{:<6} {:<78} {:>9.4g}   {}\n", verdict(goal), goal.what, goal.reached,
                       bound_text(goal));
  }
  return out;
}

namespace {

void write_values(JsonWriter& json, const char* name, const std::vector<double>& values) {
  json.begin_array(name);
  for (const double value : values) json.value(value);
  json.end_array();
}

void write_cell(JsonWriter& json, const LoopbackCell& cell) {
  const LoopbackFigures f = cell.medians();
  json.begin_object();
  json.field("transport", cell.transport);
  json.field("op", cell.load.op);
  json.field("size", static_cast<std::uint64_t>(cell.load.size));
  json.field("api", cell.load.api);
  json.field("wait", cell.load.wait);
  json.field("p50_us", f.p50_us);
  json.field("p99_us", f.p99_us);
  json.field("bytes_per_s", f.bytes_per_s);
  json.field("cpu_us_per_op", f.cpu_us_per_op);
  std::vector<double> reps;
  for (const LoopbackFigures& rep : cell.reps) reps.push_back(cell.figure(rep));
  write_values(json, "reps", reps);
  if (!reps.empty()) {
    json.field("median", cell.figure(f));
    json.field("min", *std::min_element(reps.begin(), reps.end()));
    json.field("max", *std::max_element(reps.begin(), reps.end()));
  }
  if (!cell.is_plain) {
    json.field("rcv_buffer_bytes", std::int64_t{cell.load.rcv_buffer_bytes});
    json.field("think_us", std::int64_t{cell.load.think_us});
    json.field("placement", cell.load.is_together ? "together" : "apart");
    json.field("server_cpu_us_per_op", f.server_cpu_us_per_op);
  }
  if (!cell.failure.empty()) json.field("not_measured", cell.failure);
  json.end_object();
}

}  // namespace

std::string loopback_json(const LoopbackRun& run) {
  JsonWriter json;
  json.begin_object();
  json.field("bench", "loopback");
  json.field("machine", run.machine);
  json.field("load_before", run.load_before);
  for (const bool is_plain : {true, false}) {
    json.begin_array(is_plain ? "cells" : "more_cells");
    for (const LoopbackCell& cell : run.cells) {
      if (cell.is_plain == is_plain) write_cell(json, cell);
    }
    json.end_array();
  }
  json.begin_array("marks");
  for (const LoopbackMark& mark : run.marks) {
    json.begin_object();
    json.field("name", mark.name);
    json.field("unit", mark.unit);
    write_values(json, "fast", mark.fast);
    write_values(json, "kernel_tcp", mark.rival);
    if (!mark.failure.empty()) json.field("not_measured", mark.failure);
    json.end_object();
  }
  json.end_array();
  json.begin_array("goals");
  for (const LoopbackGoal& goal : loopback_goals(run)) {
    json.begin_object();
    json.field("what", goal.what);
    json.field("reached", goal.reached);
    json.field("bound", goal.bound);
    json.field("is_at_most", goal.is_at_most);
    json.field("unit", goal.unit);
    json.field("is_met", goal.is_met());
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return json.text() + "\n";
}

ReportPage loopback_page(const LoopbackRun& run) {
  ReportPage page;
  page.title = "Loopback: the kernel's transports and ours";
  page.paragraphs = {
      "Two processes of this machine, each pinned to a core unless a cell says otherwise, joined "
      "by "
      "kernel TCP (TCP_NODELAY), a Unix socket, a bare ring in shared memory, Oriel's ordinary "
      "loopback (segments) and its fast path (rings). Figures are medians; spread is least and "
      "most "
      "of what cells are compared by (p50 of round trips, bytes per second of streams) over the "
      "median; the last column is the same beside kernel TCP under the same load in this run.",
      fmt::format("Load of the machine before the run: {:.1f}.", run.load_before)};
  for (const LoopbackGoal& goal : loopback_goals(run)) {
    page.claims.push_back({fmt::format("{} {}", goal.what, bound_text(goal)),
                           fmt::format("{:.4g} {}", goal.reached, goal.unit), goal.is_met()});
  }
  ReportTable table;
  table.title = "Every cell";
  table.columns.assign(std::begin(kColumns), std::end(kColumns));
  for (const LoopbackCell& cell : run.cells) table.rows.push_back(row_of(run, cell));
  page.tables.push_back(std::move(table));
  return page;
}

}  // namespace oriel::cli
