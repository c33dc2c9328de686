// How a seed becomes a scenario. Ranges are chosen so that a scenario costs some tens of
// milliseconds and a connection has a fair chance to finish: what cannot finish is not asked to.
#include "draw.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "settings/schema.h"

namespace oriel::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Uniform in the logarithm: small and large values are equally likely.
std::uint64_t log_uniform(Random& r, double low, double high) {
  return static_cast<std::uint64_t>(std::llround(low * std::pow(high / low, r.unit())));
}

double share_or_none(Random& r, double probability, double high) {
  return r.chance(probability) ? high * r.unit() : 0;
}

PathOptions draw_path(Random& r, double roughness) {
  PathOptions o;
  o.delay = microseconds(r.chance(0.1) ? 0 : log_uniform(r, 10, 300'000));
  if (r.chance(0.3)) o.jitter = microseconds(log_uniform(r, 10, 20'000));
  if (r.chance(0.7)) o.rate_bits_per_second = log_uniform(r, 200e3, 1e9);
  o.queue_bytes = log_uniform(r, 6'000, 2e6);
  o.loss = share_or_none(r, 0.5, 0.08 * roughness);
  o.burst_loss = share_or_none(r, 0.2, 0.01 * roughness);
  o.burst_length_packets = 1 + 10 * r.unit();
  o.reorder = share_or_none(r, 0.4, 0.3 * roughness);
  o.reorder_delay = microseconds(log_uniform(r, 10, 50'000));
  o.duplicate = share_or_none(r, 0.3, 0.2 * roughness);
  o.corrupt = share_or_none(r, 0.3, 0.05 * roughness);
  if (r.chance(0.2)) o.mtu = 1280 + r.below(221);
  return o;
}

settings::Value draw_value(Random& r, const settings::Range& range) {
  constexpr settings::Value kWide = 100;  // times: then small values are as likely as large ones
  if (range.low > 0 && range.high / range.low >= kWide) {
    return static_cast<settings::Value>(
        log_uniform(r, static_cast<double>(range.low), static_cast<double>(range.high)));
  }
  return range.low + static_cast<settings::Value>(
                         r.below(static_cast<std::uint64_t>(range.high - range.low + 1)));
}

// Whatever the schema gives a range for, half of the time each.
HostSettings draw_settings(Random& r) {
  HostSettings s;
  for (const settings::Row& row : settings::schema()) {
    const bool is_drawn = row.simulated.low != row.simulated.high && r.chance(0.5);
    if (is_drawn) row.write(s, draw_value(r, row.simulated));
  }
  s.data_retransmits = 30;  // scenarios test recovery, not giving up
  s.syn_retransmits = 20;
  s.synack_retransmits = 10;
  return s;
}

TcpOptionsForSocket draw_socket(Random& r) {
  TcpOptionsForSocket o;
  o.is_nodelay = r.chance(0.5);
  if (r.chance(0.25))
    o.receive_buffer_bytes = static_cast<std::uint32_t>(log_uniform(r, 2'000, 500e3));
  if (r.chance(0.25))
    o.send_buffer_bytes = static_cast<std::uint32_t>(log_uniform(r, 2'000, 500e3));
  if (r.chance(0.2)) o.compatibility.receive_mode = static_cast<ReceiveMode>(r.below(3));
  return o;
}

FlowDraw draw_flow(Random& r, double bytes_max) {
  FlowDraw f;
  f.start = Instant{} + microseconds(r.below(500'000));
  f.client_bytes = r.chance(0.15) ? 0 : log_uniform(r, 1, bytes_max);
  f.server_bytes = r.chance(0.35) ? 0 : log_uniform(r, 1, bytes_max);
  f.client_chunk_bytes = log_uniform(r, 1 + bytes_max / 2e3, 200e3);
  f.server_chunk_bytes = log_uniform(r, 1 + bytes_max / 2e3, 200e3);
  f.receive_bytes = log_uniform(r, 1 + bytes_max / 1e3, 200e3);
  if (r.chance(0.1)) f.client_read_pause = microseconds(log_uniform(r, 10, 10'000));
  if (r.chance(0.1)) f.server_read_pause = microseconds(log_uniform(r, 10, 10'000));
  if (r.chance(0.1)) f.stall = milliseconds(log_uniform(r, 100, 60'000));
  if (r.chance(0.1)) {
    f.abort_at = f.start + microseconds(log_uniform(r, 10, 2'000'000));
    f.aborts_server = r.chance(0.5);
  }
  f.client_options = draw_socket(r);
  return f;
}

// The rate limits what can be asked of a path within the simulated time.
double bytes_max_for(const PathChange& p) {
  const auto of = [](const PathOptions& o) {
    const double rate =
        o.rate_bits_per_second == 0 ? 1e9 : static_cast<double>(o.rate_bits_per_second);
    const bool is_lossy = o.loss + o.burst_loss + o.corrupt > 0.01;
    return std::min({rate / 8 * 10, is_lossy ? 500e3 : 8e6});
  };
  return std::min(of(p.a_to_b), of(p.b_to_a));
}

}  // namespace

ScenarioDraw draw_scenario(std::uint64_t seed) {
  Random r(seed ^ 0x5eed5eed5eed5eedu);
  ScenarioDraw d;
  d.is_ipv6 = r.chance(0.4);
  d.client_settings = draw_settings(r);
  d.server_settings = draw_settings(r);
  const double roughness = r.chance(0.3) ? 0 : r.unit();
  PathChange first;
  first.a_to_b = draw_path(r, roughness);
  first.b_to_a = r.chance(0.5) ? first.a_to_b : draw_path(r, roughness);
  d.paths.push_back(first);
  double bytes_max = bytes_max_for(first);
  Instant at = Instant{};
  for (std::uint64_t i = r.chance(0.3) ? 1 + r.below(4) : 0; i > 0; --i) {
    at = at + milliseconds(1 + r.below(3'000));
    PathChange next = d.paths.back();
    next.at = at;
    const std::uint64_t what = r.below(3);
    if (what == 0) {
      next.a_to_b.is_up = next.b_to_a.is_up = !next.a_to_b.is_up;
    } else if (what == 1) {
      next.a_to_b.mtu = next.b_to_a.mtu = 1280 + r.below(221);
    } else {
      const bool is_up = next.a_to_b.is_up;
      next.a_to_b = draw_path(r, roughness);
      next.b_to_a = draw_path(r, roughness);
      next.a_to_b.is_up = next.b_to_a.is_up = is_up;
    }
    bytes_max = std::min(bytes_max, bytes_max_for(next));
    d.paths.push_back(next);
  }
  if (!d.paths.back().a_to_b.is_up) {  // in the end the path is up again
    PathChange last = d.paths.back();
    last.at = at + seconds(1 + static_cast<std::int64_t>(r.below(10)));
    last.a_to_b.is_up = last.b_to_a.is_up = true;
    d.paths.push_back(last);
  }
  const std::uint64_t flows = r.chance(0.2) ? 10 + r.below(60) : 1 + r.below(3);
  for (std::uint64_t i = 0; i < flows; ++i) {
    d.flows.push_back(draw_flow(r, std::max(2.0, bytes_max / static_cast<double>(flows))));
  }
  const TcpOptionsForSocket server = draw_socket(r);
  for (FlowDraw& f : d.flows) f.server_options = server;
  const PathOptions& p = first.a_to_b;
  d.description = fmt::format(
      "{} {} flows, {} path changes, delay {} us, rate {} bit/s, queue {} B, loss {:.3f}, reorder "
      "{:.3f}, "
      "corrupt {:.3f}, mtu {}",
      d.is_ipv6 ? "IPv6" : "IPv4", flows, d.paths.size() - 1, p.delay.count() / 1000,
      p.rate_bits_per_second, p.queue_bytes, p.loss, p.reorder, p.corrupt, p.mtu);
  return d;
}

}  // namespace oriel::sim
