// What the WSPxxx functions share: the socket behind a handle, and waiting like a blocking call.
#pragma once

#include "stack/direct_transfer.h"
#include "stack/process_host.h"
#include "stack/runner.h"
#include "win32/handle_table.h"
#include "winsock/error_table.h"
#include "winsock/sockaddr.h"
#include "winsock/socket.h"

namespace oriel::winsock {

using Turn = stack::HostImpl::Turn;

/// Empty: not one of our sockets, or this is a child of fork, whose stack stayed with its parent.
inline win32::Ref<Socket> find_socket(SOCKET s) {
  if (stack::ProcessHost::is_forked()) return nullptr;
  return win32::handles().find_as<Socket>(reinterpret_cast<HANDLE>(s));
}

/// What a call answers where find_socket found nothing.
inline int no_socket_error() {
  return stack::ProcessHost::is_forked() ? WSAENETDOWN : WSAENOTSOCK;
}

/// Ends a call: stores the error, if any.
inline int end_call(int error, LPINT out) {
  if (error == 0) return 0;
  if (out != nullptr) *out = error;
  return SOCKET_ERROR;
}

/// Submits `request` and waits until it is done: its error; kTimedOut after `timeout_ms` (0:
/// never), then it was cancelled. `is_alertable`, as the waits of nearly all blocking calls are
/// documented to be: calls queued to this thread run meanwhile, without the turn. Requires: `turn`
/// is held; the host has a runner.
template <class Submit, class Cancel>
ErrorCode wait_for(Socket& socket, Turn& turn, socket::Request& request, DWORD timeout_ms,
                   Submit&& submit, Cancel&& cancel, bool is_alertable = true) {
  stack::Runner* runner = socket.host().runner();
  if (runner == nullptr || runner->is_loop_thread()) return ErrorCode::kWouldBlock;
  stack::Blocked blocked(*runner);
  request.sink = &blocked;
  submit(request);
  const Instant deadline =
      timeout_ms == 0 ? Instant::never() : turn->now() + std::chrono::milliseconds(timeout_ms);
  const bool is_done =
      is_alertable ? runner->wait_alertably(blocked, deadline) : runner->wait(blocked, deadline);
  if (is_done) return request.error;
  cancel(request);
  return ErrorCode::kTimedOut;
}

/// A stream's `request` was tried and would block: waits at the transport if it can be waited for
/// there. nullopt: it has to be queued (wait_for). Requires: as wait_for.
inline std::optional<ErrorCode> wait_at_transport(Socket& socket, Turn& turn,
                                                  socket::Request& request, DWORD timeout_ms) {
  if (!socket.host().may_block()) return std::nullopt;
  socket::StreamSocket* const stream = socket.stream();
  const Instant deadline =
      timeout_ms == 0 ? Instant::never() : turn->now() + std::chrono::milliseconds(timeout_ms);
  return stack::transfer_directly(
      turn, *stream, request, deadline,
      [&] { return !socket.is_closed() && socket.stream() == stream; }, true);
}

/// The error of a blocking call: what another thread's close ended was interrupted.
inline int blocking_error(ErrorCode code) {
  return code == ErrorCode::kCancelled ? WSAEINTR : wsa_error_of(code);
}

/// A request on a blocked or non-blocking caller's stack.
struct CallRequest final : socket::DatagramRequest {};

}  // namespace oriel::winsock
