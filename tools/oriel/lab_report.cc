// Figures into text. Names in JSON are stable once shipped.
#include "lab_report.h"

#include <fmt/format.h>

#include "json_writer.h"
#include "units.h"

namespace oriel::cli {
namespace {

constexpr Duration kFineStep = std::chrono::milliseconds(10);
constexpr Duration kCoarseStep = std::chrono::milliseconds(100);
constexpr Duration kFineUpTo = std::chrono::seconds(20);

double milliseconds_of(Duration d) {
  return static_cast<double>(d.count()) * 1e-6;
}

}  // namespace

std::string longfat_table(const LongfatOptions& o, const std::vector<LongfatRun>& runs) {
  std::string out = fmt::format("{} at {} round trip, queue {}, loss {:g}%, {} of virtual time\n\n",
                                format_rate(static_cast<double>(o.rate_bps)), format_time(o.rtt),
                                format_bytes(static_cast<double>(o.queue_bytes)), o.loss * 100,
                                format_time(o.length));
  out += fmt::format("{:<11} {:>15} {:>11} {:>22} {:>6} {:>6} {:>10} {:>15} {:>6} {:>8}\n", "mode",
                     "goodput", "from SYN", "window", "scale", "field", "to 90%", "limit", "share",
                     "resent");
  for (const LongfatRun& r : runs) {
    const std::string window =
        format_bytes(r.receiver.window_bytes_start) + " > " + format_bytes(r.receiver.rcv_wnd_max);
    const std::string scale =
        r.receiver.window_scale_sent < 0
            ? std::string("none")
            : fmt::format("{}", static_cast<int>(r.receiver.window_scale_sent));
    const std::string to_90 =
        r.time_to_90_ms < 0 ? std::string("never") : fmt::format("{:.0f} ms", r.time_to_90_ms);
    out += fmt::format(
        "{:<11} {:>15} {:>11} {:>22} {:>6} {:>6} {:>10} {:>15} {:>5.1f}% {:>8}\n", r.mode,
        format_rate(r.goodput_bps),
        fmt::format("{:.1f}%", r.limit_bps > 0 ? 100 * r.goodput_from_syn_bps / r.limit_bps : 0),
        window, scale, r.receiver.first_window_field, to_90, format_rate(r.limit_bps),
        r.share * 100, r.sender.segments_retransmitted);
  }
  out +=
      "\ngoodput and share: last two thirds of the run; from SYN: all of it, as a share of the "
      "limit;\n"
      "limit: the smaller of the link and of the largest window per round trip, in payload.\n";
  return out;
}

std::string longfat_json(const LongfatOptions& o, const std::vector<LongfatRun>& runs) {
  JsonWriter w;
  w.begin_object();
  w.field("lab", "longfat");
  w.begin_array("runs");
  for (const LongfatRun& r : runs) {
    w.begin_object();
    w.field("mode", r.mode);
    w.field("rate_bps", o.rate_bps);
    w.field("rtt_ms", milliseconds_of(o.rtt));
    w.field("loss", o.loss);
    w.field("goodput_bps", r.goodput_bps);
    w.field("goodput_from_syn_bps", r.goodput_from_syn_bps);
    w.field("limit_bps", r.limit_bps);
    w.field("share", r.share);
    w.field("time_to_90_ms", r.time_to_90_ms);
    w.field("window_scale_sent", std::int64_t{r.receiver.window_scale_sent});
    w.field("first_window_field", std::uint64_t{r.receiver.first_window_field});
    w.field("window_bytes_start", std::uint64_t{r.receiver.window_bytes_start});
    w.field("window_bytes_max", std::uint64_t{r.receiver.rcv_wnd_max});
    w.field("retransmits", std::uint64_t{r.sender.segments_retransmitted});
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return w.text() + "\n";
}

std::string longfat_csv(const LongfatOptions& o, const std::vector<LongfatRun>& runs) {
  const Duration step = o.length <= kFineUpTo ? kFineStep : kCoarseStep;
  std::string out = "mode,time_ms,window_bytes,bytes_in_flight,cwnd_bytes,goodput_bps\n";
  for (const LongfatRun& r : runs) {
    Duration next{0};
    Duration last{0};
    std::uint64_t last_bytes = 0;
    for (const LabSample& s : r.samples) {
      if (s.at < next) continue;
      const double span_s = static_cast<double>((s.at - last).count()) * 1e-9;
      const double bps =
          span_s > 0 ? static_cast<double>(s.received_bytes - last_bytes) * 8 / span_s : 0;
      out += fmt::format("{},{:.3f},{},{},{},{:.0f}\n", r.mode, milliseconds_of(s.at),
                         s.window_bytes, s.bytes_in_flight, s.cwnd_bytes, bps);
      last = s.at;
      last_bytes = s.received_bytes;
      next = s.at + step;
    }
  }
  return out;
}

}  // namespace oriel::cli
