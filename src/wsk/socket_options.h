// What a client has set on a WSK socket: read back unchanged, and given to accepted sockets.
#pragma once

#include <wsk.h>

#include <cstdint>

#include "socket/port_space.h"
#include "stack/core.h"

namespace oriel::wsk {

/// SO_RCVBUF before anybody sets it, bytes.
inline constexpr ULONG kReceiveBufferDefault = 65536;

struct SocketOptions {
  tcp::TcpSocketOptions tcp;    ///< what connections are made with
  bool is_fast_path = false;    ///< SIO_LOOPBACK_FAST_PATH
  bool is_v6_only = true;       ///< IPV6_V6ONLY
  bool is_reuse = false;        ///< SO_REUSEADDR
  bool is_exclusive = false;    ///< SO_EXCLUSIVEADDRUSE
  bool is_conditional = false;  ///< SO_CONDITIONAL_ACCEPT
  bool is_broadcast = false;    ///< SO_BROADCAST
  ULONG receive_buffer = kReceiveBufferDefault;
  ULONG hop_limit = 0;          ///< IP_TTL, IPV6_UNICAST_HOPS; 0: the host's
  ULONG unicast_interface = 0;  ///< IP_UNICAST_IF, IPV6_UNICAST_IF: remembered
  ULONG kept_flags = 0;         ///< options of which only the value is remembered

  socket::PortSharing sharing() const {
    if (is_exclusive) return socket::PortSharing::kExclusive;
    return is_reuse ? socket::PortSharing::kReuse : socket::PortSharing::kUsual;
  }
};

}  // namespace oriel::wsk
