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

namespace {

constexpr long kFutexWaitvCall = 449;  // the same on all architectures
constexpr std::uint32_t kWord32 = 2;
constexpr std::uint32_t kPrivate = 128;

// The kernel's own structure; Debian 12's headers have it only under another name.
struct WaitvEntry {
  std::uint64_t expected;
  std::uint64_t address;
  std::uint32_t flags;
  std::uint32_t reserved;
};

WaitvEntry entry_of(const FutexWord& w) {
  const std::uint32_t flags = w.is_shared ? kWord32 : kWord32 | kPrivate;
  return {w.expected, reinterpret_cast<std::uintptr_t>(w.word), flags, 0};
}

}  // namespace

bool futex_wait_any(std::span<const FutexWord> words, Instant deadline) {
  WaitvEntry entries[kFutexWordsMax];
  const std::size_t count = std::min(words.size(), kFutexWordsMax);
  std::transform(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(count), entries,
                 entry_of);
  timespec until{};
  timespec* limit = nullptr;
  if (!deadline.is_never()) {
    const std::int64_t ns = std::max<std::int64_t>(deadline.ns, 0);
    until.tv_sec = ns / 1'000'000'000;
    until.tv_nsec = ns % 1'000'000'000;
    limit = &until;
  }
  const long r = ::syscall(kFutexWaitvCall, entries, count, 0, limit, CLOCK_MONOTONIC);
  return r >= 0 || errno != ETIMEDOUT;
}

// Asked with words that differ from what is expected, so that it returns at once.
bool can_wait_for_any() {
  static const bool can = [] {
    const std::atomic<std::uint32_t> word{0};
    const WaitvEntry entry = entry_of({&word, 1});
    return ::syscall(kFutexWaitvCall, &entry, 1, 0, nullptr, CLOCK_MONOTONIC) < 0 &&
           errno == EAGAIN;
  }();
  return can;
}

void futex_wake_shared(const std::atomic<std::uint32_t>* word) {
  ::syscall(SYS_futex, word, FUTEX_WAKE, 0x7fffffff, nullptr, nullptr, 0);
}

void futex_wake(const std::atomic<std::uint32_t>* word, int count) {
  ::syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, count, nullptr, nullptr, 0);
}

}  // namespace oriel::runtime
