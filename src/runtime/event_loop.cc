// epoll: watches in a vector, found again through index and generation in the event's 64 bits.
#include "runtime/event_loop.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "runtime/clock.h"

namespace oriel::runtime {
namespace {

constexpr std::uint64_t kWakeKey = ~std::uint64_t{0};

std::uint32_t epoll_events(FdInterest interest) {
  switch (interest) {
    case FdInterest::kRead:
      return EPOLLIN;
    case FdInterest::kWrite:
      return EPOLLOUT;
    case FdInterest::kReadWrite:
      return EPOLLIN | EPOLLOUT;
  }
  return EPOLLIN;
}

FdReady to_ready(std::uint32_t events) {
  FdReady ready;
  ready.is_failed = (events & (EPOLLERR | EPOLLHUP)) != 0;
  ready.is_readable = (events & EPOLLIN) != 0 || ready.is_failed;
  ready.is_writable = (events & EPOLLOUT) != 0;
  return ready;
}

std::uint64_t key_of(std::size_t index, std::uint32_t generation) {
  return std::uint64_t{generation} << 32 | index;
}

}  // namespace

EventLoop::EventLoop() : epoll_fd_(::epoll_create1(EPOLL_CLOEXEC)) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kWakeKey;
  if (epoll_fd_ >= 0 && ::epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, wake_.fd(), &event) == 0) return;
  std::perror("oriel: epoll");
  std::abort();
}

EventLoop::~EventLoop() {
  ::close(epoll_fd_);
}

int EventLoop::find(int fd) const {
  for (std::size_t i = 0; i < watches_.size(); ++i) {
    if (watches_[i].fd == fd) return static_cast<int>(i);
  }
  return -1;
}

bool EventLoop::add(int fd, FdInterest interest, Callback callback) {
  if (fd < 0 || find(fd) >= 0) return false;
  auto free =
      std::find_if(watches_.begin(), watches_.end(), [](const Watch& w) { return w.fd < 0; });
  if (free == watches_.end()) free = watches_.insert(free, Watch{});
  epoll_event event{};
  event.events = epoll_events(interest);
  event.data.u64 = key_of(static_cast<std::size_t>(free - watches_.begin()), free->generation);
  if (::epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) != 0) return false;
  free->fd = fd;
  free->callback = std::move(callback);
  return true;
}

bool EventLoop::change(int fd, FdInterest interest) {
  const int index = find(fd);
  if (index < 0) return false;
  const auto i = static_cast<std::size_t>(index);
  epoll_event event{};
  event.events = epoll_events(interest);
  event.data.u64 = key_of(i, watches_[i].generation);
  return ::epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, fd, &event) == 0;
}

void EventLoop::remove(int fd) {
  const int index = find(fd);
  if (index < 0) return;
  Watch& watch = watches_[static_cast<std::size_t>(index)];
  ::epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr);
  watch.fd = -1;
  ++watch.generation;
  watch.callback = nullptr;
}

int EventLoop::wait(void* events, Instant deadline) const {
  auto* out = static_cast<epoll_event*>(events);
  if (deadline.is_never()) return ::epoll_pwait2(epoll_fd_, out, kEventsPerRound, nullptr, nullptr);
  const std::int64_t ns = std::max<std::int64_t>((deadline - real_now()).count(), 0);
  const timespec span{ns / 1'000'000'000, ns % 1'000'000'000};
  const int n = ::epoll_pwait2(epoll_fd_, out, kEventsPerRound, &span, nullptr);
  if (n >= 0 || errno != ENOSYS) return n;
  constexpr std::int64_t kMillisMax = 1'000'000'000;  // kernels before 5.11 count milliseconds
  return ::epoll_wait(epoll_fd_, out, kEventsPerRound,
                      static_cast<int>(std::min((ns + 999'999) / 1'000'000, kMillisMax)));
}

std::size_t EventLoop::run_once(Instant deadline) {
  epoll_event events[kEventsPerRound];
  const int n = wait(events, deadline);
  std::size_t ran = 0;
  for (int i = 0; i < n; ++i) {
    const std::uint64_t key = events[i].data.u64;
    if (key == kWakeKey) {
      wake_.drain();
      continue;
    }
    const auto index = static_cast<std::uint32_t>(key);
    if (watches_[index].generation != static_cast<std::uint32_t>(key >> 32)) continue;
    const Callback callback = watches_[index].callback;  // it may remove itself
    callback(to_ready(events[i].events));
    ++ran;
  }
  return ran;
}

}  // namespace oriel::runtime
