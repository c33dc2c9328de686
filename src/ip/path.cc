// Paths worked out: route, source, next hop, link header. The slow half of sending.
#include "ip/path.h"

#include <algorithm>
#include <cstring>

#include "wire/ethernet.h"

namespace oriel::ip {
namespace {

/// RFC 1112 6.4 and RFC 2464 7.
MacAddress multicast_mac(const IpAddress& a) {
  const auto& b = a.bytes();
  if (a.is_broadcast()) return MacAddress::broadcast();
  if (a.is_v4()) {
    return {{0x01, 0x00, 0x5e, static_cast<std::uint8_t>(b[13] & 0x7f), b[14], b[15]}};
  }
  return {{0x33, 0x33, b[12], b[13], b[14], b[15]}};
}

/// The interface that serves group and limited broadcast packets when no route says so: the owner
/// of the source address, else the first one that is up and has an address of the family.
const Interface* group_interface(const Interfaces& interfaces, const IpAddress& destination,
                                 const IpAddress& source) {
  if (!source.is_unspecified()) return interfaces.owner_of(source);
  for (const Interface& i : interfaces.all()) {
    if (i.is_loopback || !i.is_up) continue;
    for (const Prefix& p : i.addresses) {
      if (p.address.is_v4() == destination.is_v4()) return &i;
    }
  }
  return nullptr;
}

struct Choice {
  const Interface* out = nullptr;
  IpAddress next_hop;
};

/// The way to `destination`. `source` (unspecified: open) ties it to the interface that has it
/// where that interface has a route; else the best route of the host serves (RFC 1122 3.3.4.2).
Choice choose(const Interfaces& interfaces, const Routes& routes, const IpAddress& destination,
              const IpAddress& source, std::uint32_t bound_interface) {
  if (bound_interface != kAnyInterface && destination.is_loopback()) {
    const Interface* peer = interfaces.find(bound_interface);
    if (peer != nullptr && peer->is_peer) return {peer, destination};
  }
  const Interface* owner = interfaces.owner_of(destination);
  if (owner != nullptr && owner->is_up) return {interfaces.find(kLoopbackInterface), destination};
  const bool is_group = destination.is_multicast() || destination.is_broadcast();
  const Route* route = nullptr;
  if (bound_interface != kAnyInterface) {
    route = routes.find(interfaces, destination, bound_interface);
    if (route == nullptr && is_group) return {interfaces.find(bound_interface), destination};
  } else {
    const Interface* home = source.is_unspecified() ? nullptr : interfaces.owner_of(source);
    if (home != nullptr) route = routes.find(interfaces, destination, home->index);
    if (route == nullptr && !(is_group && home != nullptr))
      route = routes.find(interfaces, destination);
    if (route == nullptr && is_group) {
      return {group_interface(interfaces, destination, source), destination};
    }
  }
  if (route == nullptr) return {};
  const bool is_direct = is_group || !route->gateway;
  return {interfaces.find(route->interface_index), is_direct ? destination : *route->gateway};
}

}  // namespace

PathTable::PathTable(const Interfaces& interfaces, const Routes& routes, Neighbours& neighbours,
                     const PmtuCache& pmtu)
    : interfaces_(interfaces), routes_(routes), neighbours_(neighbours), pmtu_(pmtu) {}

Result<Path*> PathTable::acquire(const IpAddress& destination,
                                 const std::optional<IpAddress>& source,
                                 std::uint32_t interface_index) {
  if (destination.is_unspecified()) {
    return fail(ErrorCode::kInvalidArgument, "the unspecified address is no destination");
  }
  const bool is_open = !source || source->is_unspecified();
  IpAddress from = is_open ? IpAddress::v6_any() : *source;
  if (is_open) {
    const Choice c = choose(interfaces_, routes_, destination, from, interface_index);
    if (c.out == nullptr || !c.out->is_up) return fail(ErrorCode::kNetworkUnreachable);
    // To one of our own addresses: from that very address (RFC 6724 rule 1).
    if (c.out->is_loopback) {
      from = destination;
    } else {
      const auto selected = select_source(*c.out, destination, c.next_hop);
      if (!selected) return fail(ErrorCode::kAddressNotAvailable);
      from = *selected;
    }
  } else if (from.is_v4() != destination.is_v4()) {
    return fail(ErrorCode::kInvalidArgument, "source and destination are of different families");
  }
  const Key key{destination, from, interface_index};
  auto it = paths_.find(key);
  if (it == paths_.end()) {
    if (paths_.size() >= kPathsMax) return fail(ErrorCode::kNoBuffers);
    auto path = std::make_unique<Path>();
    path->destination = destination;
    path->source = from;
    path->bound_interface = interface_index;
    path->is_v4 = destination.is_v4();
    evaluate(*path);
    if (path->error != ErrorCode::kOk) return fail(path->error);
    it = paths_.emplace(key, std::move(path)).first;
  }
  Path* path = it->second.get();
  refresh(*path);
  if (path->error != ErrorCode::kOk) return fail(path->error);
  ++path->references;
  return path;
}

void PathTable::release(Path* path) {
  if (path == nullptr || --path->references != 0) return;
  paths_.erase(Key{path->destination, path->source, path->bound_interface});
}

/// Works everything out again but the link header's destination, which `prepare` gets.
void PathTable::evaluate(Path& path) {
  path.generation = generation();
  path.is_ready = false;
  path.error = ErrorCode::kOk;
  const Interface* owner = interfaces_.owner_of(path.source);
  if (owner == nullptr || !owner->is_up) {
    path.error = ErrorCode::kAddressNotAvailable;
    return;
  }
  const Choice c =
      choose(interfaces_, routes_, path.destination, path.source, path.bound_interface);
  // Nothing from or to 127/8 or ::1 leaves the machine's user (RFC 1122 3.2.1.3 (g), RFC
  // 4291 2.5.3).
  const bool is_leak = c.out != nullptr && !c.out->is_loopback && !c.out->is_peer &&
                       (path.source.is_loopback() || path.destination.is_loopback());
  if (c.out == nullptr || !c.out->is_up || is_leak ||
      (!path.is_v4 && c.out->mtu < kIpv6MtuBytesMin)) {
    path.error = ErrorCode::kNetworkUnreachable;
    return;
  }
  path.interface_index = c.out->index;
  path.next_hop = c.next_hop;
  path.mtu = c.out->mtu;
  path.pmtu = pmtu_.lookup(path.destination, c.out->mtu);
  path.tso_bytes_max = c.out->tso_bytes_max;
  path.has_tx_checksum = c.out->has_tx_checksum;
  path.is_loopback = c.out->is_loopback;
  path.is_multicast = path.destination.is_multicast() || path.destination.is_broadcast() ||
                      c.out->is_directed_broadcast(path.destination);
  build_link_header(path, *c.out);
}

void PathTable::build_link_header(Path& path, const Interface& out) {
  if (!out.is_ethernet()) {
    path.link_header_bytes = 0;
    path.is_ready = !out.is_loopback;
    return;
  }
  wire::EthernetHeader header;
  header.source = out.mac;
  header.ethertype = path.is_v4 ? wire::ethertype::kIpv4 : wire::ethertype::kIpv6;
  if (path.is_multicast) {
    header.destination = out.is_directed_broadcast(path.destination)
                             ? MacAddress::broadcast()
                             : multicast_mac(path.destination);
    path.is_ready = true;
  }
  path.link_header_bytes = static_cast<std::uint8_t>(wire::emit_ethernet(header, path.link_header));
}

bool PathTable::prepare(Instant now, Path& path) {
  refresh(path);
  if (path.is_ready || path.error != ErrorCode::kOk || path.is_loopback) return path.is_ready;
  MacAddress mac;
  if (!neighbours_.resolve(now, {path.interface_index, path.next_hop}, mac)) return false;
  std::memcpy(path.link_header.data(), mac.bytes.data(), mac.bytes.size());
  path.is_ready = true;
  return true;
}

void PathTable::confirm_slow(Instant now, Path& path) {
  path.confirm_again = now + kConfirmInterval;
  if (path.link_header_bytes == 0 || path.is_multicast) return;
  neighbours_.confirm(now, {path.interface_index, path.next_hop});
}

}  // namespace oriel::ip
