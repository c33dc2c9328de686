// How much should the application keep outstanding, so that the path never runs dry? (spec ISB-2,
// ISB-3)
//
// First rule: what may leave within the next round trip, min(cwnd after its growth, SND.WND),
// rounded up. 2 x cwnd in slow start, 1.25 x in congestion avoidance: enough for an application
// that reacts within a quarter of a round trip, and still within 2 x BDP. Rises at once, falls with
// hysteresis so that it does not flap. The surprise: what is reported ends at Windows' 16 MiB, but
// the internal send buffer may not: `snd_buffer_target_bytes` follows the path up to the host's
// memory.
#pragma once

#include <cstdint>

#include "oriel/time.h"

namespace oriel::tcp {

struct IsbInput {
  std::uint32_t cwnd = 0;
  std::uint32_t smss = 0;
  std::uint32_t snd_wnd = 0;  ///< the peer's window, bytes
  bool is_in_slow_start = false;
  Duration srtt{0};                                ///< 0: unknown
  Duration rtt_min{0};                             ///< 0: unknown
  std::uint64_t delivery_rate = 0;                 ///< bytes per second; 0: unknown
  std::uint32_t loss_episodes = 0;                 ///< counted since the connection began
  std::uint64_t memory_budget_bytes = UINT64_MAX;  ///< what the host leaves to this connection
};

class IdealSendBacklog {
 public:
  static constexpr std::uint32_t kInitialBytes = 65536;  ///< spec ISB-2
  static constexpr std::uint32_t kBytesMax = 16u << 20;  ///< 16,777,216: Windows' documented end
  static constexpr std::uint32_t kGrainBytes = 16384;    ///< small values round up to this (ours)

  /// Takes the connection's state (on each ACK, and on a change of budget). True: the value
  /// changed.
  bool update(const IsbInput& in);

  /// What the application should keep outstanding: 0 to 16,777,216 bytes.
  std::uint32_t backlog_bytes() const { return backlog_bytes_; }
  /// What dynamic send buffering should accept: as above, without the 16 MiB end.
  std::uint64_t snd_buffer_target_bytes() const { return target_bytes_; }

 private:
  std::uint64_t target_bytes_ = kInitialBytes;
  std::uint32_t backlog_bytes_ = kInitialBytes;
  std::uint32_t loss_episodes_ = 0;
};

}  // namespace oriel::tcp
