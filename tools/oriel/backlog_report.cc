// Figures into text. Names in JSON are stable once shipped.
#include "backlog_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "json_writer.h"
#include "lab_samples.h"
#include "units.h"

namespace oriel::cli {
namespace {

constexpr double kShareWanted = 0.95;
constexpr std::size_t kPlotPointsMax = 2000;

double times(std::uint64_t bytes, std::uint64_t bdp) {
  return bdp == 0 ? 0 : static_cast<double>(bytes) / static_cast<double>(bdp);
}
std::string percent(double share) {
  return fmt::format("{:.1f}%", share * 100);
}
std::string bytes(std::uint64_t n) {
  return format_bytes(static_cast<double>(n));
}

std::string headline(const BacklogOptions& o) {
  return fmt::format("{} at {} round trip, queue {}, loss {:g}%, {} of virtual time each",
                     format_rate(static_cast<double>(o.rate_bps)), format_time(o.rtt),
                     format_bytes(static_cast<double>(o.queue_bytes)), o.loss * 100,
                     format_time(o.length));
}

// Every n-th sample, so that a page stays small.
template <class Value>
ReportSeries series(const std::string& name, const std::vector<BacklogSample>& samples,
                    Value value) {
  ReportSeries s;
  s.name = name;
  const std::size_t step = std::max<std::size_t>(1, samples.size() / kPlotPointsMax);
  for (std::size_t i = 0; i < samples.size(); i += step) {
    s.points.push_back({seconds(samples[i].at), value(samples[i])});
  }
  return s;
}
double backlog_of(const BacklogSample& s) {
  return s.backlog_bytes;
}

// Goodput over the round trip before each sample.
ReportSeries goodput(const std::string& name, const std::vector<BacklogSample>& samples,
                     std::uint64_t BacklogSample::*received) {
  constexpr std::size_t kSpan = 20;  // samples: two round trips
  ReportSeries s;
  s.name = name;
  const std::size_t step = std::max<std::size_t>(1, samples.size() / kPlotPointsMax);
  for (std::size_t i = kSpan; i < samples.size(); i += step) {
    const BacklogSample& from = samples[i - kSpan];
    const double span_s = seconds(samples[i].at - from.at);
    if (span_s <= 0) continue;
    const auto got = static_cast<double>(samples[i].*received - from.*received);
    s.points.push_back({seconds(samples[i].at), got * 8 / span_s});
  }
  return s;
}

ReportSeries level(const std::string& name, double from_s, double to_s, double value) {
  return {name, {{from_s, value}, {to_s, value}}};
}

ReportSeries bdp_of(const std::vector<BacklogPhase>& phases) {
  ReportSeries s;
  s.name = "bandwidth-delay product";
  for (const BacklogPhase& p : phases) {
    s.points.push_back({seconds(p.begins_at), static_cast<double>(p.bdp_bytes)});
    s.points.push_back({seconds(p.ends_at) - 1e-3, static_cast<double>(p.bdp_bytes)});
  }
  return s;
}

std::vector<ReportClaim> claims(const std::vector<BacklogRun>& runs, const BacklogScene& scene) {
  std::vector<ReportClaim> out;
  for (const BacklogRun& r : runs) {
    const std::string measured = fmt::format(
        "{}, {} of the limit; backlog {:.2f} times the bandwidth-delay product",
        format_rate(r.goodput_bps), percent(r.share), times(r.backlog_bytes_median, r.bdp_bytes));
    if (r.sender == "fixed") {
      out.push_back({"A send buffer of 64 KiB moves 64 KiB per round trip, whatever the rate.",
                     measured, r.share < kShareWanted});
      continue;
    }
    out.push_back({r.sender + " fills the path: at least 95% of the limit.", measured,
                   r.share >= kShareWanted});
  }
  for (const BacklogPhase& p : scene.phases) {
    if (p.name != "a tenth of the rate" && p.name != "the rate is back") continue;
    const bool is_met = p.settled_after_rtts >= 0;
    out.push_back(
        {"The backlog follows: " + p.name + ".",
         is_met ? fmt::format("within 1 to 2 bandwidth-delay products, to stay, after {:.0f} "
                              "round trips without queue",
                              p.settled_after_rtts)
                : fmt::format("median {} against {}", bytes(p.backlog_bytes_median),
                              bytes(p.bdp_bytes)),
         is_met});
  }
  return out;
}

ReportTable runs_table(const std::vector<BacklogRun>& runs) {
  ReportTable t;
  t.title = "Senders";
  t.text = "Goodput, share and median backlog: last two thirds of the run.";
  t.columns = {"sender",         "goodput",   "limit",      "share",
               "backlog median", "times BDP", "memory max", "notifications"};
  for (const BacklogRun& r : runs) {
    t.rows.push_back({r.sender, format_rate(r.goodput_bps), format_rate(r.limit_bps),
                      percent(r.share), bytes(r.backlog_bytes_median),
                      fmt::format("{:.2f}", times(r.backlog_bytes_median, r.bdp_bytes)),
                      bytes(r.memory_bytes_max), fmt::format("{}", r.notifications)});
  }
  return t;
}

ReportTable phases_table(const std::vector<BacklogPhase>& phases) {
  ReportTable t;
  t.title = "A path that changes";
  t.text = "Rates, median backlog and its changes: last half of each part.";
  t.columns = {
      "part",   "from", "goodput", "of the other flow", "backlog median", "BDP of the path",
      "changes"};
  for (const BacklogPhase& p : phases) {
    t.rows.push_back({p.name, format_time(p.begins_at), format_rate(p.goodput_bps),
                      format_rate(p.others_bps), bytes(p.backlog_bytes_median), bytes(p.bdp_bytes),
                      fmt::format("{}", p.changes)});
  }
  return t;
}

}  // namespace

std::string backlog_table(const BacklogOptions& o, const std::vector<BacklogRun>& runs) {
  std::string out = headline(o) + "\n\n";
  out += fmt::format("{:<21} {:>15} {:>15} {:>6} {:>11} {:>9} {:>11} {:>8}\n", "sender", "goodput",
                     "limit", "share", "backlog", "times BDP", "memory", "notified");
  for (const BacklogRun& r : runs) {
    out += fmt::format("{:<21} {:>15} {:>15} {:>6} {:>11} {:>9.2f} {:>11} {:>8}\n", r.sender,
                       format_rate(r.goodput_bps), format_rate(r.limit_bps), percent(r.share),
                       bytes(r.backlog_bytes_median), times(r.backlog_bytes_median, r.bdp_bytes),
                       bytes(r.memory_bytes_max), r.notifications);
  }
  out +=
      "\ngoodput, share, backlog (the ideal one, median): last two thirds of the run; limit: the "
      "smaller of the\nlink and of the peer's window per round trip, in payload; BDP: limit times "
      "round trip; memory: most that\nwas outstanding; notified: completed waits for a change.\n";
  return out;
}

std::string backlog_json(const BacklogOptions& o, const std::vector<BacklogRun>& runs) {
  JsonWriter w;
  w.begin_object();
  w.field("lab", "backlog");
  w.begin_array("runs");
  for (const BacklogRun& r : runs) {
    w.begin_object();
    w.field("sender", r.sender);
    w.field("rate_bps", o.rate_bps);
    w.field("rtt_ms", seconds(o.rtt) * 1e3);
    w.field("goodput_bps", r.goodput_bps);
    w.field("limit_bps", r.limit_bps);
    w.field("share", r.share);
    w.field("bdp_bytes", r.bdp_bytes);
    w.field("backlog_bytes_median", r.backlog_bytes_median);
    w.field("backlog_bytes_max", r.backlog_bytes_max);
    w.field("memory_bytes_max", r.memory_bytes_max);
    w.field("notifications", r.notifications);
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return w.text() + "\n";
}

ReportPage backlog_page(const BacklogOptions& o, const std::vector<BacklogRun>& runs,
                        const BacklogScene& scene) {
  ReportPage page;
  page.title = "Ideal send backlog";
  page.paragraphs = {
      "How much a sender must keep outstanding so that its connection is as fast as the path. The "
      "same path for every sender: " +
          headline(o) + ".",
      "fixed: 64 KiB of send buffer. isb-query: asks for the ideal backlog at most once a second "
      "and sets SO_SNDBUF to it. isb-change: waits for a change, asks, sets SO_SNDBUF. "
      "isb-change-raise-only: never makes it smaller. overlapped: one send of 64 KiB more than the "
      "backlog holds, no send buffer. dynamic: plain sends; the stack sizes the buffer."};
  page.claims = claims(runs, scene);
  ReportPlot ideal{"Ideal backlog over time",
                   "Each sender's against what the path holds.",
                   {},
                   "bytes",
                   ReportUnit::kBytes,
                   true,
                   {}};
  ReportPlot held{"Outstanding over time",
                  "What each sender had given to send and not acknowledged.",
                  {},
                  "bytes",
                  ReportUnit::kBytes,
                  true,
                  {}};
  ReportPlot rate{"Goodput over time", "", {}, "goodput", ReportUnit::kBitsPerSecond, false, {}};
  for (ReportPlot* p : {&ideal, &held, &rate}) p->x_label = ReportPlot{}.x_label;
  for (const BacklogRun& r : runs) {
    ideal.series.push_back(series(r.sender, r.samples, backlog_of));
    held.series.push_back(series(r.sender, r.samples, [](const BacklogSample& s) {
      return static_cast<double>(s.buffered_bytes);
    }));
    rate.series.push_back(goodput(r.sender, r.samples, &BacklogSample::received_bytes));
  }
  if (!runs.empty()) {
    const auto bdp = static_cast<double>(runs.front().bdp_bytes);  // the path's: all have it
    const double end_s = seconds(o.length);
    for (ReportPlot* p : {&ideal, &held}) {
      p->series.push_back(level("bandwidth-delay product", 0, end_s, bdp));
    }
  }
  ReportPlot changing{
      "A path that changes: ideal backlog",
      "isb-change: alone, beside another flow, alone, at a tenth of the rate, at the "
      "full rate again.",
      ideal.x_label,
      "bytes",
      ReportUnit::kBytes,
      true,
      {}};
  changing.series = {series("ideal backlog", scene.run.samples, backlog_of),
                     series("cwnd", scene.run.samples,
                            [](const BacklogSample& s) { return double{1} * s.cwnd_bytes; }),
                     bdp_of(scene.phases)};
  ReportPlot shares{"A path that changes: goodput",
                    "",
                    ideal.x_label,
                    "goodput",
                    ReportUnit::kBitsPerSecond,
                    false,
                    {}};
  shares.series = {
      goodput("isb-change", scene.run.samples, &BacklogSample::received_bytes),
      goodput("the other flow", scene.run.samples, &BacklogSample::others_received_bytes)};
  page.plots = {std::move(ideal), std::move(held), std::move(rate), std::move(changing),
                std::move(shares)};
  page.tables = {runs_table(runs), phases_table(scene.phases)};
  return page;
}

}  // namespace oriel::cli
