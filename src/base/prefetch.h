// Asks for a cache line before it is written, where another core has it: the wait for it passes
// while something else is done. A hint; never faults.
#pragma once

namespace oriel {

inline void prefetch_for_write(const void* line) {
#if defined(__x86_64__)
  // Compilers emit it only for processors that they were told of; the others take it for nothing.
  asm volatile("prefetchw %0" ::"m"(*static_cast<const char*>(line)));
#else
  __builtin_prefetch(line, 1);
#endif
}

}  // namespace oriel
