// What datagram sockets need from the network below: a source address, and packets away.
//
// The composition implements it over its IP layer; a test implements it with a vector.
#pragma once

#include "base/bytes.h"
#include "oriel/address.h"
#include "oriel/error.h"
#include "oriel/time.h"

namespace oriel::socket {

class IpPort {
 public:
  /// Sends `payload` as one UDP datagram, in fragments where it must be. An unspecified
  /// `from.address` is replaced by a selected one. Errors: kMessageTooLong, kNetworkUnreachable,
  /// kAddressNotAvailable, kNoBuffers. Thread: the host's owner.
  virtual Result<void> send_datagram(Instant now, const Endpoint& from, const Endpoint& to,
                                     ByteView payload) = 0;

 protected:
  ~IpPort() = default;
};

}  // namespace oriel::socket
