// The settings a host starts from: plain values with names and units.
//
// The layered store (profile, registry names, policy file) fills these; a program that embeds the
// stack sets them directly. An empty optional is the profile's to fill: src/tcp/compat_policy holds
// the tables, and nothing else asks which system it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "oriel/time.h"

namespace oriel {

enum class CongestionAlgorithm : std::uint8_t { kCubic, kNewReno };

/// Whose defaults and limits a host has, in the order in which they appeared. Server editions go
/// with their client: 2008 with kVistaSp1, 2012 with k8.
enum class OsProfile : std::uint8_t { k2000, kXp, k2003, kVista, kVistaSp1, k7, k8, k10, k11 };

/// How far the receive window may be tuned (profiles from kVista on; older ones know no level).
enum class AutotuningLevel : std::uint8_t {
  kDisabled,          ///< no WSopt, window <= 65,535
  kHighlyRestricted,  ///< scale 2, window <= 262,140
  kRestricted,        ///< scale 4, <= 1,048,560
  kNormal,            ///< scale 8, <= 16,776,960
  kExperimental,      ///< scale 14, <= 1,073,725,440
};

/// What one socket may do with its receive window, whatever its host's level allows beyond it.
enum class ReceiveMode : std::uint8_t {
  kHost,       ///< as the host's profile and level say
  kShiftTwo,   ///< tuned, scale 2 at most
  kNoScaling,  ///< no WSopt, no tuning, window <= 65,535
};

/// What one interface has of its own.
struct InterfaceSettings {
  std::string name;  ///< address or link name of the interface
  std::optional<std::uint32_t> tcp_window_bytes;
};

/// Everything that a host can be told at its start; each default is the built-in value.
struct HostSettings {
  OsProfile profile = OsProfile::k11;
  AutotuningLevel autotuning_level = AutotuningLevel::kNormal;
  /// TCPWindowSize: profiles before kVista only, as are the next; none: by the link's speed.
  std::optional<std::uint32_t> tcp_window_bytes;
  std::uint8_t rfc1323_options = 0;  ///< Tcp1323Opts: bit 0 WSopt, bit 1 TSopt
  std::vector<InterfaceSettings> interfaces;
  bool is_send_autotuning = true;             ///< dynamic send buffering, where the profile has it
  bool is_loopback_fast_path_allowed = true;  ///< sockets that ask for it may have it
  /// What the fast path does not support is refused there instead of remembered.
  bool is_loopback_fast_path_strict = false;
  /// The process's own host: the machine's loopback is part of ours, so that native programs reach
  /// ours and are reached.
  bool is_native_loopback = true;
  bool is_timestamps = false;  ///< offer TSopt
  bool is_sack = true;
  std::optional<CongestionAlgorithm> congestion;
  std::optional<std::uint32_t> initial_window_segments;
  std::optional<Duration> rto_initial;
  Duration rto_min = std::chrono::milliseconds(300);
  std::optional<Duration> delayed_ack;
  std::optional<Duration> time_wait;
  Duration keepalive_idle = std::chrono::hours(2);
  Duration keepalive_interval = std::chrono::seconds(1);
  std::optional<std::uint32_t> syn_retransmits;
  std::uint32_t synack_retransmits =
      2;                         ///< SYN-ACKs after the first, then a half-open connection ends
  std::uint8_t hop_limit = 128;  ///< TTL or hop limit of every packet; 0 counts as 1
  std::optional<std::uint32_t> data_retransmits;  ///< R2 of RFC 9293 3.8.3
  std::uint32_t connections_max = 1u << 20;
  std::uint32_t orphans_max = 65536;            ///< connections that no program holds any more
  std::uint64_t memory_bytes_max = 4ull << 30;  ///< payload blocks of the whole host
  std::uint64_t snd_buffer_bytes_max = 256ull << 20;  ///< one connection's unacknowledged bytes
  std::uint32_t syn_queue_max = 4096;                 ///< half-open connections of one listener
};

}  // namespace oriel
