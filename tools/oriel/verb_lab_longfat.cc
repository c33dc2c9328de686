// `oriel lab longfat`: options, runs, outputs.
#include <fmt/format.h>

#include <memory>

#include "lab_claims.h"
#include "lab_longfat.h"
#include "lab_pages.h"
#include "lab_report.h"
#include "output_file.h"
#include "progress.h"
#include "verb_lab.h"

namespace oriel::cli {
namespace {

struct LongfatWords {
  LongfatOptions options;
  std::string modes = "normal,no-scaling";
  std::string json;
  std::string report;
  std::string trace;
  std::string pcap;
};

// "x.pcap" and "normal" into "x-normal.pcap".
std::string with_mode(const std::string& path, const std::string& mode) {
  const std::size_t slash = path.rfind('/');
  const std::size_t dot = path.rfind('.');
  const bool has_suffix =
      dot != std::string::npos && (slash == std::string::npos || dot > slash + 1);
  if (!has_suffix) return path + "-" + mode;
  return path.substr(0, dot) + "-" + mode + path.substr(dot);
}

Result<void> write_outputs(const LongfatWords& w, const std::vector<LongfatRun>& runs) {
  if (!w.trace.empty()) {
    const auto written = write_text(w.trace, longfat_csv(w.options, runs));
    if (!written) return written;
  }
  if (!w.json.empty()) {
    const auto written = write_text(w.json, longfat_json(w.options, runs));
    if (!written) return written;
  }
  if (w.report.empty()) return {};
  const auto cells = run_compat_cells(claimed_cells(), {});
  if (!cells) return Failure(cells.error());
  return write_report(w.report, longfat_page(w.options, runs, seed_claims(*cells)));
}

int run_words(const LongfatWords& w) {
  const std::vector<std::string> modes = split_list(w.modes);
  if (modes.empty())
    return complain("lab", "--modes names no mode; write normal,no-scaling", kExitUsage);
  if (w.options.length < kLengthMin)
    return complain("lab", "--seconds must be at least 0.1", kExitUsage);
  if (!w.report.empty() && !report_obstacle().empty())
    return complain("lab", report_obstacle(), kExitUsage);
  Progress progress;
  std::vector<LongfatRun> runs;
  for (const std::string& mode : modes) {
    const std::string pcap = w.pcap.empty() || modes.size() == 1 ? w.pcap : with_mode(w.pcap, mode);
    auto run = run_longfat(w.options, mode, pcap, [&](const std::string& m, double done) {
      progress.show(
          fmt::format("{}: {:.0f}% of {} virtual", m, done * 100, format_time(w.options.length)));
    });
    if (!run) {
      progress.clear();
      const bool is_setup = run.error().code == ErrorCode::kInvalidArgument ||
                            run.error().code == ErrorCode::kPermissionDenied ||
                            run.error().code == ErrorCode::kNotFound;
      return complain("lab", run.error().message(), is_setup ? kExitUsage : kExitFailed);
    }
    runs.push_back(std::move(*run));
  }
  progress.clear();
  if (w.json != "-") fmt::print("{}", longfat_table(w.options, runs));
  const auto written = write_outputs(w, runs);
  if (!written) return complain("lab", written.error().message(), kExitUsage);
  return kExitDone;
}

}  // namespace

void add_lab_longfat(CLI::App& lab, Run& run) {
  CLI::App* longfat = lab.add_subcommand(
      "longfat",
      "One bulk transfer over a long fast path: what limits it, and how soon it gets there.");
  auto w = std::make_shared<LongfatWords>();
  add_unit_option(longfat, "--rate", w->options.rate_bps, parse_rate, "rate of the path (1gbit)");
  add_unit_option(longfat, "--rtt", w->options.rtt, parse_time, "round trip without queue (100ms)");
  add_unit_option(longfat, "--queue", w->options.queue_bytes, parse_size,
                  "drop-tail queue each way (6mb)");
  add_unit_option(longfat, "--loss", w->options.loss, parse_share,
                  "share of packets lost each way (0)");
  add_unit_option(longfat, "--seconds", w->options.length, parse_length, "length of each run (10)");
  longfat
      ->add_option(
          "--modes", w->modes,
          "what the receiver is told, with commas: normal, no-scaling, or any of lab compat")
      ->capture_default_str();
  longfat->add_option("--seed", w->options.seed, "decides every random choice")
      ->capture_default_str();
  add_output_option(longfat, "--json", w->json,
                    "write the figures as JSON; - is standard output, without the table");
  add_output_option(longfat, "--trace", w->trace,
                    "write window, flight, cwnd and goodput over time as CSV");
  longfat->add_option("--pcap", w->pcap, "write the sender's packets; one file per mode");
  add_output_option(longfat, "--report", w->report,
                    "write one HTML page that explains itself; opens without a network");
  longfat->footer(
      "Examples:\n"
      "  oriel lab longfat\n"
      "      Why a window without scaling (65,535 bytes) moves 5 Mbit/s over a 100 ms path of any "
      "rate.\n"
      "  oriel lab longfat --rate 10gbit --rtt 20ms --loss 0.01% --modes normal --trace "
      "growth.csv\n"
      "  oriel lab longfat --seconds 12 --json - | python3 -m json.tool\n"
      "What each column and JSON name means: docs/guide/json.md.");
  longfat->callback([w, &run] { run = [w] { return run_words(*w); }; });
}

}  // namespace oriel::cli
