// Surprise: IpAddress holds IPv4 as its mapped form, so a sockaddr_in6
// that holds a mapped address comes back as IPv4; callers that care look at the family they were
// given.
#include "winsock/resolver.h"

#include <cstring>

#include "base/bytes.h"
#include "stack/host_names.h"
#include "winsock/address_text.h"
#include "winsock/base_lifetime.h"

namespace oriel::winsock {
namespace {

using runtime::NamedAddress;
using runtime::NameError;
using runtime::NameFamily;
using runtime::NameOrder;
using runtime::NameResult;
using runtime::ResolvedHost;

// A host that a test gave has neither names nor servers.
NameOrder names() {
  return has_process_host() ? stack::names_of_process() : NameOrder();
}

}  // namespace

std::optional<NamedAddress> numeric_host(std::string_view text) {
  if (const auto v4 = parse_ipv4_loose(text)) {
    return NamedAddress{IpAddress::v4_from_value(*v4), 0};
  }
  const auto v6 = parse_scoped_ipv6(text);
  if (!v6) return std::nullopt;
  return NamedAddress{IpAddress::v6(v6->bytes.data()), v6->scope_id};
}

NameResult<ResolvedHost> resolve_name(const std::string& name, NameFamily family) {
  if (const auto address = numeric_host(name)) {
    return runtime::only_of(family, {name, {*address}});
  }
  return names().resolve(name, family);
}

NameResult<std::string> resolve_address(const NamedAddress& address) {
  return names().name_of(address);
}

INT wsa_error_of(NameError error) {
  switch (error) {
    case NameError::kTryAgain:
      return WSATRY_AGAIN;
    case NameError::kFailed:
      return WSANO_RECOVERY;
    case NameError::kNoName:
      return WSAHOST_NOT_FOUND;
    case NameError::kNoData:
      return WSANO_DATA;
    case NameError::kNoMemory:
      return WSA_NOT_ENOUGH_MEMORY;
  }
  return WSANO_RECOVERY;
}

SOCKADDR_INET to_sockaddr(const NamedAddress& named, std::uint16_t port) {
  SOCKADDR_INET out{};
  if (named.address.is_v4()) {
    out.Ipv4.sin_family = AF_INET;
    out.Ipv4.sin_port = htons(port);
    std::memcpy(&out.Ipv4.sin_addr, named.address.v4_bytes(), 4);
  } else {
    out.Ipv6.sin6_family = AF_INET6;
    out.Ipv6.sin6_port = htons(port);
    out.Ipv6.sin6_scope_id = named.scope_id;
    std::memcpy(&out.Ipv6.sin6_addr, named.address.bytes().data(), 16);
  }
  return out;
}

std::optional<NamedAddress> from_sockaddr(const sockaddr* address, std::size_t bytes,
                                          std::uint16_t& port) {
  const std::size_t needed = socket_address_bytes(address->sa_family);
  if (needed == 0 || bytes < needed) return std::nullopt;
  SOCKADDR_INET any{};
  std::memcpy(&any, address, needed);
  std::uint8_t raw[16];
  if (any.si_family == AF_INET) {
    port = ntohs(any.Ipv4.sin_port);
    std::memcpy(raw, &any.Ipv4.sin_addr, 4);
    return NamedAddress{IpAddress::v4(raw), 0};
  }
  port = ntohs(any.Ipv6.sin6_port);
  std::memcpy(raw, &any.Ipv6.sin6_addr, sizeof raw);
  return NamedAddress{IpAddress::v6(raw), any.Ipv6.sin6_scope_id};
}

}  // namespace oriel::winsock
