// Which waits run queued calls: those that are told to, and, as documented, Winsock's blocking
// calls, which then go on waiting.
#include <mstcpip.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "api_winsock/fast_path_pair.h"
#include "api_winsock/started.h"
#include "support/win_case.h"

namespace {

using fast_path::Pair;
using loopback::Socket;

/// A thread in one blocking call. `probe` is signalled by a call that is queued to it meanwhile.
class BlockedThread {
 public:
  explicit BlockedThread(int (*call)(SOCKET), SOCKET s) : call_(call), socket_(s) {
    probe_ = WSACreateEvent();
    thread_ = CreateThread(nullptr, 0, run, this, 0, nullptr);
  }
  ~BlockedThread() {
    CloseHandle(thread_);
    WSACloseEvent(probe_);
  }
  BlockedThread(const BlockedThread&) = delete;
  BlockedThread& operator=(const BlockedThread&) = delete;

  /// Returns once a queued call has run in the blocked thread.
  void probe() {
    WSAResetEvent(probe_);
    CHECK(QueueUserAPC(set, thread_, reinterpret_cast<ULONG_PTR>(probe_)) != 0);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &probe_, TRUE, 20'000, FALSE), DWORD{WSA_WAIT_EVENT_0});
  }
  bool has_returned() const { return has_returned_; }
  int result() {
    CHECK_EQ(WaitForSingleObject(thread_, 20'000), DWORD{WAIT_OBJECT_0});
    return result_;
  }

 private:
  static void CALLBACK set(ULONG_PTR event) { SetEvent(reinterpret_cast<HANDLE>(event)); }
  static DWORD WINAPI run(LPVOID self) {
    auto& of = *static_cast<BlockedThread*>(self);
    of.result_ = of.call_(of.socket_);
    of.has_returned_ = true;
    return 0;
  }

  int (*const call_)(SOCKET);
  const SOCKET socket_;
  WSAEVENT probe_ = nullptr;
  HANDLE thread_ = nullptr;
  int result_ = -1;
  std::atomic<bool> has_returned_{false};
};

int receive_one(SOCKET s) {
  char byte = 0;
  return recv(s, &byte, 1, 0);
}
int receive_two(SOCKET s) {
  char bytes[2] = {};
  WSABUF buffer{2, bytes};
  DWORD n = 0, flags = MSG_WAITALL;
  return WSARecv(s, &buffer, 1, &n, &flags, nullptr, nullptr) == 0 ? static_cast<int>(n) : -1;
}
int select_one(SOCKET s) {
  fd_set set;
  FD_ZERO(&set);
  FD_SET(s, &set);
  return select(0, &set, nullptr, nullptr, nullptr);
}
int poll_one(SOCKET s) {
  WSAPOLLFD fd{s, POLLRDNORM, 0};
  return WSAPoll(&fd, 1, -1);
}
int accept_one(SOCKET s) {
  return closesocket(accept(s, nullptr, nullptr)) + 1;
}

struct Row {
  int (*call)(SOCKET);
  int result;
};

}  // namespace

WIN_CASE(Alertable, BlockingCallsOnConnectionsRunCallsAndGoOn) {
  REQ("WS-4");
  const Started started;
  for (const Row& row :
       {Row{receive_one, 1}, Row{receive_two, 2}, Row{select_one, 1}, Row{poll_one, 1}}) {
    for (const fast_path::Way& way : fast_path::kWays) {
      Pair pair(way);
      BlockedThread thread(row.call, pair.server);
      for (int i = 0; i < 5; ++i) thread.probe();
      CHECK(!thread.has_returned());
      CHECK_EQ(send(pair.client, "xy", 2, 0), 2);
      CHECK_EQ(thread.result(), row.result);
    }
  }
}

WIN_CASE(Alertable, AcceptAndDatagramsRunCallsAndGoOn) {
  const Started started;
  {
    const Socket listener = loopback::listening();
    BlockedThread thread(accept_one, listener);
    thread.probe();
    thread.probe();
    const Socket client = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_EQ(loopback::connect_to(client, loopback::name_of(listener)), 0);
    CHECK_EQ(thread.result(), 1);
  }
  const Socket datagrams = loopback::bound(SOCK_DGRAM);
  BlockedThread thread(receive_one, datagrams);
  thread.probe();
  thread.probe();
  const Socket sender = loopback::bound(SOCK_DGRAM);
  const sockaddr_in to = loopback::name_of(datagrams);
  CHECK_EQ(sendto(sender, "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to), 1);
  CHECK_EQ(thread.result(), 1);
}

// A call that closes the socket on which its own thread is blocked.
WIN_CASE(Alertable, ACallMayCloseTheSocketThatItsThreadIsBlockedOn) {
  const Started started;
  for (const fast_path::Way& way : fast_path::kWays) {
    Pair pair(way);
    int error = 0;
    std::atomic<HANDLE> handle{nullptr};
    std::thread blocked([&] {
      HANDLE self = nullptr;
      DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &self, 0, FALSE,
                      DUPLICATE_SAME_ACCESS);
      handle = self;
      CHECK_EQ(receive_one(pair.server), SOCKET_ERROR);
      error = WSAGetLastError();
    });
    while (handle == nullptr) Sleep(0);
    const auto close = [](ULONG_PTR s) { closesocket(static_cast<SOCKET>(s)); };
    CHECK(QueueUserAPC(close, handle, pair.server) != 0);
    blocked.join();
    CHECK_EQ(error, WSAEINTR);
    CloseHandle(handle);
  }
}

namespace {

std::atomic<int> routines{0};
void CALLBACK count_routine(DWORD error, DWORD bytes, LPWSAOVERLAPPED, DWORD) {
  if (error == 0 && bytes == 1) ++routines;
}

}  // namespace

// A completion routine is such a call: a thread blocked in another call of its own runs it.
WIN_CASE(Alertable, ABlockedCallRunsCompletionRoutines) {
  const Started started;
  Pair first({true, AF_INET}), second({false, AF_INET});
  routines = 0;
  std::atomic<bool> is_pending{false};
  std::thread blocked([&] {
    char byte = 0;
    WSABUF buffer{1, &byte};
    DWORD flags = 0;
    WSAOVERLAPPED o{};
    CHECK_EQ(WSARecv(first.server, &buffer, 1, nullptr, &flags, &o, count_routine), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    is_pending = true;
    CHECK_EQ(receive_one(second.server), 1);
    CHECK_EQ(routines, 1);
  });
  while (!is_pending) Sleep(0);
  CHECK_EQ(send(first.client, "a", 1, 0), 1);
  while (routines == 0) Sleep(0);
  CHECK_EQ(send(second.client, "b", 1, 0), 1);
  blocked.join();
}

WIN_CASE(Alertable, EventWaitsObeyTheirFlag) {
  const Started started;
  static std::atomic<int> runs;
  runs = 0;
  const auto count = [](ULONG_PTR) { ++runs; };
  WSAEVENT events[] = {WSACreateEvent(), WSACreateEvent()};
  CHECK(QueueUserAPC(count, GetCurrentThread(), 0) != 0);
  CHECK_EQ(WSAWaitForMultipleEvents(2, events, FALSE, 0, FALSE), DWORD{WSA_WAIT_TIMEOUT});
  CHECK_EQ(runs, 0);
  CHECK_EQ(WSAWaitForMultipleEvents(2, events, FALSE, WSA_INFINITE, TRUE),
           DWORD{WSA_WAIT_IO_COMPLETION});
  CHECK_EQ(runs, 1);
  CHECK(QueueUserAPC(count, GetCurrentThread(), 0) != 0);
  CHECK_EQ(WSAWaitForMultipleEvents(2, events, TRUE, WSA_INFINITE, TRUE),
           DWORD{WSA_WAIT_IO_COMPLETION});
  CHECK_EQ(runs, 2);
  // A call whose answer is there waits for nothing, so it runs nothing.
  CHECK(QueueUserAPC(count, GetCurrentThread(), 0) != 0);
  Pair pair({true, AF_INET});
  CHECK_EQ(send(pair.client, "x", 1, 0), 1);
  CHECK_EQ(receive_one(pair.server), 1);
  CHECK_EQ(runs, 2);
  CHECK_EQ(SleepEx(0, TRUE), DWORD{WAIT_IO_COMPLETION});
  CHECK_EQ(runs, 3);
  for (const WSAEVENT e : events) WSACloseEvent(e);
}

// Without an event GetOverlappedResultEx waits at the socket; a queued call ends that wait.
WIN_CASE(Alertable, AResultWithoutAnEventIsWaitedForAlertably) {
  const Started started;
  Pair pair({false, AF_INET});
  char byte = 0;
  WSABUF buffer{1, &byte};
  DWORD flags = 0, bytes = 0;
  WSAOVERLAPPED o{};
  CHECK_EQ(WSARecv(pair.server, &buffer, 1, nullptr, &flags, &o, nullptr), SOCKET_ERROR);
  static std::atomic<bool> has_run;
  has_run = false;
  HANDLE self = nullptr;
  DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &self, 0, FALSE,
                  DUPLICATE_SAME_ACCESS);
  std::thread other([&] { QueueUserAPC([](ULONG_PTR) { has_run = true; }, self, 0); });
  const auto file = reinterpret_cast<HANDLE>(SOCKET{pair.server});
  CHECK(!GetOverlappedResultEx(file, &o, &bytes, INFINITE, TRUE));
  CHECK_EQ(GetLastError(), DWORD{WAIT_IO_COMPLETION});
  CHECK(has_run);
  other.join();
  CHECK_EQ(send(pair.client, "x", 1, 0), 1);
  CHECK(GetOverlappedResultEx(file, &o, &bytes, INFINITE, TRUE));
  CHECK_EQ(bytes, 1u);
  CloseHandle(self);
}
