// The figures come from samples and from the two sockets' own statistics.
#include "lab_longfat.h"

#include <algorithm>
#include <array>
#include <memory>

#include "lab_modes.h"
#include "lab_programs.h"
#include "oriel/sim.h"

namespace oriel::cli {
namespace {

double time_to_90_ms(const std::vector<LabSample>& samples, Duration rtt, double limit_bps) {
  if (limit_bps <= 0) return -1;
  const double wanted_bytes = 0.9 * limit_bps / 8 * seconds(rtt);
  for (const LabSample& s : samples) {
    const std::uint64_t before = received_at(samples, s.at - rtt);
    if (static_cast<double>(s.received_bytes - before) >= wanted_bytes) return seconds(s.at) * 1e3;
  }
  return -1;
}

void measure(const LongfatOptions& o, LongfatRun& run) {
  // The last two thirds start with the first sample there: samples are what is known exactly.
  const auto from = std::find_if(run.samples.begin(), run.samples.end(),
                                 [&](const LabSample& s) { return s.at >= o.length / 3; });
  const std::uint64_t all = run.samples.back().received_bytes;
  const std::uint64_t late = all - from->received_bytes;
  run.goodput_bps = static_cast<double>(late) * 8 / seconds(o.length - from->at);
  run.goodput_from_syn_bps = static_cast<double>(all) * 8 / seconds(o.length);
  const double link_bps = static_cast<double>(o.rate_bps) * run.sender.smss / kLabMtuBytes;
  run.limit_bps = link_bps;
  if (o.rtt.count() > 0) {
    run.limit_bps = std::min(link_bps, run.receiver.rcv_wnd_max * 8.0 / seconds(o.rtt));
  }
  run.share = run.limit_bps > 0 ? run.goodput_bps / run.limit_bps : 0;
  run.time_to_90_ms = time_to_90_ms(run.samples, std::max(o.rtt, kLabSampleMin), run.limit_bps);
}

}  // namespace

Result<LongfatRun> run_longfat(const LongfatOptions& o, const std::string& mode,
                               const std::string& pcap_path, const LongfatProgress& progress) {
  const auto told = find_lab_mode(mode);
  if (!told) return Failure(told.error());
  Sink sink(told->socket);
  Source source;
  sim::World world(o.seed);  // ends before what its handlers write to
  Host& a = world.add_host("sender");
  Host& b = world.add_host("receiver", told->settings);
  sim::PathOptions path;
  path.delay = o.rtt / 2;
  path.rate_bits_per_second = o.rate_bps;
  path.queue_bytes = o.queue_bytes;
  path.loss = o.loss;
  LinkOptions at_a, at_b;
  at_a.addresses = {{IpAddress::v4(10, 0, 0, 1), 24}};
  at_b.addresses = {{IpAddress::v4(10, 0, 0, 2), 24}};
  auto& link = world.connect({&a, at_a}, {&b, at_b}, path, path);
  if (!pcap_path.empty()) {
    const auto opened = world.capture(link, pcap_path);
    if (!opened) return Failure(opened.error());
  }
  sink.listen(b, kLabPort);
  source.connect(a, {IpAddress::v4(10, 0, 0, 2), kLabPort});
  LabSampler sampler(world, source, sink, std::clamp(o.rtt / 10, kLabSampleMin, o.length / 10));
  sampler.start();
  for (Duration t{0}; t < o.length;) {
    t = std::min(t + kLabProgressStep, o.length);
    world.run_until(Instant{t.count()});
    if (progress) progress(mode, seconds(t) / seconds(o.length));
  }
  for (const Error& e : {source.error(), sink.error()}) {
    if (e.code != ErrorCode::kOk) return Failure(Error(e.code, mode + ": " + e.message()));
  }
  if (!world.violations().empty()) {
    return fail(ErrorCode::kMalformed, mode + ": " + world.violations().front());
  }
  LongfatRun run;
  run.mode = mode;
  run.sender = source.info();
  run.receiver = sink.info();
  sampler.take();
  run.samples = std::move(sampler.samples());
  measure(o, run);
  return run;
}

}  // namespace oriel::cli
