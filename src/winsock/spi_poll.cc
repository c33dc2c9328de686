// WSAPoll: what each of an array of sockets is ready for. It has no place in a provider's table, so
// it works on the base provider's sockets alone.
//
// A place that holds no socket gets POLLNVAL and does not count; one whose socket is closed while
// the call waits does. Only negative numbers may come with events that mean nothing.
#include "winsock/base_provider.h"
#include "winsock/quiet_poll.h"
#include "winsock/ready_list.h"

namespace oriel::winsock {
namespace {

namespace ready = socket::ready;

constexpr SHORT kEvents = POLLRDNORM | POLLRDBAND | POLLWRNORM;

std::uint16_t wanted_of(SHORT events) {
  std::uint16_t wanted = ready::kEnd | ready::kFailed | ready::kConnectFailed;
  if ((events & POLLRDNORM) != 0) wanted |= ready::kRead | ready::kAccept;
  if ((events & POLLRDBAND) != 0) wanted |= ready::kUrgent;
  if ((events & POLLWRNORM) != 0) wanted |= ready::kWrite;
  return wanted;
}

SHORT events_of(std::uint16_t present, SHORT asked) {
  int events = 0;
  if ((present & ready::kConnectFailed) != 0) return POLLHUP | POLLERR | (asked & POLLWRNORM);
  if ((present & ready::kFailed) != 0) events |= POLLHUP | POLLERR | (asked & POLLWRNORM);
  if ((present & ready::kEnd) != 0) {
    events |= POLLHUP;  // nothing is left to read but the end itself
  } else if ((present & (ready::kRead | ready::kAccept)) != 0) {
    events |= asked & POLLRDNORM;
  }
  if ((present & ready::kUrgent) != 0) events |= asked & POLLRDBAND;
  if ((present & ready::kWrite) != 0) events |= asked & POLLWRNORM;
  return static_cast<SHORT>(events);
}

int gather(WSAPOLLFD* fds, ULONG count, ReadyList& list) {
  for (ULONG i = 0; i < count; ++i) {
    fds[i].revents = 0;
    auto socket = find_socket(fds[i].fd);
    const bool is_ours = socket && list.set(i, std::move(socket), wanted_of(fds[i].events));
    if (!is_ours) fds[i].revents = POLLNVAL;
  }
  if (list.empty()) return no_socket_error();
  for (ULONG i = 0; i < count; ++i) {
    if (fds[i].fd == INVALID_SOCKET || (fds[i].events & ~kEvents) == 0) continue;
    for (ULONG k = 0; k < count; ++k) fds[k].revents = 0;
    return WSAEINVAL;
  }
  return 0;
}

int look(WSAPOLLFD* fds, ULONG count, const ReadyList& list) {
  int found = 0;
  for (ULONG i = 0; i < count; ++i) {
    const Socket* socket = list.socket(i);
    if (socket == nullptr) continue;
    fds[i].revents =
        socket->is_closed() ? SHORT{POLLNVAL} : events_of(socket->readiness(), fds[i].events);
    if (fds[i].revents != 0) ++found;
  }
  return found;
}

}  // namespace

// REQ WS-4
int base_poll(WSAPOLLFD* fds, ULONG count, INT timeout_ms, INT* error) {
  if (count == 0) return end_call(WSAEINVAL, error);
  if (is_bad_pointer(fds)) return end_call(WSAEFAULT, error);
  if (timeout_ms == 0 && is_still_quiet(fds, count)) return 0;
  ReadyList list(count);
  if (const int e = gather(fds, count, list); e != 0) return end_call(e, error);
  const std::int64_t timeout_us = timeout_ms < 0 ? -1 : std::int64_t{timeout_ms} * 1000;
  return list.wait(timeout_us, [&] {
    const int found = look(fds, count, list);
    if (found == 0 && timeout_ms == 0) remember_quiet(fds, count, list);
    return found;
  });
}

}  // namespace oriel::winsock
