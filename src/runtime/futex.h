// Sleeping on a 32-bit word and waking who sleeps there: the only blocking primitive below the
// loop.
//
// Private futexes (one process). All ordering comes from the atomics that the callers use; a wake
// is only a hint to look again, so spurious returns are allowed and every caller loops.
#pragma once

#include <atomic>
#include <cstdint>

#include "oriel/time.h"

namespace oriel::runtime {

/// Sleeps while `word` holds `expected`, at most until `deadline` (real clock). Returns false when
/// the deadline passed, true otherwise (woken, value differed, or for no reason).
bool futex_wait(const std::atomic<std::uint32_t>& word, std::uint32_t expected,
                Instant deadline = Instant::never());

/// Wakes at most `count` sleepers. Touches only the address, so the word may already be gone.
void futex_wake(const std::atomic<std::uint32_t>* word, int count);

/// One round of a spin loop: tells the core that this is one.
inline void spin_pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace oriel::runtime
