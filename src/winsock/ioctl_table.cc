// The rows that programs need first. Sizes and their errors: the documentation page of each code.
#include "winsock/ioctl_table.h"

#include <mstcpip.h>
#include <mswsock.h>
#include <ws2tcpip.h>

#include <cstring>

#include "winsock/error_table.h"
#include "winsock/extensions.h"

namespace oriel::winsock {
namespace {

using stack::Core;

template <class T>
T value_of(const IoctlCall& call) {
  T value;
  std::memcpy(&value, call.in, sizeof value);
  return value;
}
template <class T>
int give(const IoctlCall& call, DWORD& returned, T value) {
  std::memcpy(call.out, &value, sizeof value);
  returned = sizeof value;
  return 0;
}

int set_non_blocking(Socket& s, Core&, const IoctlCall& call, DWORD&) {
  const bool is_on = value_of<DWORD>(call) != 0;
  if (!is_on && s.events().is_selecting()) return WSAEINVAL;  // WSAEventSelect keeps it so
  s.set_non_blocking(is_on);
  return 0;
}

int bytes_readable(Socket& s, Core&, const IoctlCall& call, DWORD& returned) {
  std::size_t bytes = 0;
  if (s.stream() != nullptr) bytes = s.stream()->readable_bytes();
  if (s.datagrams() != nullptr) bytes = s.datagrams()->next_datagram_bytes();
  return give(call, returned, static_cast<DWORD>(bytes));
}

// TRUE: no urgent byte waits ahead of the reader (documented the other way round from BSD).
int at_mark(Socket& s, Core&, const IoctlCall& call, DWORD& returned) {
  if (s.stream() == nullptr) return WSAENOTCONN;
  const bool is_ahead = s.stream()->transport()->urgent_bytes_left() != 0;
  return give(call, returned, BOOL{is_ahead ? FALSE : TRUE});
}

int set_keepalive_values(Socket& s, Core& core, const IoctlCall& call, DWORD&) {
  const auto values = value_of<tcp_keepalive>(call);
  SocketOptions& o = s.options();
  o.is_keepalive = values.onoff != 0;
  if (values.onoff != 0) {
    o.keepalive_idle_ms = values.keepalivetime;
    o.keepalive_interval_ms = values.keepaliveinterval;
  }
  s.apply_options(core);
  return 0;
}

// The base provider's own sockets are at the end of every chain.
int give_base_handle(Socket&, Core&, const IoctlCall& call, DWORD& returned) {
  return give(call, returned, call.socket);
}

// The queue is what waits to be taken: those sends end with WSA_OPERATION_ABORTED. What was taken
// is on its way to the peer, and some of it acknowledged. Who waits for word of the backlog is let
// go.
int flush(Socket& s, Core& core, const IoctlCall&, DWORD&) {
  if (s.stream() == nullptr) return 0;
  s.stream()->discard_queued_sends(core.now());
  s.stream()->cancel_backlog_wait();
  return 0;
}

int set_udp_reset(Socket& s, Core&, const IoctlCall& call, DWORD&) {
  s.options().is_udp_reset_told = *static_cast<const std::uint8_t*>(call.in) != 0;
  s.apply_datagram_options();
  return 0;
}

int give_extension(Socket&, Core&, const IoctlCall& call, DWORD& returned) {
  void* const function = find_extension(value_of<GUID>(call));
  return function == nullptr ? WSAEINVAL : give(call, returned, function);
}

// Quality of service, queues that overwrite, route discovery and companion interfaces: documented
// to be answered like this by a provider that has none.
int refuse_as_absent(Socket&, Core&, const IoctlCall&, DWORD&) {
  return WSAENOPROTOOPT;
}

constexpr auto kAny = OptionFor::kAny;
constexpr auto kStream = OptionFor::kStream;
constexpr auto kDatagram = OptionFor::kDatagram;

constexpr IoctlRow kTableRows[] = {
    {static_cast<DWORD>(FIONBIO), kAny, 4, 0, WSAEFAULT, set_non_blocking},
    {static_cast<DWORD>(FIONREAD), kAny, 0, 4, WSAEFAULT, bytes_readable},
    {static_cast<DWORD>(SIOCATMARK), kStream, 0, 4, WSAEFAULT, at_mark},
    {SIO_KEEPALIVE_VALS, kStream, sizeof(tcp_keepalive), 0, WSAEFAULT, set_keepalive_values},
    {SIO_GET_EXTENSION_FUNCTION_POINTER, kAny, sizeof(GUID), sizeof(void*), WSAEFAULT,
     give_extension, nullptr, true},
    {SIO_BASE_HANDLE, kAny, 0, sizeof(SOCKET), WSAEFAULT, give_base_handle},
    {SIO_BSP_HANDLE, kAny, 0, sizeof(SOCKET), WSAEFAULT, give_base_handle},
    {SIO_BSP_HANDLE_SELECT, kAny, 0, sizeof(SOCKET), WSAEFAULT, give_base_handle},
    {SIO_BSP_HANDLE_POLL, kAny, 0, sizeof(SOCKET), WSAEFAULT, give_base_handle},
    {SIO_ADDRESS_LIST_CHANGE, kAny, 0, 0, WSAEFAULT, nullptr, nullptr, false, true},
    {SIO_ROUTING_INTERFACE_CHANGE, kAny, sizeof(sockaddr), 0, WSAEFAULT, nullptr, nullptr, false,
     true},
    {SIO_FLUSH, kAny, 0, 0, WSAEFAULT, flush},
    {SIO_ASSOCIATE_HANDLE, kAny, 0, 0, WSAEFAULT, refuse_as_absent},
    {SIO_ENABLE_CIRCULAR_QUEUEING, kAny, 0, 0, WSAEFAULT, refuse_as_absent},
    {SIO_FIND_ROUTE, kAny, 0, 0, WSAEFAULT, refuse_as_absent},
    {SIO_GET_QOS, kAny, 0, 0, WSAEFAULT, refuse_as_absent},
    {SIO_GET_GROUP_QOS, kAny, 0, 0, WSAEFAULT, refuse_as_absent},
    {SIO_SET_QOS, kAny, 0, 0, WSAEFAULT, refuse_as_absent},
    {SIO_SET_GROUP_QOS, kAny, 0, 0, WSAEFAULT, refuse_as_absent},
    {SIO_TRANSLATE_HANDLE, kAny, 0, 0, WSAEFAULT, refuse_as_absent},
    {SIO_UDP_CONNRESET, kDatagram, 1, 0, WSAEFAULT, set_udp_reset},
};

}  // namespace

const IoctlRow* find_ioctl(const Socket& socket, const Core& core, DWORD code) {
  for (const std::span<const IoctlRow> rows :
       {std::span<const IoctlRow>(kTableRows), tcp_ioctl_rows(), compat_ioctl_rows(),
        fast_path_ioctl_rows(), backlog_ioctl_rows()}) {
    for (const IoctlRow& row : rows) {
      if (row.code != code) continue;
      const bool is_known =
          row.kinds == OptionFor::kAny || (row.kinds == OptionFor::kStream) == socket.is_stream();
      const bool has_it = !row.feature || core.has_feature(*row.feature);
      return is_known && has_it ? &row : nullptr;
    }
  }
  return nullptr;
}

}  // namespace oriel::winsock
