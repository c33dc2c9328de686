// One seed, one scenario: path, settings and programs drawn at random, run with every checker on.
//
// Scenarios go from mild to extreme. Whatever happens to the packets, what must hold is the same:
// streams equal, requests complete exactly once, TCP's promises on the wire, no host standing
// still, memory back to the start. Whether a transfer must finish depends on the draw: aborted ones
// only have to end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace oriel::sim {

struct ScenarioResult {
  std::uint64_t seed = 0;
  std::uint64_t digest = 0;
  std::string description;              ///< the draw, in one line
  std::vector<std::string> violations;  ///< empty: all held
};

/// Runs the scenario of `seed`; with a `pcap_path` the link is captured. Same seed, same result.
ScenarioResult run_scenario(std::uint64_t seed, const std::string& pcap_path = {});

}  // namespace oriel::sim
