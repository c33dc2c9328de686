// WSPSelect: which of three sets of sockets are ready, now or until a time.
//
// A set is a count and an array that a program may have made longer than FD_SETSIZE; any count is
// taken. Sets change only when the call succeeds. A socket that another thread closes meanwhile
// ends the call with WSAENOTSOCK.
#include <algorithm>
#include <array>

#include "winsock/base_provider.h"
#include "winsock/ready_list.h"

namespace oriel::winsock {
namespace {

namespace ready = socket::ready;

constexpr std::uint16_t kToRead = ready::kRead | ready::kAccept | ready::kEnd | ready::kFailed;
constexpr std::uint16_t kToWrite = ready::kWrite | ready::kFailed;
constexpr std::uint16_t kExceptions = ready::kUrgent | ready::kConnectFailed;
constexpr int kGone = -1;  // a look found a closed socket

struct Set {
  fd_set* of;
  std::uint16_t wanted;
  std::size_t size() const { return of == nullptr ? 0 : of->fd_count; }
  // Past the declared end of the array when the program made a larger one.
  SOCKET* sockets() const { return of->fd_array; }
};
using Sets = std::array<Set, 3>;

int check(const Sets& sets, const timeval* timeout) {
  std::size_t count = 0;
  for (const Set& set : sets) {
    if (set.of != nullptr && is_bad_pointer(set.of)) return WSAEFAULT;
    count += set.size();
  }
  if (count == 0) return WSAEINVAL;
  if (timeout == nullptr) return 0;
  if (is_bad_pointer(timeout)) return WSAEFAULT;
  return timeout->tv_sec < 0 || timeout->tv_usec < 0 ? WSAEINVAL : 0;
}

int gather(const Sets& sets, ReadyList& list) {
  std::size_t at = 0;
  for (const Set& set : sets) {
    for (std::size_t i = 0; i < set.size(); ++i) {
      auto socket = find_socket(set.sockets()[i]);
      if (!socket || !list.set(at++, std::move(socket), set.wanted)) return no_socket_error();
    }
  }
  return 0;
}

int count_ready(const Sets& sets, const ReadyList& list) {
  int found = 0;
  std::size_t at = 0;
  for (const Set& set : sets) {
    for (std::size_t i = 0; i < set.size(); ++i) {
      const Socket& socket = *list.socket(at++);
      if (socket.is_closed()) return kGone;
      if ((socket.readiness() & set.wanted) != 0) ++found;
    }
  }
  return found;
}

// Leaves the ready ones in the sets. Inside the turn that counted them.
void keep_ready(const Sets& sets, const ReadyList& list) {
  std::size_t at = 0;
  for (const Set& set : sets) {
    if (set.of == nullptr) continue;
    SOCKET* const sockets = set.sockets();
    u_int kept = 0;
    for (std::size_t i = 0; i < set.size(); ++i) {
      if ((list.socket(at++)->readiness() & set.wanted) != 0) sockets[kept++] = sockets[i];
    }
    set.of->fd_count = kept;
  }
}

int select(const Sets& sets, const timeval* timeout, int& found) {
  if (const int e = check(sets, timeout); e != 0) return e;
  ReadyList list(sets[0].size() + sets[1].size() + sets[2].size());
  if (const int e = gather(sets, list); e != 0) return e;
  const std::int64_t timeout_us =
      timeout == nullptr ? -1 : std::int64_t{timeout->tv_sec} * 1'000'000 + timeout->tv_usec;
  found = list.wait(timeout_us, [&] {
    const int n = count_ready(sets, list);
    if (n > 0) keep_ready(sets, list);
    return n;
  });
  if (found == kGone) return WSAENOTSOCK;
  if (found != 0) return 0;
  for (const Set& set : sets) {
    if (set.of != nullptr) set.of->fd_count = 0;
  }
  return 0;
}

}  // namespace

// REQ WS-4
int WSPAPI spi_select(int /*nfds*/, fd_set* readfds, fd_set* writefds, fd_set* exceptfds,
                      const timeval* timeout, LPINT error) {
  const Sets sets{{{readfds, kToRead}, {writefds, kToWrite}, {exceptfds, kExceptions}}};
  int found = 0;
  const int e = select(sets, timeout, found);
  return e == 0 ? found : end_call(e, error);
}

}  // namespace oriel::winsock
