// WaitCell over a futex, WakeFd over an eventfd, fd_wait over ppoll.
#include "runtime/wait.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "runtime/clock.h"
#include "runtime/futex.h"

namespace oriel::runtime {

void WaitCell::set() {
  if (state_.exchange(kSet, std::memory_order_acq_rel) == kSleeping) {
    futex_wake(&state_, 0x7fffffff);
  }
}

bool WaitCell::wait(Instant deadline) {
  constexpr int kSpins = 100;  // a completion that is already on its way costs no sleep
  for (int i = 0; i < kSpins; ++i) {
    if (is_set()) return true;
    spin_pause();
  }
  for (;;) {
    std::uint32_t seen = kEmpty;
    state_.compare_exchange_strong(seen, kSleeping, std::memory_order_acquire);
    if (seen == kSet) return true;
    if (!futex_wait(state_, kSleeping, deadline)) return is_set();
  }
}

WakeFd::WakeFd() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (fd_ >= 0) return;
  std::perror("oriel: eventfd");
  std::abort();
}

WakeFd::~WakeFd() {
  ::close(fd_);
}

void WakeFd::notify() {
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then it is readable already.
  [[maybe_unused]] const ssize_t n = ::write(fd_, &one, sizeof one);
}

void WakeFd::drain() {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t n = ::read(fd_, &count, sizeof count);
}

namespace {

short poll_events(FdInterest interest) {
  switch (interest) {
    case FdInterest::kRead:
      return POLLIN;
    case FdInterest::kWrite:
      return POLLOUT;
    case FdInterest::kReadWrite:
      return POLLIN | POLLOUT;
  }
  return POLLIN;
}

}  // namespace

int fd_wait(std::span<FdWait> fds, Instant deadline) {
  assert(fds.size() <= kFdWaitMax);
  pollfd polled[kFdWaitMax];
  const std::size_t n = std::min(fds.size(), kFdWaitMax);
  for (std::size_t i = 0; i < n; ++i) polled[i] = {fds[i].fd, poll_events(fds[i].interest), 0};
  timespec span{};
  timespec* limit = nullptr;
  if (!deadline.is_never()) {
    const std::int64_t ns = std::max<std::int64_t>((deadline - real_now()).count(), 0);
    span.tv_sec = ns / 1'000'000'000;
    span.tv_nsec = ns % 1'000'000'000;
    limit = &span;
  }
  const int ready = ::ppoll(polled, n, limit, nullptr);
  for (std::size_t i = 0; i < n; ++i) {
    const bool has_failed = ready > 0 && (polled[i].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
    fds[i].is_readable = ready > 0 && ((polled[i].revents & POLLIN) != 0 || has_failed);
    fds[i].is_writable = ready > 0 && ((polled[i].revents & POLLOUT) != 0 || has_failed);
  }
  return std::max(ready, 0);
}

int fd_wait(std::span<FdWait> fds, Instant deadline, SpinGauge& gauge) {
  const Instant began = real_now();
  const Duration budget = gauge.budget();
  if (budget == Duration(0) || fds.size() > kFdLookMax) {
    const int ready = fd_wait(fds, deadline);
    gauge.on_slept(real_now() - began);
    return ready;
  }
  const Instant until = earlier(began + budget, deadline);
  do {
    const int ready = fd_wait(fds, Instant{0});
    if (ready == 0) continue;
    gauge.on_found();
    return ready;
  } while (real_now() < until);
  gauge.on_missed();
  return fd_wait(fds, deadline);
}

}  // namespace oriel::runtime
