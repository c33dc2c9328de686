// A program's sockaddr and the stack's Endpoint, there and back, for every front-end.
//
// An AF_INET6 socket sees IPv4 endpoints as ::ffff:a.b.c.d; the stack keeps them in that form
// anyway. Scope ids are not read and are written as 0.
#pragma once

#include <winsock2.h>
#include <ws2tcpip.h>

#include "oriel/address.h"

namespace oriel::win32 {

/// Bytes of an address of that family; 0: unknown family.
int sockaddr_bytes(int family);

/// Is this no address that a program may pass? NULL and the first 64 KiB, which Windows never maps,
/// and the upper half, which is the kernel's (-1, 0xcccc...). Other unreadable memory is not
/// probed: it ends the program as it would in any function of its own.
inline bool is_bad_pointer(const volatile void* p) {
  constexpr ULONG_PTR kFirst = 0x10000;
  constexpr ULONG_PTR kEnd = ULONG_PTR{1} << 47;
  return reinterpret_cast<ULONG_PTR>(p) - kFirst >= kEnd - kFirst;
}

/// Reads `name` for a socket of `family`. Returns 0, WSAEFAULT (bad pointer or too short) or
/// WSAEAFNOSUPPORT (another family).
int read_sockaddr(const sockaddr* name, int bytes, int family, Endpoint& out);
/// Writes as `family` shows it and sets `*bytes`. Returns 0 or WSAEFAULT (bad pointers, no room).
int write_sockaddr(const Endpoint& endpoint, int family, sockaddr* name, INT* bytes);

}  // namespace oriel::win32
