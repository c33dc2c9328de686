// One cause, three names: the stack's ErrorCode, the NTSTATUS that an OVERLAPPED holds, and the
// Winsock error. The only place that knows the last.
//
// A status decides the Winsock error: what WSAGetOverlappedResult says is read from the OVERLAPPED.
// So synchronous calls go the same way, code to status to error.
#pragma once

#include <ntstatus.h>
#include <winsock2.h>

#include "oriel/error.h"
#include "win32/error_status.h"

namespace oriel::winsock {

/// What an operation that ended so leaves in the OVERLAPPED.
using win32::status_of;
/// The Winsock error of a status; 0 for success. Unknown ones: WSAEINVAL.
int wsa_error_of(NTSTATUS status);
/// The Winsock error of a synchronous call.
int wsa_error_of(ErrorCode code);
/// The same for receives of datagram sockets: a port that an ICMP error called closed is
/// WSAECONNRESET there, an expired hop limit WSAENETRESET.
ErrorCode datagram_error(ErrorCode code);

}  // namespace oriel::winsock
