// A thousand threads blocked at once, and threads of a completion port that block in calls: the
// port lets others run in their place.
#include <winsock2.h>
#include <ws2tcpip.h>

#include <atomic>
#include <thread>
#include <vector>

#include "api_winsock/fast_path_pair.h"
#include "api_winsock/started.h"
#include "support/win_case.h"

namespace {

using fast_path::Pair;
using loopback::Socket;

}  // namespace

WIN_CASE(Crowd, AThousandBlockedThreadsGetOneDatagramEach) {
  REQ("WS-4");
  const Started started;
  constexpr int kThreads = 1000;
  const Socket server = loopback::bound(SOCK_DGRAM);
  const Socket client = loopback::bound(SOCK_DGRAM);
  std::atomic<int> begun{0}, received{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      ++begun;
      char byte = 0;
      if (recv(server, &byte, 1, 0) == 1) ++received;
    });
  }
  while (begun != kThreads) Sleep(1);
  const sockaddr_in to = loopback::name_of(server);
  for (int i = 0; i < kThreads; ++i) {
    CHECK_EQ(sendto(client, "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to), 1);
  }
  for (std::thread& t : threads) t.join();
  CHECK_EQ(received, kThreads);
}

WIN_CASE(Crowd, AThousandThreadsBlockOnOneSocket) {
  const Started started;
  constexpr int kThreads = 1000;
  const Socket server = loopback::bound(SOCK_DGRAM);
  const Socket client = loopback::bound(SOCK_DGRAM);
  std::atomic<int> begun{0}, interrupted{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      ++begun;
      char byte = 0;
      if (recv(server, &byte, 1, 0) != SOCKET_ERROR) return;
      const int e = WSAGetLastError();
      if (e == WSAEINTR || e == WSAENOTSOCK) ++interrupted;
    });
  }
  while (begun != kThreads) Sleep(1);
  CHECK_EQ(closesocket(server), 0);
  for (std::thread& t : threads) t.join();
  CHECK_EQ(interrupted, kThreads);
}

// The port lets one thread run. While that one is blocked in recv, the other gets the next packet.
WIN_CASE(Crowd, AThreadBlockedInACallMakesRoomAtItsPort) {
  const Started started;
  for (const fast_path::Way& way : fast_path::kWays) {
    Pair pair(way);
    const HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 1);
    const auto serve = [&] {
      DWORD bytes = 0;
      ULONG_PTR key = 0;
      OVERLAPPED* o = nullptr;
      CHECK(GetQueuedCompletionStatus(port, &bytes, &key, &o, INFINITE));
      char byte = 0;
      if (key == 1) CHECK_EQ(recv(pair.server, &byte, 1, 0), 1);
      if (key == 2) CHECK_EQ(send(pair.client, "x", 1, 0), 1);
    };
    std::thread first(serve), second(serve);
    CHECK(PostQueuedCompletionStatus(port, 0, 1, nullptr));
    CHECK(PostQueuedCompletionStatus(port, 0, 2, nullptr));
    first.join();
    second.join();
    CloseHandle(port);
  }
}
