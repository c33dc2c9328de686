// Readiness: select, WSAPoll, and events that a socket signals.
//
// A set may hold any number of sockets: fd_count is obeyed, not FD_SETSIZE (HEADERS, recipe 9). All
// sockets of one call belong to one provider (documented), the first one's.
#include <winsock2.h>

#include <algorithm>

#include "winsock/base_provider.h"
#include "winsock/sockaddr.h"
#include "winsock/startup.h"

using namespace oriel::winsock;  // NOLINT(google-build-using-namespace)

namespace {

// INVALID_SOCKET: all sets are empty.
SOCKET first_socket(const fd_set* a, const fd_set* b, const fd_set* c) {
  for (const fd_set* set : {a, b, c}) {
    if (set != nullptr && set->fd_count != 0) return set->fd_array[0];
  }
  return INVALID_SOCKET;
}

}  // namespace

int WSAAPI __WSAFDIsSet(SOCKET s, fd_set* set) {
  if (is_bad_pointer(set)) return 0;
  // Past the declared end of the array when the program made a larger one.
  const SOCKET* const sockets = set->fd_array;
  return std::find(sockets, sockets + set->fd_count, s) != sockets + set->fd_count ? 1 : 0;
}

int WSAAPI select(int nfds, fd_set* readfds, fd_set* writefds, fd_set* exceptfds,
                  const struct timeval* timeout) {
  if (is_refused()) return SOCKET_ERROR;
  for (const void* given :
       {static_cast<const void*>(readfds), static_cast<const void*>(writefds),
        static_cast<const void*>(exceptfds), static_cast<const void*>(timeout)}) {
    if (given != nullptr && is_bad_pointer(given)) return fail_with(WSAEFAULT);
  }
  const SOCKET first = first_socket(readfds, writefds, exceptfds);
  if (first == INVALID_SOCKET) return fail_with(WSAEINVAL);
  return over_table(first, [&](const WSPPROC_TABLE& table, INT& error) {
    return table.lpWSPSelect(nfds, readfds, writefds, exceptfds, timeout, &error);
  });
}

int WSAAPI WSAPoll(LPWSAPOLLFD fdArray, ULONG fds, INT timeout) {
  if (is_refused()) return SOCKET_ERROR;
  if (fds == 0) return fail_with(WSAEINVAL);
  if (is_bad_pointer(fdArray)) return fail_with(WSAEFAULT);
  INT error = 0;
  const int ready = base_poll(fdArray, fds, timeout, &error);
  return ready == SOCKET_ERROR ? fail_with(error) : ready;
}

int WSAAPI WSAEventSelect(SOCKET s, WSAEVENT hEventObject, LONG lNetworkEvents) {
  return over_table(s, [&](const WSPPROC_TABLE& table, INT& error) {
    return table.lpWSPEventSelect(s, hEventObject, lNetworkEvents, &error);
  });
}

int WSAAPI WSAEnumNetworkEvents(SOCKET s, WSAEVENT hEventObject,
                                LPWSANETWORKEVENTS lpNetworkEvents) {
  return over_table(s, [&](const WSPPROC_TABLE& table, INT& error) {
    return table.lpWSPEnumNetworkEvents(s, hEventObject, lpNetworkEvents, &error);
  });
}

// There are no windows to post to: WSAEOPNOTSUPP from the base provider (O).
int WSAAPI WSAAsyncSelect(SOCKET s, HWND hWnd, u_int wMsg, LONG lEvent) {
  return over_table(s, [&](const WSPPROC_TABLE& table, INT& error) {
    return table.lpWSPAsyncSelect(s, hWnd, wMsg, lEvent, &error);
  });
}
