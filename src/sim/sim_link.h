// A simulated link: a path both ways with its middleboxes, a device for each host, watchers at both
// ends.
//
//   host a - [watch] - boxes - path a to b - [watch] - host b
//                    - boxes - path b to a -
//
// Surprise: checksums stay partial all the way unless corruption or a middlebox needs them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "oriel/sim.h"
#include "sim/checkers.h"
#include "sim/pcap_writer.h"

namespace oriel::sim {

/// What links share with their world.
struct WorldState {
  std::uint64_t seed = 0;
  Instant now{};
  std::uint64_t digest = 0;
  std::vector<std::string> violations;
  static constexpr std::size_t kViolationsMax = 100;  // one broken rule fires on every packet

  void report(const std::string& sentence);
};

class SimLink {
 public:
  using Direction = Middlebox::Direction;
  enum End : std::size_t { kA = 0, kB = 1 };

  SimLink(WorldState& world, std::string name_a, std::string name_b, const PathOptions& a_to_b,
          const PathOptions& b_to_a, std::vector<std::shared_ptr<Middlebox>> boxes,
          std::uint64_t seed_a_to_b, std::uint64_t seed_b_to_a);

  DuplexPath& path() { return path_; }
  static Direction away_from(End end) { return end == kA ? Direction::kAToB : Direction::kBToA; }
  PcapWriter& capture() { return capture_; }

  void transmit(End from, const PacketOut& packet);
  /// When something comes out at `end`.
  Instant next_deadline(End end) const;
  /// The next packet for the host at `end`, watched; false: none now.
  bool receive(End end, Delivery* out);

 private:
  static End other(End end) { return end == kA ? kB : kA; }
  void watch(End end, bool is_sent, std::span<const ByteView> pieces, const Offload& offload,
             bool is_corrupted);

  WorldState& world_;
  DuplexPath path_;
  TcpEndChecker checkers_[2];
  PcapWriter capture_;
};

/// The device that a host gets. Requires: link outlives it.
std::unique_ptr<Device> make_sim_device(std::shared_ptr<SimLink> link, SimLink::End end,
                                        const std::string& name, std::size_t mtu);

}  // namespace oriel::sim
