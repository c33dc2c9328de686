// The compatibility laboratory: what each mode of a receiver puts on the wire, and what becomes of
// it on paths whose gateways, firewalls and peers do not know the window scale.
//
// One cell is one transfer on virtual time, 10 Gbit/s and 100 ms: a sender with default settings
// sends all along, the receiver is the connecting side and has the mode. What a cell says of
// windows is read from packets.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lab_samples.h"
#include "lab_tap.h"

namespace oriel::cli {

inline constexpr std::uint64_t kCompatRateBps = 10'000'000'000;
inline constexpr Duration kCompatRtt = std::chrono::milliseconds(100);
/// A cell ends after this long, or once enough bytes came to know its speed.
inline constexpr Duration kCompatLength = std::chrono::seconds(20);
/// A transfer of this size is what "completed" asks for.
inline constexpr std::uint64_t kCompatTransferBytes = 1'000'000;

struct CompatRun {
  std::string mode;
  std::string path;
  std::string syn_options;                    ///< "MSS 1460, WSopt 8, SACK"
  std::optional<unsigned> window_scale_sent;  ///< none: no WSopt
  std::uint16_t first_window_field = 0;
  std::uint32_t window_bytes_start = 0;
  std::uint32_t window_bytes_max = 0;
  double goodput_bps = 0;     ///< whole round trips of the second half
  bool is_completed = false;  ///< kCompatTransferBytes came in time
  std::string verdict;
  std::vector<SeenWindow> windows;
  std::vector<LabSample> samples;
};

std::vector<std::string> compat_path_names();

/// Runs one cell. Errors: kInvalidArgument (a name that is not known), or the transfer's own.
Result<CompatRun> run_compat(const std::string& mode, const std::string& path);

struct CompatCell {
  std::string mode;
  std::string path;
  friend bool operator==(const CompatCell&, const CompatCell&) = default;
};
/// Every mode on every path, paths outermost.
std::vector<CompatCell> compat_matrix(const std::vector<std::string>& modes,
                                      const std::vector<std::string>& paths);

using CompatProgress = std::function<void(std::size_t done, std::size_t all)>;

/// Runs cells on as many threads as the machine has cores; their order stays. The first error ends
/// it. Thread: `progress` is called by the caller's own.
Result<std::vector<CompatRun>> run_compat_cells(const std::vector<CompatCell>& cells,
                                                const CompatProgress& progress);

}  // namespace oriel::cli
