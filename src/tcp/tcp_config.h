// The numbers that rule connections: one TcpConfig shared by all connections over a link, one
// TcpSocketOptions for each socket, ReceiveLimits and ConnectionLimits worked out from both.
//
// Plain data, filled by compat_policy from profile and settings. Nothing below asks which Windows
// it is. A connection holds a pointer to the TcpConfig, which outlives it and may change between
// events.
#pragma once

#include <cstdint>

#include "oriel/settings.h"
#include "oriel/time.h"
#include "tcp/ack_policy.h"
#include "tcp/cc_types.h"
#include "tcp/keepalive.h"
#include "tcp/persist.h"
#include "tcp/rto.h"
#include "tcp/window_field.h"

namespace oriel::tcp {

/// Shared by the connections of a host over one link.
struct TcpConfig {
  // The handshake's offers.
  bool is_window_scaling = true;    ///< offer WSopt
  std::uint8_t rcv_wind_shift = 8;  ///< scale offered; ceiling is 65,535 << this
  /// Largest scale that a socket's own buffer size may ask for.
  std::uint8_t rcv_wind_shift_max = 8;
  bool is_sack = true;         ///< offer SACK-permitted (RFC 2018)
  bool is_timestamps = false;  ///< offer TSopt (RFC 7323); accepted from a peer only if on
  std::uint32_t syn_retransmissions_max = 4;     ///< active open: SYNs after the first
  std::uint32_t synack_retransmissions_max = 2;  ///< passive open: SYN-ACKs after the first

  // The receive side.
  std::uint32_t rcv_buffer_scaled_bytes = 65536;    ///< first window once WSopt is agreed on
  std::uint32_t rcv_buffer_unscaled_bytes = 65535;  ///< first window without it, and the SYN's
  bool is_rcv_buffer_even_mss = false;  ///< the unscaled one is an even multiple of the MSS
  bool is_rcv_autotuning = true;
  AckLimits ack;

  // The send side.
  std::uint32_t snd_buffer_initial_bytes = 65536;  ///< before the backlog rule says otherwise
  bool is_snd_autotuning = true;                   ///< dynamic send buffering (spec ISB-9)
  std::uint64_t snd_buffer_bytes_max = 1u << 30;  ///< largest dynamic send buffer of one connection
  CcAlgorithm congestion_control = CcAlgorithm::kCubic;
  CcLimits cc;
  RtoLimits rto;
  PersistLimits persist;
  std::uint32_t retransmissions_max =
      15;                         ///< R2 as a count of unanswered time-outs (RFC 9293 3.8.3)
  std::uint16_t mss_max = 65495;  ///< never offer or use more; 65,535 - 20 - 20

  // Ending.
  KeepaliveLimits keepalive;
  Duration time_wait = std::chrono::seconds(120);   ///< 2 MSL (TcpTimedWaitDelay)
  Duration fin_wait_2 = std::chrono::seconds(120);  ///< closed by us, waiting for the peer's FIN
  Duration orphan = std::chrono::seconds(60);       ///< socket gone, text held up by the window
};

/// What one socket asked for; 0 or false: nothing, the host's value holds.
struct TcpSocketOptions {
  ReceiveMode receive_mode = ReceiveMode::kHost;
  bool may_shrink_rcv_buffer = false;  ///< also once it is connected (CM-3)
  bool is_nodelay = false;             ///< Nagle off
  bool is_keepalive = false;
  bool is_ack_immediate = false;       ///< acknowledge every segment
  std::uint32_t rcv_buffer_bytes = 0;  ///< SO_RCVBUF: fixes the receive buffer, no tuning (CM-9)
  std::uint32_t snd_buffer_bytes = 0;  ///< SO_SNDBUF: fixes the send buffer, no tuning (ISB-9)
  Duration keepalive_idle{0};
  Duration keepalive_interval{0};
  std::uint32_t keepalive_probes_max = 0;
  Duration user_timeout{0};     ///< R2 as a time (RFC 5482); 0: by count
  Duration connect_timeout{0};  ///< 0: by SYN retransmissions
  std::uint32_t syn_retransmissions_max = 0;
  Duration linger{-1};  ///< < 0: close in the background; 0: abort on close
};

/// The receive side of one connection once it is known which scale holds.
struct ReceiveLimits {
  std::uint32_t initial_bytes = 65536;        ///< first true window
  std::uint32_t ceiling_bytes = 65535u << 8;  ///< largest true window that a field can say
  bool is_autotuning = true;
};

/// Worked out from config and socket whenever one of them is asked for.
struct ConnectionLimits {
  std::uint32_t snd_buffer_initial_bytes = 65536;
  bool is_snd_autotuning = true;
  KeepaliveLimits keepalive;
  std::uint32_t syn_retransmissions_max = 4;
};

}  // namespace oriel::tcp
