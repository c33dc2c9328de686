// What WskSend and WskReceive need of a connected socket when they end at once: its lane, and
// whether routines of earlier IRPs are still due. A thread remembers the ways of a few sockets by
// PWSK_SOCKET, so that such a call takes neither the head's lock nor a count of the socket.
//
// A way that is remembered lives on when its socket is closed, and moves nothing then; and a head
// that shows another socket, or none, is not the one that is remembered. So a stale memory costs a
// usual call, where every rule and error is.
#pragma once

#include <wsk.h>

#include <atomic>
#include <cstdint>
#include <memory>

#include "runtime/ref.h"
#include "socket/lane.h"

namespace oriel::wsk {

class Socket;

struct WayPast {
  std::atomic<socket::Lane*> lane{nullptr};      ///< kept's, once; nullptr: none was lent yet
  std::shared_ptr<socket::Lane> kept;            ///< the host's owner's
  std::atomic<std::uint32_t> deliveries_due{0};  ///< routines that wait for the host's thread
};

/// As this thread remembers it; nullptr: not, or the socket is closed. Good until this thread
/// remembers again, which a completion routine may do.
WayPast* remembered_way(PWSK_SOCKET shown);
/// Remembers the socket's way if it has a lane.
void remember_way(PWSK_SOCKET shown, const Socket& socket);

}  // namespace oriel::wsk
