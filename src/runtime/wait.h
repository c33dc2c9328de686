// How a caller blocks: on one completion (WaitCell), or on descriptors when it drives a device
// itself.
//
// A WaitCell lives on the waiting caller's stack: the completing thread sets it once, and may be
// woken into a world where the cell is gone, so `set` touches no memory after it has published.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "oriel/time.h"
#include "runtime/spin_gauge.h"

namespace oriel::runtime {

/// One-shot flag. Everything written before `set` is visible after a `wait` or `is_set` that says
/// true.
class WaitCell {
 public:
  WaitCell() = default;
  WaitCell(const WaitCell&) = delete;
  WaitCell& operator=(const WaitCell&) = delete;

  /// Thread: any, once (a second call has no effect).
  void set();
  bool is_set() const { return state_.load(std::memory_order_acquire) == kSet; }
  /// Blocks until set or `deadline` (real clock). Returns whether it is set. Thread: any number.
  bool wait(Instant deadline = Instant::never());
  /// Makes the cell usable again. Requires: nobody sets or waits.
  void reset() { state_.store(kEmpty, std::memory_order_relaxed); }

 private:
  static constexpr std::uint32_t kEmpty = 0;
  static constexpr std::uint32_t kSleeping = 1;
  static constexpr std::uint32_t kSet = 2;
  std::atomic<std::uint32_t> state_{kEmpty};
};

/// A descriptor that other threads can make readable (eventfd), to end somebody's `fd_wait`.
class WakeFd {
 public:
  WakeFd();  ///< aborts the program when the process has no descriptor left
  ~WakeFd();
  WakeFd(const WakeFd&) = delete;
  WakeFd& operator=(const WakeFd&) = delete;

  int fd() const { return fd_; }
  /// Thread: any; also from a signal handler. Several before a drain count as one.
  void notify();
  /// Makes it unreadable again. Thread: the waiter.
  void drain();

 private:
  int fd_ = -1;
};

enum class FdInterest : std::uint8_t { kRead, kWrite, kReadWrite };

/// In: descriptor (negative: ignored) and interest. Out: what is ready; an error or a hang-up shows
/// as both, so that the caller's next system call reports it.
struct FdWait {
  int fd = -1;
  FdInterest interest = FdInterest::kRead;
  bool is_readable = false;
  bool is_writable = false;
};

/// Blocks until one descriptor is ready or `deadline` (real clock; one in the past only looks).
/// Returns how many are ready, 0 at the deadline; a signal also ends it with 0. Bound: kFdWaitMax
/// descriptors.
inline constexpr std::size_t kFdWaitMax = 256;
int fd_wait(std::span<FdWait> fds, Instant deadline);

/// The same, but as `gauge` says it first looks for a moment without sleeping, and tells the gauge
/// what came of it. Of more descriptors than these it sleeps at once: one look at all of them would
/// last as long as the wake-up that it saves. Thread: the only one that uses this gauge.
inline constexpr std::size_t kFdLookMax = 8;
int fd_wait(std::span<FdWait> fds, Instant deadline, SpinGauge& gauge);

}  // namespace oriel::runtime
