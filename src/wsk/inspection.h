// A connection request that a listening socket in conditional accept mode has, and its client
// decides on.
//
//   kAsked -----> kPending --WskInspectComplete--> kLetIn --handshake--> kAccepted --> WskAccept,
//      |  WskInspectEvent      `--> refused           | WskAcceptEvent
//      `-------------------------> kAborted <---------'   the peer went first: WskAbortEvent
//
// The request is held, unanswered, while the client decides (socket/held_request.h), so a peer that
// is refused hears that nobody listens. Connections of the machine's own loopback come complete: a
// refusal resets them.
#pragma once

#include <wsk.h>

#include "base/intrusive_list.h"
#include "socket/held_request.h"

namespace oriel::wsk {

class Socket;

/// Requests and connections of one socket that are inspected or wait to be accepted.
inline constexpr std::uint32_t kInspectionsMax = 200;

struct Inspection final : socket::TransportUser, ListHook<Inspection> {
  enum class State : std::uint8_t { kAsked, kPending, kLetIn, kAccepted, kAborted };
  Inspection(Socket& listening, socket::Transport& stream, const WSK_INSPECT_ID& name);

  /// It goes on to its handshake, if it has that before it. False: it is over.
  bool let_in();
  /// The handshake ends; the peer may go. Thread: the host's owner.
  void on_transport_events(Instant now, socket::Transport& transport,
                           std::uint16_t events) override;

  Socket& socket;
  socket::Transport* transport;  ///< nullptr: there was no way on
  const WSK_INSPECT_ID id;
  State state = State::kAsked;
};

}  // namespace oriel::wsk
