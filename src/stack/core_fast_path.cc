// Connects that need no segments: the choice of the path, and a connection on the fast one.
//
// The choice is made once, with what connector and listener have asked for by then. REQ LFP-4,
// LFP-5 Whatever stands against the fast path sends the connection over the ordinary one, and
// counts.
#include "loopback/fast_path_policy.h"
#include "stack/core.h"

namespace oriel::stack {

PathReason Core::path_reason(const ConnectSpec& spec, const Endpoint& local,
                             const socket::Listener* listener) const {
  loopback::FastPathQuestion q;
  q.is_asked_by_connector = spec.is_fast_path_asked;
  q.is_loopback = spec.remote.address.is_loopback();
  q.is_allowed = may_take_fast_path();
  // REQ LFP-9: a rule about either end wants to see segments.
  q.is_filtered =
      !loopback_inspection_reason(local, spec.remote).empty() ||
      !loopback_inspection_reason(spec.remote, local, FilterDirection::kInbound).empty();
  q.is_listener_known = listener != nullptr;
  if (listener != nullptr) {
    q.is_asked_by_listener = listener->is_fast_path();
    q.has_room = listener->is_conditional() ? listener->may_hold()
                                            : listener->may_admit() && listener->may_complete();
  }
  return loopback::fast_path_reason(q);
}

socket::Transport* Core::connect_fast(const ConnectSpec& spec, const Endpoint& local, LinkId way,
                                      PathReason& reason) {
  const bool is_here = way == ip::kLoopbackInterface;
  socket::Listener* listener = is_here ? listeners_.find(spec.remote) : nullptr;
  reason = path_reason(spec, local, listener);
  // Whether the listener of another process is there and asked, that process says.
  if (reason == PathReason::kNoListener && is_peer_link(way)) {
    const bool is_seen = !loopback_inspection_reason(local, spec.remote).empty();
    if (is_seen) reason = PathReason::kFiltered;
    socket::Transport* offer = is_seen ? nullptr : offer_fast(spec, local, way, reason);
    if (offer != nullptr) return offer;
  }
  // REQ LFP-10: a program that wants to decide is asked first.
  const bool is_undecided =
      reason == PathReason::kFast && listener->is_conditional() && !listener->is_awaited();
  if (is_undecided) return hold_connect(*listener, spec, local);
  if (reason == PathReason::kFast) {
    const auto pair =
        pipes_.connect_here(now_, local, spec.remote, spec.options, listener->options());
    if (pair) {
      note_fast_pair();
      admit_pipe(*listener, *pair->accepting);
      return pair->connecting;
    }
    reason = PathReason::kNoMemory;
  }
  if (spec.is_fast_path_asked && reason != PathReason::kNotLoopback) {
    ++statistics_.fast_path_fallbacks[static_cast<std::size_t>(reason)];
  }
  return nullptr;
}

void Core::admit_pipe(socket::Listener& listener, loopback::Pipe& pipe) {
  if (listener.is_conditional()) {
    listener.admit_awaited(pipe);
  } else {
    listener.admit(pipe);
  }
  listener.note_complete();
}

void Core::note_fast_pair() {
  ++statistics_.fast_path_opens;
  ++statistics_.tcp_active_opens;
  ++statistics_.tcp_passive_opens;
}

}  // namespace oriel::stack
