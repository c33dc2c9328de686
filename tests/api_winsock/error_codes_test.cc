// Each error code of the control codes' tables, through WSAIoctl and through WSPIoctl, which tells
// it in its last argument and leaves the thread's last error alone.
//
// WSAEINPROGRESS is not among them: Winsock 1.1 gave it while a blocking hook ran, and there is
// none.
#include <mstcpip.h>
#include <windows.h>
#include <winsock2.h>
#include <ws2spi.h>
#include <ws2tcpip.h>

#include "api_winsock/loopback_pair.h"
#include "api_winsock/started.h"
#include "support/win_case.h"

extern "C" int fork(void);
extern "C" int waitpid(int process, int* status, int options);
extern "C" [[noreturn]] void _exit(int code);

namespace {

struct Ioctl {
  SOCKET s;
  DWORD code;
  void* in = nullptr;
  DWORD in_bytes = 0;
  void* out = nullptr;
  DWORD out_bytes = 0;
  DWORD* returned = nullptr;
  WSAOVERLAPPED* overlapped = nullptr;
};

WSPPROC_TABLE provider() {
  WSPDATA data{};
  WSAPROTOCOL_INFOW info{};
  WSPPROC_TABLE table{};
  CHECK_EQ(WSPStartup(MAKEWORD(2, 2), &data, &info, WSPUPCALLTABLE{}, &table), 0);
  return table;
}

int by_wsa(const Ioctl& c) {
  const int r = WSAIoctl(c.s, c.code, c.in, c.in_bytes, c.out, c.out_bytes, c.returned,
                         c.overlapped, nullptr);
  return r == 0 ? 0 : WSAGetLastError();
}

int by_wsp(const WSPPROC_TABLE& table, const Ioctl& c) {
  INT error = 0;
  WSASetLastError(4711);
  const int r = table.lpWSPIoctl(c.s, c.code, c.in, c.in_bytes, c.out, c.out_bytes, c.returned,
                                 c.overlapped, nullptr, nullptr, &error);
  CHECK_EQ(WSAGetLastError(), 4711);
  return r == 0 ? 0 : error;
}

WIN_CASE(ErrorCodes, OfControlCodesThroughBothDoors) {
  REQ("WS-2");
  REQ("WS-1");
  const Started started;
  const WSPPROC_TABLE table = provider();
  const LoopbackPair pair;
  const SOCKET fresh = socket(AF_INET, SOCK_STREAM, 0);
  const SOCKET datagrams = bound_socket(SOCK_DGRAM);
  constexpr auto kReadable = static_cast<DWORD>(FIONREAD);
  constexpr auto kMark = static_cast<DWORD>(SIOCATMARK);
  DWORD n = 0;
  DWORD value = 0;
  const struct {
    Ioctl call;
    int error;
  } rows[] = {
      {{pair.client, kReadable, nullptr, 0, &value, 4, &n}, 0},
      {{pair.client, kReadable, nullptr, 0, &value, 4, nullptr}, WSAEFAULT},
      {{pair.client, kReadable, nullptr, 0, &value, 3, &n}, WSAEFAULT},
      {{pair.client, SIO_KEEPALIVE_VALS, nullptr, 12, nullptr, 0, &n}, WSAEFAULT},
      {{INVALID_SOCKET, kReadable, nullptr, 0, &value, 4, &n}, WSAENOTSOCK},
      {{fresh, kMark, nullptr, 0, &value, 4, &n}, WSAENOTCONN},
      {{pair.client, 0x12345678, nullptr, 0, nullptr, 0, &n}, WSAEOPNOTSUPP},
      {{datagrams, SIO_KEEPALIVE_VALS, &value, 12, nullptr, 0, &n}, WSAEOPNOTSUPP},
  };
  for (const auto& row : rows) {
    CHECK_EQ(by_wsa(row.call), row.error);
    CHECK_EQ(by_wsp(table, row.call), row.error);
  }
  // An unknown code of an overlapped call pends, and fails then.
  for (const bool is_wsp : {false, true}) {
    WSAOVERLAPPED o{};
    const Ioctl call{pair.client, 0x12345678, nullptr, 0, nullptr, 0, &n, &o};
    CHECK_EQ(is_wsp ? by_wsp(table, call) : by_wsa(call), WSA_IO_PENDING);
    DWORD bytes = 0;
    DWORD flags = 0;
    CHECK(!WSAGetOverlappedResult(pair.client, &o, &bytes, TRUE, &flags));
    CHECK_EQ(WSAGetLastError(), WSAEOPNOTSUPP);
  }
  // Cancelled: WSA_OPERATION_ABORTED.
  WSAOVERLAPPED o{};
  char byte = 0;
  WSABUF buffer = {1, &byte};
  DWORD flags = 0;
  CHECK_EQ(WSARecv(pair.client, &buffer, 1, nullptr, &flags, &o, nullptr), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
  CHECK(CancelIoEx(reinterpret_cast<HANDLE>(pair.client), &o));
  DWORD transferred = 0;
  CHECK(!WSAGetOverlappedResult(pair.client, &o, &transferred, TRUE, &flags));
  CHECK_EQ(WSAGetLastError(), WSA_OPERATION_ABORTED);
  // WSAENOPROTOOPT belongs to options.
  int bytes = sizeof value;
  INT error = 0;
  CHECK_EQ(table.lpWSPGetSockOpt(datagrams, IPPROTO_TCP, TCP_NODELAY,
                                 reinterpret_cast<char*>(&value), &bytes, &error),
           SOCKET_ERROR);
  CHECK(error == WSAENOPROTOOPT);
  CHECK_EQ(closesocket(fresh), 0);
  CHECK_EQ(closesocket(datagrams), 0);
  CHECK_EQ(table.lpWSPCleanup(&error), 0);
}

// The network is down where the stack has ended: here, in a child of fork.
WIN_CASE(ErrorCodes, TheNetworkIsDownWithoutTheStack) {
  REQ("WS-2");
  const Started started;
  const WSPPROC_TABLE table = provider();
  const LoopbackPair pair;
  DWORD n = 0;
  DWORD value = 0;
  const Ioctl call{pair.client, static_cast<DWORD>(FIONREAD), nullptr, 0, &value, 4, &n};
  const int child = fork();
  if (child == 0) {
    if (by_wsa(call) != WSAENETDOWN) _exit(1);
    if (by_wsp(table, call) != WSAENETDOWN) _exit(2);
    _exit(0);
  }
  int status = -1;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK_EQ(status, 0);
  CHECK_EQ(by_wsa(call), 0);
  INT error = 0;
  CHECK_EQ(table.lpWSPCleanup(&error), 0);
}

}  // namespace
