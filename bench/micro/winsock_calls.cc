// What Winsock's machinery costs through its public calls, without a network: completion ports, an
// overlapped send and receive on the fast path, a poll of 10,000 sockets, a select of 1,024, and a
// thousand threads that are blocked and woken.
//
// Goals: a port 5 million packets a second in one thread and 2 million across two; an overlapped
// pair on the fast path 0.5 us of the process's CPU time. usage: bench_winsock_calls [--json FILE]
#include <mstcpip.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/report.h"

namespace {

namespace bench = oriel::bench;

constexpr int kRepetitions = 5;
constexpr int kPackets = 1'000'000;
constexpr int kPairs = 200'000;
constexpr int kLooks = 200;
constexpr int kPolled = 10'000;
constexpr int kSelected = 1024;
constexpr int kThreads = 1000;

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "bench winsock_calls: %s: error %d\n", what, WSAGetLastError());
  std::exit(1);
}
void must(bool is_well, const char* what) {
  if (!is_well) give_up(what);
}

void take_one(HANDLE port) {
  DWORD bytes = 0;
  ULONG_PTR key = 0;
  OVERLAPPED* o = nullptr;
  must(GetQueuedCompletionStatus(port, &bytes, &key, &o, INFINITE), "GetQueuedCompletionStatus");
}

double port_in_one_thread() {
  const HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 0);
  const double seconds = bench::seconds_of([&] {
    for (int i = 0; i < kPackets; ++i) {
      PostQueuedCompletionStatus(port, 0, 1, nullptr);
      take_one(port);
    }
  });
  CloseHandle(port);
  return kPackets / seconds / 1e6;
}

double port_across_two() {
  const HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 0);
  const double seconds = bench::seconds_of([&] {
    std::thread consumer([&] {
      OVERLAPPED_ENTRY entries[64];
      for (ULONG taken = 0, n = 0; taken < kPackets; taken += n) {
        must(GetQueuedCompletionStatusEx(port, entries, 64, &n, INFINITE, FALSE), "...StatusEx");
      }
    });
    for (int i = 0; i < kPackets; ++i) PostQueuedCompletionStatus(port, 0, 1, nullptr);
    consumer.join();
  });
  CloseHandle(port);
  return kPackets / seconds / 1e6;
}

sockaddr_in any_loopback() {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return at;
}

SOCKET bound(int type, bool is_fast) {
  const SOCKET s = WSASocketW(AF_INET, type, 0, nullptr, 0, WSA_FLAG_OVERLAPPED);
  const sockaddr_in at = any_loopback();
  must(bind(s, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0, "bind");
  int on = 1;
  DWORD bytes = 0;
  if (is_fast) {
    must(WSAIoctl(s, SIO_LOOPBACK_FAST_PATH, &on, sizeof on, nullptr, 0, &bytes, nullptr,
                  nullptr) == 0,
         "SIO_LOOPBACK_FAST_PATH");
  }
  return s;
}

struct Pair {
  SOCKET client = INVALID_SOCKET;
  SOCKET server = INVALID_SOCKET;
  explicit Pair(bool is_fast) {
    const SOCKET listener = bound(SOCK_STREAM, is_fast);
    must(listen(listener, 1) == 0, "listen");
    sockaddr_in at{};
    int bytes = sizeof at;
    getsockname(listener, reinterpret_cast<sockaddr*>(&at), &bytes);
    client = bound(SOCK_STREAM, is_fast);
    must(connect(client, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0, "connect");
    server = accept(listener, nullptr, nullptr);
    closesocket(listener);
    const BOOL is_at_once = TRUE;  // or each send would wait for a delayed acknowledgement
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, reinterpret_cast<const char*>(&is_at_once),
               sizeof is_at_once);
  }
  ~Pair() {
    closesocket(client);
    closesocket(server);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
};

/// One thread receives and sends by overlapped calls and takes the receive's packet; the send's is
/// skipped. Microseconds of the process's CPU time for each pair.
double overlapped_pair(bool is_fast) {
  const Pair pair(is_fast);
  const HANDLE port = CreateIoCompletionPort(reinterpret_cast<HANDLE>(pair.server), nullptr, 0, 1);
  CreateIoCompletionPort(reinterpret_cast<HANDLE>(pair.client), port, 0, 0);
  SetFileCompletionNotificationModes(reinterpret_cast<HANDLE>(pair.client),
                                     FILE_SKIP_COMPLETION_PORT_ON_SUCCESS);
  char out[64] = {}, in[64];
  const std::clock_t before = std::clock();
  for (int i = 0; i < kPairs; ++i) {
    WSAOVERLAPPED sending{}, receiving{};
    WSABUF from{sizeof out, out}, to{sizeof in, in};
    DWORD flags = 0, bytes = 0;
    WSARecv(pair.server, &to, 1, nullptr, &flags, &receiving, nullptr);
    must(WSASend(pair.client, &from, 1, &bytes, 0, &sending, nullptr) == 0, "WSASend");
    take_one(port);
  }
  const double us = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC * 1e6 / kPairs;
  CloseHandle(port);
  return us;
}

struct Many {
  std::vector<SOCKET> sockets;
  explicit Many(int count) {
    for (int i = 0; i < count; ++i) sockets.push_back(socket(AF_INET, SOCK_DGRAM, 0));
  }
  ~Many() {
    for (const SOCKET s : sockets) closesocket(s);
  }
  Many(const Many&) = delete;
  Many& operator=(const Many&) = delete;
};

double poll_of_many(const Many& many) {
  std::vector<WSAPOLLFD> fds;
  for (const SOCKET s : many.sockets) fds.push_back({s, POLLRDNORM, 0});
  return 1e6 / kLooks * bench::seconds_of([&] {
           for (int i = 0; i < kLooks; ++i) {
             must(WSAPoll(fds.data(), static_cast<ULONG>(fds.size()), 0) == 0, "WSAPoll");
           }
         });
}

double select_of_many(const Many& many) {
  struct Large {
    u_int count;
    SOCKET sockets[kSelected];
  };
  const auto set = std::make_unique<Large>();
  return 1e6 / kLooks * bench::seconds_of([&] {
           for (int i = 0; i < kLooks; ++i) {
             set->count = kSelected;
             std::memcpy(set->sockets, many.sockets.data(), sizeof set->sockets);
             const timeval now{0, 0};
             must(select(0, reinterpret_cast<fd_set*>(set.get()), nullptr, nullptr, &now) == 0,
                  "select");
           }
         });
}

double blocked_threads() {
  const SOCKET receiver = bound(SOCK_DGRAM, false), sender = bound(SOCK_DGRAM, false);
  std::atomic<int> begun{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      ++begun;
      char byte = 0;
      must(recv(receiver, &byte, 1, 0) == 1, "recv");
    });
  }
  while (begun != kThreads) Sleep(1);
  Sleep(50);
  sockaddr_in at{};
  int bytes = sizeof at;
  getsockname(receiver, reinterpret_cast<sockaddr*>(&at), &bytes);
  const double seconds = bench::seconds_of([&] {
    for (int i = 0; i < kThreads; ++i) {
      must(sendto(sender, "x", 1, 0, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 1,
           "sendto");
    }
    for (std::thread& t : threads) t.join();
  });
  closesocket(sender);
  closesocket(receiver);
  return seconds * 1e6 / kThreads;
}

}  // namespace

int main(int argc, char** argv) {
  WSADATA data;
  must(WSAStartup(MAKEWORD(2, 2), &data) == 0, "WSAStartup");
  bench::Report report("winsock_calls");
  report.add("port, one thread", "M packets/s", kRepetitions, port_in_one_thread);
  report.add("port, across two threads", "M packets/s", kRepetitions, port_across_two);
  report.add("overlapped pair, fast path", "us CPU", kRepetitions,
             [] { return overlapped_pair(true); });
  report.add("overlapped pair, ordinary", "us CPU", kRepetitions,
             [] { return overlapped_pair(false); });
  {
    const Many many(kPolled);
    report.add("WSAPoll of 10000", "us", kRepetitions, [&] { return poll_of_many(many); });
    report.add("select of 1024", "us", kRepetitions, [&] { return select_of_many(many); });
  }
  report.add("1000 blocked threads, each", "us", kRepetitions, blocked_threads);
  WSACleanup();
  if (argc == 3 && std::strcmp(argv[1], "--json") == 0) report.write_json(argv[2]);
}
