// The futex system call. FUTEX_WAIT_BITSET because its timeout is absolute on CLOCK_MONOTONIC.
#include "runtime/futex.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace oriel::runtime {

bool futex_wait(const std::atomic<std::uint32_t>& word, std::uint32_t expected, Instant deadline) {
  static_assert(sizeof word == sizeof(std::uint32_t));
  timespec until{};
  timespec* limit = nullptr;
  if (!deadline.is_never()) {
    const std::int64_t ns = std::max<std::int64_t>(deadline.ns, 0);
    until.tv_sec = ns / 1'000'000'000;
    until.tv_nsec = ns % 1'000'000'000;
    limit = &until;
  }
  const long r = ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected,
                           limit, nullptr, FUTEX_BITSET_MATCH_ANY);
  return r == 0 || errno != ETIMEDOUT;
}

void futex_wake(const std::atomic<std::uint32_t>* word, int count) {
  ::syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, count, nullptr, nullptr, 0);
}

}  // namespace oriel::runtime
