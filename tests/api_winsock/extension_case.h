// What cases of the extension functions share: their pointers, loopback sockets, and overlapped
// calls with an event.
#pragma once

#include <winsock2.h>
// After it: they build on its types.
#include <mswsock.h>
#include <ws2tcpip.h>

#include <string>

#include "api_winsock/started.h"
#include "support/win_case.h"

namespace extension_case {

template <class Function>
Function get(SOCKET s, GUID id) {
  Function function = nullptr;
  DWORD bytes = 0;
  const int result = WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id, &function,
                              sizeof function, &bytes, nullptr, nullptr);
  CHECK_EQ(result, 0);
  CHECK_EQ(bytes, sizeof function);
  return function;
}

struct Functions {
  explicit Functions(SOCKET s)
      : accept(get<LPFN_ACCEPTEX>(s, WSAID_ACCEPTEX)),
        names(get<LPFN_GETACCEPTEXSOCKADDRS>(s, WSAID_GETACCEPTEXSOCKADDRS)),
        connect(get<LPFN_CONNECTEX>(s, WSAID_CONNECTEX)),
        disconnect(get<LPFN_DISCONNECTEX>(s, WSAID_DISCONNECTEX)) {}
  LPFN_ACCEPTEX accept;
  LPFN_GETACCEPTEXSOCKADDRS names;
  LPFN_CONNECTEX connect;
  LPFN_DISCONNECTEX disconnect;
};

inline sockaddr_in loopback(u_short port_in_network_order = 0) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = port_in_network_order;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return name;
}
inline sockaddr* as_sockaddr(sockaddr_in& name) {
  return reinterpret_cast<sockaddr*>(&name);
}
inline SOCKET make_bound(int type = SOCK_STREAM) {
  const SOCKET s = socket(AF_INET, type, 0);
  sockaddr_in name = loopback();
  CHECK_EQ(bind(s, as_sockaddr(name), sizeof name), 0);
  return s;
}
inline sockaddr_in name_of(SOCKET s) {
  sockaddr_in name{};
  int bytes = sizeof name;
  CHECK_EQ(getsockname(s, as_sockaddr(name), &bytes), 0);
  return name;
}
inline SOCKET make_listener(int backlog = SOMAXCONN) {
  const SOCKET s = make_bound();
  CHECK_EQ(listen(s, backlog), 0);
  return s;
}
inline SOCKET make_stream() {
  return socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
}
inline void make_pair(SOCKET& client, SOCKET& server) {
  const SOCKET listener = make_listener();
  client = make_stream();
  sockaddr_in name = name_of(listener);
  CHECK_EQ(connect(client, as_sockaddr(name), sizeof name), 0);
  server = accept(listener, nullptr, nullptr);
  CHECK_NE(server, INVALID_SOCKET);
  closesocket(listener);
}
inline std::string receive(SOCKET s, std::size_t bytes_max = 64) {
  std::string text(bytes_max, '\0');
  const int n = recv(s, text.data(), static_cast<int>(bytes_max), 0);
  if (n < 0) return "!" + std::to_string(WSAGetLastError());
  text.resize(static_cast<std::size_t>(n));
  return text;
}
/// Bytes until there are `wanted`, or the end.
inline std::string receive_all(SOCKET s, std::size_t wanted) {
  std::string all;
  while (all.size() < wanted) {
    const std::string some = receive(s, 65536);
    if (some.empty() || some[0] == '!') break;
    all += some;
  }
  return all;
}

/// An OVERLAPPED with an event.
struct Call {
  Call() { overlapped.hEvent = WSACreateEvent(); }
  ~Call() { WSACloseEvent(overlapped.hEvent); }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  /// Waits for the end: the bytes, or minus the error. `s`: any open socket.
  long end(SOCKET s) {
    WaitForSingleObject(overlapped.hEvent, INFINITE);
    DWORD bytes = 0, flags = 0;
    if (WSAGetOverlappedResult(s, &overlapped, &bytes, TRUE, &flags)) return bytes;
    return -static_cast<long>(WSAGetLastError());
  }
  bool is_signalled() const { return WaitForSingleObject(overlapped.hEvent, 0) == WAIT_OBJECT_0; }

  OVERLAPPED overlapped{};
};

/// Whether an overlapped call that returned `result` is under way or has succeeded.
inline bool is_begun(BOOL result) {
  return result == TRUE || WSAGetLastError() == WSA_IO_PENDING;
}

inline constexpr DWORD kBlock = sizeof(sockaddr_in) + 16;

}  // namespace extension_case
