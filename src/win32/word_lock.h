// Locks inside the program's own structures: one 32-bit word of theirs, parked on.
#pragma once

#include <atomic>
#include <cstdint>

#include "oriel/time.h"
#include "runtime/park.h"

namespace oriel::win32 {

using Word = std::atomic<std::uint32_t>;

/// A word of a structure that the program owns. Requires: it is aligned and nothing else writes it.
inline Word& word_at(void* place) {
  static_assert(sizeof(Word) == 4 && Word::is_always_lock_free);
  return *static_cast<Word*>(place);
}

/// | exclusive | somebody waits | shared holders (30 bits) |; zero is free.
class SharedWordLock {
 public:
  explicit SharedWordLock(void* place) : word_(word_at(place)) {}

  bool try_exclusive() {
    std::uint32_t seen = word_.load(std::memory_order_relaxed);
    return (seen & ~kWaiters) == 0 &&
           word_.compare_exchange_strong(seen, seen | kExclusive, std::memory_order_acquire);
  }
  bool try_shared() {
    std::uint32_t seen = word_.load(std::memory_order_relaxed);
    // Behind whoever waits, unless nobody holds it: else writers starve.
    while ((seen & kExclusive) == 0 && (seen & kWaiters) == 0) {
      if (word_.compare_exchange_weak(seen, seen + 1, std::memory_order_acquire)) return true;
    }
    return seen == kWaiters &&
           word_.compare_exchange_strong(seen, seen + 1, std::memory_order_acquire);
  }
  void exclusive() {
    while (!try_exclusive()) wait();
  }
  void shared() {
    while (!try_shared()) wait();
  }
  void release_exclusive() {
    if ((word_.exchange(0, std::memory_order_release) & kWaiters) != 0) wake();
  }
  void release_shared() {
    std::uint32_t seen = word_.load(std::memory_order_relaxed);
    std::uint32_t next = 0;
    do {
      next = (seen & ~kWaiters) == 1 ? 0 : seen - 1;  // the last lets the waiters try
    } while (!word_.compare_exchange_weak(seen, next, std::memory_order_release));
    if (next == 0 && (seen & kWaiters) != 0) wake();
  }

 private:
  static constexpr std::uint32_t kExclusive = 1u << 31;
  static constexpr std::uint32_t kWaiters = 1u << 30;

  void wait() {
    std::uint32_t seen = word_.load(std::memory_order_relaxed);
    if ((seen & ~kWaiters) == 0) return;
    if ((seen & kWaiters) == 0 &&
        !word_.compare_exchange_strong(seen, seen | kWaiters, std::memory_order_relaxed)) {
      return;
    }
    runtime::park(word_, seen | kWaiters);
  }
  void wake() { runtime::unpark(&word_, 0x7fffffff); }

  Word& word_;
};

/// Sequence number in the first word, number of waiters in the second; both zero at first.
class WordCondition {
 public:
  explicit WordCondition(void* place)
      : sequence_(word_at(place)), waiters_(word_at(static_cast<char*>(place) + 4)) {}

  /// `leave` the lock, wait, `enter` it again. False: `deadline` came first.
  template <class Leave, class Enter>
  bool wait(Instant deadline, Leave leave, Enter enter) {
    waiters_.fetch_add(1);
    const std::uint32_t seen = sequence_.load();
    leave();
    bool is_woken = true;
    while (sequence_.load() == seen && is_woken)
      is_woken = runtime::park(sequence_, seen, deadline);
    waiters_.fetch_sub(1);
    enter();
    return is_woken;
  }
  void wake(int count) {
    if (waiters_.load() == 0) return;
    sequence_.fetch_add(1);
    runtime::unpark(&sequence_, count);
  }

 private:
  Word& sequence_;
  Word& waiters_;
};

}  // namespace oriel::win32
