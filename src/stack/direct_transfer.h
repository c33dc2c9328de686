// A blocking send or receive that waits at its transport, and is woken there by the other end: no
// request is queued, and no other thread passes a baton on the way.
//
//   try -> nothing -> begin -> give the turn up -> wait -> take the turn -> end -> try again
#pragma once

#include <optional>

#include "runtime/clock.h"
#include "runtime/park.h"
#include "runtime/thread_record.h"
#include "stack/host_impl.h"

namespace oriel::stack {

/// Waits at the door; runs calls that are queued to the thread once it would sleep. False: the
/// deadline has come.
inline bool wait_alertably(socket::DirectWait& door, socket::DirectWait::Ticket& ticket,
                           Instant deadline) {
  bool is_in_time = false;
  {
    const runtime::AlertableScope alertable;
    is_in_time = door.wait(ticket, deadline);
  }
  if (is_in_time || !runtime::ThreadRecord::current().run_calls()) return is_in_time;
  return runtime::real_now() < deadline;
}

/// Goes on with `request`, which was tried and would block, until it is done (its error),
/// `deadline` has come (kTimedOut) or `is_still_there()` says that the stream is gone (kCancelled).
/// nullopt: it cannot be waited for there, and whatever is done of it, the rest has to be queued.
/// `is_alertable`: calls queued to this thread run meanwhile, without the turn. Requires: `turn` is
/// held, and this thread may block.
template <class IsStillThere>
std::optional<ErrorCode> transfer_directly(HostImpl::Turn& turn, socket::StreamSocket& stream,
                                           socket::Request& request, Instant deadline,
                                           IsStillThere&& is_still_there,
                                           bool is_alertable = false) {
  using Wait = socket::DirectWait;
  constexpr int kVainTriesMax = 4;  // something is there, but not for this request
  const bool is_receive = request.kind == socket::Request::Kind::kReceive;
  if (request.is_urgent || stream.transport() == nullptr) return std::nullopt;
  for (int vain = 0; vain < kVainTriesMax; ++vain) {
    Wait* const door = stream.transport()->direct_wait();
    if (door == nullptr) return std::nullopt;
    if (is_receive ? stream.has_queued_receives() : stream.has_queued_sends()) return std::nullopt;
    bool is_in_time = true;
    const auto what = is_receive ? Wait::For::kReadable : Wait::For::kRoom;
    if (auto ticket = door->begin(what, request.size - request.done)) {
      vain = 0;
      turn.give_up();
      is_in_time =
          is_alertable ? wait_alertably(*door, *ticket, deadline) : door->wait(*ticket, deadline);
      turn.take_back();
      door->end(*ticket);
      if (!is_still_there()) return ErrorCode::kCancelled;
    }
    const ErrorCode e = stream.try_now(turn->now(), request);
    const bool is_part = !is_receive && e == ErrorCode::kOk && request.done < request.size;
    if (e != ErrorCode::kWouldBlock && !is_part) return e;
    if (!is_in_time) return ErrorCode::kTimedOut;
  }
  return std::nullopt;
}

}  // namespace oriel::stack
