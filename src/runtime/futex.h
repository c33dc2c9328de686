// Sleeping on a 32-bit word and waking who sleeps there: the only blocking primitive below the
// loop.
//
// Words of this process, and words in memory that processes share. All ordering comes from the
// atomics that the callers use; a wake is only a hint to look again, so spurious returns are
// allowed and every caller loops.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "oriel/time.h"

namespace oriel::runtime {

/// Sleeps while `word` holds `expected`, at most until `deadline` (real clock). Returns false when
/// the deadline passed, true otherwise (woken, value differed, or for no reason).
bool futex_wait(const std::atomic<std::uint32_t>& word, std::uint32_t expected,
                Instant deadline = Instant::never());

/// Wakes at most `count` sleepers. Touches only the address, so the word may already be gone.
void futex_wake(const std::atomic<std::uint32_t>* word, int count);

/// A word and what it must hold for the sleep to begin.
struct FutexWord {
  const std::atomic<std::uint32_t>* word = nullptr;
  std::uint32_t expected = 0;
  bool is_shared = false;  ///< in memory that processes share, perhaps only readable here
};

inline constexpr std::size_t kFutexWordsMax = 4;

/// Sleeps while each of `words` (at most kFutexWordsMax) holds what is expected of it, at most
/// until `deadline` (real clock). Returns false when the deadline passed, true otherwise. Requires:
/// can_wait_for_any().
bool futex_wait_any(std::span<const FutexWord> words, Instant deadline);
/// Whether this kernel has the call (Linux 5.16), and lets this process use it.
bool can_wait_for_any();
/// Wakes all sleepers of every process at a word in shared memory.
void futex_wake_shared(const std::atomic<std::uint32_t>* word);

/// One round of a spin loop: tells the core that this is one.
inline void spin_pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace oriel::runtime
