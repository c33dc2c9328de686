// Curves are thinned to what a screen shows; goodput is averaged over the round trip before each
// point, because a window smaller than the pipe comes in bursts.
#include "lab_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compat_report.h"
#include "lab_claims.h"
#include "units.h"

namespace oriel::cli {
namespace {

constexpr std::size_t kPointsMax = 500;
constexpr Duration kStartShown = std::chrono::seconds(5);

// The modes that differ on a plot; the others lie on one of these.
constexpr std::array kShown = {"default",          "autotuning-vista",   "autotuning-xp",
                               "level-restricted", "level-experimental", "xp"};
constexpr std::array kCures = {"default", "autotuning-vista", "autotuning-xp"};

// One value for each sample up to `until`, thinned.
template <class ValueOf>
std::vector<ReportPoint> curve(const std::vector<LabSample>& samples, Duration until,
                               ValueOf value_of) {
  std::size_t count = 0;
  while (count < samples.size() && samples[count].at <= until) ++count;
  const std::size_t step = count / kPointsMax + 1;
  std::vector<ReportPoint> points;
  for (std::size_t i = 0; i < count; i += step) {
    points.push_back({seconds(samples[i].at), value_of(samples[i])});
  }
  return points;
}

std::vector<ReportPoint> flight_curve(const std::vector<LabSample>& samples, Duration until) {
  return curve(samples, until, [](const LabSample& s) {
    return s.bytes_in_flight > 1 ? 1.0 * s.bytes_in_flight : 0;  // 1 is the SYN
  });
}

std::vector<ReportPoint> goodput_curve(const std::vector<LabSample>& samples, Duration rtt,
                                       Duration until) {
  return curve(samples, until, [&](const LabSample& s) {
    const std::uint64_t bytes = s.received_bytes - received_at(samples, s.at - rtt);
    return static_cast<double>(bytes) * 8 / seconds(rtt);
  });
}

std::vector<ReportPoint> received_curve(const std::vector<LabSample>& samples, Duration until) {
  return curve(samples, until,
               [](const LabSample& s) { return static_cast<double>(s.received_bytes); });
}

// What packets advertised, at the times of the samples.
std::vector<ReportPoint> window_curve(const CompatRun& r, Duration until) {
  std::size_t next = 0;
  double bytes = 0;
  return curve(r.samples, until, [&](const LabSample& s) {
    while (next < r.windows.size() && r.windows[next].at - Instant{} <= s.at) {
      bytes = r.windows[next++].bytes;
    }
    return bytes;
  });
}

ReportPlot plot_of(std::string title, std::string text, std::string y_label, ReportUnit unit,
                   bool is_log) {
  ReportPlot p;
  p.title = std::move(title);
  p.text = std::move(text);
  p.y_label = std::move(y_label);
  p.unit = unit;
  p.is_log = is_log;
  return p;
}

// A plot of those `modes` that ran on `path`; none where none did.
template <class Modes, class CurveOf>
void add_plot(ReportPage& page, ReportPlot plot, const std::vector<CompatRun>& runs,
              const Modes& modes, const char* path, CurveOf curve_of) {
  for (const char* mode : modes) {
    if (const CompatRun* r = find_cell(runs, mode, path))
      plot.series.push_back({mode, curve_of(*r)});
  }
  if (!plot.series.empty()) page.plots.push_back(std::move(plot));
}

void add_clean_plots(ReportPage& page, const std::vector<CompatRun>& runs) {
  add_plot(
      page,
      plot_of("Clean path: the window that the receiver advertises",
              "Every mode that is tuned starts at 64 KiB and grows as the sender fills what it is "
              "given; it ends where 16 bits and the factor of the handshake end. Modes without "
              "scaling stay where they start. Logarithmic.",
              "advertised window", ReportUnit::kBytes, true),
      runs, kShown, "clean", [](const CompatRun& r) { return window_curve(r, kStartShown); });
  add_plot(
      page,
      plot_of("Clean path: bytes under way",
              "Sent and not yet acknowledged. The sender doubles this each round trip until it "
              "meets the window above, or fills the path (125 MB). Logarithmic.",
              "bytes in flight", ReportUnit::kBytes, true),
      runs, kShown, "clean",
      [](const CompatRun& r) { return flight_curve(r.samples, kStartShown); });
  add_plot(
      page,
      plot_of("Clean path: goodput",
              "Payload that reached the program, averaged over one round trip. It is the window "
              "for each round trip, whatever the 10 Gbit/s would carry. Logarithmic.",
              "goodput", ReportUnit::kBitsPerSecond, true),
      runs, kShown, "clean",
      [](const CompatRun& r) { return goodput_curve(r.samples, kCompatRtt, kStartShown); });
}

void add_cure_plots(ReportPage& page, const std::vector<CompatRun>& runs) {
  add_plot(page,
           plot_of("A gateway that ignores the factor: bytes received",
                   "The default's field of 256 lets no segment of 1,460 bytes through, and the "
                   "connection stays at nothing. With a factor of 2, or none, the field is large "
                   "enough for segments to pass.",
                   "received", ReportUnit::kBytes, false),
           runs, kCures, "scale-blind-gateway",
           [](const CompatRun& r) { return received_curve(r.samples, kCompatLength); });
  add_plot(
      page,
      plot_of("A peer that obeys the field: goodput",
              "It takes a field of 256 for 256 bytes and sends so much at a time, after it waited "
              "in vain for more room. With a factor of 2 it sends 16,384 bytes each round trip. "
              "Logarithmic.",
              "goodput", ReportUnit::kBitsPerSecond, true),
      runs, kCures, "field-obeying-peer",
      [](const CompatRun& r) { return goodput_curve(r.samples, kCompatRtt, kCompatLength); });
}

ReportTable matrix_table(const std::vector<CompatRun>& runs) {
  ReportTable t;
  t.title = "Every mode on every path";
  t.text =
      "SYN options, scale and field are read from the receiver's packets: of its SYN, and of its "
      "first "
      "segment after it. Window: the first true one and the largest. Goodput: second half of the "
      "run.";
  t.columns = {"path",  "mode",          "SYN options", "scale",
               "field", "window, bytes", "goodput",     "verdict"};
  for (const CompatRun& r : runs) {
    t.rows.push_back({r.path, r.mode, r.syn_options, scale_text(r),
                      format_count(r.first_window_field), window_text(r),
                      format_rate(r.goodput_bps), r.verdict});
  }
  return t;
}

std::vector<std::string> introduction() {
  return {
      "A TCP receiver says in every segment how many bytes it is ready to take: its window. The "
      "sender "
      "may have no more than that under way, so that a connection moves at most one window for "
      "each "
      "round trip. The header has 16 bits for it, 65,535 bytes; on a path of 100 ms that is 5 "
      "Mbit/s, "
      "however fast the path.",
      "The window scale option makes the field count in larger units: both ends name a factor in "
      "their SYN, and a field of F then means F << factor bytes. Windows asks for a factor of 8 "
      "since "
      "Vista, and tunes the window to what the path and the program can use.",
      "Some gateways and peers know nothing of the option. They read the small field as it "
      "stands. For them a program may ask for another behaviour right after it made its socket "
      "(SIO_SET_COMPATIBILITY_MODE), or an administrator sets a level with netsh, or the registry "
      "of "
      "older systems. This page shows each of these modes at work."};
}

}  // namespace

ReportPage compat_page(const std::vector<CompatRun>& runs, std::vector<ReportClaim> claims) {
  ReportPage page;
  page.title = "Receive windows: how far they open, who misreads them, and what cures it";
  page.paragraphs = introduction();
  page.paragraphs.push_back(fmt::format(
      "Each transfer: {} and {} round trip on virtual time, the same figures on every machine. The "
      "receiver connects and has the mode, the sender sends all that may leave. A transfer ends "
      "after "
      "{}, or once its speed is known.",
      format_rate(static_cast<double>(kCompatRateBps)), format_time(kCompatRtt),
      format_time(kCompatLength)));
  page.claims = std::move(claims);
  add_clean_plots(page, runs);
  add_cure_plots(page, runs);
  page.tables = {matrix_table(runs)};
  return page;
}

ReportPage longfat_page(const LongfatOptions& o, const std::vector<LongfatRun>& runs,
                        std::vector<ReportClaim> claims) {
  ReportPage page;
  page.title = fmt::format("A long fat path: {} at {} round trip",
                           format_rate(static_cast<double>(o.rate_bps)), format_time(o.rtt));
  page.paragraphs = introduction();
  page.paragraphs.push_back(fmt::format(
      "The plots and the table below are one bulk transfer for each mode of the receiver: {} and "
      "{} "
      "round trip, a queue of {}, loss {:g}%, {} of virtual time. The statements were tried on "
      "their "
      "own paths, 10 Gbit/s and 100 ms, with and without the boxes that they speak of.",
      format_rate(static_cast<double>(o.rate_bps)), format_time(o.rtt),
      format_bytes(static_cast<double>(o.queue_bytes)), o.loss * 100, format_time(o.length)));
  page.claims = std::move(claims);
  ReportPlot window = plot_of("The window that the receiver advertises",
                              "What the sender may have under way. Logarithmic.",
                              "advertised window", ReportUnit::kBytes, true);
  ReportPlot flight =
      plot_of("Bytes under way",
              "Sent and not yet acknowledged: the smallest of the window above, of what "
              "congestion control allows, and of path and queue. Logarithmic.",
              "bytes in flight", ReportUnit::kBytes, true);
  ReportPlot goodput = plot_of("Goodput",
                               "Payload that reached the program, averaged over one round trip. "
                               "Logarithmic.",
                               "goodput", ReportUnit::kBitsPerSecond, true);
  ReportTable table{"Figures",
                    "",
                    {"mode", "scale", "first field", "window, bytes", "goodput", "limit",
                     "share of it", "sent again"},
                    {}};
  for (const LongfatRun& r : runs) {
    const Duration trip = std::max<Duration>(o.rtt, std::chrono::milliseconds(1));
    window.series.push_back({r.mode, curve(r.samples, o.length, [](const LabSample& s) {
                               return 1.0 * s.window_bytes;
                             })});
    flight.series.push_back({r.mode, flight_curve(r.samples, o.length)});
    goodput.series.push_back({r.mode, goodput_curve(r.samples, trip, o.length)});
    const int scale = r.receiver.window_scale_sent;
    table.rows.push_back(
        {r.mode, scale < 0 ? "none" : fmt::format("{}", scale),
         format_count(r.receiver.first_window_field),
         format_count(r.receiver.window_bytes_start) + " > " + format_count(r.receiver.rcv_wnd_max),
         format_rate(r.goodput_bps), format_rate(r.limit_bps),
         fmt::format("{:.1f}%", r.share * 100), format_count(r.sender.segments_retransmitted)});
  }
  page.plots = {std::move(window), std::move(flight), std::move(goodput)};
  page.tables = {std::move(table)};
  return page;
}

}  // namespace oriel::cli
