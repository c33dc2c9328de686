// Has this process called WSAStartup? The count behind it, and how every call begins and reports.
//
// A call of the API: not started is WSANOTINITIALISED; then the table of the socket's provider is
// called, and a failure becomes the thread's last error. A call that succeeds leaves the last error
// alone.
#pragma once

#include <winsock2.h>
#include <ws2spi.h>

namespace oriel::winsock {

/// Thread: any.
bool is_started();

/// Sets the last error; returns SOCKET_ERROR.
int fail_with(INT error);
/// Sets the last error if the process has not called WSAStartup, or to WSAENETDOWN in a child of
/// fork, whose stack stayed with its parent; true: the caller returns.
bool is_refused();

/// The table for `s`: the provider's that made it. The base provider's refuses what is no socket.
/// Requires: started.
const WSPPROC_TABLE& table_of(SOCKET s);

/// Runs `call(table, error)` over the socket's table; its result, or `failed` with the last error
/// set.
template <class Result, class Call>
Result over_table(SOCKET s, Result failed, Call call) {
  if (is_refused()) return failed;
  INT error = 0;
  const Result result = call(table_of(s), error);
  if (result == failed) fail_with(error);
  return result;
}

template <class Call>
int over_table(SOCKET s, Call call) {
  return over_table(s, int{SOCKET_ERROR}, call);
}

}  // namespace oriel::winsock
