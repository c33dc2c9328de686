// Requests of the native API: a protocol request with the handler that hears of its end.
#pragma once

#include <functional>

#include "oriel/host.h"
#include "socket/request.h"
#include "stack/core.h"

namespace oriel::stack {

/// connect, send, send_borrowed, receive, wait_urgent, wait_backlog_change
struct IoCall final : socket::Request {
  IoHandler handler;
};
struct AcceptCall final : socket::Request {
  AcceptHandler handler;
};
struct DatagramCall final : socket::DatagramRequest {
  DatagramHandler handler;
};
struct EchoCall final : EchoRequest {
  std::function<void(Result<Duration>)> handler;
};
/// What a blocked caller has on its stack.
struct BlockedCall final : socket::Request {};
struct BlockedDatagram final : socket::DatagramRequest {};
struct BlockedEcho final : EchoRequest {};

inline Datagram to_datagram(const socket::DatagramRequest& r) {
  return {r.datagram_bytes, r.source, r.destination, r.hop_limit, r.traffic_class};
}

}  // namespace oriel::stack
