// What became possible on a socket, told to one observer: the ground under every way in which a
// front-end lets programs wait for several sockets at once.
//
// Two doors. The observer hears of each change as it happens (edges: it may hear of the same kind
// again); `readiness()` of a socket says what holds now (levels). An observer that needs more than
// one listener keeps its own list.
#pragma once

#include <cstdint>

namespace oriel::socket {

/// Bits of on_readiness and readiness().
namespace ready {
inline constexpr std::uint16_t kRead = 1;      ///< in-band bytes, a datagram, an error to receive
inline constexpr std::uint16_t kWrite = 2;     ///< a send would be taken
inline constexpr std::uint16_t kUrgent = 4;    ///< an urgent byte can be read out of band
inline constexpr std::uint16_t kAccept = 8;    ///< a connection waits
inline constexpr std::uint16_t kConnect = 16;  ///< the connect has succeeded
inline constexpr std::uint16_t kConnectFailed = 32;
inline constexpr std::uint16_t kEnd = 64;       ///< the peer will send no more, in order
inline constexpr std::uint16_t kFailed = 128;   ///< the connection ended with an error
inline constexpr std::uint16_t kBacklog = 256;  ///< the ideal send backlog changed
}  // namespace ready

class ReadinessObserver {
 public:
  /// Some `what` (bits of `ready`) happened. It notes or publishes that and returns; it never calls
  /// back into the host. Thread: the host's owner. Bound: O(those who wait).
  virtual void on_readiness(std::uint16_t what) = 0;

 protected:
  ~ReadinessObserver() = default;
};

}  // namespace oriel::socket
