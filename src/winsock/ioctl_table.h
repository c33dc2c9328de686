// Control codes: one row each. WSPIoctl finds the row, checks kind and sizes, and calls it; to
// support one more is to add a row.
//
// A row ends at once. A code that waits (a change notification) has `submit` instead: it gives the
// operation to whoever will complete it.
#pragma once

#include <winsock2.h>

#include <optional>
#include <span>

#include "winsock/option_table.h"
#include "winsock/socket.h"

namespace oriel::winsock {

struct IoctlCall {
  const void* in = nullptr;
  DWORD in_bytes = 0;
  void* out = nullptr;
  DWORD out_bytes = 0;
  SOCKET socket = INVALID_SOCKET;  ///< as the program named it
};

struct IoctlRow {
  DWORD code;
  OptionFor kinds;
  DWORD in_bytes_min;
  DWORD out_bytes_min;
  int size_error;  ///< when a buffer is missing or too small
  /// Sets `returned`. Inside a turn; returns a Winsock error.
  int (*run)(Socket& socket, stack::Core& core, const IoctlCall& call, DWORD& returned);
  /// Instead of `run`, for a code that waits: gives the request to whoever will complete it. Its
  /// end tells 0 bytes.
  void (*submit)(Socket& socket, stack::Core& core, socket::Request& request) = nullptr;
  /// Answered without the stack: its completion tells 0 bytes.
  bool is_local = false;
  /// Pends until something changes that does not change here: until it is cancelled or the socket
  /// closes. Without an OVERLAPPED a non-blocking socket refuses it.
  bool is_change_wait = false;
  /// Of profiles that lack it the code is an unknown one.
  std::optional<tcp::Feature> feature = std::nullopt;
  /// With `submit`: a Winsock error, or 0 and in `reason` what the wait would end with at once.
  int (*refuse)(Socket& socket, const IoctlCall& call, ErrorCode& reason) = nullptr;
};

/// SIO_IDEAL_SEND_BACKLOG_QUERY, SIO_IDEAL_SEND_BACKLOG_CHANGE.
std::span<const IoctlRow> backlog_ioctl_rows();
/// SIO_TCP_INFO, SIO_TCP_INITIAL_RTO.
std::span<const IoctlRow> tcp_ioctl_rows();
/// SIO_SET_COMPATIBILITY_MODE.
std::span<const IoctlRow> compat_ioctl_rows();
/// SIO_LOOPBACK_FAST_PATH.
std::span<const IoctlRow> fast_path_ioctl_rows();
/// nullptr: no such code for that kind of socket, or the host's profile lacks it. Inside a turn.
const IoctlRow* find_ioctl(const Socket& socket, const stack::Core& core, DWORD code);

}  // namespace oriel::winsock
