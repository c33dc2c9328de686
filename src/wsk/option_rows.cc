// The options. A number is a ULONG, a flag is one that is not 0; the value read back is the one
// that was set.
#include "wsk/option_rows.h"

#include <ws2tcpip.h>

#include <cstring>

namespace oriel::wsk {
namespace {

using stack::Core;
using O = SocketOptions;

constexpr unsigned kStreams = kConnections | kListeners | bit_of(Category::kBasic);
constexpr unsigned kEvery = kAllSockets;

ULONG number(const void* value) {
  ULONG n = 0;
  std::memcpy(&n, value, sizeof n);
  return n;
}
NTSTATUS give(void* value, ULONG n) {
  std::memcpy(value, &n, sizeof n);
  return STATUS_SUCCESS;
}

template <bool O::*Flag>
NTSTATUS get_flag(Socket& s, Core&, void* value) {
  return give(value, s.options().*Flag ? 1 : 0);
}
template <bool O::*Flag>
NTSTATUS set_flag_before_bind(Socket& s, Core&, const void* value) {
  if (s.is_bound()) return STATUS_INVALID_DEVICE_STATE;
  s.options().*Flag = number(value) != 0;
  return STATUS_SUCCESS;
}
template <bool O::*Flag>
NTSTATUS set_flag(Socket& s, Core&, const void* value) {
  s.options().*Flag = number(value) != 0;
  return STATUS_SUCCESS;
}
template <ULONG O::*Number>
NTSTATUS get_number(Socket& s, Core&, void* value) {
  return give(value, s.options().*Number);
}
template <ULONG O::*Number>
NTSTATUS set_number(Socket& s, Core&, const void* value) {
  s.options().*Number = number(value);
  return STATUS_SUCCESS;
}
template <bool tcp::TcpSocketOptions::*Flag>
NTSTATUS get_tcp_flag(Socket& s, Core&, void* value) {
  return give(value, s.options().tcp.*Flag ? 1 : 0);
}
template <bool tcp::TcpSocketOptions::*Flag>
NTSTATUS set_tcp_flag(Socket& s, Core& core, const void* value) {
  s.options().tcp.*Flag = number(value) != 0;
  s.apply_options(core);
  return STATUS_SUCCESS;
}
template <unsigned Bit>
NTSTATUS get_kept(Socket& s, Core&, void* value) {
  return give(value, (s.options().kept_flags & (1u << Bit)) != 0 ? 1 : 0);
}
template <unsigned Bit>
NTSTATUS set_kept(Socket& s, Core&, const void* value) {
  ULONG& kept = s.options().kept_flags;
  kept = number(value) != 0 ? kept | (1u << Bit) : kept & ~(1u << Bit);
  return STATUS_SUCCESS;
}

// REQ CM-3, CM-9: once connected it shrinks only where the compatibility mode allows it.
NTSTATUS set_receive_buffer(Socket& s, Core& core, const void* value) {
  const ULONG bytes = number(value);
  O& options = s.options();
  if (bytes > INT32_MAX) return STATUS_INVALID_PARAMETER;
  const bool may_shrink = options.tcp.may_shrink_rcv_buffer || !s.is_connected();
  if (bytes < options.receive_buffer && !may_shrink) return STATUS_INVALID_PARAMETER;
  options.receive_buffer = bytes;
  options.tcp.rcv_buffer_bytes = bytes;
  s.apply_options(core);
  return STATUS_SUCCESS;
}

NTSTATUS set_seconds(Duration& where, const void* value) {
  constexpr ULONG kSecondsMax = 0x7fffffff / 1000;
  const ULONG seconds = number(value);
  if (seconds == 0 || seconds > kSecondsMax) return STATUS_INVALID_PARAMETER;
  where = std::chrono::seconds(seconds);
  return STATUS_SUCCESS;
}
template <Duration tcp::TcpSocketOptions::*Time>
NTSTATUS set_time(Socket& s, Core& core, const void* value) {
  const NTSTATUS status = set_seconds(s.options().tcp.*Time, value);
  if (status == STATUS_SUCCESS) s.apply_options(core);
  return status;
}
template <Duration tcp::TcpSocketOptions::*Time>
NTSTATUS get_time(Socket& s, Core&, void* value) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(s.options().tcp.*Time);
  return give(value, static_cast<ULONG>(seconds.count()));
}

NTSTATUS set_v6_only(Socket& s, Core& core, const void* value) {
  if (s.family() != AF_INET6) return STATUS_NOT_SUPPORTED;
  return set_flag_before_bind<&O::is_v6_only>(s, core, value);
}

NTSTATUS get_type(Socket& s, Core&, void* value) {
  return give(value, s.is_datagram() ? SOCK_DGRAM : SOCK_STREAM);
}

constexpr SIZE_T kNumber = sizeof(ULONG);
constexpr auto kListenOnly = bit_of(Category::kListen);

// The unicast interface and the flags that are only kept have no effect, as on a host with one way
// to each destination.
constexpr OptionRow kRows[] = {
    {SOL_SOCKET, SO_CONDITIONAL_ACCEPT, kListenOnly, kNumber, true,
     set_flag_before_bind<&O::is_conditional>, get_flag<&O::is_conditional>},
    {SOL_SOCKET, SO_REUSEADDR, kEvery, kNumber, false, set_flag_before_bind<&O::is_reuse>,
     get_flag<&O::is_reuse>},
    {SOL_SOCKET, static_cast<ULONG>(SO_EXCLUSIVEADDRUSE), kEvery, kNumber, false,
     set_flag_before_bind<&O::is_exclusive>, get_flag<&O::is_exclusive>},
    {SOL_SOCKET, SO_RCVBUF, kEvery, kNumber, false, set_receive_buffer,
     get_number<&O::receive_buffer>},
    {SOL_SOCKET, SO_KEEPALIVE, kStreams, kNumber, false,
     set_tcp_flag<&tcp::TcpSocketOptions::is_keepalive>,
     get_tcp_flag<&tcp::TcpSocketOptions::is_keepalive>},
    {SOL_SOCKET, SO_BROADCAST, bit_of(Category::kDatagram), kNumber, false,
     set_flag<&O::is_broadcast>, get_flag<&O::is_broadcast>},
    {SOL_SOCKET, SO_PORT_SCALABILITY, kEvery, kNumber, false, set_kept<0>, get_kept<0>},
    {SOL_SOCKET, SO_TYPE, kEvery, kNumber, false, nullptr, get_type},
    {IPPROTO_TCP, TCP_NODELAY, kStreams, kNumber, false,
     set_tcp_flag<&tcp::TcpSocketOptions::is_nodelay>,
     get_tcp_flag<&tcp::TcpSocketOptions::is_nodelay>},
    {IPPROTO_TCP, TCP_BSDURGENT, kStreams, kNumber, false, set_kept<1>, get_kept<1>},
    {IPPROTO_TCP, TCP_KEEPIDLE, kStreams, kNumber, false,
     set_time<&tcp::TcpSocketOptions::keepalive_idle>,
     get_time<&tcp::TcpSocketOptions::keepalive_idle>},
    {IPPROTO_TCP, TCP_KEEPINTVL, kStreams, kNumber, false,
     set_time<&tcp::TcpSocketOptions::keepalive_interval>,
     get_time<&tcp::TcpSocketOptions::keepalive_interval>},
    {IPPROTO_IP, IP_TTL, kEvery, kNumber, false, set_number<&O::hop_limit>,
     get_number<&O::hop_limit>},
    {IPPROTO_IP, IP_UNICAST_IF, kEvery, kNumber, false, set_number<&O::unicast_interface>,
     get_number<&O::unicast_interface>},
    {IPPROTO_IPV6, IPV6_UNICAST_HOPS, kEvery, kNumber, false, set_number<&O::hop_limit>,
     get_number<&O::hop_limit>},
    {IPPROTO_IPV6, IPV6_UNICAST_IF, kEvery, kNumber, false, set_number<&O::unicast_interface>,
     get_number<&O::unicast_interface>},
    {IPPROTO_IPV6, IPV6_V6ONLY, kEvery, kNumber, false, set_v6_only, get_flag<&O::is_v6_only>},
};

}  // namespace

const OptionRow* find_option(ULONG level, ULONG name) {
  for (const OptionRow& row : kRows) {
    if (row.level == level && row.name == name) return &row;
  }
  return nullptr;
}

}  // namespace oriel::wsk
