// Two connected sockets on one of the two loopback paths, IPv4 or IPv6: cases that must hold on
// both run once for each.
#pragma once

#include <mstcpip.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#include "loopback_sockets.h"
#include "support/win_case.h"

namespace fast_path {

using loopback::Socket;

struct Way {
  bool is_fast;
  int family;
};
inline constexpr Way kWays[] = {
    {false, AF_INET}, {true, AF_INET}, {false, AF_INET6}, {true, AF_INET6}};

/// Asks for the fast path as most programs do, with an int.
inline int ask(SOCKET s, int value = 1) {
  DWORD bytes = 99;
  const int e = WSAIoctl(s, SIO_LOOPBACK_FAST_PATH, &value, sizeof value, nullptr, 0, &bytes,
                         nullptr, nullptr);
  CHECK_EQ(bytes, 0u);
  return e;
}

/// What SIO_TCP_INFO says; a connection without segments has no segment size.
inline TCP_INFO_v0 info_of(SOCKET s) {
  DWORD version = 0;
  DWORD bytes = 0;
  TCP_INFO_v0 info{};
  CHECK_EQ(WSAIoctl(s, SIO_TCP_INFO, &version, sizeof version, &info, sizeof info, &bytes, nullptr,
                    nullptr),
           0);
  return info;
}
inline bool is_fast(SOCKET s) {
  return info_of(s).Mss == 0;
}

struct Name {
  sockaddr_storage at{};
  int bytes = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&at); }
};

inline Name loopback_of(int family) {
  Name name;
  name.at.ss_family = static_cast<ADDRESS_FAMILY>(family);
  if (family == AF_INET) {
    reinterpret_cast<sockaddr_in&>(name.at).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    name.bytes = sizeof(sockaddr_in);
  } else {
    reinterpret_cast<sockaddr_in6&>(name.at).sin6_addr.s6_addr[15] = 1;
    name.bytes = sizeof(sockaddr_in6);
  }
  return name;
}

inline Name endpoint_of(SOCKET s) {
  Name name;
  name.bytes = sizeof name.at;
  CHECK_EQ(getsockname(s, reinterpret_cast<sockaddr*>(&name.at), &name.bytes), 0);
  return name;
}

inline Socket listening(int family, bool is_asking) {
  Socket s = socket(family, SOCK_STREAM, 0);
  const Name any = loopback_of(family);
  CHECK_EQ(bind(s, any.get(), any.bytes), 0);
  if (is_asking) CHECK_EQ(ask(s), 0);
  CHECK_EQ(listen(s, 5), 0);
  return s;
}

struct Pair {
  Socket client;
  Socket server;

  explicit Pair(const Way& way) : Pair(way.family, way.is_fast, way.is_fast) {}
  Pair(int family, bool is_client_asking, bool is_server_asking) {
    const Socket listener = listening(family, is_server_asking);
    client = socket(family, SOCK_STREAM, 0);
    if (is_client_asking) CHECK_EQ(ask(client), 0);
    const Name to = endpoint_of(listener);
    CHECK_EQ(connect(client, to.get(), to.bytes), 0);
    server = accept(listener, nullptr, nullptr);
    CHECK(server != INVALID_SOCKET);
  }
};

}  // namespace fast_path
