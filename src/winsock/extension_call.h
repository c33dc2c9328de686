// How an extension function runs its operation: overlapped, or waiting until it has ended.
//
// A call without an OVERLAPPED gets one of its own on the caller's stack, whose low event bit keeps
// its end off the completion port.
#pragma once

#include "win32/io_completion.h"
#include "win32/last_error.h"
#include "winsock/operation.h"
#include "winsock/spi_call.h"

namespace oriel::winsock {

/// Ends an extension function: TRUE, or FALSE with the last error.
inline BOOL end_extension(int error) {
  if (error == 0) return TRUE;
  win32::set_last_error(static_cast<DWORD>(error));
  return FALSE;
}

/// Calls `issue(turn, how)`, which checks the socket's state and returns an Operation::Outcome.
/// `bytes` (may be null) is stored when the call ends at once. Returns a Winsock error.
template <class Issue>
int run_operation(Socket& socket, const OverlappedArguments& how, DWORD* bytes, Issue&& issue) {
  Operation::Outcome outcome;
  if (how.is_overlapped(socket)) {
    if (is_bad_pointer(how.overlapped)) return WSAEFAULT;
    Turn turn(socket.host());
    outcome = issue(turn, how);
  } else {
    if (!socket.host().may_block()) return WSAEWOULDBLOCK;
    OVERLAPPED own{};
    own.hEvent = reinterpret_cast<HANDLE>(ULONG_PTR{1});
    {
      Turn turn(socket.host());
      outcome = issue(turn, OverlappedArguments{&own, nullptr, nullptr});
    }
    if (outcome.error == WSA_IO_PENDING) {
      socket.wait_for_completion(own, Instant::never());
      const int e = wsa_error_of(win32::status_of(own));
      outcome = {e == WSA_OPERATION_ABORTED ? WSAEINTR : e, own.InternalHigh, 0};
    }
  }
  if (outcome.error == 0 && bytes != nullptr) *bytes = static_cast<DWORD>(outcome.bytes);
  return outcome.error;
}

}  // namespace oriel::winsock
