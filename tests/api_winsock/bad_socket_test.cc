// What is no socket: every call says WSAENOTSOCK, whatever else it was given.
#include <mswsock.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#include "started.h"
#include "support/win_case.h"

namespace {

WIN_CASE(BadSocket, EveryCallSaysSo) {
  REQ("WS-2");
  const Started started;
  REQUIRE_EQ(started.error(), 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  const auto* name = reinterpret_cast<const sockaddr*>(&to);
  auto* out = reinterpret_cast<sockaddr*>(&to);
  const HANDLE event = CreateEventW(nullptr, TRUE, FALSE, nullptr);
  // No handle at all, and a handle to something else.
  for (const SOCKET s : {INVALID_SOCKET, SOCKET{0}, reinterpret_cast<SOCKET>(event)}) {
    int length = sizeof to;
    int value = 0;
    int value_bytes = sizeof value;
    u_long argument = 0;
    DWORD n = 0;
    DWORD flags = 0;
    char byte = 0;
    WSABUF buffer = {1, &byte};
    const auto check = [](int result) {
      CHECK_EQ(result, SOCKET_ERROR);
      CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
      WSASetLastError(0);
    };
    check(bind(s, name, sizeof to));
    check(listen(s, 1));
    check(connect(s, name, sizeof to));
    check(shutdown(s, SD_BOTH));
    check(closesocket(s));
    check(send(s, &byte, 1, 0));
    check(sendto(s, &byte, 1, 0, name, sizeof to));
    check(recv(s, &byte, 1, 0));
    check(recvfrom(s, &byte, 1, 0, out, &length));
    check(getsockname(s, out, &length));
    check(getpeername(s, out, &length));
    check(getsockopt(s, SOL_SOCKET, SO_TYPE, reinterpret_cast<char*>(&value), &value_bytes));
    check(setsockopt(s, SOL_SOCKET, SO_RCVBUF, reinterpret_cast<char*>(&value), value_bytes));
    check(ioctlsocket(s, FIONBIO, &argument));
    check(WSAIoctl(s, SIO_FLUSH, nullptr, 0, nullptr, 0, &n, nullptr, nullptr));
    check(WSASend(s, &buffer, 1, &n, 0, nullptr, nullptr));
    check(WSARecv(s, &buffer, 1, &n, &flags, nullptr, nullptr));
    check(WSAHtonl(s, 1, &argument));
    CHECK_EQ(accept(s, nullptr, nullptr), INVALID_SOCKET);
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    CHECK(!WSAConnectByNameA(s, "127.0.0.1", "9", nullptr, nullptr, nullptr, nullptr, nullptr,
                             nullptr));
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
  }
  CloseHandle(event);
}

WIN_CASE(BadSocket, LengthsBelowZeroAreBadPointers) {
  const Started started;
  CHECK_EQ(send(INVALID_SOCKET, nullptr, -1, 0), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEFAULT);
  CHECK_EQ(WSAPoll(nullptr, 1, 0), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEFAULT);
  CHECK_EQ(select(0, nullptr, nullptr, nullptr, nullptr), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEINVAL);
}

WIN_CASE(OpenType, BelongsToTheThread) {
  const Started started;
  DWORD value = SO_SYNCHRONOUS_NONALERT;
  int bytes = sizeof value;
  CHECK_EQ(setsockopt(INVALID_SOCKET, SOL_SOCKET, SO_OPENTYPE,
                      reinterpret_cast<const char*>(&value), sizeof value),
           0);
  value = 0;
  CHECK_EQ(
      getsockopt(INVALID_SOCKET, SOL_SOCKET, SO_OPENTYPE, reinterpret_cast<char*>(&value), &bytes),
      0);
  CHECK_EQ(value, DWORD{SO_SYNCHRONOUS_NONALERT});
  value = 0;
  setsockopt(INVALID_SOCKET, SOL_SOCKET, SO_OPENTYPE, reinterpret_cast<const char*>(&value),
             sizeof value);
}

}  // namespace
