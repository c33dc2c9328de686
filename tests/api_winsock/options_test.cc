// Socket options: what each reads back, the sizes that it takes, and how it refuses.
#include <mswsock.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#include <cstring>

#include "loopback_sockets.h"
#include "started.h"
#include "support/win_case.h"

namespace {

using namespace loopback;  // NOLINT(google-build-using-namespace)

constexpr DWORD kFailed = 0xfffffff0;

DWORD get(SOCKET s, int level, int name) {
  DWORD value = 0;
  int bytes = sizeof value;
  const int r = getsockopt(s, level, name, reinterpret_cast<char*>(&value), &bytes);
  return r == 0 ? value : kFailed;
}
int set(SOCKET s, int level, int name, DWORD value, int bytes = sizeof(DWORD)) {
  return setsockopt(s, level, name, reinterpret_cast<const char*>(&value), bytes);
}

struct Row {
  int family;
  int type;
  int level;
  int name;
  DWORD initial;
  DWORD other;    ///< another value that it takes
  bool is_short;  ///< one byte is enough
};

constexpr int kStream = SOCK_STREAM;
constexpr int kDgram = SOCK_DGRAM;
constexpr Row kRows[] = {
    {AF_INET, kStream, SOL_SOCKET, SO_DEBUG, 0, 1, true},
    {AF_INET, kStream, SOL_SOCKET, SO_DONTROUTE, 0, 1, true},
    {AF_INET, kStream, SOL_SOCKET, SO_OOBINLINE, 0, 1, true},
    {AF_INET, kStream, SOL_SOCKET, SO_KEEPALIVE, 0, 1, true},
    {AF_INET, kStream, SOL_SOCKET, SO_REUSEADDR, 0, 1, true},
    {AF_INET, kStream, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 0, 1, true},
    {AF_INET, kStream, SOL_SOCKET, SO_DONTLINGER, 1, 0, true},
    {AF_INET, kStream, SOL_SOCKET, SO_CONDITIONAL_ACCEPT, 0, 1, true},
    {AF_INET, kStream, SOL_SOCKET, SO_PAUSE_ACCEPT, 0, 1, true},
    {AF_INET, kStream, SOL_SOCKET, SO_PORT_SCALABILITY, 0, 1, true},
    {AF_INET, kStream, SOL_SOCKET, SO_RANDOMIZE_PORT, 0, 1, true},
    {AF_INET, kStream, SOL_SOCKET, SO_REUSE_UNICASTPORT, 0, 1, true},
    {AF_INET, kStream, SOL_SOCKET, SO_RCVBUF, 65536, 4096, false},
    {AF_INET, kStream, SOL_SOCKET, SO_SNDBUF, 65536, 0, false},
    {AF_INET, kStream, SOL_SOCKET, SO_RCVTIMEO, 0, 63000, false},
    {AF_INET, kStream, SOL_SOCKET, SO_SNDTIMEO, 0, 997000, false},
    {AF_INET, kStream, SOL_SOCKET, SO_COMPARTMENT_ID, 1, 1, false},
    {AF_INET, kDgram, SOL_SOCKET, SO_BROADCAST, 0, 1, true},
    {AF_INET, kStream, IPPROTO_TCP, TCP_NODELAY, 0, 1, true},
    {AF_INET, kStream, IPPROTO_TCP, TCP_EXPEDITED_1122, 0, 1, true},
    {AF_INET, kStream, IPPROTO_TCP, TCP_BSDURGENT, 1, 0, true},
    {AF_INET, kStream, IPPROTO_TCP, TCP_TIMESTAMPS, 0, 1, true},
    {AF_INET, kStream, IPPROTO_TCP, TCP_NOSYNRETRIES, 0, 1, true},
    {AF_INET, kStream, IPPROTO_TCP, TCP_DELAY_FIN_ACK, 0, 1, true},
    {AF_INET, kStream, IPPROTO_TCP, TCP_FASTOPEN, 0, 1, true},
    {AF_INET, kStream, IPPROTO_TCP, TCP_KEEPIDLE, 7200, 60, false},
    {AF_INET, kStream, IPPROTO_TCP, TCP_KEEPINTVL, 1, 5, false},
    {AF_INET, kStream, IPPROTO_TCP, TCP_KEEPCNT, 10, 255, false},
    {AF_INET, kStream, IPPROTO_TCP, TCP_MAXRT, 0, 30, false},
    {AF_INET, kStream, IPPROTO_TCP, TCP_MAXRT, 0, 0xffffffff, false},
    {AF_INET, kStream, IPPROTO_TCP, TCP_MAXRTMS, 0, 1500, false},
    {AF_INET, kStream, IPPROTO_TCP, TCP_OFFLOAD_PREFERENCE, 0, 2, false},
    {AF_INET, kDgram, IPPROTO_IP, IP_TTL, 128, 1, true},
    {AF_INET, kStream, IPPROTO_IP, IP_TTL, 128, 255, true},
    {AF_INET, kDgram, IPPROTO_IP, IP_TOS, 0, 0x20, true},
    {AF_INET, kDgram, IPPROTO_IP, IP_DONTFRAGMENT, 0, 1, true},
    {AF_INET, kDgram, IPPROTO_IP, IP_UNICAST_IF, 0, 0x01000000, false},
    {AF_INET, kDgram, IPPROTO_IP, IP_MULTICAST_IF, 0, 0x0100007f, false},
    {AF_INET, kDgram, IPPROTO_IP, IP_MULTICAST_TTL, 1, 32, true},
    {AF_INET, kDgram, IPPROTO_IP, IP_MULTICAST_LOOP, 1, 0, true},
    {AF_INET, kDgram, IPPROTO_IP, IP_MTU_DISCOVER, 0, 3, false},
    {AF_INET, kDgram, IPPROTO_IP, IP_PKTINFO, 0, 1, false},
    {AF_INET, kDgram, IPPROTO_IP, IP_RECVTTL, 0, 1, false},
    {AF_INET, kDgram, IPPROTO_IP, IP_RECVTOS, 0, 1, false},
    {AF_INET, kDgram, IPPROTO_IP, IP_RECEIVE_BROADCAST, 1, 0, true},
    {AF_INET6, kStream, IPPROTO_IPV6, IPV6_V6ONLY, 1, 0, true},
    {AF_INET6, kDgram, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 128, 64, true},
    {AF_INET6, kDgram, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 1, 7, true},
    {AF_INET6, kDgram, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 1, 0, true},
    {AF_INET6, kStream, IPPROTO_IPV6, IPV6_DONTFRAG, 0, 1, true},
    {AF_INET6, kDgram, IPPROTO_IPV6, IPV6_UNICAST_IF, 0, 1, false},
    {AF_INET6, kDgram, IPPROTO_IPV6, IPV6_PKTINFO, 0, 1, false},
    {AF_INET6, kDgram, IPPROTO_IPV6, IPV6_HOPLIMIT, 0, 1, false},
    {AF_INET6, kDgram, IPPROTO_IPV6, IPV6_RECVTCLASS, 0, 1, false},
    {AF_INET6, kStream, IPPROTO_IPV6, IPV6_PROTECTION_LEVEL, 20, 10, false},
    {AF_INET, kStream, IPPROTO_IPV6, IPV6_V6ONLY, 1, 0, true},
};

WIN_CASE(Options, EachReadsBackWhatWasSetAndTakesItsSizes) {
  REQ("WS-4");
  const Started started;
  for (const Row& row : kRows) {
    const Socket s = socket(row.family, row.type, 0);
    const bool was_clean = !win_case::has_failed();
    CHECK_EQ(get(s, row.level, row.name), row.initial);
    CHECK_EQ(set(s, row.level, row.name, row.other), 0);
    CHECK_EQ(get(s, row.level, row.name), row.other);
    CHECK_EQ(set(s, row.level, row.name, row.initial, 1), row.is_short ? 0 : SOCKET_ERROR);
    char byte = 0x55;
    int bytes = 1;
    WSASetLastError(0);
    CHECK_EQ(getsockopt(s, row.level, row.name, &byte, &bytes), row.is_short ? 0 : SOCKET_ERROR);
    if (!row.is_short) CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    if (was_clean && win_case::has_failed()) {
      win_case::fail(__FILE__, __LINE__,
                     "level " + std::to_string(row.level) + " name " + std::to_string(row.name));
    }
  }
}

WIN_CASE(Options, WrongValuesAndUnknownNames) {
  REQ("WS-2");
  const Started started;
  const Socket s = socket(AF_INET, SOCK_STREAM, 0);
  const Socket d = socket(AF_INET, SOCK_DGRAM, 0);
  const Socket d6 = socket(AF_INET6, SOCK_DGRAM, 0);
  const auto refuses = [](SOCKET of, int level, int name, DWORD value, int error) {
    CHECK_EQ(set(of, level, name, value), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), error);
  };
  refuses(d, IPPROTO_IP, IP_TTL, 0, WSAEINVAL);
  refuses(d, IPPROTO_IP, IP_TTL, 256, WSAEINVAL);
  refuses(d, IPPROTO_IP, IP_TOS, 256, WSAEINVAL);
  refuses(d6, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 256, WSAEINVAL);
  refuses(s, IPPROTO_TCP, TCP_KEEPCNT, 256, WSAEINVAL);
  refuses(s, IPPROTO_TCP, TCP_KEEPCNT, 0, WSAEINVAL);
  refuses(s, IPPROTO_TCP, TCP_KEEPIDLE, 0, WSAEINVAL);
  refuses(s, SOL_SOCKET, SO_COMPARTMENT_ID, 2, WSAEINVAL);
  refuses(s, SOL_SOCKET, SO_GROUP_ID, 1, WSAENOPROTOOPT);
  refuses(s, SOL_SOCKET, SO_ERROR, 1, WSAENOPROTOOPT);
  refuses(s, IPPROTO_TCP, 999, 1, WSAENOPROTOOPT);
  refuses(d, IPPROTO_TCP, TCP_NODELAY, 1, WSAENOPROTOOPT);
  refuses(s, 999, 1, 1, WSAEINVAL);
  CHECK_EQ(get(s, IPPROTO_IP, IP_MTU), kFailed);
  CHECK_EQ(WSAGetLastError(), WSAENOTCONN);
  CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_TYPE, nullptr, nullptr), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEFAULT);
  const Socket taken = bound(SOCK_STREAM);
  refuses(taken, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1, WSAEINVAL);
  refuses(taken, SOL_SOCKET, SO_PORT_SCALABILITY, 1, WSAEINVAL);
}

WIN_CASE(Options, OfAConnection) {
  const Started started;
  const Pair pair = connected();
  CHECK_LE(get(pair.client, SOL_SOCKET, SO_CONNECT_TIME), 60u);
  CHECK_GE(get(pair.client, IPPROTO_TCP, TCP_MAXSEG), 536u);
  CHECK_GE(get(pair.client, IPPROTO_IP, IP_MTU), 576u);
  CHECK_EQ(get(pair.client, SOL_SOCKET, SO_ERROR), 0u);
  union {
    CSADDR_INFO info;
    char bytes[256];
  } state;
  int bytes = sizeof state;
  REQUIRE_EQ(getsockopt(pair.client, SOL_SOCKET, SO_BSP_STATE, state.bytes, &bytes), 0);
  CHECK_EQ(bytes, int{sizeof(CSADDR_INFO) + 2 * sizeof(sockaddr_in)});
  CHECK_EQ(state.info.iSocketType, SOCK_STREAM);
  CHECK_EQ(state.info.iProtocol, int{IPPROTO_TCP});
  const sockaddr_in peer = name_of(pair.server);
  REQUIRE_EQ(state.info.RemoteAddr.iSockaddrLength, int{sizeof(sockaddr_in)});
  const auto* shown = reinterpret_cast<const sockaddr_in*>(state.info.RemoteAddr.lpSockaddr);
  CHECK_EQ(shown->sin_port, peer.sin_port);
  bytes = sizeof(CSADDR_INFO);
  CHECK_EQ(getsockopt(pair.client, SOL_SOCKET, SO_BSP_STATE, state.bytes, &bytes), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEFAULT);
}

}  // namespace
