// `oriel lab compat`: options, the matrix, outputs.
#include <fmt/format.h>

#include <memory>
#include <optional>

#include "compat_report.h"
#include "lab_claims.h"
#include "lab_modes.h"
#include "lab_pages.h"
#include "output_file.h"
#include "progress.h"
#include "verb_lab.h"

namespace oriel::cli {
namespace {

struct CompatWords {
  std::optional<std::string> modes;
  std::optional<std::string> paths;
  std::string json;
  std::string report;
};

// What the claims of a page need beyond the cells that were asked for.
Result<std::vector<CompatRun>> add_claimed(std::vector<CompatRun> runs) {
  std::vector<CompatCell> missing;
  for (const CompatCell& c : claimed_cells()) {
    if (find_cell(runs, c.mode, c.path) == nullptr) missing.push_back(c);
  }
  auto more = run_compat_cells(missing, {});
  if (!more) return more;
  for (CompatRun& r : *more) runs.push_back(std::move(r));
  return runs;
}

int refuse_empty(const char* option, const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& n : names) all += " " + n;
  return complain("lab", fmt::format("{} names nothing; with commas, of:{}", option, all),
                  kExitUsage);
}

int run_words(const CompatWords& w) {
  if (!w.report.empty() && !report_obstacle().empty())
    return complain("lab", report_obstacle(), kExitUsage);
  const std::vector<std::string> modes = w.modes ? split_list(*w.modes) : compat_mode_names();
  const std::vector<std::string> paths = w.paths ? split_list(*w.paths) : compat_path_names();
  if (modes.empty()) return refuse_empty("--modes", compat_mode_names());
  if (paths.empty()) return refuse_empty("--paths", compat_path_names());
  Progress progress;
  const auto runs =
      run_compat_cells(compat_matrix(modes, paths), [&](std::size_t done, std::size_t all) {
        progress.show(fmt::format("{} of {} transfers", done, all));
      });
  progress.clear();
  if (!runs) {
    const bool is_usage = runs.error().code == ErrorCode::kInvalidArgument;
    return complain("lab", runs.error().message(), is_usage ? kExitUsage : kExitFailed);
  }
  if (w.json != "-") fmt::print("{}", compat_table(*runs));
  if (!w.json.empty()) {
    const auto written = write_text(w.json, compat_json(*runs));
    if (!written) return complain("lab", written.error().message(), kExitUsage);
  }
  if (w.report.empty()) return kExitDone;
  const auto all = add_claimed(*runs);
  if (!all) return complain("lab", all.error().message(), kExitFailed);
  const auto written = write_report(w.report, compat_page(*runs, seed_claims(*all)));
  if (!written) return complain("lab", written.error().message(), kExitUsage);
  return kExitDone;
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& n : names) out += "  " + n + "\n";
  return out;
}

}  // namespace

void add_lab_compat(CLI::App& lab, Run& run) {
  CLI::App* compat = lab.add_subcommand(
      "compat",
      "What each way to set the receive window puts on the wire, and what becomes of it.");
  auto w = std::make_shared<CompatWords>();
  compat->add_option("--modes", w->modes, "some of the modes below, with commas; without it: all");
  compat->add_option("--paths", w->paths, "some of the paths below, with commas; without it: all");
  add_output_option(compat, "--json", w->json,
                    "write the figures as JSON; - is standard output, without the table");
  add_output_option(compat, "--report", w->report,
                    "write one HTML page that explains itself; opens without a network");
  compat->footer(
      "Modes:\n" + joined(compat_mode_names()) +
      "  xp[-tcpwindowsize-BYTES][-tcp1323opts-0..3]\nPaths:\n" + joined(compat_path_names()) +
      "Examples:\n"
      "  oriel lab compat\n"
      "  oriel lab compat --modes default,autotuning-vista --paths scale-blind-gateway\n"
      "      A gateway that takes a window field of 256 for 256 bytes, and what cures it.\n"
      "What each JSON name means: docs/guide/json.md; the modes: docs/guide/lab.md.");
  compat->callback([w, &run] { run = [w] { return run_words(*w); }; });
}

}  // namespace oriel::cli
