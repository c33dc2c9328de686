// What goes into a congestion controller; see congestion_control.h.
#pragma once

#include <cstdint>

#include "base/seq_num.h"
#include "oriel/time.h"

namespace oriel::tcp {

enum class CcAlgorithm : std::uint8_t { kCubic, kNewReno };

struct CcLimits {
  std::uint32_t initial_window_segments = 10;  ///< RFC 6928
  std::uint32_t cwnd_bytes_max = 1u << 30;
  /// L of RFC 9406 4.2: what one ACK may add to cwnd in slow start, in segments. The RFC's 8 for
  /// unpaced senders assumes an ACK every two segments and segments that leave one by one. Here
  /// both ends handle super-segments of up to 64 segments and receivers acknowledge one with one
  /// ACK; 8 would turn doubling into 1.12 a round and save no burst that the super-segment is not
  /// already.
  std::uint32_t slow_start_burst_segments = 64;
  bool is_idle_restart = false;  ///< CwndRestart (FACTS 3.4: off)
  bool is_hystart = true;        ///< RFC 9406 in slow start
};

struct CcAck {
  Instant now;
  std::uint32_t acked_bytes = 0;  ///< newly delivered (cumulative or selective)
  std::uint32_t flight_size = 0;  ///< before this ACK, bytes
  SeqNum snd_una;                 ///< after this ACK
  SeqNum snd_nxt;
  bool is_cwnd_limited = false;  ///< the sender used its cwnd in the last round (RFC 7661)
  bool is_in_recovery = false;   ///< fast recovery; false after an RTO, where slow start applies
  bool has_rtt = false;
  Duration rtt{0};  ///< sample of this ACK
  Duration srtt{0};
  Duration rtt_min{0};
  std::uint64_t delivery_rate = 0;  ///< bytes per second; 0: no sample
};

}  // namespace oriel::tcp
