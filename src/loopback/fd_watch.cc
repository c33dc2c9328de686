// epoll, level-triggered: what is not dealt with is told again.
#include "loopback/fd_watch.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace oriel::loopback {
namespace {

constexpr std::size_t kEventsMax = 64;

bool control(int epoll, int operation, int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  return ::epoll_ctl(epoll, operation, fd, &event) == 0;
}

}  // namespace

FdWatch::FdWatch() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

bool FdWatch::add(int fd) {
  return control(epoll_.get(), EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLRDHUP);
}

bool FdWatch::add_edges(int fd) {
  return control(epoll_.get(), EPOLL_CTL_ADD, fd,
                 EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET);
}

void FdWatch::watch_room(int fd, bool is_wanted) {
  const std::uint32_t room = is_wanted ? EPOLLOUT : 0u;
  control(epoll_.get(), EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLRDHUP | room);
}

void FdWatch::remove(int fd) {
  if (epoll_) control(epoll_.get(), EPOLL_CTL_DEL, fd, 0);
}

std::size_t FdWatch::poll(std::span<Event> events) {
  epoll_event happened[kEventsMax];
  const std::size_t room = std::min(events.size(), kEventsMax);
  const int n = epoll_ ? ::epoll_wait(epoll_.get(), happened, static_cast<int>(room), 0) : 0;
  for (int i = 0; i < n; ++i) {
    const std::uint32_t what = happened[i].events;
    events[static_cast<std::size_t>(i)] = {
        happened[i].data.fd, (what & EPOLLIN) != 0, (what & EPOLLOUT) != 0,
        (what & (EPOLLHUP | EPOLLRDHUP | EPOLLERR)) != 0, (what & EPOLLPRI) != 0};
  }
  return n > 0 ? static_cast<std::size_t>(n) : 0;
}

}  // namespace oriel::loopback
