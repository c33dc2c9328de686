// The settings a host starts from: plain values with names and units.
//
// (The layered store - profile, registry names, policy file - will fill these; a program that
// embeds the stack sets them directly.)
#pragma once

#include <cstdint>
#include <string>

#include "oriel/time.h"

namespace oriel {

enum class CongestionAlgorithm : std::uint8_t { kCubic, kNewReno };

struct HostSettings {
  bool is_window_scaling = true;  ///< offer WSopt; false: "no scaling", window <= 65,535
  std::int8_t window_scale = 8;   ///< factor offered; ceiling of the window is 65,535 << it
  bool is_timestamps = false;     ///< offer TSopt (Windows' default: off)
  bool is_sack = true;
  CongestionAlgorithm congestion = CongestionAlgorithm::kCubic;
  std::uint32_t initial_window_segments = 10;
  Duration rto_initial = std::chrono::seconds(1);
  Duration rto_min = std::chrono::milliseconds(300);
  Duration delayed_ack = std::chrono::milliseconds(40);
  Duration time_wait = std::chrono::seconds(120);
  Duration keepalive_idle = std::chrono::hours(2);
  Duration keepalive_interval = std::chrono::seconds(1);
  std::uint32_t syn_retransmits = 4;
  std::uint32_t synack_retransmits =
      2;                         ///< SYN-ACKs after the first, then a half-open connection ends
  std::uint8_t hop_limit = 128;  ///< TTL or hop limit of every packet; 0 counts as 1
  std::uint32_t data_retransmits = 15;  ///< R2 of RFC 9293 3.8.3
  std::uint32_t connections_max = 1u << 20;
  std::uint32_t orphans_max = 65536;            ///< connections that no program holds any more
  std::uint64_t memory_bytes_max = 4ull << 30;  ///< payload blocks of the whole host
  std::uint64_t snd_buffer_bytes_max = 256ull << 20;  ///< one connection's unacknowledged bytes
  std::uint32_t syn_queue_max = 4096;                 ///< half-open connections of one listener
};

}  // namespace oriel
