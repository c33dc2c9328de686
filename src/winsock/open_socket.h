// Opening a socket of the provider that a triple, or a WSAPROTOCOL_INFO, names.
#pragma once

#include <winsock2.h>

#include "winsock/protocol_info.h"

namespace oriel::winsock {

/// socket and WSASocket: INVALID_SOCKET and the last error WSANOTINITIALISED, WSAEINVAL (unknown
/// flags, an entry that is not in the catalogue), Catalogue::find's, Catalogue::start's, or the
/// provider's. FROM_PROTOCOL_INFO takes a value from `info`. An `info` that WSADuplicateSocket
/// wrote opens the other socket again.
SOCKET open_socket(int family, int type, int protocol, const WSAPROTOCOL_INFOW* info, GROUP group,
                   DWORD flags);

}  // namespace oriel::winsock
