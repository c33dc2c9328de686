// The path model in real time between two devices: packets in, packets out when they are due.
//
// One thread, one sleep (ppoll with nanoseconds) for both devices, both directions and the signals.
// Devices that segment get super-segments whole while nothing acts on single packets (a middlebox
// does); all others get ordinary packets with complete checksums.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "oriel/link.h"
#include "oriel/sim.h"

namespace oriel::cli {

class WireEngine {
 public:
  /// The path has these options each way.
  WireEngine(std::unique_ptr<Device> a, std::unique_ptr<Device> b, const sim::PathOptions& options,
             std::uint64_t seed, std::vector<std::shared_ptr<sim::Middlebox>> boxes = {});

  /// Moves packets until a signal of `signal_fd` says stop (SIGINT, SIGTERM), `end` has come, or a
  /// device is lost (kDeviceLost). SIGUSR1 calls `on_report`.
  Result<void> run(int signal_fd, Instant end, const std::function<void()>& on_report);

  const sim::PathStatistics& statistics(bool is_a_to_b) const {
    return path_.statistics(ways_[is_a_to_b ? 0 : 1].direction);
  }
  static Instant now();

 private:
  // One direction: from a device, through the path, to the other device.
  struct Way {
    Device* from;
    Device* to;
    sim::Middlebox::Direction direction;
    std::vector<std::uint8_t> held;  // a packet that `to` had no room for
    Offload held_offload;
    bool is_blocked = false;
  };
  class Intake;

  Result<void> receive(Way& way);
  void deliver(Way& way, Instant now);
  bool transmit(Way& way, ByteView packet, const Offload& offload);
  void sleep(int signal_fd, Instant end);
  bool is_stopped_by(int signal_fd, const std::function<void()>& on_report);

  std::unique_ptr<Device> devices_[2];
  sim::DuplexPath path_;
  std::array<Way, 2> ways_;
  std::vector<std::uint8_t> rx_;
};

}  // namespace oriel::cli
