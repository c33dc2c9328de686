// Control data of WSARecvMsg and WSASendMsg: what goes beside a datagram, as WSACMSGHDR entries.
//
//   | cmsg_len level type | data, padded to 8 | cmsg_len level type | ...
//
// A program that asks (IP_PKTINFO, IP_RECVTTL, IP_RECVTOS and the IPv6 ones) receives one entry
// each. A dual-mode socket gets the entries of IPv6, with mapped addresses.
#pragma once

#include <winsock2.h>

#include "socket/ip_port.h"
#include "socket/request.h"
#include "winsock/socket_options.h"

namespace oriel::winsock {

/// Writes what `options` ask for about `received` and sets `control.len` to the bytes used. False:
/// not all of it fitted.
bool write_control(const socket::DatagramRequest& received, int family,
                   const SocketOptions& options, WSABUF& control);

/// Reads a source address (unspecified: none), a hop limit and a traffic class. Returns 0,
/// WSAEINVAL (an entry that is cut, unknown or of a wrong size) or WSAEFAULT.
int read_control(const WSABUF& control, int family, IpAddress& source, socket::DatagramSend& how);

}  // namespace oriel::winsock
