// The long-fat laboratory: one bulk transfer over a long fast path, on virtual time, one run per
// mode.
//
// What is measured comes from the two sockets' own statistics and from the receiving program's byte
// count. The same options give the same figures on every machine.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "lab_samples.h"

namespace oriel::cli {

struct LongfatOptions {
  std::uint64_t rate_bps = 1'000'000'000;
  Duration rtt = std::chrono::milliseconds(100);
  std::uint64_t queue_bytes = 6'000'000;
  double loss = 0;
  Duration length = std::chrono::seconds(10);
  std::uint64_t seed = 1;
};

struct LongfatRun {
  std::string mode;
  double goodput_bps = 0;  ///< last two thirds of the run
  double goodput_from_syn_bps = 0;
  double limit_bps = 0;  ///< the smaller of link and window per round trip, payload
  double share = 0;
  double time_to_90_ms = -1;  ///< -1: never reached
  TcpInfo sender;
  TcpInfo receiver;
  std::vector<LabSample> samples;
};

using LongfatProgress = std::function<void(const std::string& mode, double done)>;

/// Runs one mode (lab_modes.h). `pcap_path` may be empty. Errors: kInvalidArgument (unknown mode),
/// what opening the capture gave, or the transfer's own error.
Result<LongfatRun> run_longfat(const LongfatOptions& options, const std::string& mode,
                               const std::string& pcap_path, const LongfatProgress& progress);

}  // namespace oriel::cli
