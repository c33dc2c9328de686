// Addresses that clients pass by pointer alone: as many bytes as the socket's family has.
#pragma once

#include <wsk.h>

#include "win32/sockaddr.h"

namespace oriel::wsk {

/// STATUS_INVALID_PARAMETER: NULL, or of another family.
inline NTSTATUS read_address(PSOCKADDR from, int family, Endpoint& out) {
  const int bytes = win32::sockaddr_bytes(family);
  if (win32::read_sockaddr(from, bytes, family, out) != 0) return STATUS_INVALID_PARAMETER;
  return STATUS_SUCCESS;
}
inline NTSTATUS write_address(const Endpoint& endpoint, int family, PSOCKADDR to) {
  INT bytes = win32::sockaddr_bytes(family);
  if (win32::write_sockaddr(endpoint, family, to, &bytes) != 0) return STATUS_INVALID_PARAMETER;
  return STATUS_SUCCESS;
}

}  // namespace oriel::wsk
