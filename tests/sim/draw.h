// The draws of a scenario: plain values, decided by one seed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "oriel/host.h"
#include "oriel/sim.h"

namespace oriel::sim {

/// One connection of the scenario.
struct FlowDraw {
  Instant start{};
  std::uint64_t client_bytes = 0;  ///< client to server
  std::uint64_t server_bytes = 0;
  std::size_t client_chunk_bytes = 0;  ///< of one send request
  std::size_t server_chunk_bytes = 0;
  std::size_t receive_bytes = 0;  ///< buffer of one receive request
  Duration client_read_pause{0};  ///< before each receive: a slow reader, zero windows
  Duration server_read_pause{0};
  Duration stall{0};  ///< the server reads nothing at all for this long at first
  Instant abort_at = Instant::never();
  bool aborts_server = false;
  TcpOptionsForSocket client_options;
  TcpOptionsForSocket server_options;  ///< of the listener, so of its last draw for all flows
};

/// The path from `at` on.
struct PathChange {
  Instant at{};
  PathOptions a_to_b;
  PathOptions b_to_a;
};

struct ScenarioDraw {
  bool is_ipv6 = false;
  HostSettings client_settings;
  HostSettings server_settings;
  std::vector<PathChange> paths;  ///< the first is in force at the start
  std::vector<FlowDraw> flows;
  bool is_checked_to_finish = true;  ///< every flow without an abort must carry all its bytes
  std::string description;
};

ScenarioDraw draw_scenario(std::uint64_t seed);

}  // namespace oriel::sim
