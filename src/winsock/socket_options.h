// What a program has set on a socket, as it set it: read back unchanged, and given to accepted
// sockets.
#pragma once

#include <winsock2.h>

#include <cstdint>

#include "socket/port_space.h"
#include "stack/core.h"

namespace oriel::winsock {

/// SO_SNDBUF and SO_RCVBUF before anybody sets them, bytes.
inline constexpr DWORD kBufferBytesDefault = 65536;

/// Flags of which the socket only remembers that they were set.
enum class KeptFlag : std::uint8_t {
  // SOL_SOCKET
  kPauseAccept,
  kPortScalability,
  kRandomizePort,
  kReuseUnicastPort,
  kReuseMulticastPort,
  // IPPROTO_TCP
  kExpedited1122,
  kBsdUrgent,
  kTimestamps,
  kDelayFinAck,
  kFastOpen,
  kFailOnIcmpError,
  // IPPROTO_IP and IPPROTO_IPV6
  kMulticastLoop,
  kDestinationTold,
  kInterfaceTold,
  kEcnTold,
  kReceiveBroadcast,
};

struct SocketOptions {
  bool is_reuse = false;
  bool is_exclusive = false;
  bool is_keepalive = false;
  bool is_nodelay = false;
  bool is_broadcast = false;
  bool is_dont_route = false;
  bool is_debug = false;
  bool is_urgent_inline = false;
  bool is_fast_path = false;  ///< SIO_LOOPBACK_FAST_PATH
  bool is_v6_only = true;
  bool is_conditional_accept = false;
  bool is_udp_reset_told = true;     ///< SIO_UDP_CONNRESET
  bool is_packet_info_told = false;  ///< these three: by WSARecvMsg
  bool is_hop_limit_told = false;
  bool is_traffic_class_told = false;
  bool is_snd_buffer_set = false;
  bool is_rcv_buffer_set = false;
  bool is_backlog_queried = false;  ///< on the present connection: its send buffer is fixed
  ReceiveMode receive_mode = ReceiveMode::kHost;  ///< SIO_SET_COMPATIBILITY_MODE: AutoTuning
  bool may_shrink_rcv_buffer = false;             ///< the same: ReceiveBuffering
  linger lingering{0, 0};
  DWORD snd_buffer_bytes = kBufferBytesDefault;
  DWORD rcv_buffer_bytes = kBufferBytesDefault;
  DWORD snd_timeout_ms = 0;  ///< 0: none
  DWORD rcv_timeout_ms = 0;
  DWORD keepalive_idle_ms = 0;  ///< 0: the host's
  DWORD keepalive_interval_ms = 0;
  DWORD keepalive_probes = 0;
  DWORD retransmit_ms_max = 0;     ///< TCP_MAXRT: 0: the host's count; 0xffffffff: for ever
  bool is_syn_once = false;        ///< TCP_NOSYNRETRIES: remembered
  std::uint8_t syn_repeats = 0;    ///< SIO_TCP_INITIAL_RTO: 0: the host's
  std::uint8_t offload = 0;        ///< TCP_OFFLOAD_PREFERENCE
  bool is_whole_only = false;      ///< IP_DONTFRAGMENT: datagrams are not sent in fragments
  std::uint8_t hop_limit = 0;      ///< IP_TTL, IPV6_UNICAST_HOPS; 0: the host's
  std::uint8_t traffic_class = 0;  ///< IP_TOS
  std::uint8_t multicast_hops = 1;
  std::uint8_t path_mtu_discovery = 0;  ///< IP_MTU_DISCOVER
  std::uint8_t protection = 20;         ///< IPV6_PROTECTION_LEVEL: not through edges
  DWORD unicast_interface = 0;          ///< IP_UNICAST_IF: in network order for IPv4
  DWORD multicast_interface = 0;
  std::uint32_t kept_flags = bit_of(KeptFlag::kBsdUrgent) | bit_of(KeptFlag::kMulticastLoop) |
                             bit_of(KeptFlag::kReceiveBroadcast);

  static constexpr std::uint32_t bit_of(KeptFlag flag) { return 1u << static_cast<unsigned>(flag); }
  bool has(KeptFlag flag) const { return (kept_flags & bit_of(flag)) != 0; }
  void set(KeptFlag flag, bool is_on) {
    kept_flags = is_on ? kept_flags | bit_of(flag) : kept_flags & ~bit_of(flag);
  }

  socket::PortSharing sharing() const {
    if (is_exclusive) return socket::PortSharing::kExclusive;
    return is_reuse ? socket::PortSharing::kReuse : socket::PortSharing::kUsual;
  }
  tcp::TcpSocketOptions tcp() const;
};

}  // namespace oriel::winsock
