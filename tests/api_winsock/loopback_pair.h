// Names and connected pairs over the host's own loopback, for cases that are about something else.
#pragma once

#include <winsock2.h>

#include "support/win_case.h"

inline sockaddr_in loopback_name(u_short port_be = 0) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  a.sin_port = port_be;
  return a;
}

inline const sockaddr* as_name(const sockaddr_in& a) {
  return reinterpret_cast<const sockaddr*>(&a);
}

inline sockaddr_in name_of(SOCKET s) {
  sockaddr_in a{};
  int bytes = sizeof a;
  CHECK_EQ(getsockname(s, reinterpret_cast<sockaddr*>(&a), &bytes), 0);
  return a;
}

inline SOCKET bound_socket(int type = SOCK_STREAM) {
  const SOCKET s = socket(AF_INET, type, 0);
  const sockaddr_in a = loopback_name();
  CHECK_EQ(bind(s, as_name(a), sizeof a), 0);
  return s;
}

inline SOCKET listening_socket(int backlog = SOMAXCONN) {
  const SOCKET s = bound_socket();
  CHECK_EQ(listen(s, backlog), 0);
  return s;
}

inline void set_non_blocking(SOCKET s) {
  u_long on = 1;
  CHECK_EQ(ioctlsocket(s, static_cast<LONG>(FIONBIO), &on), 0);
}

/// Two connected sockets; what is still open at the end is closed.
struct LoopbackPair {
  SOCKET client = INVALID_SOCKET;
  SOCKET server = INVALID_SOCKET;
  LoopbackPair() {
    const SOCKET listener = listening_socket();
    const sockaddr_in to = name_of(listener);
    client = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    CHECK_EQ(connect(client, as_name(to), sizeof to), 0);
    server = accept(listener, nullptr, nullptr);
    CHECK(server != INVALID_SOCKET);
    CHECK_EQ(closesocket(listener), 0);
  }
  ~LoopbackPair() {
    closesocket(client);
    closesocket(server);
  }
  LoopbackPair(const LoopbackPair&) = delete;
  LoopbackPair& operator=(const LoopbackPair&) = delete;
};
