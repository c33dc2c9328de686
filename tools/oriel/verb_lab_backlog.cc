// `oriel lab backlog`: options, runs, outputs.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "backlog_report.h"
#include "lab_backlog.h"
#include "output_file.h"
#include "progress.h"
#include "verb_lab.h"

namespace oriel::cli {
namespace {

struct BacklogWords {
  BacklogOptions options;
  std::vector<UploadStyle> senders = upload_styles();
  std::string json;
  std::string report;
};

int refuse(const Error& error) {
  const bool is_setup = error.code == ErrorCode::kInvalidArgument;
  return complain("lab", error.message(), is_setup ? kExitUsage : kExitFailed);
}

Result<std::vector<UploadStyle>> parse_senders(std::string_view text) {
  std::vector<UploadStyle> chosen;
  for (const std::string& word : split_list(text)) {
    const auto& all = upload_styles();
    const auto style =
        std::find_if(all.begin(), all.end(), [&](UploadStyle s) { return name_of(s) == word; });
    if (style == all.end()) chosen.clear();
    if (style == all.end()) break;
    chosen.push_back(*style);
  }
  if (!chosen.empty()) return chosen;
  std::string names;
  for (const UploadStyle s : upload_styles()) names += fmt::format(" {}", name_of(s));
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} names no sender; with commas, of:{}", text, names));
}

int run_words(const BacklogWords& w) {
  if (w.options.length < kLengthMin)
    return complain("lab", "--seconds must be at least 0.1", kExitUsage);
  if (const std::string obstacle = report_obstacle(); !w.report.empty() && !obstacle.empty())
    return complain("lab", obstacle, kExitUsage);
  Progress progress;
  const auto show = [&](const std::string& what, double done) {
    progress.show(fmt::format("{}: {:.0f}%", what, done * 100));
  };
  std::vector<BacklogRun> runs;
  for (const UploadStyle style : w.senders) {
    auto run = run_backlog(w.options, style, show);
    if (!run) {
      progress.clear();
      return refuse(run.error());
    }
    runs.push_back(std::move(*run));
  }
  Result<BacklogScene> scene = BacklogScene{};
  if (!w.report.empty()) scene = run_backlog_scene(w.options, show);
  progress.clear();
  if (!scene) return refuse(scene.error());
  if (w.json != "-") fmt::print("{}", backlog_table(w.options, runs));
  if (!w.json.empty()) {
    const auto written = write_text(w.json, backlog_json(w.options, runs));
    if (!written) return complain("lab", written.error().message(), kExitUsage);
  }
  if (!w.report.empty()) {
    const auto written = write_report(w.report, backlog_page(w.options, runs, *scene));
    if (!written) return complain("lab", written.error().message(), kExitUsage);
  }
  return kExitDone;
}

}  // namespace

void add_lab_backlog(CLI::App& lab, Run& run) {
  CLI::App* backlog = lab.add_subcommand(
      "backlog", "Uploads that keep data outstanding in six ways: which of them fill the path.");
  auto w = std::make_shared<BacklogWords>();
  add_unit_option(backlog, "--rate", w->options.rate_bps, parse_rate, "rate of the path (1gbit)");
  add_unit_option(backlog, "--rtt", w->options.rtt, parse_time, "round trip without queue (100ms)");
  add_unit_option(backlog, "--queue", w->options.queue_bytes, parse_size,
                  "drop-tail queue each way (6mb)");
  add_unit_option(backlog, "--loss", w->options.loss, parse_share,
                  "share of packets lost each way (0)");
  add_unit_option(backlog, "--seconds", w->options.length, parse_length, "length of each run (15)");
  add_unit_option(backlog, "--senders", w->senders, parse_senders,
                  "which ways of sending, with commas (all six)");
  backlog->add_option("--seed", w->options.seed, "decides every random choice")
      ->capture_default_str();
  add_output_option(backlog, "--json", w->json,
                    "write the figures as JSON; - is standard output, without the table");
  add_output_option(backlog, "--report", w->report,
                    "write a page with plots, and with one more run: a flow joins and leaves, "
                    "the path drops to a tenth of its rate and recovers");
  backlog->footer(
      "Examples:\n"
      "  oriel lab backlog\n"
      "      Why 64 KiB of send buffer move 5 Mbit/s over a 100 ms path of any rate, and what does "
      "better.\n"
      "  oriel lab backlog --rate 10gbit --rtt 20ms\n"
      "  oriel lab backlog --rate 100mbit --rtt 600ms --seconds 30 --report satellite.html\n"
      "What each column and JSON name means: docs/guide/json.md.");
  backlog->callback([w, &run] { run = [w] { return run_words(*w); }; });
}

}  // namespace oriel::cli
