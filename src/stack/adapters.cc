// Read from the IP layer's tables; the speed is the link's, else its device's.
#include "stack/adapters.h"

namespace oriel::stack {
namespace {

std::uint64_t speed_of(const Core& core, std::uint32_t index) {
  const auto& links = core.links();
  const LinkPort* const port = index < links.size() ? links[index].get() : nullptr;
  if (port == nullptr) return 0;
  return port->bits_per_second != 0 ? port->bits_per_second
                                    : port->device().info().link_bits_per_second;
}

}  // namespace

std::vector<Adapter> adapters_of(const Core& core) {
  std::vector<Adapter> out;
  for (const ip::Interface& from : core.ip().interfaces().all()) {
    if (!from.is_up || from.is_peer) continue;
    Adapter& a = out.emplace_back();
    a.index = from.index;
    a.name = from.name;
    a.framing = from.framing;
    a.mac = from.mac;
    a.mtu = from.mtu;
    a.bits_per_second = speed_of(core, from.index);
    a.is_loopback = from.is_loopback;
    a.addresses = from.addresses;
    for (const ip::Route& route : core.ip().routes().all()) {
      if (route.interface_index == from.index && route.gateway && route.destination.bits == 0) {
        a.gateways.push_back(*route.gateway);
      }
    }
  }
  return out;
}

std::optional<std::uint32_t> interface_towards(const Core& core, const IpAddress& destination) {
  const ip::Interfaces& interfaces = core.ip().interfaces();
  if (destination.is_loopback()) return ip::kLoopbackInterface;
  if (const ip::Interface* own = interfaces.owner_of(destination)) return own->index;
  const ip::Route* const route = core.ip().routes().find(interfaces, destination);
  if (route == nullptr) return std::nullopt;
  return route->interface_index;
}

}  // namespace oriel::stack
