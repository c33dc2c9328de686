// Eight threads on the same few sockets, each doing whatever its seed says: no crash, no race, no
// call that hangs, and each overlapped call ends exactly once.
//
// Bounded by a count of steps; ORIEL_STORM_SECONDS=60 bounds it by time instead, for the lane that
// looks for races.
#include <winsock2.h>
#include <ws2tcpip.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <random>
#include <thread>
#include <vector>

#include "api_winsock/loopback_pair.h"
#include "api_winsock/started.h"
#include "support/win_case.h"

namespace {

constexpr int kThreads = 8;
constexpr int kStepsOfEach = 3000;
constexpr DWORD kTimeoutMs = 5;  // of calls that block

struct Call {
  WSAOVERLAPPED overlapped{};  // first: a packet's pointer is the call's
  std::atomic<int> ends{0};
  DWORD flags = 0;
  std::array<char, 512> bytes{};
  WSABUF buffer{static_cast<ULONG>(bytes.size()), bytes.data()};
};

// A pair that all threads use, closed and opened again under their hands.
struct Slot {
  std::atomic<SOCKET> ends[2] = {INVALID_SOCKET, INVALID_SOCKET};
};

class Storm {
 public:
  explicit Storm(int slots) : slots_(static_cast<std::size_t>(slots)) {
    port_ = CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 0);
    for (Slot& slot : slots_) open(slot);
    if (const char* text = std::getenv("ORIEL_STORM_SECONDS")) {
      until_ = GetTickCount64() + 1000 * static_cast<ULONGLONG>(std::atoi(text));
    }
  }

  void run() {
    std::vector<std::thread> threads;
    for (unsigned seed = 1; seed <= kThreads; ++seed) {
      threads.emplace_back([this, seed] { work(seed); });
    }
    for (std::thread& t : threads) t.join();
    for (Slot& slot : slots_) close(slot);
    while (pending_ != 0) take_one(INFINITE);
    CHECK(!take_one(0));
    CloseHandle(port_);
  }

 private:
  bool is_over(int step) const {
    return until_ == 0 ? step >= kStepsOfEach : GetTickCount64() >= until_;
  }

  void open(Slot& slot) {
    LoopbackPair pair;
    for (SOCKET* s : {&pair.client, &pair.server}) {
      DWORD timeout = kTimeoutMs;
      const auto* text = reinterpret_cast<char*>(&timeout);
      setsockopt(*s, SOL_SOCKET, SO_RCVTIMEO, text, sizeof timeout);
      setsockopt(*s, SOL_SOCKET, SO_SNDTIMEO, text, sizeof timeout);
      CreateIoCompletionPort(reinterpret_cast<HANDLE>(*s), port_, 1, 0);
    }
    pair.client = slot.ends[0].exchange(pair.client);
    pair.server = slot.ends[1].exchange(pair.server);
  }

  static void close(Slot& slot) {
    for (auto& end : slot.ends) closesocket(end.exchange(INVALID_SOCKET));
  }

  bool take_one(DWORD ms) {
    DWORD n = 0;
    ULONG_PTR key = 0;
    OVERLAPPED* which = nullptr;
    GetQueuedCompletionStatus(port_, &n, &key, &which, ms);
    if (which == nullptr) return false;
    auto* call = reinterpret_cast<Call*>(which);
    CHECK_EQ(call->ends.fetch_add(1), 0);
    delete call;
    --pending_;
    return true;
  }

  void post(SOCKET s, bool is_send) {
    auto* call = new Call;
    ++pending_;
    const int r =
        is_send ? WSASend(s, &call->buffer, 1, nullptr, 0, &call->overlapped, nullptr)
                : WSARecv(s, &call->buffer, 1, nullptr, &call->flags, &call->overlapped, nullptr);
    if (r == 0 || WSAGetLastError() == WSA_IO_PENDING) return;
    delete call;  // it failed at once: nothing will be told
    --pending_;
  }

  void work(unsigned seed) {
    std::mt19937 random(seed);
    for (int step = 0; !is_over(step) && !win_case::has_failed(); ++step) {
      Slot& slot = slots_[random() % slots_.size()];
      act(random, slot, slot.ends[random() % 2]);
      take_one(0);
    }
  }

  void act(std::mt19937& random, Slot& slot, std::atomic<SOCKET>& end) {
    const SOCKET s = end;
    char bytes[256] = {};
    const int size = static_cast<int>(random() % sizeof bytes);
    switch (random() % 20) {
      case 0:
      case 1:
      case 2:
        send(s, bytes, size, 0);
        return;
      case 3:
      case 4:
      case 5:
        recv(s, bytes, size, 0);
        return;
      case 6:
      case 7:
        return post(s, true);
      case 8:
      case 9:
        return post(s, false);
      case 10:
        CancelIoEx(reinterpret_cast<HANDLE>(s), nullptr);
        return;
      case 11:
        CancelIo(reinterpret_cast<HANDLE>(s));
        return;
      case 12:
        return set_something(random, s);
      case 13:
        return ask_something(s);
      case 14:
        return look(s);
      case 15: {
        u_long is_on = random() % 2;
        ioctlsocket(s, static_cast<LONG>(FIONBIO), &is_on);
        return;
      }
      case 16:
        if (random() % 8 == 0) shutdown(s, static_cast<int>(random() % 3));
        return;
      case 17:
        send(s, bytes, 1, MSG_OOB);
        return;
      case 18:
        if (random() % 4 == 0) closesocket(end.exchange(INVALID_SOCKET));
        return;
      case 19:
        if (s == INVALID_SOCKET || random() % 8 == 0) open(slot);
        return;
    }
  }

  static void set_something(std::mt19937& random, SOCKET s) {
    static constexpr struct {
      int level;
      int name;
    } kOptions[] = {{SOL_SOCKET, SO_SNDBUF},    {SOL_SOCKET, SO_RCVBUF},
                    {SOL_SOCKET, SO_KEEPALIVE}, {IPPROTO_TCP, TCP_NODELAY},
                    {SOL_SOCKET, SO_OOBINLINE}, {SOL_SOCKET, SO_DONTLINGER}};
    const auto& o = kOptions[random() % std::size(kOptions)];
    const int value = static_cast<int>(random() % 2 == 0 ? 0 : random() % 65536);
    setsockopt(s, o.level, o.name, reinterpret_cast<const char*>(&value), sizeof value);
  }

  static void ask_something(SOCKET s) {
    sockaddr_in name;
    int bytes = sizeof name;
    getpeername(s, reinterpret_cast<sockaddr*>(&name), &bytes);
    int value = 0;
    bytes = sizeof value;
    getsockopt(s, SOL_SOCKET, SO_ERROR, reinterpret_cast<char*>(&value), &bytes);
    u_long number = 0;
    ioctlsocket(s, static_cast<LONG>(FIONREAD), &number);
  }

  static void look(SOCKET s) {
    fd_set reads = {1, {s}};
    fd_set writes = {1, {s}};
    const timeval at_once = {0, 0};
    select(0, &reads, &writes, nullptr, &at_once);
    WSAPOLLFD poll = {s, POLLRDNORM | POLLWRNORM, 0};
    WSAPoll(&poll, 1, 1);
    const HANDLE event = WSACreateEvent();
    WSANETWORKEVENTS events;
    if (WSAEventSelect(s, event, FD_READ | FD_WRITE | FD_CLOSE) == 0) {
      WSAEnumNetworkEvents(s, event, &events);
      WSAEventSelect(s, nullptr, 0);
    }
    WSACloseEvent(event);
  }

  HANDLE port_ = nullptr;
  std::vector<Slot> slots_;
  std::atomic<long> pending_{0};
  ULONGLONG until_ = 0;
};

WIN_CASE(Storm, EightThreadsOnOneSocket) {
  REQ("WS-2");
  const Started started;
  REQUIRE_EQ(started.error(), 0);
  Storm(1).run();
}

WIN_CASE(Storm, EightThreadsOnAFew) {
  const Started started;
  REQUIRE_EQ(started.error(), 0);
  Storm(4).run();
}

}  // namespace
