// The order of the questions.
#include "runtime/name_order.h"

#include <algorithm>

#include "runtime/dns_message.h"

namespace oriel::runtime {
namespace {

constexpr std::string_view kLocalhost = "localhost";

bool is_wanted(const NamedAddress& address, NameFamily family) {
  switch (family) {
    case NameFamily::kAny:
      return true;
    case NameFamily::kV4:
      return address.address.is_v4();
    case NameFamily::kV6:
      return address.address.is_v6();
  }
  return true;
}

std::vector<NamedAddress> loopback_addresses() {
  std::uint8_t v6[16] = {};
  v6[15] = 1;
  return {{IpAddress::v6(v6), 0}, {IpAddress::v4(127, 0, 0, 1), 0}};
}

}  // namespace

NameResult<ResolvedHost> only_of(NameFamily family, ResolvedHost host) {
  std::erase_if(host.addresses, [=](const NamedAddress& a) { return !is_wanted(a, family); });
  if (host.addresses.empty()) return tl::unexpected(NameError::kNoData);
  return host;
}

NameResult<ResolvedHost> NameOrder::resolve(const std::string& name, NameFamily family) {
  if (is_dns_name_equal(name, kLocalhost)) return only_of(family, {name, loopback_addresses()});
  if (const std::string own = own_host_name(); name.empty() || is_dns_name_equal(name, own)) {
    return only_of(family, {own, own_.empty() ? loopback_addresses() : own_});
  }
  if (servers_) return servers_->resolve(name, family);
  return resolve_host(name, family);
}

NameResult<std::string> NameOrder::name_of(const NamedAddress& address) {
  if (address.address.is_loopback()) return own_host_name();
  if (servers_) return servers_->name_of(address.address);
  return host_name_of(address);
}

}  // namespace oriel::runtime
