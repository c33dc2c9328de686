// SLIRP_POLL_* to EPOLL* and back, and the differences between two lists.
#include "link/slirp_polls.h"

#include <slirp/libslirp.h>
#include <sys/epoll.h>

#include <cerrno>

namespace oriel::link {
namespace {

constexpr int kEventsPerLook = 64;  ///< the rest is ready at the next look

struct Pair {
  int slirp;
  std::uint32_t epoll;
};
constexpr Pair kPairs[] = {{SLIRP_POLL_IN, EPOLLIN},
                           {SLIRP_POLL_OUT, EPOLLOUT},
                           {SLIRP_POLL_PRI, EPOLLPRI},
                           {SLIRP_POLL_ERR, EPOLLERR},
                           {SLIRP_POLL_HUP, EPOLLHUP}};

std::uint32_t to_epoll(int events) {
  std::uint32_t r = 0;
  for (const Pair& p : kPairs) {
    if ((events & p.slirp) != 0) r |= p.epoll;
  }
  return r;
}

int from_epoll(std::uint32_t events) {
  int r = 0;
  for (const Pair& p : kPairs) {
    if ((events & p.epoll) != 0) r |= p.slirp;
  }
  return r;
}

}  // namespace

SlirpPolls::SlirpPolls(int wake) : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = wake;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake, &event);
}

void SlirpPolls::begin() {
  ++round_;
  list_.clear();
  has_writers_ = false;
}

int SlirpPolls::add(int fd, int events) {
  const int index = static_cast<int>(list_.size());
  list_.push_back({events, 0});
  if ((events & SLIRP_POLL_OUT) != 0) has_writers_ = true;
  Watch& watch = watches_[fd];
  watch.round = round_;
  watch.index = index;
  if (watch.events != to_epoll(events)) tell_kernel(fd, watch, to_epoll(events));
  return index;
}

void SlirpPolls::tell_kernel(int fd, Watch& watch, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  const int first = watch.events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  watch.events = events;
  if (::epoll_ctl(epoll_.get(), first, fd, &event) == 0) return;
  if (errno == EEXIST) ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
  if (errno == ENOENT) ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event);
}

void SlirpPolls::end() {
  std::erase_if(watches_, [this](const auto& entry) {
    if (entry.second.round == round_) return false;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, entry.first, nullptr);
    return true;
  });
}

bool SlirpPolls::look() {
  epoll_event events[kEventsPerLook];
  const int n = ::epoll_wait(epoll_.get(), events, kEventsPerLook, 0);
  bool is_ready = false;
  for (int i = 0; i < n; ++i) {
    const auto found = watches_.find(events[i].data.fd);
    if (found == watches_.end()) continue;
    list_[static_cast<std::size_t>(found->second.index)].revents = from_epoll(events[i].events);
    is_ready = true;
  }
  return is_ready;
}

}  // namespace oriel::link
