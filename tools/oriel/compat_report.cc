// Figures into text. Names in JSON are stable once shipped.
#include "compat_report.h"

#include <fmt/format.h>

#include "json_writer.h"
#include "units.h"

namespace oriel::cli {

std::string scale_text(const CompatRun& r) {
  return r.window_scale_sent ? fmt::format("{}", *r.window_scale_sent) : std::string("none");
}

std::string window_text(const CompatRun& r) {
  if (r.window_bytes_max == r.window_bytes_start) return format_count(r.window_bytes_start);
  return format_count(r.window_bytes_start) + " > " + format_count(r.window_bytes_max);
}

std::string compat_table(const std::vector<CompatRun>& runs) {
  std::string out =
      fmt::format("{} at {} round trip; the receiver connects and has the mode\n",
                  format_rate(static_cast<double>(kCompatRateBps)), format_time(kCompatRtt));
  std::string path;
  for (const CompatRun& r : runs) {
    if (r.path != path) {
      path = r.path;
      out += fmt::format("\n{}\n", path);
      out += fmt::format("  {:<41} {:<31} {:>5} {:>6} {:>22} {:>15}  {}\n", "mode", "SYN options",
                         "scale", "field", "window, bytes", "goodput", "verdict");
    }
    out += fmt::format("  {:<41} {:<31} {:>5} {:>6} {:>22} {:>15}  {}\n", r.mode, r.syn_options,
                       scale_text(r), r.first_window_field, window_text(r),
                       format_rate(r.goodput_bps), r.verdict);
  }
  out +=
      "\nscale, field: of the receiver's SYN and of its first segment after it; window: the first "
      "true one\nand the largest; goodput: second half of the run.\n";
  return out;
}

std::string compat_json(const std::vector<CompatRun>& runs) {
  JsonWriter w;
  w.begin_object();
  w.field("lab", "compat");
  w.begin_array("runs");
  for (const CompatRun& r : runs) {
    w.begin_object();
    w.field("mode", r.mode);
    w.field("path", r.path);
    w.field("syn_options", r.syn_options);
    w.field("wsopt_sent", r.window_scale_sent.has_value());
    if (r.window_scale_sent)
      w.field("window_scale_sent", std::uint64_t{*r.window_scale_sent});
    else
      w.null_field("window_scale_sent");
    w.field("first_window_field", std::uint64_t{r.first_window_field});
    w.field("window_bytes_start", std::uint64_t{r.window_bytes_start});
    w.field("window_bytes_max", std::uint64_t{r.window_bytes_max});
    w.field("goodput_bps", r.goodput_bps);
    w.field("completed", r.is_completed);
    w.field("verdict", r.verdict);
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return w.text() + "\n";
}

}  // namespace oriel::cli
