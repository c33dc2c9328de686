// Each error code of the control codes' tables, through WSAIoctl and through WSPIoctl, which tells
// it in its last argument and leaves the thread's last error alone.
#include <mstcpip.h>
#include <windows.h>
#include <winsock2.h>
#include <ws2spi.h>
#include <ws2tcpip.h>

#include <thread>

#include "api_winsock/loopback_pair.h"
#include "api_winsock/started.h"
#include "support/win_case.h"

extern "C" int fork(void);
extern "C" int waitpid(int process, int* status, int options);
extern "C" void _exit(int code);

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
  DWORD no_version = 9;
  GUID nobody = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};
  void* function = nullptr;
  char room[256];
  set_non_blocking(pair.server);
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
      {{pair.client, SIO_TCP_INFO, &no_version, 4, room, sizeof room, &n}, WSAEINVAL},
      {{pair.client, SIO_TCP_INFO, &value, 4, room, 87, &n}, WSAEINVAL},
      {{pair.client, SIO_GET_EXTENSION_FUNCTION_POINTER, &nobody, sizeof nobody, &function,
        sizeof function, &n},
       WSAEINVAL},
      {{pair.client, SIO_GET_QOS, nullptr, 0, room, sizeof room, &n}, WSAENOPROTOOPT},
      {{datagrams, SIO_ENABLE_CIRCULAR_QUEUEING, nullptr, 0, nullptr, 0, &n}, WSAENOPROTOOPT},
      {{pair.server, SIO_ADDRESS_LIST_CHANGE, nullptr, 0, nullptr, 0, &n}, WSAEWOULDBLOCK},
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
  CHECK_EQ(closesocket(fresh), 0);
  CHECK_EQ(closesocket(datagrams), 0);
  INT error = 0;
  CHECK_EQ(table.lpWSPCleanup(&error), 0);
}

// What pends ends with WSA_OPERATION_ABORTED when it is cancelled and when its socket is closed.
WIN_CASE(ErrorCodes, AnOverlappedControlCodeThatIsGivenUpIsAborted) {
  REQ("WS-2");
  const Started started;
  const WSPPROC_TABLE table = provider();
  for (const bool is_wsp : {false, true}) {
    for (const bool is_closed : {false, true}) {
      const SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
      WSAOVERLAPPED o{};
      o.hEvent = WSACreateEvent();
      DWORD n = 4711;
      const Ioctl call{s, SIO_ADDRESS_LIST_CHANGE, nullptr, 0, nullptr, 0, &n, &o};
      CHECK_EQ(is_wsp ? by_wsp(table, call) : by_wsa(call), WSA_IO_PENDING);
      CHECK_EQ(n, 4711u);  // nothing is written after pending
      if (is_closed) {
        CHECK_EQ(closesocket(s), 0);
      } else {
        CHECK(CancelIoEx(reinterpret_cast<HANDLE>(s), &o));
      }
      CHECK_EQ(WaitForSingleObject(o.hEvent, INFINITE), WAIT_OBJECT_0);
      const SOCKET asked = is_closed ? socket(AF_INET, SOCK_STREAM, 0) : s;
      DWORD flags = 0;
      CHECK(!WSAGetOverlappedResult(asked, &o, &n, FALSE, &flags));
      CHECK_EQ(WSAGetLastError(), WSA_OPERATION_ABORTED);
      CHECK(WSACloseEvent(o.hEvent));
      CHECK_EQ(closesocket(asked), 0);
    }
  }
  INT error = 0;
  CHECK_EQ(table.lpWSPCleanup(&error), 0);
}

// Whoever blocks in one is interrupted by the close. A round whose thread comes too late finds no
// socket; another round follows.
WIN_CASE(ErrorCodes, ABlockedControlCodeIsInterruptedByTheClose) {
  REQ("WS-2");
  const Started started;
  const WSPPROC_TABLE table = provider();
  for (const bool is_wsp : {false, true}) {
    int error = WSAENOTSOCK;
    for (int round = 0; round < 10'000 && error == WSAENOTSOCK; ++round) {
      const SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
      std::thread blocked([&] {
        DWORD n = 0;
        const Ioctl call{s, SIO_ADDRESS_LIST_CHANGE, nullptr, 0, nullptr, 0, &n};
        error = is_wsp ? by_wsp(table, call) : by_wsa(call);
      });
      SwitchToThread();
      CHECK_EQ(closesocket(s), 0);
      blocked.join();
    }
    CHECK_EQ(error, WSAEINTR);
  }
  INT error = 0;
  CHECK_EQ(table.lpWSPCleanup(&error), 0);
}

struct AskedWithin {
  WSPPROC_TABLE table;
  Ioctl call;
  int by_wsa = 0;
  int by_wsp = 0;
};

int CALLBACK ask_within(LPWSABUF, LPWSABUF, LPQOS, LPQOS, LPWSABUF, LPWSABUF, GROUP*,
                        DWORD_PTR data) {
  auto& asked = *reinterpret_cast<AskedWithin*>(data);
  asked.by_wsa = by_wsa(asked.call);
  asked.by_wsp = by_wsp(asked.table, asked.call);
  return CF_ACCEPT;
}

// The provider is still processing a callback: the condition function of an accept.
WIN_CASE(ErrorCodes, AControlCodeWithinAConditionFunctionIsInProgress) {
  REQ("WS-2");
  const Started started;
  const SOCKET listener = listening_socket();
  const sockaddr_in to = name_of(listener);
  const SOCKET client = socket(AF_INET, SOCK_STREAM, 0);
  set_non_blocking(client);
  CHECK_EQ(connect(client, as_name(to), sizeof to), SOCKET_ERROR);
  DWORD n = 0;
  DWORD value = 0;
  const Ioctl call{client, static_cast<DWORD>(FIONREAD), nullptr, 0, &value, 4, &n};
  AskedWithin asked{provider(), call};
  const SOCKET server =
      WSAAccept(listener, nullptr, nullptr, ask_within, reinterpret_cast<DWORD_PTR>(&asked));
  CHECK(server != INVALID_SOCKET);
  CHECK_EQ(asked.by_wsa, WSAEINPROGRESS);
  CHECK_EQ(asked.by_wsp, WSAEINPROGRESS);
  CHECK_EQ(by_wsa(call), 0);
  for (const SOCKET s : {client, server, listener}) CHECK_EQ(closesocket(s), 0);
  INT error = 0;
  CHECK_EQ(asked.table.lpWSPCleanup(&error), 0);
}

char* room_of(DWORD& value) {
  return reinterpret_cast<char*>(&value);
}

// What a child of fork gets from the table that its parent was given: the number of the first call
// that answered something else, or 0.
int first_wrong_of_child(const WSPPROC_TABLE& t, const LoopbackPair& pair) {
  const SOCKET s = pair.client;
  INT error = 0;
  char byte = 0;
  WSABUF buffer = {1, &byte};
  DWORD n = 0;
  DWORD flags = 0;
  int size = sizeof(sockaddr_in);
  sockaddr_in name{};
  auto* const address = reinterpret_cast<sockaddr*>(&name);
  WSANETWORKEVENTS events{};
  fd_set set = {1, {s}};
  int call = 0;
  const auto is_down = [&](bool has_failed) {
    ++call;
    const bool is_right = has_failed && error == WSAENETDOWN;
    error = 0;
    return is_right;
  };
  const bool all =
      is_down(t.lpWSPSocket(AF_INET, SOCK_STREAM, 0, nullptr, 0, 0, &error) == INVALID_SOCKET) &&
      is_down(t.lpWSPSend(s, &buffer, 1, &n, 0, nullptr, nullptr, nullptr, &error) != 0) &&
      is_down(t.lpWSPRecv(s, &buffer, 1, &n, &flags, nullptr, nullptr, nullptr, &error) != 0) &&
      is_down(t.lpWSPBind(s, address, size, &error) != 0) &&
      is_down(t.lpWSPListen(s, 1, &error) != 0) &&
      is_down(t.lpWSPAccept(s, nullptr, nullptr, nullptr, 0, &error) == INVALID_SOCKET) &&
      is_down(t.lpWSPConnect(s, address, size, nullptr, nullptr, nullptr, nullptr, &error) != 0) &&
      is_down(t.lpWSPGetSockName(s, address, &size, &error) != 0) &&
      is_down(t.lpWSPGetPeerName(s, address, &size, &error) != 0) &&
      is_down(t.lpWSPGetSockOpt(s, SOL_SOCKET, SO_TYPE, room_of(n), &size, &error) != 0) &&
      is_down(t.lpWSPSetSockOpt(s, SOL_SOCKET, SO_RCVBUF, room_of(n), 4, &error) != 0) &&
      is_down(t.lpWSPShutdown(s, SD_BOTH, &error) != 0) &&
      is_down(t.lpWSPEventSelect(s, nullptr, 0, &error) != 0) &&
      is_down(t.lpWSPEnumNetworkEvents(s, nullptr, &events, &error) != 0) &&
      is_down(t.lpWSPSelect(0, &set, nullptr, nullptr, nullptr, &error) == SOCKET_ERROR) &&
      is_down(t.lpWSPCloseSocket(s, &error) != 0) && is_down(t.lpWSPCleanup(&error) != 0);
  return all ? 0 : call;
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
    const int wrong = first_wrong_of_child(table, pair);
    _exit(wrong == 0 ? 0 : 2 + wrong);
  }
  int status = -1;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK_EQ(status, 0);
  CHECK_EQ(by_wsa(call), 0);
  INT error = 0;
  CHECK_EQ(table.lpWSPCleanup(&error), 0);
}

}  // namespace
