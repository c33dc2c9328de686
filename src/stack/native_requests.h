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

inline constexpr const char* kNoWaiting = "a blocking call on a manual host or inside a handler";

/// Of a call that blocks: no timeout is for ever.
inline Instant deadline_of(Instant now, Duration timeout) {
  return timeout > Duration{0} ? now + timeout : Instant::never();
}

inline Datagram to_datagram(const socket::DatagramRequest& r) {
  return {r.datagram_bytes, r.source, r.destination, r.hop_limit, r.traffic_class};
}

}  // namespace oriel::stack
