// Eight threads post, cancel, send, shut and close at random: whatever they do to each other, each
// wait for another backlog that was taken ends exactly once.
#include <array>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "api_winsock/extension_case.h"

using namespace extension_case;  // NOLINT(google-build-using-namespace)

namespace {

constexpr std::size_t kThreads = 8;
constexpr std::size_t kPairs = 6;
constexpr int kStepsPerThread = 400;
constexpr DWORD kPatienceMs = 60'000;  // then a completion is taken for lost

struct Wait {
  OVERLAPPED overlapped{};
  bool is_taken = false;
  std::atomic<int> completions{0};
};

struct Ends {
  std::atomic<SOCKET> client{INVALID_SOCKET};
  std::atomic<SOCKET> server{INVALID_SOCKET};
};

class Storm {
 public:
  Storm()
      : listener_(make_listener()),
        port_(CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 0)) {
    name_ = name_of(listener_);
    for (Ends& ends : pairs_) replace(ends);
  }
  void run(std::size_t thread) {
    auto random = static_cast<std::uint32_t>(thread * 7919 + 1);
    for (int i = 0; i < kStepsPerThread; ++i) {
      random = random * 1664525 + 1013904223;
      const std::uint32_t draw = random >> 8;
      step(draw / kPairs, pairs_[draw % kPairs], waits_[thread]);
    }
  }
  void close_all() {
    for (Ends& ends : pairs_) {
      closesocket(ends.client);
      closesocket(ends.server);
    }
    closesocket(listener_);
  }
  std::size_t taken() const {
    std::size_t n = 0;
    for (const auto& list : waits_) {
      for (const auto& wait : list) n += wait->is_taken ? 1 : 0;
    }
    return n;
  }
  std::size_t drain(std::size_t wanted, DWORD ms) {
    std::size_t n = 0;
    for (; n < wanted; ++n) {
      DWORD bytes = 0;
      ULONG_PTR key = 0;
      LPOVERLAPPED overlapped = nullptr;
      GetQueuedCompletionStatus(port_, &bytes, &key, &overlapped, ms);
      if (overlapped == nullptr) break;
      ++CONTAINING_RECORD(overlapped, Wait, overlapped)->completions;
    }
    return n;
  }
  bool is_each_as_taken() const {
    for (const auto& list : waits_) {
      for (const auto& wait : list) {
        if (wait->completions != (wait->is_taken ? 1 : 0)) return false;
      }
    }
    return true;
  }
  void end() { CloseHandle(port_); }

 private:
  using Waits = std::vector<std::unique_ptr<Wait>>;

  void replace(Ends& ends) {
    const SOCKET client = make_stream();
    sockaddr_in name = name_;
    CHECK_EQ(connect(client, as_sockaddr(name), sizeof name), 0);
    const SOCKET server = accept(listener_, nullptr, nullptr);
    u_long on = 1;
    ioctlsocket(client, static_cast<LONG>(FIONBIO), &on);
    ioctlsocket(server, static_cast<LONG>(FIONBIO), &on);
    CreateIoCompletionPort(reinterpret_cast<HANDLE>(client), port_, 0, 0);
    const SOCKET old_client = ends.client.exchange(client);
    const SOCKET old_server = ends.server.exchange(server);
    if (old_client != INVALID_SOCKET) closesocket(old_client);
    if (old_server != INVALID_SOCKET) closesocket(old_server);
  }
  void step(std::uint32_t what, Ends& ends, Waits& waits) {
    const SOCKET s = ends.client;
    static thread_local char bytes[16384];
    ULONG backlog = 0;
    switch (what % 16) {
      default:
        waits.push_back(std::make_unique<Wait>());
        waits.back()->is_taken =
            idealsendbacklognotify(s, &waits.back()->overlapped, nullptr) != 0 &&
            WSAGetLastError() == WSA_IO_PENDING;
        return;
      case 0:
      case 1:
      case 2:
        send(s, bytes, sizeof bytes, 0);
        return;
      case 3:
      case 4:
        recv(ends.server, bytes, sizeof bytes, 0);
        return;
      case 5:
      case 6:
        CancelIoEx(reinterpret_cast<HANDLE>(s),
                   what % 2 == 0 || waits.empty() ? nullptr : &waits.back()->overlapped);
        return;
      case 7:
        idealsendbacklogquery(s, &backlog);
        return;
      case 8:
        if (what % 5 == 0) shutdown(s, SD_SEND);
        return;
      case 9:
        if (what % 3 == 0) replace(ends);
        return;
    }
  }

  SOCKET listener_;
  HANDLE port_;
  sockaddr_in name_{};
  std::array<Ends, kPairs> pairs_;
  std::array<Waits, kThreads> waits_;
};

WIN_CASE(BacklogStorm, EachWaitEndsExactlyOnce) {
  REQ("ISB-5");
  REQ("ISB-6");
  REQ("ISB-7");
  const Started started;
  Storm storm;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) threads.emplace_back([&storm, i] { storm.run(i); });
  for (auto& thread : threads) thread.join();
  storm.close_all();
  const std::size_t taken = storm.taken();
  CHECK_GT(taken, 100u);
  CHECK_EQ(storm.drain(taken, kPatienceMs), taken);
  CHECK_EQ(storm.drain(1, 0), 0u);
  CHECK(storm.is_each_as_taken());
  storm.end();
}

}  // namespace
