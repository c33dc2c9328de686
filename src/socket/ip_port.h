// What datagram sockets need from the network below: a source address, and packets away.
//
// The composition implements it over its IP layer; a test implements it with a vector.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "oriel/address.h"
#include "oriel/error.h"
#include "oriel/time.h"

namespace oriel::socket {

/// How one datagram goes; as made, like any other.
struct DatagramSend {
  bool may_broadcast = true;
  bool dont_fragment = false;
  std::uint8_t hop_limit = 0;  ///< 0: the host's
  std::uint8_t traffic_class = 0;
};

/// Pieces of one payload that pass without being joined first.
inline constexpr std::size_t kDatagramPiecesMax = 15;

class IpPort {
 public:
  /// Sends `payload` (at most kDatagramPiecesMax pieces) as one UDP datagram, in fragments where it
  /// must be. An unspecified `from.address` is replaced by a selected one. Errors: kMessageTooLong,
  /// kNetworkUnreachable, kAddressNotAvailable, kNoBuffers, kPermissionDenied (a broadcast, and
  /// that is not allowed). Thread: the host's owner.
  virtual Result<void> send_datagram(Instant now, const Endpoint& from, const Endpoint& to,
                                     std::span<const ByteView> payload,
                                     const DatagramSend& how) = 0;

 protected:
  ~IpPort() = default;
};

}  // namespace oriel::socket
