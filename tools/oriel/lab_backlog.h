// The laboratory of the ideal send backlog: one upload over one path on virtual time, once for each
// way in which a program may keep data outstanding; and one upload over a path that changes.
//
// What is measured comes from the sender's own statistics and from the receiving program's byte
// count. The same options give the same figures on every machine.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "lab_uploader.h"
#include "oriel/error.h"
#include "oriel/time.h"

namespace oriel::cli {

struct BacklogOptions {
  std::uint64_t rate_bps = 1'000'000'000;
  Duration rtt = std::chrono::milliseconds(100);
  std::uint64_t queue_bytes = 6'000'000;
  double loss = 0;
  Duration length = std::chrono::seconds(15);
  std::uint64_t seed = 1;
};

/// One point in time.
struct BacklogSample {
  Duration at{0};
  std::uint32_t backlog_bytes = 0;   ///< the ideal
  std::uint64_t buffered_bytes = 0;  ///< outstanding, copied or lent
  std::uint32_t cwnd_bytes = 0;
  std::uint64_t received_bytes = 0;         ///< by the receiving program
  std::uint64_t others_received_bytes = 0;  ///< by the one of the competing flow
};

struct BacklogRun {
  std::string sender;
  double goodput_bps = 0;  ///< last two thirds of the run
  double limit_bps = 0;    ///< the smaller of link and window per round trip, payload
  double share = 0;
  std::uint64_t bdp_bytes = 0;             ///< limit times round trip
  std::uint64_t backlog_bytes_median = 0;  ///< last two thirds
  std::uint64_t backlog_bytes_max = 0;
  std::uint64_t memory_bytes_max = 0;  ///< most that was outstanding
  std::uint64_t notifications = 0;
  std::vector<BacklogSample> samples;
};

/// One part of the changing path.
struct BacklogPhase {
  std::string name;
  Duration begins_at{0};
  Duration ends_at{0};
  std::uint64_t bdp_bytes = 0;  ///< of the whole path
  double goodput_bps = 0;       ///< last half of it
  double others_bps = 0;
  std::uint64_t backlog_bytes_median = 0;  ///< last half of it
  std::uint64_t changes = 0;               ///< of the backlog, in the last half
  double settled_after_rtts = -1;  ///< from its begin until the backlog stayed within 1 to 2 BDP
};
struct BacklogScene {
  BacklogRun run;
  std::vector<BacklogPhase> phases;
};

using BacklogProgress = std::function<void(const std::string& what, double done)>;

Result<BacklogRun> run_backlog(const BacklogOptions& options, UploadStyle style,
                               const BacklogProgress& progress);

/// An upload in style `kChange`: alone; beside a flow that joins; alone again; at a tenth of the
/// rate; at the full rate again.
Result<BacklogScene> run_backlog_scene(const BacklogOptions& options,
                                       const BacklogProgress& progress);

}  // namespace oriel::cli
