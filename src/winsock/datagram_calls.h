// What the calls on datagram sockets share.
#pragma once

#include "socket/ip_port.h"
#include "winsock/spi_call.h"

namespace oriel::winsock {

/// Receives one datagram, waiting if the socket may; fills the request. Returns a Winsock error.
/// Requires: a turn, which is given up while it waits.
int receive_datagram_blocking(Socket& socket, Turn& turn, CallRequest& request);

/// Sends what `request` holds as one datagram. `source` unspecified: the one bound.
ErrorCode send_datagram(Socket& socket, Turn& turn, const Endpoint& to, socket::Request& request,
                        socket::DatagramSend how = {}, const IpAddress& source = {});

/// Why nothing can go to `to`, after the socket was given a port; 0: it can.
int prepare_datagram(Socket& socket, Turn& turn, const Endpoint& to);

}  // namespace oriel::winsock
