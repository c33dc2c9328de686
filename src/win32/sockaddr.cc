// By memcpy: a program's sockaddr need not be aligned for what it holds.
#include "win32/sockaddr.h"

#include <cstring>

#include "base/bytes.h"

namespace oriel::win32 {

int sockaddr_bytes(int family) {
  if (family == AF_INET) return sizeof(sockaddr_in);
  return family == AF_INET6 ? int{sizeof(sockaddr_in6)} : 0;
}

int read_sockaddr(const sockaddr* name, int bytes, int family, Endpoint& out) {
  if (is_bad_pointer(name) || bytes < sockaddr_bytes(family)) return WSAEFAULT;
  if (name->sa_family != family) return WSAEAFNOSUPPORT;
  if (family == AF_INET) {
    sockaddr_in in;
    std::memcpy(&in, name, sizeof in);
    out.address = IpAddress::v4(reinterpret_cast<const std::uint8_t*>(&in.sin_addr));
    out.port = load_be16(reinterpret_cast<const std::uint8_t*>(&in.sin_port));
    return 0;
  }
  sockaddr_in6 in;
  std::memcpy(&in, name, sizeof in);
  out.address = IpAddress::v6(reinterpret_cast<const std::uint8_t*>(&in.sin6_addr));
  out.port = load_be16(reinterpret_cast<const std::uint8_t*>(&in.sin6_port));
  return 0;
}

int write_sockaddr(const Endpoint& endpoint, int family, sockaddr* name, INT* bytes) {
  if (is_bad_pointer(name) || is_bad_pointer(bytes) || *bytes < sockaddr_bytes(family)) {
    return WSAEFAULT;
  }
  *bytes = sockaddr_bytes(family);
  if (family == AF_INET) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    store_be16(reinterpret_cast<std::uint8_t*>(&in.sin_port), endpoint.port);
    std::memcpy(&in.sin_addr, endpoint.address.v4_bytes(), sizeof in.sin_addr);
    std::memcpy(name, &in, sizeof in);
    return 0;
  }
  sockaddr_in6 in{};
  in.sin6_family = AF_INET6;
  store_be16(reinterpret_cast<std::uint8_t*>(&in.sin6_port), endpoint.port);
  std::memcpy(&in.sin6_addr, endpoint.address.bytes().data(), sizeof in.sin6_addr);
  std::memcpy(name, &in, sizeof in);
  return 0;
}

}  // namespace oriel::win32
