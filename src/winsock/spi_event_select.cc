// WSPEventSelect and WSPEnumNetworkEvents; the record is network_events.h's.
//
// Selecting makes the socket non-blocking and keeps it so while anything is selected. There are no
// windows to post messages to, so WSPAsyncSelect is WSAEOPNOTSUPP.
#include <algorithm>

#include "winsock/base_provider.h"
#include "winsock/spi_call.h"

namespace oriel::winsock {
namespace {

NetworkEvents::EventRef find_event(WSAEVENT event) {
  return win32::handles().find_as<win32::EventObject>(event);
}

// Lanes (socket/lane.h) read without a word: what they took is not news, and what is left is, unless
// it was told.
void note_lanes(Socket& socket) {
  if (socket.stream() == nullptr) return;
  if (socket.stream()->readable_bytes() != 0) return socket.events().record(FD_READ);
  socket.events().rearm(FD_READ, 0);
}

int event_select(SOCKET s, WSAEVENT handle, LONG mask) {
  const auto socket = find_socket(s);
  if (!socket) return no_socket_error();
  if ((mask & ~FD_ALL_EVENTS) != 0) return WSAEINVAL;
  NetworkEvents::EventRef event = find_event(handle);
  if (mask != 0 && !event) return WSAEINVAL;
  Turn turn(socket->host());
  if (socket->is_closed()) return WSAENOTSOCK;
  socket->set_non_blocking(true);
  note_lanes(*socket);
  socket->events().select(mask, std::move(event));
  socket->want_read();
  return 0;
}

int enum_network_events(SOCKET s, WSAEVENT handle, LPWSANETWORKEVENTS out) {
  const auto socket = find_socket(s);
  if (!socket) return no_socket_error();
  if (is_bad_pointer(out)) return WSAEFAULT;
  const NetworkEvents::EventRef event = find_event(handle);
  if (handle != nullptr && !event) return WSAEINVAL;
  Turn turn(socket->host());
  if (socket->is_closed()) return WSAENOTSOCK;
  if (event) event->it.reset();  // in one step with taking the record
  const NetworkEvents::Taken taken = socket->events().take();
  out->lNetworkEvents = taken.events;
  std::copy(taken.errors.begin(), taken.errors.end(), out->iErrorCode);
  return 0;
}

}  // namespace

// REQ WS-4
int WSPAPI spi_event_select(SOCKET s, WSAEVENT event, LONG events, LPINT error) {
  return end_call(event_select(s, event, events), error);
}

int WSPAPI spi_enum_network_events(SOCKET s, WSAEVENT event, LPWSANETWORKEVENTS events,
                                   LPINT error) {
  return end_call(enum_network_events(s, event, events), error);
}

int WSPAPI spi_async_select(SOCKET s, HWND, unsigned int, LONG, LPINT error) {
  return end_call(find_socket(s) ? WSAEOPNOTSUPP : no_socket_error(), error);
}

}  // namespace oriel::winsock
