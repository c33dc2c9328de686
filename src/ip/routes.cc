// The routing table is one sorted vector; source selection is one comparison of two candidates.
#include "ip/routes.h"

#include <algorithm>
#include <bit>

namespace oriel::ip {
namespace {

constexpr std::uint8_t kScopeLinkLocal = 0x2;  // RFC 6724 3.1, values of RFC 4291 2.7
constexpr std::uint8_t kScopeGlobal = 0xe;

bool same_destination(const Prefix& a, const Prefix& b) {
  return a.bits == b.bits && a.contains(b.address) && a.address.is_v4() == b.address.is_v4();
}

/// RFC 6724 section 5: whether `a` is to be preferred over `b`, both on the outgoing interface.
bool is_better_source(const Prefix& a, const Prefix& b, const IpAddress& destination,
                      const IpAddress& next_hop) {
  if (a.address == destination || b.address == destination) return a.address == destination;
  const std::uint8_t scope_a = scope_of(a.address);
  const std::uint8_t scope_b = scope_of(b.address);
  if (scope_a != scope_b) {
    const std::uint8_t scope_d = scope_of(destination);
    return scope_a < scope_b ? scope_a >= scope_d : scope_b < scope_d;
  }
  const bool is_a_near = a.contains(next_hop);
  const bool is_b_near = b.contains(next_hop);
  if (is_a_near != is_b_near) return is_a_near;
  if (destination.is_v4()) return false;     // the first one assigned
  const auto match = [&](const Prefix& p) {  // rule 8 counts no further than the prefix
    return std::min(common_prefix_bits(p.address, destination), p.bits);
  };
  return match(a) > match(b);
}

}  // namespace

Result<void> Routes::add(const Route& route) {
  if (route.destination.bits > (route.destination.address.is_v4() ? 32 : 128)) {
    return fail(ErrorCode::kInvalidArgument, "the prefix is longer than the address");
  }
  if (route.gateway && route.gateway->is_v4() != route.destination.address.is_v4()) {
    return fail(ErrorCode::kInvalidArgument, "gateway and destination are of different families");
  }
  if (routes_.size() >= kRoutesMax) return fail(ErrorCode::kNoBuffers, "no more than 4096 routes");
  for (const Route& r : routes_) {
    if (same_destination(r.destination, route.destination) && r.gateway == route.gateway &&
        r.interface_index == route.interface_index) {
      return fail(ErrorCode::kAlreadyConnected, "this route is there already");
    }
  }
  const auto before = [](const Route& a, const Route& b) {
    if (a.destination.bits != b.destination.bits) return a.destination.bits > b.destination.bits;
    return a.metric < b.metric;
  };
  routes_.insert(std::upper_bound(routes_.begin(), routes_.end(), route, before), route);
  return {};
}

bool Routes::remove(const Route& route) {
  const auto it = std::find_if(routes_.begin(), routes_.end(), [&](const Route& r) {
    return same_destination(r.destination, route.destination) && r.gateway == route.gateway &&
           r.interface_index == route.interface_index;
  });
  if (it == routes_.end()) return false;
  routes_.erase(it);
  return true;
}

void Routes::remove_interface(std::uint32_t index) {
  std::erase_if(routes_, [&](const Route& r) { return r.interface_index == index; });
}

const Route* Routes::find(const Interfaces& interfaces, const IpAddress& destination,
                          std::uint32_t interface_index) const {
  for (const Route& r : routes_) {
    if (interface_index != kAnyInterface && r.interface_index != interface_index) continue;
    if (!r.destination.contains(destination)) continue;
    const Interface* out = interfaces.find(r.interface_index);
    if (out != nullptr && out->is_up) return &r;
  }
  return nullptr;
}

std::uint8_t scope_of(const IpAddress& a) {
  if (a.is_multicast() && a.is_v6()) return a.bytes()[1] & 0x0f;
  if (a.is_loopback() || a.is_link_local()) return kScopeLinkLocal;
  return kScopeGlobal;
}

std::uint8_t common_prefix_bits(const IpAddress& a, const IpAddress& b) {
  if (a.is_v4() != b.is_v4()) return 0;
  const std::size_t start = a.is_v4() ? 12 : 0;
  for (std::size_t i = start; i < 16; ++i) {
    const auto difference = static_cast<std::uint8_t>(a.bytes()[i] ^ b.bytes()[i]);
    if (difference != 0) {
      return static_cast<std::uint8_t>((i - start) * 8 + std::countl_zero(difference));
    }
  }
  return a.is_v4() ? 32 : 128;
}

std::optional<IpAddress> select_source(const Interface& outgoing, const IpAddress& destination,
                                       const IpAddress& next_hop) {
  const Prefix* best = nullptr;
  for (const Prefix& p : outgoing.addresses) {
    if (p.address.is_v4() != destination.is_v4()) continue;
    if (best == nullptr || is_better_source(p, *best, destination, next_hop)) best = &p;
  }
  if (best == nullptr) return std::nullopt;
  return best->address;
}

}  // namespace oriel::ip
