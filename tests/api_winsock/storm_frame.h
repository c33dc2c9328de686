// Threads that do to each other whatever they like, and a count of what they began: every
// OVERLAPPED that was taken comes out of one completion port, once.
#pragma once

#include <windows.h>

#include <array>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "support/win_case.h"

namespace storm {

inline constexpr std::size_t kThreads = 8;
inline constexpr DWORD kPatienceMs = 60'000;  // then a completion is taken for lost

struct One {
  OVERLAPPED overlapped{};
  bool is_taken = false;
  std::atomic<int> completions{0};
  std::array<char, 256> buffer{};
};

/// What one thread began, in order. Lives as long as the storm.
using Begun = std::vector<std::unique_ptr<One>>;

inline One& add_to(Begun& begun) {
  begun.push_back(std::make_unique<One>());
  return *begun.back();
}

class Tally {
 public:
  Tally() : port_(CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 0)) {}
  ~Tally() { CloseHandle(port_); }
  Tally(const Tally&) = delete;
  Tally& operator=(const Tally&) = delete;

  void watch(SOCKET s) { CreateIoCompletionPort(reinterpret_cast<HANDLE>(s), port_, 0, 0); }
  /// Runs body(thread, its list) in each thread and ends with all of them.
  template <typename Body>
  void run(const Body& body) {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([this, &body, i] { body(i, begun_[i]); });
    }
    for (auto& thread : threads) thread.join();
  }
  /// All sockets are closed: what was taken ends, each once, and nothing comes after that.
  void check_each_ends_once(std::size_t taken_min) {
    const std::size_t taken = count_taken();
    CHECK_GT(taken, taken_min);
    CHECK_EQ(drain(taken, kPatienceMs), taken);
    CHECK_EQ(drain(1, 0), 0u);
    for (const Begun& begun : begun_) {
      for (const auto& one : begun) CHECK_EQ(one->completions.load(), one->is_taken ? 1 : 0);
    }
  }

 private:
  std::size_t count_taken() const {
    std::size_t n = 0;
    for (const Begun& begun : begun_) {
      for (const auto& one : begun) n += one->is_taken ? 1 : 0;
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

  HANDLE port_;
  std::array<Begun, kThreads> begun_;
};

}  // namespace storm
