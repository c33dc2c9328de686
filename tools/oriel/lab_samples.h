// What a laboratory run looks like over time: both ends, looked at ten times a round trip.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "lab_programs.h"
#include "oriel/sim.h"

namespace oriel::cli {

/// One point in time.
struct LabSample {
  Duration at{0};                     ///< since the first SYN
  std::uint32_t window_bytes = 0;     ///< the receiver's
  std::uint32_t bytes_in_flight = 0;  ///< the sender's
  std::uint32_t cwnd_bytes = 0;
  std::uint64_t received_bytes = 0;  ///< by the program
};

inline double seconds(Duration d) {
  return static_cast<double>(d.count()) * 1e-9;
}

/// Takes a sample now and every `interval` of virtual time, as long as the world runs. Requires:
/// outlives the world's steps.
class LabSampler {
 public:
  LabSampler(sim::World& world, const Source& source, const Sink& sink, Duration interval)
      : world_(world), source_(source), sink_(sink), interval_(interval) {}
  void start() {
    take();
    world_.at(world_.now() + interval_, [this] { start(); });
  }
  /// Runs on to the next sample's time: spans between samples are exact then.
  void finish() {
    const std::size_t count = samples_.size();
    if (samples_.back().at == world_.now() - Instant{}) return;
    world_.run_until(Instant::never(), [&] { return samples_.size() > count; });
  }
  void take() {
    const TcpInfo out = source_.info();
    samples_.push_back({world_.now() - Instant{}, sink_.info().rcv_wnd, out.flight_size, out.cwnd,
                        sink_.received()});
  }
  std::vector<LabSample>& samples() { return samples_; }

 private:
  sim::World& world_;
  const Source& source_;
  const Sink& sink_;
  Duration interval_;
  std::vector<LabSample> samples_;
};

/// Payload bytes of the last sample at or before `t`.
inline std::uint64_t received_at(const std::vector<LabSample>& samples, Duration t) {
  const auto after = std::upper_bound(samples.begin(), samples.end(), t,
                                      [](Duration x, const LabSample& s) { return x < s.at; });
  return after == samples.begin() ? 0 : std::prev(after)->received_bytes;
}

}  // namespace oriel::cli
