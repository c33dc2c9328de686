// The checks in Windows' order: names, flags, family, type, service, node.
#include "winsock/address_query.h"

#include <algorithm>

#include "base/parse_number.h"
#include "winsock/resolver.h"

namespace oriel::winsock {
namespace {

using runtime::NamedAddress;
using runtime::NameError;
using runtime::NameFamily;

// A socket type and protocol under which the service is offered.
struct Offer {
  std::uint16_t port = 0;
  int type = 0;
  int protocol = 0;
};

INT check(const AddressQuery& query) {
  if (!query.node && !query.service) return EAI_NONAME;
  if ((query.flags & AI_CANONNAME) != 0 && !query.node) return EAI_BADFLAGS;
  if ((query.flags & AI_CANONNAME) != 0 && (query.flags & AI_FQDN) != 0) return EAI_BADFLAGS;
  if (query.family != AF_UNSPEC && query.family != AF_INET && query.family != AF_INET6) {
    return EAI_FAMILY;
  }
  const bool is_type = query.type == 0 || query.type == SOCK_STREAM || query.type == SOCK_DGRAM ||
                       query.type == SOCK_RAW;
  return is_type ? 0 : EAI_SOCKTYPE;
}

bool may_be(const AddressQuery& query, int type, int protocol) {
  return (query.type == 0 || query.type == type) &&
         (query.protocol == 0 || query.protocol == protocol);
}

INT find_offers(const AddressQuery& query, std::vector<Offer>& offers) {
  const Offer as_asked{0, query.type, query.protocol};
  if (!query.service || query.service->empty()) {
    offers = {as_asked};
    return 0;
  }
  if (query.service->find_first_not_of("0123456789") == std::string::npos) {
    const std::size_t first =
        std::min(query.service->find_first_not_of('0'), query.service->size() - 1);
    const auto port = parse_decimal(std::string_view(*query.service).substr(first), kPortMax);
    if (!port) return EAI_SERVICE;
    offers = {{static_cast<std::uint16_t>(*port), query.type, query.protocol}};
    return 0;
  }
  if ((query.flags & AI_NUMERICSERV) != 0) return EAI_NONAME;
  if (may_be(query, SOCK_STREAM, IPPROTO_TCP)) {
    if (const auto row = runtime::find_service(*query.service, "tcp")) {
      offers.push_back({row->number, SOCK_STREAM, query.protocol});
    }
  }
  if (may_be(query, SOCK_DGRAM, IPPROTO_UDP)) {
    if (const auto row = runtime::find_service(*query.service, "udp")) {
      offers.push_back({row->number, SOCK_DGRAM, query.protocol});
    }
  }
  return offers.empty() ? EAI_SERVICE : 0;
}

// No node: the unspecified address to listen on, loopback to connect to.
runtime::ResolvedHost nowhere(const AddressQuery& query) {
  const bool is_passive = (query.flags & AI_PASSIVE) != 0;
  std::uint8_t one[16] = {};
  one[15] = 1;
  runtime::ResolvedHost host;
  if (query.family != AF_INET) {
    host.addresses.push_back({is_passive ? IpAddress::v6_any() : IpAddress::v6(one), 0});
  }
  if (query.family != AF_INET6) {
    host.addresses.push_back({is_passive ? IpAddress::v4_any() : IpAddress::v4(127, 0, 0, 1), 0});
  }
  return host;
}

NameFamily wanted(const AddressQuery& query) {
  if (query.family == AF_INET) return NameFamily::kV4;
  if (query.family != AF_INET6) return NameFamily::kAny;
  // Mapped addresses stand in for IPv6 ones, so both are looked for.
  return (query.flags & AI_V4MAPPED) != 0 ? NameFamily::kAny : NameFamily::kV6;
}

INT find_host(const AddressQuery& query, runtime::ResolvedHost& host) {
  if (!query.node) {
    host = nowhere(query);
    return 0;
  }
  const auto number = numeric_host(*query.node);
  if ((query.flags & AI_NUMERICHOST) != 0 && !number) return EAI_NONAME;
  auto found = resolve_name(*query.node, wanted(query));
  if (!found) {
    const INT error = wsa_error_of(found.error());
    return error == WSANO_DATA ? EAI_NONAME : error;  // EAI_NODATA is EAI_NONAME
  }
  host = std::move(*found);
  return 0;
}

SOCKADDR_INET mapped(const NamedAddress& named, std::uint16_t port) {
  SOCKADDR_INET out{};
  out.Ipv6.sin6_family = AF_INET6;
  out.Ipv6.sin6_port = htons(port);
  const auto& bytes = named.address.bytes();
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<std::uint8_t*>(&out.Ipv6.sin6_addr));
  return out;
}

// AI_V4MAPPED: IPv4 only where there is no IPv6, unless AI_ALL.
void apply_mapping(const AddressQuery& query, runtime::ResolvedHost& host) {
  if (query.family != AF_INET6 || (query.flags & AI_ALL) != 0) return;
  const auto is_v4 = [](const NamedAddress& a) { return a.address.is_v4(); };
  const auto total = static_cast<std::ptrdiff_t>(host.addresses.size());
  const auto v4 = std::count_if(host.addresses.begin(), host.addresses.end(), is_v4);
  if (v4 != total) std::erase_if(host.addresses, is_v4);
}

}  // namespace

INT answer_query(const AddressQuery& query, AddressAnswer& answer) {
  if (const INT error = check(query)) return error;
  std::vector<Offer> offers;
  if (const INT error = find_offers(query, offers)) return error;
  runtime::ResolvedHost host;
  if (const INT error = find_host(query, host)) return error;
  // "::ffff:1.2.3.4" as text is IPv6, whatever an address of ours makes of it.
  const bool is_v6_text = query.node && query.node->find(':') != std::string::npos;
  if (is_v6_text && query.family == AF_INET) return EAI_NONAME;
  apply_mapping(query, host);
  for (const NamedAddress& address : host.addresses) {
    const bool is_mapped = address.address.is_v4() && (query.family == AF_INET6 || is_v6_text);
    for (const Offer& offer : offers) {
      const SOCKADDR_INET to =
          is_mapped ? mapped(address, offer.port) : to_sockaddr(address, offer.port);
      answer.rows.push_back({to, offer.type, offer.protocol});
    }
  }
  if (query.node && (query.flags & (AI_CANONNAME | AI_FQDN)) != 0)
    answer.canonical = host.canonical;
  return answer.rows.empty() ? EAI_NONAME : 0;
}

}  // namespace oriel::winsock
