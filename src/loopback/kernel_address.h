// Endpoints and errors in the kernel's words and back, for the sockets that it has beside ours.
#pragma once

#include <cstdint>

#include "oriel/address.h"
#include "oriel/error.h"

struct sockaddr;

namespace oriel::loopback {

/// A socket address as calls take it and fill it.
class KernelAddress {
 public:
  KernelAddress() = default;  ///< room for any
  explicit KernelAddress(const Endpoint& e);

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(value_); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(value_); }
  /// Requires: filled, IPv4 or IPv6.
  Endpoint endpoint() const;

  std::uint32_t bytes = sizeof value_;

 private:
  alignas(8) std::uint8_t value_[128] = {};
};

/// What an errno of a call on such a socket means.
ErrorCode code_of_errno(int number);

}  // namespace oriel::loopback
