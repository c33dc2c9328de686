// A short lock between threads of one process: one word, no system call unless two meet.
//
// For state that is held for some dozen instructions and never across a wait of the program's; what
// a program waits for is a Waitable. A release touches nothing but the word's address once the lock
// is free, so whoever acquires next may destroy it.
#pragma once

#include <atomic>
#include <cstdint>

#include "runtime/futex.h"

namespace oriel::runtime {

/// Not recursive, not fair. Thread: any.
class Lock {
 public:
  Lock() = default;
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

  void acquire() {
    if (!try_acquire()) acquire_slow();
  }
  bool try_acquire() {
    std::uint32_t free = kFree;
    return state_.compare_exchange_strong(free, kHeld, std::memory_order_acquire,
                                          std::memory_order_relaxed);
  }
  /// A hint for long work: somebody sleeps until it is free. Requires: this thread holds it.
  bool is_wanted() const { return state_.load(std::memory_order_relaxed) == kWanted; }
  /// Requires: this thread holds it.
  void release() {
    if (state_.exchange(kFree, std::memory_order_release) == kWanted) futex_wake(&state_, 1);
  }

 private:
  static constexpr std::uint32_t kFree = 0;
  static constexpr std::uint32_t kHeld = 1;
  static constexpr std::uint32_t kWanted = 2;  ///< held, and somebody may sleep

  void acquire_slow() {
    constexpr int kSpins = 60;  // a holder that runs is done within these
    for (int i = 0; i < kSpins; ++i) {
      spin_pause();
      if (state_.load(std::memory_order_relaxed) == kFree && try_acquire()) return;
    }
    while (state_.exchange(kWanted, std::memory_order_acquire) != kFree) {
      futex_wait(state_, kWanted);
    }
  }

  std::atomic<std::uint32_t> state_{kFree};
};

/// Holds a Lock for a scope.
class LockHold {
 public:
  explicit LockHold(Lock& lock) : lock_(lock) { lock_.acquire(); }
  ~LockHold() { lock_.release(); }
  LockHold(const LockHold&) = delete;
  LockHold& operator=(const LockHold&) = delete;

 private:
  Lock& lock_;
};

}  // namespace oriel::runtime
