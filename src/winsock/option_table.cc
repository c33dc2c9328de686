// The rows, and the rules of sizes. Flags and numbers read back what was set.
#include "winsock/option_table.h"

#include <mswsock.h>
#include <ws2tcpip.h>

#include <algorithm>
#include <cstring>

#include "winsock/option_access.h"
#include "winsock/protocol_info.h"
#include "winsock/sockaddr.h"
#include "winsock/spi_call.h"

namespace oriel::winsock {
namespace {

using namespace option;  // NOLINT(google-build-using-namespace)

// The two ways of sharing an address exclude each other, and are for the bind to come.
int set_reuse(Socket& s, Core& core, const void* value) {
  if (number(value) != 0 && s.options().is_exclusive) return WSAEINVAL;
  return set_flag<&SocketOptions::is_reuse>(s, core, value);
}
int set_exclusive(Socket& s, Core& core, const void* value) {
  if (number(value) != 0 && s.options().is_reuse) return WSAEINVAL;
  if (s.is_bound()) return WSAEINVAL;
  return set_flag<&SocketOptions::is_exclusive>(s, core, value);
}
int set_v6_only(Socket& s, Core& core, const void* value) {
  if (s.is_bound() || s.stream() != nullptr) return WSAEINVAL;
  return set_flag<&SocketOptions::is_v6_only>(s, core, value);
}

int get_linger(Socket& s, Core&, void* value) {
  std::memcpy(value, &s.options().lingering, sizeof(linger));
  return 0;
}
int set_linger(Socket& s, Core&, const void* value) {
  std::memcpy(&s.options().lingering, value, sizeof(linger));
  return 0;
}
int get_dont_linger(Socket& s, Core&, void* value) {
  return give(value, s.options().lingering.l_onoff == 0 ? 1 : 0);
}
int set_dont_linger(Socket& s, Core&, const void* value) {
  s.options().lingering.l_onoff = number(value) == 0 ? 1 : 0;
  return 0;
}

int get_error(Socket& s, Core&, void* value) {
  return give(value, static_cast<DWORD>(s.take_error()));
}
int get_type(Socket& s, Core&, void* value) {
  return give(value, static_cast<DWORD>(s.kind().type));
}
int get_accept_conn(Socket& s, Core&, void* value) {
  return give(value, s.listener() != nullptr ? 1 : 0);
}
const WSAPROTOCOL_INFOW& info_of(const Socket& s) {
  for (const WSAPROTOCOL_INFOW& info : base_protocols()) {
    if (is_family(info, s.kind().family) && is_type(info, s.kind().type)) return info;
  }
  return base_protocols()[0];
}
int get_info_w(Socket& s, Core&, void* value) {
  std::memcpy(value, &info_of(s), sizeof(WSAPROTOCOL_INFOW));
  return 0;
}
int get_info_a(Socket& s, Core&, void* value) {
  const WSAPROTOCOL_INFOA info = to_ansi(info_of(s));
  std::memcpy(value, &info, sizeof info);
  return 0;
}
// AcceptEx leaves a socket in its own state; this gives it the listening one's properties and its
// names.
int update_accept_context(Socket& s, Core& core, const void* value) {
  SOCKET handle;
  std::memcpy(&handle, value, sizeof handle);
  const auto listening = find_socket(handle);
  if (!listening) return no_socket_error();
  if (listening->listener() == nullptr) return WSAEINVAL;
  if (s.stream() == nullptr) return WSAENOTCONN;
  s.inherit(core, *listening);
  s.set_context_due(false);
  return 0;
}
// A socket that listens has chosen.
int set_conditional_accept(Socket& s, Core& core, const void* value) {
  if (s.listener() != nullptr) return WSAEINVAL;
  return set_flag<&O::is_conditional_accept>(s, core, value);
}
int update_connect_context(Socket& s, Core&, const void*) {
  if (s.stream() == nullptr || !s.is_connected()) return WSAENOTCONN;
  s.set_context_due(false);
  return 0;
}
int get_connect_time(Socket& s, Core& core, void* value) {
  constexpr DWORD kNotConnected = 0xffffffff;
  return give(value, s.connected_seconds(core).value_or(kNotConnected));
}
int get_max_message(Socket&, Core&, void* value) {
  return give(value, 65507);  // of one IPv4 datagram
}

constexpr auto kFlag = OptionShape::kFlag;
constexpr auto kNumber = OptionShape::kNumber;
constexpr auto kStruct = OptionShape::kStruct;

constexpr OptionRow kGeneralRows[] = {
    flag<&O::is_debug>(SOL_SOCKET, SO_DEBUG, kAny),
    flag<&O::is_dont_route>(SOL_SOCKET, SO_DONTROUTE, kAny),
    flag<&O::is_keepalive>(SOL_SOCKET, SO_KEEPALIVE, kStream),
    flag<&O::is_broadcast>(SOL_SOCKET, SO_BROADCAST, kDatagram),
    flag<&O::is_urgent_inline>(SOL_SOCKET, SO_OOBINLINE, kStream),
    {SOL_SOCKET, SO_CONDITIONAL_ACCEPT, kStream, kFlag, kFlagBytes,
     get_flag<&O::is_conditional_accept>, set_conditional_accept},
    flag<&O::is_nodelay>(IPPROTO_TCP, TCP_NODELAY, kStream),
    {SOL_SOCKET, SO_REUSEADDR, kAny, kFlag, kFlagBytes, get_flag<&O::is_reuse>, set_reuse},
    {SOL_SOCKET, SO_EXCLUSIVEADDRUSE, kAny, kFlag, kFlagBytes, get_flag<&O::is_exclusive>,
     set_exclusive},
    {IPPROTO_IPV6, IPV6_V6ONLY, kAny, kFlag, kFlagBytes, get_flag<&O::is_v6_only>, set_v6_only},
    {SOL_SOCKET, SO_ACCEPTCONN, kStream, kFlag, kFlagBytes, get_accept_conn, nullptr},
    {SOL_SOCKET, SO_ERROR, kAny, kNumber, kNumberBytes, get_error, nullptr},
    {SOL_SOCKET, SO_TYPE, kAny, kNumber, kNumberBytes, get_type, nullptr},
    {SOL_SOCKET, SO_PROTOCOL_INFOA, kAny, kStruct, sizeof(WSAPROTOCOL_INFOA), get_info_a, nullptr},
    {SOL_SOCKET, SO_PROTOCOL_INFOW, kAny, kStruct, sizeof(WSAPROTOCOL_INFOW), get_info_w, nullptr},
    {SOL_SOCKET, SO_MAX_MSG_SIZE, kDatagram, kNumber, kNumberBytes, get_max_message, nullptr},
    {SOL_SOCKET, SO_CONNECT_TIME, kStream, kNumber, kNumberBytes, get_connect_time, nullptr},
    {SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, kStream, kStruct, sizeof(SOCKET), nullptr,
     update_accept_context},
    {SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, kStream, kStruct, 0, nullptr, update_connect_context},
    {SOL_SOCKET, SO_LINGER, kStream, kStruct, sizeof(linger), get_linger, set_linger},
    {SOL_SOCKET, SO_DONTLINGER, kStream, kFlag, kFlagBytes, get_dont_linger, set_dont_linger},
    {SOL_SOCKET, SO_SNDBUF, kAny, kNumber, kNumberBytes, get_number<&O::snd_buffer_bytes>,
     set_buffer<&O::snd_buffer_bytes, &O::is_snd_buffer_set>},
    {SOL_SOCKET, SO_SNDTIMEO, kAny, kNumber, kNumberBytes, get_number<&O::snd_timeout_ms>,
     set_number<&O::snd_timeout_ms>},
    {SOL_SOCKET, SO_RCVTIMEO, kAny, kNumber, kNumberBytes, get_number<&O::rcv_timeout_ms>,
     set_number<&O::rcv_timeout_ms>},
};

// Largest value of a row; rows' functions read and write this many at most.
constexpr std::size_t kValueBytesMax = 16;

bool is_known_level(int level) {
  return level == SOL_SOCKET || level == IPPROTO_TCP || level == IPPROTO_IPV6 ||
         level == IPPROTO_IP || level == IPPROTO_UDP;
}

int find_row(const Socket& socket, int level, int name, const OptionRow*& out) {
  for (const std::span<const OptionRow> rows :
       {std::span<const OptionRow>(kGeneralRows), socket_option_rows(), tcp_option_rows(),
        ip_option_rows(), ipv6_option_rows()}) {
    for (const OptionRow& row : rows) {
      if (row.level != level || row.name != name) continue;
      const bool is_known =
          row.kinds == OptionFor::kAny || (row.kinds == OptionFor::kStream) == socket.is_stream();
      if (!is_known) return WSAENOPROTOOPT;
      out = &row;
      return 0;
    }
  }
  return is_known_level(level) ? WSAENOPROTOOPT : WSAEINVAL;
}

}  // namespace

namespace {

// What the fast path supports of TCP, IP and IPv6.
bool is_fast_path_option(int level, int name) {
  switch (level) {
    case IPPROTO_TCP:
      return name == TCP_BSDURGENT;
    case IPPROTO_IP:
      return name == IP_TTL || name == IP_UNICAST_IF;
    case IPPROTO_IPV6:
      return name == IPV6_UNICAST_HOPS || name == IPV6_UNICAST_IF || name == IPV6_V6ONLY;
    default:
      return true;  // sockets' own options keep their meaning
  }
}

// Whether a connection takes the path is known once it is made; before, whether it was asked for.
bool is_for_fast_path(Socket& s, const Core& core) {
  if (s.stream() == nullptr || !s.is_connected()) return s.options().is_fast_path;
  TcpInfo info;
  s.stream()->transport()->fill_info(core.now(), info);
  return info.path == ConnectionPath::kFast;
}

// One byte is enough of these.
bool is_short_enough(OptionShape shape) {
  return shape == OptionShape::kFlag || shape == OptionShape::kByte;
}

}  // namespace

int get_option(Socket& socket, int level, int name, char* value, INT* bytes) {
  if (is_bad_pointer(value) || is_bad_pointer(bytes)) return WSAEFAULT;
  if (level == SOL_SOCKET && name == SO_BSP_STATE) return get_bsp_state(socket, value, bytes);
  const OptionRow* row = nullptr;
  if (const int e = find_row(socket, level, name, row); e != 0) return e;
  if (row->get == nullptr) return WSAENOPROTOOPT;
  const bool may_be_short = is_short_enough(row->shape);
  const int bytes_min = may_be_short ? 1 : row->bytes;
  if (*bytes < bytes_min) return WSAEFAULT;
  alignas(8) std::uint8_t result[sizeof(WSAPROTOCOL_INFOW)] = {};  // the largest
  {
    Turn turn(socket.host());
    if (socket.is_closed()) return WSAENOTSOCK;
    if (const int e = row->get(socket, turn.core(), result); e != 0) return e;
  }
  *bytes = may_be_short && *bytes < row->bytes ? 1 : row->bytes;
  std::memcpy(value, result, static_cast<std::size_t>(*bytes));
  return 0;
}

int set_option(Socket& socket, int level, int name, const char* value, INT bytes) {
  const OptionRow* row = nullptr;
  if (const int e = find_row(socket, level, name, row); e != 0) return e;
  if (row->set == nullptr) return WSAENOPROTOOPT;
  if (row->bytes != 0 && is_bad_pointer(value)) return WSAEFAULT;
  const bool may_be_short = is_short_enough(row->shape);
  const int bytes_min = may_be_short ? 1 : row->bytes;
  if (bytes < bytes_min) return WSAEFAULT;
  alignas(8) std::uint8_t given[kValueBytesMax] = {};
  if (row->bytes != 0) {
    std::memcpy(given, value, static_cast<std::size_t>(std::min(bytes, row->bytes)));
  }
  Turn turn(socket.host());
  if (socket.is_closed()) return WSAENOTSOCK;
  // REQ LFP-10
  const bool is_strict = turn.core().is_fast_path_strict() && !is_fast_path_option(level, name);
  if (is_strict && is_for_fast_path(socket, turn.core())) return WSAENOPROTOOPT;
  return row->set(socket, turn.core(), given);
}

}  // namespace oriel::winsock
