// Sockets on 127.0.0.1 in few words, for cases that are about something else.
#pragma once

#include <winsock2.h>

#include <cstring>
#include <utility>

namespace loopback {

/// Closes with the scope.
class Socket {
 public:
  Socket() = default;
  Socket(SOCKET s) : s_(s) {}
  Socket(Socket&& o) noexcept : s_(std::exchange(o.s_, INVALID_SOCKET)) {}
  Socket& operator=(Socket&& o) noexcept {
    std::swap(s_, o.s_);
    return *this;
  }
  ~Socket() { close(); }
  int close() { return s_ == INVALID_SOCKET ? 0 : closesocket(std::exchange(s_, INVALID_SOCKET)); }
  operator SOCKET() const { return s_; }

 private:
  SOCKET s_ = INVALID_SOCKET;
};

inline sockaddr_in any_port() {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return at;
}

inline sockaddr_in name_of(SOCKET s) {
  sockaddr_in at{};
  int bytes = sizeof at;
  getsockname(s, reinterpret_cast<sockaddr*>(&at), &bytes);
  return at;
}

inline Socket bound(int type) {
  Socket s = socket(AF_INET, type, 0);
  const sockaddr_in at = any_port();
  bind(s, reinterpret_cast<const sockaddr*>(&at), sizeof at);
  return s;
}

inline Socket listening(int backlog = 5) {
  Socket s = bound(SOCK_STREAM);
  listen(s, backlog);
  return s;
}

inline int connect_to(SOCKET s, const sockaddr_in& at) {
  return connect(s, reinterpret_cast<const sockaddr*>(&at), sizeof at);
}

/// A port of 127.0.0.1 where nobody listens, nor will: it stays bound until the case's WSACleanup,
/// or another program might be given it meanwhile.
inline sockaddr_in closed_port() {
  const SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in at = any_port();
  bind(s, reinterpret_cast<const sockaddr*>(&at), sizeof at);
  return name_of(s);
}

inline int set_non_blocking(SOCKET s, u_long on = 1) {
  return ioctlsocket(s, FIONBIO, &on);
}

struct Pair {
  Socket client;
  Socket server;
};

inline Pair connected() {
  const Socket listener = listening();
  Pair pair;
  pair.client = socket(AF_INET, SOCK_STREAM, 0);
  connect_to(pair.client, name_of(listener));
  pair.server = accept(listener, nullptr, nullptr);
  return pair;
}

inline int send_text(SOCKET s, const char* text, int flags = 0) {
  return send(s, text, static_cast<int>(std::strlen(text)), flags);
}

/// Ends the connection with RST.
inline void close_with_reset(Socket& s) {
  const linger now{1, 0};
  setsockopt(s, SOL_SOCKET, SO_LINGER, reinterpret_cast<const char*>(&now), sizeof now);
  s.close();
}

}  // namespace loopback
