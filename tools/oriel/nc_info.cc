// A connection's statistics under the names of RFC 4898's sense, for people and for programs.
#include <fmt/format.h>

#include "json_writer.h"
#include "nc_options.h"
#include "units.h"

namespace oriel::cli {
namespace {

std::string describe_json(const TcpInfo& i, const NcTotals& t) {
  JsonWriter w;
  w.begin_object();
  w.field("local", i.local.to_string());
  w.field("remote", i.remote.to_string());
  w.field("state", to_string(i.state));
  w.field("congestion_control", i.congestion_control);
  w.field("sent_bytes", t.sent_bytes);
  w.field("received_bytes", t.received_bytes);
  w.field("seconds", t.seconds);
  w.field("smss", std::uint64_t{i.smss});
  w.field("snd_wind_shift", std::int64_t{i.snd_wind_shift});
  w.field("rcv_wind_shift", std::int64_t{i.rcv_wind_shift});
  w.field("window_scale_sent", std::int64_t{i.window_scale_sent});
  w.field("first_window_field", std::uint64_t{i.first_window_field});
  w.field("window_bytes_start", std::uint64_t{i.window_bytes_start});
  w.field("rcv_wnd_max", std::uint64_t{i.rcv_wnd_max});
  w.field("cwnd", std::uint64_t{i.cwnd});
  w.field("srtt_ns", std::int64_t{i.srtt.count()});
  w.field("rtt_min_ns", std::int64_t{i.rtt_min.count()});
  w.field("rto_ns", std::int64_t{i.rto.count()});
  w.field("segments_out", i.segments_out);
  w.field("segments_in", i.segments_in);
  w.field("segments_retransmitted", i.segments_retransmitted);
  w.field("fast_retransmit_episodes", std::uint64_t{i.fast_retransmit_episodes});
  w.field("syn_retransmits", std::uint64_t{i.syn_retransmits});
  w.field("timeouts", std::uint64_t{i.timeouts});
  w.field("tail_loss_probes", std::uint64_t{i.tail_loss_probes});
  w.field("segments_out_of_order", i.segments_out_of_order);
  w.end_object();
  return w.text() + "\n";
}

std::string shift(std::int8_t s) {
  return s < 0 ? std::string("none") : fmt::format("{}", static_cast<int>(s));
}

}  // namespace

std::string describe(const TcpInfo& i, const NcTotals& t, bool is_json) {
  if (is_json) return describe_json(i, t);
  const double bytes = static_cast<double>(t.sent_bytes + t.received_bytes);
  std::string out;
  const auto row = [&out](std::string_view name, const std::string& value) {
    out += fmt::format("{:<24} {}\n", name, value);
  };
  row("connection",
      i.local.to_string() + " to " + i.remote.to_string() + ", " + std::string(to_string(i.state)));
  row("sent, received",
      fmt::format("{} B, {} B in {:.3f} s ({})", t.sent_bytes, t.received_bytes, t.seconds,
                  format_rate(t.seconds > 0 ? bytes * 8 / t.seconds : 0)));
  row("segments out, in", fmt::format("{}, {}", i.segments_out, i.segments_in));
  row("retransmitted",
      fmt::format("{} ({} fast episodes, {} timeouts, {} tail probes)", i.segments_retransmitted,
                  i.fast_retransmit_episodes, i.timeouts, i.tail_loss_probes));
  row("out of order in", fmt::format("{}", i.segments_out_of_order));
  row("round trip", format_time(i.srtt) + " smoothed, " + format_time(i.rtt_min) + " least; RTO " +
                        format_time(i.rto));
  row("segment size", fmt::format("{} B out, {} B in", i.smss, i.rmss));
  row("window scale", "ours " + shift(i.rcv_wind_shift) + ", peer's " + shift(i.snd_wind_shift));
  row("receive window, largest", format_bytes(i.rcv_wnd_max));
  row("congestion window", format_bytes(i.cwnd) + " (" + std::string(i.congestion_control) + ")");
  return out;
}

}  // namespace oriel::cli
