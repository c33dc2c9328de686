// Two hosts, one path, a sampler that looks ten times a round trip.
#include "lab_backlog.h"

#include <algorithm>

#include "lab_programs.h"
#include "lab_samples.h"
#include "oriel/sim.h"

namespace oriel::cli {
namespace {

constexpr std::uint16_t kOthersPort = 5002;
constexpr std::uint64_t kRateDrop = 10;
constexpr int kPhaseRoundTripsMin = 100;

// The world of one run.
class Bench {
 public:
  Bench(const BacklogOptions& o, UploadStyle style) : options(o), uploader(style), world(o.seed) {
    Host& a = world.add_host("sender");
    Host& b = world.add_host("receiver");
    sender_host = &a;
    LinkOptions at_a, at_b;
    at_a.addresses = {{IpAddress::v4(10, 0, 0, 1), 24}};
    at_b.addresses = {{IpAddress::v4(10, 0, 0, 2), 24}};
    const sim::PathOptions p = path(o.rate_bps);
    link = &world.connect({&a, at_a}, {&b, at_b}, p, p);
    sink.listen(b, kLabPort);
    others_sink.listen(b, kOthersPort);
    uploader.connect(a, {IpAddress::v4(10, 0, 0, 2), kLabPort});
    take();
  }
  void join() { others.connect(*sender_host, {IpAddress::v4(10, 0, 0, 2), kOthersPort}); }
  void leave() { others.stop(); }
  void set_rate(std::uint64_t rate_bps) { world.set_path(*link, path(rate_bps), path(rate_bps)); }
  Result<void> run_until(Duration end, const std::function<void(Duration)>& progress) {
    for (Duration t = world.now() - Instant{}; t < end;) {
      t = std::min(t + kLabProgressStep, end);
      world.run_until(Instant{t.count()});
      if (progress) progress(t);
    }
    for (const Error& e : {uploader.error(), sink.error(), others.error()}) {
      if (e.code != ErrorCode::kOk) return fail(e.code, e.message());
    }
    if (!world.violations().empty()) return fail(ErrorCode::kMalformed, world.violations().front());
    return {};
  }
  void sample() {
    const TcpInfo info = uploader.info();
    samples.push_back({world.now() - Instant{}, info.ideal_send_backlog, info.snd_buffered,
                       info.cwnd, sink.received(), others_sink.received()});
  }

  BacklogOptions options;
  Sink sink{{}};
  Sink others_sink{{}};
  Uploader uploader;
  Uploader others{UploadStyle::kDynamic};
  std::vector<BacklogSample> samples;
  sim::World world;  // ends before what its handlers write to
  Host* sender_host = nullptr;
  sim::World::Link* link = nullptr;

 private:
  void take() {
    sample();
    world.at(world.now() + std::max(kLabSampleMin, options.rtt / 10), [this] { take(); });
  }
  sim::PathOptions path(std::uint64_t rate_bps) const {
    sim::PathOptions p;
    p.delay = options.rtt / 2;
    p.rate_bits_per_second = rate_bps;
    p.queue_bytes = options.queue_bytes;
    p.loss = options.loss;
    return p;
  }
};

using Samples = std::vector<BacklogSample>;
using Range = std::pair<Samples::const_iterator, Samples::const_iterator>;

Range between(const Samples& samples, Duration from, Duration to) {
  const auto at = [](const BacklogSample& s, Duration d) { return s.at < d; };
  return {std::lower_bound(samples.begin(), samples.end(), from, at),
          std::lower_bound(samples.begin(), samples.end(), to, at)};
}

std::uint64_t median_backlog(const Range& range) {
  std::vector<std::uint64_t> values;
  for (auto s = range.first; s != range.second; ++s) values.push_back(s->backlog_bytes);
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double rate_of(const Range& range, std::uint64_t BacklogSample::*bytes) {
  if (range.second - range.first < 2) return 0;
  const BacklogSample& last = *std::prev(range.second);
  return static_cast<double>(last.*bytes - (*range.first).*bytes) * 8 /
         seconds(last.at - range.first->at);
}

double payload_bps(const BacklogOptions& o, const TcpInfo& sender) {
  return static_cast<double>(o.rate_bps) * sender.smss / kLabMtuBytes;
}

// What the receiver's window may come to. What it came to is no limit of a sender that sends
// little: auto-tuning stays near what it gets.
double window_max(const TcpInfo& receiver) {
  return static_cast<double>(65535u << std::max<int>(receiver.rcv_wind_shift, 0));
}

std::uint64_t bdp_bytes(double bps, Duration rtt) {
  return static_cast<std::uint64_t>(bps / 8 * seconds(rtt));
}

BacklogRun measure(Bench& bench, UploadStyle style, Duration length) {
  const BacklogOptions& o = bench.options;
  bench.sample();
  BacklogRun run;
  run.sender = name_of(style);
  run.limit_bps = payload_bps(o, bench.uploader.info());
  if (o.rtt.count() > 0) {
    run.limit_bps = std::min(run.limit_bps, window_max(bench.sink.info()) * 8.0 / seconds(o.rtt));
  }
  const Range late = between(bench.samples, length / 3, Duration::max());
  run.goodput_bps = rate_of(late, &BacklogSample::received_bytes);
  run.share = run.limit_bps > 0 ? run.goodput_bps / run.limit_bps : 0;
  run.bdp_bytes = bdp_bytes(run.limit_bps, o.rtt);
  run.backlog_bytes_median = median_backlog(late);
  for (const BacklogSample& s : bench.samples) {
    run.backlog_bytes_max = std::max<std::uint64_t>(run.backlog_bytes_max, s.backlog_bytes);
    run.memory_bytes_max = std::max(run.memory_bytes_max, s.buffered_bytes);
  }
  run.notifications = bench.uploader.notifications();
  run.samples = std::move(bench.samples);
  return run;
}

// When the backlog came within 1 to 2 BDP to stay, in round trips since the phase began; -1: never.
double settled_after(const Range& range, const BacklogPhase& phase, Duration rtt) {
  Duration since{-1};
  for (auto s = range.first; s != range.second; ++s) {
    const bool is_within =
        s->backlog_bytes >= phase.bdp_bytes && s->backlog_bytes <= 2 * phase.bdp_bytes;
    if (!is_within) since = Duration{-1};
    if (is_within && since.count() < 0) since = s->at;
  }
  return since.count() < 0 || rtt.count() == 0 ? -1
                                               : seconds(since - phase.begins_at) / seconds(rtt);
}

void measure_phase(const Samples& samples, Duration rtt, BacklogPhase& phase) {
  const Duration middle = phase.begins_at + (phase.ends_at - phase.begins_at) / 2;
  const Range late = between(samples, middle, phase.ends_at);
  phase.goodput_bps = rate_of(late, &BacklogSample::received_bytes);
  phase.others_bps = rate_of(late, &BacklogSample::others_received_bytes);
  phase.backlog_bytes_median = median_backlog(late);
  for (auto s = late.first; s != late.second && std::next(s) != late.second; ++s) {
    phase.changes += s->backlog_bytes != std::next(s)->backlog_bytes ? 1 : 0;
  }
  phase.settled_after_rtts =
      settled_after(between(samples, phase.begins_at, phase.ends_at), phase, rtt);
}

}  // namespace

Result<BacklogRun> run_backlog(const BacklogOptions& o, UploadStyle style,
                               const BacklogProgress& progress) {
  Bench bench(o, style);
  const std::string name(name_of(style));
  const auto done = bench.run_until(o.length, [&](Duration t) {
    if (progress) progress(name, seconds(t) / seconds(o.length));
  });
  if (!done) return fail(done.error().code, name + ": " + done.error().message());
  return measure(bench, style, o.length);
}

Result<BacklogScene> run_backlog_scene(const BacklogOptions& o, const BacklogProgress& progress) {
  constexpr UploadStyle kStyle = UploadStyle::kChange;
  Bench bench(o, kStyle);
  const Duration length = std::max(o.length, o.rtt * kPhaseRoundTripsMin);
  struct Step {
    const char* name;
    std::uint64_t rate_bps;
    std::function<void()> begin;
  };
  const std::uint64_t low = o.rate_bps / kRateDrop;
  const Step steps[] = {
      {"alone", o.rate_bps, [] {}},
      {"a flow joins", o.rate_bps, [&] { bench.join(); }},
      {"it leaves", o.rate_bps, [&] { bench.leave(); }},
      {"a tenth of the rate", low, [&] { bench.set_rate(low); }},
      {"the rate is back", o.rate_bps, [&] { bench.set_rate(o.rate_bps); }},
  };
  BacklogScene scene;
  for (const Step& step : steps) {
    BacklogPhase phase;
    phase.name = step.name;
    phase.begins_at = bench.world.now() - Instant{};
    phase.ends_at = phase.begins_at + length;
    step.begin();
    const auto done = bench.run_until(phase.ends_at, [&](Duration t) {
      if (progress) progress(step.name, seconds(t - phase.begins_at) / seconds(length));
    });
    if (!done) return fail(done.error().code, phase.name + ": " + done.error().message());
    const double scale = static_cast<double>(step.rate_bps) / static_cast<double>(o.rate_bps);
    phase.bdp_bytes = bdp_bytes(payload_bps(o, bench.uploader.info()) * scale, o.rtt);
    measure_phase(bench.samples, o.rtt, phase);
    scene.phases.push_back(std::move(phase));
  }
  scene.run = measure(bench, kStyle, scene.phases.back().ends_at);
  return scene;
}

}  // namespace oriel::cli
