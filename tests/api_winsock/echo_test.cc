// Echo through the API over loopback, in each of the ways in which programs wait: blocking,
// non-blocking, an event, a completion routine, a completion port; and datagrams.
#include <winsock2.h>
#include <ws2tcpip.h>

#include <cstring>
#include <string>
#include <thread>

#include "api_winsock/started.h"
#include "support/win_case.h"

namespace {

sockaddr_in loopback(u_short port_be = 0) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  a.sin_port = port_be;
  return a;
}

sockaddr_in name_of(SOCKET s) {
  sockaddr_in a{};
  int bytes = sizeof a;
  CHECK_EQ(getsockname(s, reinterpret_cast<sockaddr*>(&a), &bytes), 0);
  return a;
}

SOCKET bound(int type) {
  const SOCKET s = socket(AF_INET, type, 0);
  CHECK(s != INVALID_SOCKET);
  const sockaddr_in a = loopback();
  CHECK_EQ(bind(s, reinterpret_cast<const sockaddr*>(&a), sizeof a), 0);
  return s;
}

struct Pair {
  SOCKET client = INVALID_SOCKET;
  SOCKET server = INVALID_SOCKET;
  Pair() {
    const SOCKET listener = bound(SOCK_STREAM);
    CHECK_EQ(listen(listener, SOMAXCONN), 0);
    const sockaddr_in to = name_of(listener);
    client = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    CHECK_EQ(connect(client, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    server = accept(listener, nullptr, nullptr);
    CHECK(server != INVALID_SOCKET);
    CHECK_EQ(closesocket(listener), 0);
  }
  ~Pair() {
    closesocket(client);
    closesocket(server);
  }
};

DWORD routine_bytes = 0;
void CALLBACK note(DWORD error, DWORD bytes, LPWSAOVERLAPPED, DWORD) {
  CHECK_EQ(error, 0u);
  routine_bytes = bytes;
}

}  // namespace

WIN_CASE(Echo, Blocking) {
  const Started started;
  REQUIRE_EQ(started.error(), 0);
  Pair pair;
  std::thread server([&] {
    char text[64];
    int n = 0;
    while ((n = recv(pair.server, text, sizeof text, 0)) > 0) send(pair.server, text, n, 0);
    shutdown(pair.server, SD_SEND);
  });
  char text[64];
  CHECK_EQ(send(pair.client, "hello", 5, 0), 5);
  CHECK_EQ(recv(pair.client, text, 5, MSG_WAITALL), 5);
  CHECK_EQ(std::string(text, 5), std::string("hello"));
  CHECK_EQ(shutdown(pair.client, SD_SEND), 0);
  CHECK_EQ(recv(pair.client, text, sizeof text, 0), 0);
  server.join();
}

WIN_CASE(Echo, NonBlocking) {
  const Started started;
  Pair pair;
  u_long on = 1;
  CHECK_EQ(ioctlsocket(pair.client, static_cast<LONG>(FIONBIO), &on), 0);
  char text[8];
  CHECK_EQ(recv(pair.client, text, sizeof text, 0), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
  CHECK_EQ(send(pair.server, "x", 1, 0), 1);
  int n = SOCKET_ERROR;
  while (n == SOCKET_ERROR) n = recv(pair.client, text, sizeof text, 0);
  CHECK_EQ(n, 1);
}

WIN_CASE(Echo, OverlappedWithAnEvent) {
  const Started started;
  Pair pair;
  WSAOVERLAPPED o{};
  o.hEvent = WSACreateEvent();
  char text[8];
  WSABUF b{sizeof text, text};
  DWORD n = 0, flags = 0;
  CHECK_EQ(WSARecv(pair.server, &b, 1, nullptr, &flags, &o, nullptr), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
  CHECK_EQ(send(pair.client, "abc", 3, 0), 3);
  CHECK_EQ(WSAWaitForMultipleEvents(1, &o.hEvent, TRUE, WSA_INFINITE, FALSE), WSA_WAIT_EVENT_0);
  CHECK(WSAGetOverlappedResult(pair.server, &o, &n, FALSE, &flags));
  CHECK_EQ(n, 3u);
  WSACloseEvent(o.hEvent);
}

WIN_CASE(Echo, OverlappedWithARoutine) {
  const Started started;
  Pair pair;
  WSAOVERLAPPED o{};
  char text[8];
  WSABUF b{sizeof text, text};
  DWORD flags = 0;
  CHECK_EQ(WSARecv(pair.server, &b, 1, nullptr, &flags, &o, note), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
  CHECK_EQ(send(pair.client, "abcd", 4, 0), 4);
  CHECK_EQ(SleepEx(INFINITE, TRUE), DWORD{WAIT_IO_COMPLETION});
  CHECK_EQ(routine_bytes, 4u);
}

WIN_CASE(Echo, OverlappedWithAPort) {
  const Started started;
  Pair pair;
  const HANDLE port = CreateIoCompletionPort(reinterpret_cast<HANDLE>(pair.server), nullptr, 7, 0);
  REQUIRE_EQ(port != nullptr, true);
  WSAOVERLAPPED o{};
  char text[8];
  WSABUF b{sizeof text, text};
  DWORD n = 0, flags = 0;
  CHECK_EQ(WSARecv(pair.server, &b, 1, nullptr, &flags, &o, nullptr), SOCKET_ERROR);
  CHECK_EQ(send(pair.client, "ab", 2, 0), 2);
  ULONG_PTR key = 0;
  OVERLAPPED* which = nullptr;
  CHECK(GetQueuedCompletionStatus(port, &n, &key, &which, INFINITE));
  CHECK_EQ(n, 2u);
  CHECK_EQ(key, ULONG_PTR{7});
  CHECK_EQ(which == &o, true);
  CloseHandle(port);
}

WIN_CASE(Echo, Datagrams) {
  const Started started;
  const SOCKET a = bound(SOCK_DGRAM), b = bound(SOCK_DGRAM);
  sockaddr_in to = name_of(a);
  CHECK_EQ(sendto(b, "ping", 4, 0, reinterpret_cast<sockaddr*>(&to), sizeof to), 4);
  char text[8];
  sockaddr_in from{};
  int from_bytes = sizeof from;
  CHECK_EQ(recvfrom(a, text, sizeof text, 0, reinterpret_cast<sockaddr*>(&from), &from_bytes), 4);
  CHECK_EQ(from.sin_port, name_of(b).sin_port);
  closesocket(a);
  closesocket(b);
}
