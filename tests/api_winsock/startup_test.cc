// WSAStartup: versions, counting, and what every call says before it.
#include <winsock2.h>
#include <ws2tcpip.h>

#include <cstring>

#include "started.h"
#include "support/win_case.h"

namespace {

int error_of(int result) {
  return result == SOCKET_ERROR ? WSAGetLastError() : 0;
}

WORD agreed(WORD asked) {
  WSADATA data{};
  if (WSAStartup(asked, &data) != 0) return 0;
  WSACleanup();
  return data.wVersion;
}

WIN_CASE(Startup, NegotiatesTheVersion) {
  CHECK_EQ(agreed(MAKEWORD(1, 0)), MAKEWORD(1, 0));
  CHECK_EQ(agreed(MAKEWORD(1, 1)), MAKEWORD(1, 1));
  CHECK_EQ(agreed(MAKEWORD(1, 9)), MAKEWORD(1, 1));
  CHECK_EQ(agreed(MAKEWORD(2, 0)), MAKEWORD(2, 0));
  CHECK_EQ(agreed(MAKEWORD(2, 1)), MAKEWORD(2, 1));
  CHECK_EQ(agreed(MAKEWORD(2, 2)), MAKEWORD(2, 2));
  CHECK_EQ(agreed(MAKEWORD(2, 3)), MAKEWORD(2, 2));
  CHECK_EQ(agreed(MAKEWORD(3, 0)), MAKEWORD(2, 2));
}

WIN_CASE(Startup, RefusesVersionsBelowOneAndNoData) {
  WSADATA data{};
  CHECK_EQ(WSAStartup(MAKEWORD(0, 9), &data), WSAVERNOTSUPPORTED);
  CHECK_EQ(data.wHighVersion, MAKEWORD(2, 2));
  CHECK_EQ(WSAStartup(MAKEWORD(2, 2), nullptr), WSAEFAULT);
  CHECK_EQ(error_of(WSACleanup()), WSANOTINITIALISED);
}

WIN_CASE(Startup, FillsTheData) {
  WSADATA data;
  std::memset(&data, 0xff, sizeof data);
  REQUIRE_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
  CHECK_EQ(data.wHighVersion, MAKEWORD(2, 2));
  CHECK_EQ(std::strcmp(data.szSystemStatus, "Running"), 0);
  CHECK_EQ(data.iMaxSockets, 0);
  CHECK_EQ(WSACleanup(), 0);
  REQUIRE_EQ(WSAStartup(MAKEWORD(1, 1), &data), 0);
  CHECK_EQ(data.iMaxSockets, 32767);
  CHECK_EQ(WSACleanup(), 0);
}

WIN_CASE(Startup, CountsUntilTheLastCleanup) {
  WSADATA data;
  REQUIRE_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
  REQUIRE_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
  CHECK_EQ(WSACleanup(), 0);
  char name[256];
  CHECK_EQ(gethostname(name, sizeof name), 0);
  CHECK_EQ(WSACleanup(), 0);
  CHECK_EQ(error_of(gethostname(name, sizeof name)), WSANOTINITIALISED);
  CHECK_EQ(error_of(WSACleanup()), WSANOTINITIALISED);
}

// One row for each call that needs WSAStartup: nothing but that is looked at before it.
WIN_CASE(Startup, EveryCallBeforeItIsRefused) {
  const SOCKET s = 4;
  DWORD n = 0;
  int length = 0;
  fd_set set = {1, {s}};
  WSAPOLLFD poll = {s, 0, 0};
  u_long value = 0;
  WSABUF buffer = {0, nullptr};
  WSANETWORKEVENTS events;
  const int results[] = {bind(s, nullptr, 0),
                         listen(s, 1),
                         connect(s, nullptr, 0),
                         shutdown(s, SD_BOTH),
                         closesocket(s),
                         send(s, "", 0, 0),
                         sendto(s, "", 0, 0, nullptr, 0),
                         recv(s, nullptr, 0, 0),
                         recvfrom(s, nullptr, 0, 0, nullptr, nullptr),
                         getsockname(s, nullptr, &length),
                         getpeername(s, nullptr, &length),
                         getsockopt(s, SOL_SOCKET, SO_ERROR, nullptr, &length),
                         setsockopt(s, SOL_SOCKET, SO_RCVBUF, nullptr, 0),
                         ioctlsocket(s, FIONBIO, &value),
                         select(0, &set, nullptr, nullptr, nullptr),
                         WSAPoll(&poll, 1, 0),
                         WSAIoctl(s, SIO_FLUSH, nullptr, 0, nullptr, 0, &n, nullptr, nullptr),
                         WSASend(s, &buffer, 1, &n, 0, nullptr, nullptr),
                         WSARecv(s, &buffer, 1, &n, &n, nullptr, nullptr),
                         WSASendDisconnect(s, nullptr),
                         WSARecvDisconnect(s, nullptr),
                         WSAEventSelect(s, nullptr, 0),
                         WSAEnumNetworkEvents(s, nullptr, &events),
                         WSADuplicateSocketW(s, 0, nullptr),
                         WSAEnumProtocolsW(nullptr, nullptr, &n),
                         WSAHtonl(s, 1, &value),
                         WSACancelBlockingCall(),
                         gethostname(nullptr, 0)};
  int row = 0;
  for (const int result : results) {
    CHECK_EQ(result, SOCKET_ERROR);
    if (result != SOCKET_ERROR) CHECK_EQ(row, -1);  // says which
    ++row;
  }
  WSASetLastError(0);
  CHECK_EQ(error_of(bind(s, nullptr, 0)), WSANOTINITIALISED);
  CHECK_EQ(socket(AF_INET, SOCK_STREAM, 0), INVALID_SOCKET);
  CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
  CHECK_EQ(accept(s, nullptr, nullptr), INVALID_SOCKET);
  CHECK(gethostbyname("localhost") == nullptr);
  CHECK(getservbyname("http", "tcp") == nullptr);
  CHECK(getprotobyname("tcp") == nullptr);
  CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
  addrinfo* list = nullptr;
  CHECK_EQ(getaddrinfo("localhost", "80", nullptr, &list), WSANOTINITIALISED);
  CHECK(!WSAGetOverlappedResult(s, nullptr, &n, FALSE, &n));
}

WIN_CASE(Startup, WhatNeedsNone) {
  CHECK_EQ(htonl(0x01020304), 0x04030201u);
  CHECK_EQ(ntohs(0x0102), 0x0201);
  CHECK_EQ(inet_addr("127.0.0.1"), 0x0100007fu);
  in_addr v4;
  CHECK_EQ(inet_pton(AF_INET, "127.0.0.1", &v4), 1);
  WSASetLastError(WSAEINTR);
  CHECK_EQ(WSAGetLastError(), WSAEINTR);
  CHECK_EQ(GetLastError(), DWORD{WSAEINTR});  // the same word
}

WIN_CASE(Startup, ALastErrorBelongsToItsThread) {
  WSASetLastError(5);
  const HANDLE thread = CreateThread(
      nullptr, 0,
      [](LPVOID) -> DWORD {
        WSASetLastError(77);
        return 0;
      },
      nullptr, 0, nullptr);
  REQUIRE(thread != nullptr);
  WaitForSingleObject(thread, INFINITE);
  WSASetLastError(5);
  CloseHandle(thread);
  CHECK_EQ(WSAGetLastError(), 5);
}

}  // namespace
