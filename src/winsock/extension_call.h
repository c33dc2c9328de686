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

/// Calls `issue(turn, how)`, which checks the socket's state and returns what Operation::issue did;
/// waits for the end where the call is not overlapped. Returns a Winsock error.
template <class Issue>
int run_operation(Socket& socket, const OverlappedArguments& how, Issue&& issue) {
  if (how.is_overlapped(socket)) {
    if (how.has_bad_pointer()) return WSAEFAULT;
    Turn turn(socket.host());
    return issue(turn, how);
  }
  if (!socket.host().may_block()) return WSAEWOULDBLOCK;
  OVERLAPPED own{};
  own.hEvent = reinterpret_cast<HANDLE>(ULONG_PTR{1});
  int error = 0;
  {
    Turn turn(socket.host());
    error = issue(turn, OverlappedArguments{&own, nullptr, nullptr});
  }
  if (error != WSA_IO_PENDING) return error;
  socket.wait_for_completion(own, Instant::never());
  error = wsa_error_of(win32::status_of(own));
  return error == WSA_OPERATION_ABORTED ? WSAEINTR : error;
}

}  // namespace oriel::winsock
