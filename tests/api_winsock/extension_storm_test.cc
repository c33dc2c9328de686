// Eight threads accept, connect, disconnect and close the same sockets: whatever they do to each
// other, each OVERLAPPED that was taken ends exactly once.
#include <array>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "api_winsock/extension_case.h"

using namespace extension_case;  // NOLINT(google-build-using-namespace)

namespace {

constexpr std::size_t kThreads = 8;
constexpr std::size_t kSockets = 16;
constexpr int kStepsPerThread = 300;
constexpr DWORD kPatienceMs = 60'000;  // then a completion is taken for lost

struct One {
  OVERLAPPED overlapped{};
  bool is_taken = false;
  std::atomic<int> completions{0};
  char buffer[64 + 2 * kBlock] = {};
};

class Storm {
 public:
  Storm() : port_(CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 0)) {
    listener_ = make_listener();
    associate(listener_);
    name_ = name_of(listener_);
    for (auto& s : sockets_) s = make(true);
  }
  void run(std::uint32_t seed) {
    const Functions f(listener_);
    std::uint32_t random = seed;
    for (int step = 0; step < kStepsPerThread; ++step) {
      random = random * 1664525 + 1013904223;
      const std::uint32_t draw = random >> 8;
      std::atomic<SOCKET>& place = sockets_[draw % kSockets];
      this->step(f, draw / kSockets, place);
    }
  }
  // Everything is closed; what is under way ends.
  void close_all() {
    closesocket(listener_);
    for (auto& s : sockets_) closesocket(s);
  }
  std::size_t taken() const {
    std::size_t n = 0;
    for (const auto& list : ones_) {
      for (const auto& one : list) n += one->is_taken ? 1 : 0;
    }
    return n;
  }
  // How many packets came before there was none for `ms`.
  std::size_t drain(std::size_t wanted, DWORD ms) {
    std::size_t n = 0;
    for (; n < wanted; ++n) {
      DWORD bytes = 0;
      ULONG_PTR key = 0;
      LPOVERLAPPED overlapped = nullptr;
      GetQueuedCompletionStatus(port_, &bytes, &key, &overlapped, ms);
      if (overlapped == nullptr) break;
      ++CONTAINING_RECORD(overlapped, One, overlapped)->completions;
    }
    return n;
  }
  bool is_each_as_taken() const {
    for (const auto& list : ones_) {
      for (const auto& one : list) {
        if (one->completions != (one->is_taken ? 1 : 0)) return false;
      }
    }
    return true;
  }
  void end() { CloseHandle(port_); }

 private:
  void associate(SOCKET s) { CreateIoCompletionPort(reinterpret_cast<HANDLE>(s), port_, 0, 0); }
  SOCKET make(bool is_bound) {
    const SOCKET s = is_bound ? make_bound() : make_stream();
    associate(s);
    return s;
  }
  One& next_one() {
    static thread_local std::size_t mine = next_list_++;
    auto& list = ones_[mine % kThreads];
    list.push_back(std::make_unique<One>());
    return *list.back();
  }
  void step(const Functions& f, std::uint32_t what, std::atomic<SOCKET>& place) {
    const SOCKET s = place;
    One& one = next_one();
    OVERLAPPED* const o = &one.overlapped;
    switch (what % 8) {
      case 0:
      case 1:
        one.is_taken = is_begun(
            f.accept(listener_, s, one.buffer, what % 3 == 0 ? 16 : 0, kBlock, kBlock, nullptr, o));
        break;
      case 2:
      case 3:
        one.is_taken = is_begun(f.connect(s, as_sockaddr(name_), sizeof name_, one.buffer,
                                          what % 3 == 0 ? 8 : 0, nullptr, o));
        break;
      case 4:
        one.is_taken = is_begun(f.disconnect(s, o, TF_REUSE_SOCKET, 0));
        break;
      case 5:
        one.is_taken = is_begun(f.disconnect(s, o, 0, 0));
        break;
      case 6:
        CancelIoEx(reinterpret_cast<HANDLE>(what % 2 == 0 ? s : listener_), nullptr);
        break;
      default: {
        const SOCKET fresh = make(what % 2 == 0);
        closesocket(place.exchange(fresh));
      }
    }
  }

  HANDLE port_;
  SOCKET listener_ = INVALID_SOCKET;
  sockaddr_in name_{};
  std::array<std::atomic<SOCKET>, kSockets> sockets_{};
  std::atomic<std::size_t> next_list_{0};
  std::array<std::vector<std::unique_ptr<One>>, kThreads> ones_;
};

WIN_CASE(ExtensionStorm, EachCallEndsExactlyOnce) {
  REQ("WS-4");
  const Started started;
  Storm storm;
  std::vector<std::thread> threads;
  for (std::uint32_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&storm, i] { storm.run(i * 7919 + 1); });
  }
  for (auto& thread : threads) thread.join();
  storm.close_all();
  const std::size_t taken = storm.taken();
  CHECK_GT(taken, kThreads * kStepsPerThread / 16);
  CHECK_EQ(storm.drain(taken, kPatienceMs), taken);
  CHECK_EQ(storm.drain(1, 0), 0u);
  CHECK(storm.is_each_as_taken());
  storm.end();
}

}  // namespace
