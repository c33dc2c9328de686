// A connection that a listening socket in conditional accept mode has, and its client decides on.
//
//   kAsked -----> kPending --WskInspectComplete--> kAccepted --> WskAccept, WskAcceptEvent
//      |  WskInspectEvent      `--> refused            |
//      `-------------------------> kAborted <----------'   the peer went first: WskAbortEvent
//
// The handshake is over when the client is asked, so a peer that is refused sees its connection
// reset, not refused: our stack answers a SYN without asking programs.
#pragma once

#include <wsk.h>

#include "base/intrusive_list.h"
#include "socket/transport.h"

namespace oriel::wsk {

class Socket;

/// Connections of one socket that are inspected or wait to be accepted.
inline constexpr std::uint32_t kInspectionsMax = 200;

struct Inspection final : socket::TransportUser, ListHook<Inspection> {
  enum class State : std::uint8_t { kAsked, kPending, kAccepted, kAborted };
  Inspection(Socket& listening, socket::Transport& stream, const WSK_INSPECT_ID& name);

  /// The peer may go. Thread: the host's owner.
  void on_transport_events(Instant now, socket::Transport& transport,
                           std::uint16_t events) override;

  Socket& socket;
  socket::Transport& transport;
  const WSK_INSPECT_ID id;
  State state = State::kAsked;
};

}  // namespace oriel::wsk
