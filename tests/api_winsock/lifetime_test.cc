// Handles and requests at their ends: closed twice, closed while others wait, cleaned up under open
// sockets, forked.
#include <winsock2.h>
#include <ws2tcpip.h>

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "api_winsock/loopback_pair.h"
#include "api_winsock/started.h"
#include "support/win_case.h"

// The three of POSIX that the fork case needs; its headers and Windows' do not meet in one unit.
extern "C" int fork(void);
extern "C" int waitpid(int process, int* status, int options);
extern "C" void _exit(int code);

namespace {

struct PendingReceive {
  WSAOVERLAPPED overlapped{};
  char bytes[16];
  WSABUF buffer{sizeof bytes, bytes};
  DWORD flags = 0;

  int start(SOCKET s, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine = nullptr) {
    const int r = WSARecv(s, &buffer, 1, nullptr, &flags, &overlapped, routine);
    return r == 0 ? 0 : WSAGetLastError();
  }
};

int error_of(int result) {
  return result == SOCKET_ERROR ? WSAGetLastError() : 0;
}

WIN_CASE(Lifetime, ASecondCloseAndAStaleHandleAreRefused) {
  REQ("WS-2");
  const Started started;
  const SOCKET old = socket(AF_INET, SOCK_STREAM, 0);
  CHECK_EQ(closesocket(old), 0);
  CHECK_EQ(error_of(closesocket(old)), WSAENOTSOCK);
  // Its value does not come back while programs may still hold it.
  for (int i = 0; i < 500; ++i) {
    const SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_NE(s, old);
    CHECK_EQ(closesocket(s), 0);
  }
  char byte = 0;
  CHECK_EQ(error_of(recv(old, &byte, 1, 0)), WSAENOTSOCK);
}

WIN_CASE(Lifetime, CloseEndsOverlappedCallsWithAborted) {
  REQ("WS-2");
  const Started started;
  LoopbackPair pair;
  const HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 1);
  CreateIoCompletionPort(reinterpret_cast<HANDLE>(pair.server), port, 5, 0);
  constexpr int kCalls = 8;
  PendingReceive receives[kCalls];
  PendingReceive by_event;
  by_event.overlapped.hEvent = WSACreateEvent();
  for (auto& r : receives) CHECK_EQ(r.start(pair.server), WSA_IO_PENDING);
  CHECK_EQ(by_event.start(pair.client), WSA_IO_PENDING);
  CHECK_EQ(closesocket(pair.server), 0);
  for (auto& r : receives) {
    DWORD n = 0;
    ULONG_PTR key = 0;
    OVERLAPPED* which = nullptr;
    CHECK(!GetQueuedCompletionStatus(port, &n, &key, &which, INFINITE));
    CHECK_EQ(GetLastError(), DWORD{WSA_OPERATION_ABORTED});
    CHECK_EQ(which == &r.overlapped, true);
  }
  DWORD n = 0;
  ULONG_PTR key = 0;
  OVERLAPPED* which = nullptr;
  CHECK(!GetQueuedCompletionStatus(port, &n, &key, &which, 0));
  CHECK_EQ(GetLastError(), DWORD{WAIT_TIMEOUT});
  CHECK_EQ(closesocket(pair.client), 0);
  CHECK_EQ(WaitForSingleObject(by_event.overlapped.hEvent, INFINITE), DWORD{WAIT_OBJECT_0});
  CHECK_NE(by_event.overlapped.Internal, ULONG_PTR{0x103});
  CloseHandle(port);
  WSACloseEvent(by_event.overlapped.hEvent);
}

// With SO_SNDBUF 0 bytes leave from where they lie, and the peer does not take these.
WIN_CASE(Lifetime, CloseEndsSendsFromTheProgramsMemory) {
  REQ("WS-2");
  const Started started;
  LoopbackPair pair;
  int none = 0;
  CHECK_EQ(
      setsockopt(pair.client, SOL_SOCKET, SO_SNDBUF, reinterpret_cast<char*>(&none), sizeof none),
      0);
  {
    std::vector<char> bytes(64u << 20);
    WSABUF b{static_cast<ULONG>(bytes.size()), bytes.data()};
    WSAOVERLAPPED o{};
    o.hEvent = WSACreateEvent();
    CHECK_EQ(error_of(WSASend(pair.client, &b, 1, nullptr, 0, &o, nullptr)), WSA_IO_PENDING);
    CHECK_EQ(closesocket(pair.client), 0);
    CHECK_EQ(WaitForSingleObject(o.hEvent, INFINITE), DWORD{WAIT_OBJECT_0});
    CHECK_EQ(o.Internal, ULONG_PTR{0xc0000120});  // STATUS_CANCELLED
    WSACloseEvent(o.hEvent);
  }
  // Blocked in the same way, closed by another thread.
  LoopbackPair other;
  CHECK_EQ(
      setsockopt(other.client, SOL_SOCKET, SO_SNDBUF, reinterpret_cast<char*>(&none), sizeof none),
      0);
  std::atomic<int> error{0};
  std::thread sender([&] {
    std::vector<char> bytes(64u << 20);
    error = error_of(send(other.client, bytes.data(), static_cast<int>(bytes.size()), 0));
  });
  char byte = 0;
  CHECK_EQ(recv(other.server, &byte, 1, 0), 1);  // it has begun
  CHECK_EQ(closesocket(other.client), 0);
  sender.join();
  CHECK_EQ(error.load(), WSAEINTR);
}

// One thread in each call that waits; another closes the socket.
WIN_CASE(Lifetime, CloseWakesThreadsThatAreBlockedInIt) {
  REQ("WS-2");
  const Started started;
  const SOCKET listener = listening_socket();
  const SOCKET datagrams = bound_socket(SOCK_DGRAM);
  LoopbackPair pair;
  std::atomic<int> accepted{0}, received{0}, from{0};
  std::thread a([&] {
    if (accept(listener, nullptr, nullptr) == INVALID_SOCKET) accepted = WSAGetLastError();
  });
  std::thread r([&] {
    char byte = 0;
    received = error_of(recv(pair.server, &byte, 1, 0));
  });
  std::thread d([&] {
    char byte = 0;
    from = error_of(recvfrom(datagrams, &byte, 1, 0, nullptr, nullptr));
  });
  // They may be before or in the call: WSAENOTSOCK or WSAEINTR, and never for ever.
  SwitchToThread();
  CHECK_EQ(closesocket(listener), 0);
  CHECK_EQ(closesocket(pair.server), 0);
  CHECK_EQ(closesocket(datagrams), 0);
  for (std::thread* t : {&a, &r, &d}) t->join();
  for (const int error : {accepted.load(), received.load(), from.load()}) {
    CHECK(error == WSAEINTR || error == WSAENOTSOCK);
  }
}

WIN_CASE(Lifetime, CleanupClosesWhatIsOpen) {
  REQ("WS-2");
  WSADATA data;
  REQUIRE_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
  SOCKET streams[2] = {};
  PendingReceive pending;
  {
    LoopbackPair pair;
    streams[0] = std::exchange(pair.client, INVALID_SOCKET);
    streams[1] = std::exchange(pair.server, INVALID_SOCKET);
  }
  const SOCKET listener = listening_socket();
  const SOCKET datagrams = bound_socket(SOCK_DGRAM);
  CHECK_EQ(pending.start(streams[0]), WSA_IO_PENDING);
  std::atomic<int> error{0};
  std::thread blocked([&] {
    char byte = 0;
    error = error_of(recv(streams[1], &byte, 1, 0));
  });
  SwitchToThread();
  CHECK_EQ(WSACleanup(), 0);
  blocked.join();
  CHECK(error == WSAEINTR || error == WSAENOTSOCK || error == WSANOTINITIALISED);
  CHECK_EQ(pending.overlapped.Internal, ULONG_PTR{0xc0000120});
  char byte = 0;
  CHECK_EQ(error_of(recv(streams[0], &byte, 1, 0)), WSANOTINITIALISED);
  // Another start knows nothing of them.
  const Started again;
  for (const SOCKET s : {streams[0], streams[1], listener, datagrams}) {
    CHECK_EQ(error_of(send(s, &byte, 1, 0)), WSAENOTSOCK);
    CHECK_EQ(error_of(closesocket(s)), WSAENOTSOCK);
  }
  const LoopbackPair fresh;
  CHECK_EQ(send(fresh.client, &byte, 1, 0), 1);
}

WIN_CASE(Lifetime, StartupCountsAndStartsAgain) {
  for (int i = 0; i < 3; ++i) {
    const Started first;
    REQUIRE_EQ(first.error(), 0);
    const SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
    {
      const Started second;
      CHECK_EQ(second.error(), 0);
    }
    sockaddr_in any = loopback_name();
    CHECK_EQ(bind(s, as_name(any), sizeof any), 0);  // still open
    CHECK_EQ(closesocket(s), 0);
  }
}

WIN_CASE(Lifetime, ADuplicateIsTheSameSocketUntilItsLastDescriptorCloses) {
  const Started started;
  LoopbackPair pair;
  WSAPROTOCOL_INFOW info;
  CHECK_EQ(error_of(WSADuplicateSocketW(pair.client, GetCurrentProcessId() + 1, &info)), WSAEINVAL);
  REQUIRE_EQ(WSADuplicateSocketW(pair.client, GetCurrentProcessId(), &info), 0);
  const SOCKET second = WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
                                   &info, 0, WSA_FLAG_OVERLAPPED);
  REQUIRE_NE(second, INVALID_SOCKET);
  CHECK_NE(second, pair.client);
  CHECK_EQ(closesocket(pair.client), 0);
  CHECK_EQ(send(second, "d", 1, 0), 1);
  char byte = 0;
  CHECK_EQ(recv(pair.server, &byte, 1, 0), 1);
  CHECK_EQ(closesocket(second), 0);
  CHECK_EQ(recv(pair.server, &byte, 1, 0), 0);
  // What it described is gone.
  CHECK_EQ(WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0, 0),
           INVALID_SOCKET);
  CHECK_EQ(WSAGetLastError(), WSAEINVAL);
}

void CALLBACK never_called(DWORD, DWORD, LPWSAOVERLAPPED, DWORD) {
  CHECK(false);
}

// Its routine never runs, and the memory behind the call goes: the leak checker looks.
WIN_CASE(Lifetime, AThreadThatEndsDropsItsRoutines) {
  const Started started;
  const LoopbackPair pair;
  PendingReceive receives[2];
  std::thread issuing([&] {
    CHECK_EQ(receives[0].start(pair.server, never_called), WSA_IO_PENDING);
    CHECK_EQ(send(pair.client, "a", 1, 0), 1);
    CHECK_EQ(receives[1].start(pair.server, never_called), WSA_IO_PENDING);
  });
  issuing.join();
  CHECK_EQ(receives[1].overlapped.Internal, ULONG_PTR{0xc0000120});
  // And the socket goes on.
  CHECK_EQ(send(pair.client, "b", 1, 0), 1);
  char byte = 0;
  CHECK_EQ(recv(pair.server, &byte, 1, 0), 1);
}

#define CHILD_SAYS(number, call, code)              \
  do {                                              \
    WSASetLastError(0);                             \
    (void)(call);                                   \
    if (WSAGetLastError() != (code)) _exit(number); \
  } while (false)

// The stack stays with the parent: every call of the child says so, and nothing that the child does
// reaches the parent's connections.
WIN_CASE(Lifetime, AForkedChildIsRefusedAndTheParentGoesOn) {
  REQ("WS-2");
  const Started started;
  const LoopbackPair pair;
  PendingReceive pending;
  CHECK_EQ(pending.start(pair.server), WSA_IO_PENDING);
  const int child = fork();
  if (child == 0) {
    char byte = 'c';
    u_long number = 0;
    WSADATA data;
    CHILD_SAYS(1, socket(AF_INET, SOCK_STREAM, 0), WSAENETDOWN);
    CHILD_SAYS(2, send(pair.client, &byte, 1, 0), WSAENETDOWN);
    CHILD_SAYS(3, recv(pair.client, &byte, 1, 0), WSAENETDOWN);
    CHILD_SAYS(4, ioctlsocket(pair.client, static_cast<LONG>(FIONREAD), &number), WSAENETDOWN);
    CHILD_SAYS(5, closesocket(pair.client), WSAENETDOWN);
    CHILD_SAYS(6, accept(pair.client, nullptr, nullptr), WSAENETDOWN);
    CHILD_SAYS(7, WSACleanup(), WSAENETDOWN);
    if (WSAStartup(MAKEWORD(2, 2), &data) != WSASYSNOTREADY) _exit(8);
    CloseHandle(reinterpret_cast<HANDLE>(pair.server));
    _exit(0);
  }
  REQUIRE(child > 0);
  int status = -1;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK_EQ(status, 0);
  CHECK_EQ(pending.overlapped.Internal, ULONG_PTR{0x103});
  CHECK_EQ(send(pair.client, "p", 1, 0), 1);
  DWORD n = 0;
  DWORD flags = 0;
  CHECK(WSAGetOverlappedResult(pair.server, &pending.overlapped, &n, TRUE, &flags));
  CHECK_EQ(n, 1u);
}

}  // namespace
