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

struct SocketOptions {
  bool is_reuse = false;
  bool is_exclusive = false;
  bool is_keepalive = false;
  bool is_nodelay = false;
  bool is_broadcast = false;
  bool is_dont_route = false;
  bool is_debug = false;
  bool is_urgent_inline = false;
  bool is_v6_only = true;
  bool is_conditional_accept = false;
  bool is_udp_reset_told = true;  ///< SIO_UDP_CONNRESET
  bool is_packet_info_told = false;  ///< these three: by WSARecvMsg
  bool is_hop_limit_told = false;
  bool is_traffic_class_told = false;
  bool is_snd_buffer_set = false;
  bool is_rcv_buffer_set = false;
  linger lingering{0, 0};
  DWORD snd_buffer_bytes = kBufferBytesDefault;
  DWORD rcv_buffer_bytes = kBufferBytesDefault;
  DWORD snd_timeout_ms = 0;  ///< 0: none
  DWORD rcv_timeout_ms = 0;
  DWORD keepalive_idle_ms = 0;  ///< 0: the host's
  DWORD keepalive_interval_ms = 0;
  DWORD keepalive_probes = 0;

  socket::PortSharing sharing() const {
    if (is_exclusive) return socket::PortSharing::kExclusive;
    return is_reuse ? socket::PortSharing::kReuse : socket::PortSharing::kUsual;
  }
  tcp::TcpSocketOptions tcp() const;
};

}  // namespace oriel::winsock
