// What a connection and a host can say about themselves, under the names of RFC 4898 where it has
// one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "oriel/address.h"
#include "oriel/export.h"
#include "oriel/time.h"

namespace oriel {

enum class TcpState : std::uint8_t {  // RFC 9293 3.3.2
  kClosed,
  kListen,
  kSynSent,
  kSynReceived,
  kEstablished,
  kFinWait1,
  kFinWait2,
  kCloseWait,
  kClosing,
  kLastAck,
  kTimeWait,
};
ORIEL_API std::string_view to_string(TcpState state);

/// How the bytes of a connection travel.
enum class ConnectionPath : std::uint8_t {
  kNetwork,   ///< over a link
  kLoopback,  ///< segments through IP and the filter engine, without leaving the machine
  kFast,      ///< from one end's ring to the other end's program, without segments
};
ORIEL_API std::string_view to_string(ConnectionPath path);

/// Why a connection is on the fast loopback path, or is not. Decided when it is made.
enum class PathReason : std::uint8_t {
  kNotLoopback,  ///< the destination is elsewhere
  kConnectorDidNotAsk,
  kOffBySettings,
  kNoListener,  ///< no program of this user's that could be given a ring listens there
  kListenerDidNotAsk,
  kFiltered,     ///< a rule or callout wants to see the connection's data
  kBacklogFull,  ///< too many connections wait for accept
  kNoMemory,
  kFast,  ///< it is
};
inline constexpr std::size_t kPathReasons = static_cast<std::size_t>(PathReason::kFast) + 1;
/// A sentence, such as "the listening socket did not ask for it".
ORIEL_API std::string_view to_string(PathReason reason);

/// One connection, sampled. Bytes and nanoseconds unless the name says otherwise.
struct TcpInfo {
  TcpState state = TcpState::kClosed;
  Endpoint local;
  Endpoint remote;
  ConnectionPath path = ConnectionPath::kNetwork;
  PathReason path_reason = PathReason::kNotLoopback;
  std::string_view congestion_control;

  std::uint32_t smss = 0;  ///< RFC 4898 CurMSS
  std::uint32_t rmss = 0;
  bool is_sack_enabled = false;
  bool has_timestamps = false;
  std::int8_t snd_wind_shift =
      -1;  ///< peer's scale (its window fields are shifted by it); -1: none
  std::int8_t rcv_wind_shift = -1;       ///< scale in force for our window fields; -1: none
  std::int8_t window_scale_sent = -1;    ///< WSopt in our SYN; -1: none
  std::uint16_t first_window_field = 0;  ///< field of our first segment after the handshake
  std::uint32_t window_bytes_start = 0;  ///< true receive window at that moment

  std::uint32_t snd_wnd = 0;      ///< CurRwinRcvd
  std::uint32_t rcv_wnd = 0;      ///< CurRwinSent
  std::uint32_t rcv_wnd_max = 0;  ///< MaxRwinSent
  std::uint32_t rcv_buf = 0;      ///< what auto-tuning or the application asks for now
  bool is_rcv_buf_fixed = false;  ///< no tuning: the application, profile or peer decided
  std::uint32_t cwnd = 0;         ///< CurCwnd
  std::uint32_t ssthresh = 0;     ///< CurSsthresh; 2^32 - 1 before the first loss
  std::uint32_t flight_size = 0;
  std::uint32_t ideal_send_backlog = 0;  ///< what the program should keep outstanding
  std::uint64_t snd_buffered = 0;  ///< bytes accepted from the application, not yet acknowledged
  std::uint64_t rcv_buffered = 0;  ///< bytes the application has not read
  std::uint32_t urgent_bytes_left =
      0;  ///< from the next byte to read to the end of urgent data; 0: none

  Duration srtt{0};  ///< SmoothedRTT
  Duration rttvar{0};
  Duration rtt_min{0};  ///< MinRTT
  Duration rto{0};      ///< CurRTO

  std::uint64_t bytes_out = 0;     ///< HCDataOctetsOut, retransmissions included
  std::uint64_t bytes_acked = 0;   ///< HCThruOctetsAcked
  std::uint64_t bytes_in = 0;      ///< HCThruOctetsReceived
  std::uint64_t segments_out = 0;  ///< SegsOut, on the wire (a super-segment counts its pieces)
  std::uint64_t segments_in = 0;   ///< SegsIn
  std::uint64_t segments_retransmitted = 0;    ///< SegsRetrans
  std::uint64_t bytes_retransmitted = 0;       ///< OctetsRetrans
  std::uint32_t fast_retransmit_episodes = 0;  ///< FastRetran
  std::uint32_t timeouts = 0;                  ///< Timeouts
  std::uint32_t tail_loss_probes = 0;
  std::uint32_t dup_acks_in = 0;  ///< DupAcksIn
  std::uint64_t segments_out_of_order = 0;
  std::uint32_t syn_retransmits = 0;
  std::uint32_t zero_window_probes = 0;
  Duration age{0};  ///< since the first SYN
};

/// Counters of one host since it was made.
struct HostStatistics {
  std::uint64_t packets_in = 0;
  std::uint64_t packets_out = 0;
  std::uint64_t packets_dropped = 0;  ///< malformed, not ours, or over a limit
  std::uint64_t checksum_errors = 0;
  std::uint64_t tcp_connections = 0;  ///< now open, TIME-WAIT included
  std::uint64_t tcp_active_opens = 0;
  std::uint64_t tcp_passive_opens = 0;
  std::uint64_t tcp_resets_out = 0;
  std::uint64_t tcp_challenge_acks = 0;
  std::uint64_t tcp_syn_drops = 0;  ///< SYN queue or accept queue full
  std::uint64_t udp_datagrams_in = 0;
  std::uint64_t udp_datagrams_out = 0;
  std::uint64_t udp_drops = 0;
  std::uint64_t filter_blocks = 0;    ///< connections, packets and datagrams that a rule blocked
  std::uint64_t memory_bytes = 0;     ///< payload blocks in use
  std::uint64_t fast_path_opens = 0;  ///< connections made on the fast loopback path
  /// Connects that asked for the fast path and were sent over the ordinary one, by PathReason.
  std::array<std::uint64_t, kPathReasons> fast_path_fallbacks{};
};

}  // namespace oriel
