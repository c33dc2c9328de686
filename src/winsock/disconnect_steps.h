// Ending a connection so that its socket may be used again, as the last step of an operation.
#pragma once

#include "winsock/operation.h"

namespace oriel::winsock {

/// DisconnectEx with TF_REUSE_SOCKET, and what TransmitFile does after its bytes: our side is shut,
/// then the peer's end is awaited. Bytes that nobody will read reset the connection, as closing
/// does.
class ReuseStep {
 public:
  /// Shuts our side and makes `request` wait for the peer's; it may complete inside.
  void begin(stack::Core& core, Socket& socket, socket::Request& request) {
    is_begun_ = true;
    request.kind = socket::Request::Kind::kReceive;
    request.data = &scratch_;
    request.pieces = nullptr;
    request.size = 1;
    request.done = 0;
    (void)socket.stream()->shutdown_send(core.now());
    socket.stream()->submit(core.now(), request);
  }
  bool is_begun() const { return is_begun_; }
  /// The wait has ended, one way or the other; the connection is over. False: it was given up.
  bool end(stack::Core& core, Socket& socket, socket::Request& request) {
    if (request.error == ErrorCode::kCancelled || socket.stream() == nullptr) return false;
    if (request.done != 0) socket.stream()->abort(core.now(), ErrorCode::kConnectionAborted);
    socket.retire_stream();
    request.error = ErrorCode::kOk;
    request.done = 0;
    return true;
  }

 private:
  std::uint8_t scratch_ = 0;
  bool is_begun_ = false;
};

}  // namespace oriel::winsock
