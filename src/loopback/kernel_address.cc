#include "loopback/kernel_address.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace oriel::loopback {

KernelAddress::KernelAddress(const Endpoint& e) {
  const auto& bytes_of = e.address.bytes();
  if (e.address.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(e.port);
    std::memcpy(&v4.sin_addr, bytes_of.data() + 12, 4);
    std::memcpy(value_, &v4, sizeof v4);
    bytes = sizeof v4;
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(e.port);
    std::memcpy(&v6.sin6_addr, bytes_of.data(), 16);
    std::memcpy(value_, &v6, sizeof v6);
    bytes = sizeof v6;
  }
}

Endpoint KernelAddress::endpoint() const {
  sockaddr_in v4;
  std::memcpy(&v4, value_, sizeof v4);
  if (v4.sin_family == AF_INET) {
    std::uint8_t octets[4];
    std::memcpy(octets, &v4.sin_addr, sizeof octets);
    return {IpAddress::v4(octets), ntohs(v4.sin_port)};
  }
  sockaddr_in6 v6;
  std::memcpy(&v6, value_, sizeof v6);
  return {IpAddress::v6(v6.sin6_addr.s6_addr), ntohs(v6.sin6_port)};
}

ErrorCode code_of_errno(int number) {
  switch (number) {
    case ECONNREFUSED:
      return ErrorCode::kConnectionRefused;
    case ETIMEDOUT:
      return ErrorCode::kTimedOut;
    case EADDRINUSE:
    case EADDRNOTAVAIL:
      return ErrorCode::kAddressInUse;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EAGAIN:
      return ErrorCode::kNoBuffers;
    case EAFNOSUPPORT:
    case ENETUNREACH:
      return ErrorCode::kNetworkUnreachable;
    default:
      return ErrorCode::kConnectionReset;
  }
}

}  // namespace oriel::loopback
