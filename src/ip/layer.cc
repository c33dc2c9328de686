// The composition: configuration that reaches several tables, and time for all of them.
#include "ip/layer.h"

namespace oriel::ip {

Layer::Layer(BufferPool& pool, std::uint64_t random_seed, const Settings& settings)
    : settings_(settings),
      paths_(interfaces_, routes_, neighbours_, pmtu_),
      reassembly_(pool, settings.reassembly_bytes_max),
      icmp_limit_(settings.icmp_errors_per_second, settings.icmp_errors_burst),
      sender_(pool, random_seed, settings_, statistics_, interfaces_, neighbours_, paths_, out_),
      input_(settings_, statistics_, interfaces_, neighbours_, reassembly_, icmp_limit_, sender_) {}

Result<std::uint32_t> Layer::add_interface(const DeviceInfo& device) {
  paths_.invalidate();
  return interfaces_.add(device);
}

Result<std::uint32_t> Layer::add_peer(const DeviceInfo& device) {
  paths_.invalidate();
  return interfaces_.add_peer(device);
}

void Layer::remove_interface(std::uint32_t index) {
  if (index == kLoopbackInterface) return;
  interfaces_.remove(index);
  routes_.remove_interface(index);
  neighbours_.remove_interface(index);
  paths_.invalidate();
}

void Layer::set_interface_up(std::uint32_t index, bool is_up) {
  interfaces_.set_up(index, is_up);
  if (!is_up && index != kLoopbackInterface) neighbours_.remove_interface(index);
  paths_.invalidate();
}

Result<void> Layer::add_address(std::uint32_t index, const Prefix& address) {
  const Result<void> added = interfaces_.add_address(index, address);
  if (!added) return added;
  const Route route{
      .destination = address, .gateway = {}, .interface_index = index, .is_from_address = true};
  const Result<void> routed = routes_.add(route);
  // A second address of the same network finds the route there already.
  if (!routed && routed.error().code != ErrorCode::kAlreadyConnected) {
    interfaces_.remove_address(index, address.address);
    return routed;
  }
  paths_.invalidate();
  return {};
}

bool Layer::remove_address(std::uint32_t index, const IpAddress& address) {
  const Interface* i = interfaces_.find(index);
  if (i == nullptr) return false;
  Prefix network;
  for (const Prefix& p : i->addresses) {
    if (p.address == address) network = p;
  }
  if (!interfaces_.remove_address(index, address)) return false;
  bool is_shared = false;
  for (const Prefix& p : i->addresses) {
    is_shared = is_shared || (p.bits == network.bits && network.contains(p.address));
  }
  if (!is_shared) routes_.remove({.destination = network, .gateway = {}, .interface_index = index});
  paths_.invalidate();
  return true;
}

Result<void> Layer::add_route(const Prefix& destination, const std::optional<IpAddress>& gateway,
                              std::uint32_t interface_index, std::uint32_t metric) {
  if (interface_index == kAnyInterface) {
    if (!gateway)
      return fail(ErrorCode::kInvalidArgument, "a route needs a gateway or an interface");
    const Route* way = routes_.find(interfaces_, *gateway);
    if (way == nullptr || way->gateway) {
      return fail(ErrorCode::kNetworkUnreachable,
                  "the gateway " + gateway->to_string() + " is on no network of this host");
    }
    interface_index = way->interface_index;
  }
  if (interfaces_.find(interface_index) == nullptr) {
    return fail(ErrorCode::kNotFound, "no such interface");
  }
  if (gateway && interfaces_.owner_of(*gateway) != nullptr) {
    return fail(ErrorCode::kInvalidArgument, "the gateway is this host itself");
  }
  paths_.invalidate();
  return routes_.add({.destination = destination,
                      .gateway = gateway,
                      .interface_index = interface_index,
                      .metric = metric});
}

bool Layer::remove_route(const Prefix& destination, const std::optional<IpAddress>& gateway,
                         std::uint32_t interface_index) {
  paths_.invalidate();
  return routes_.remove(
      {.destination = destination, .gateway = gateway, .interface_index = interface_index});
}

void Layer::add_permanent_neighbour(std::uint32_t index, const IpAddress& a,
                                    const MacAddress& mac) {
  neighbours_.set_permanent({index, a}, mac);
}

void Layer::send_port_unreachable(Instant now, const Delivery& delivery) {
  if (delivery.is_multicast) return;
  input_.send_error(now, IcmpError::kPortUnreachable, 0, delivery.packet, delivery.interface_index,
                    false);
}

void Layer::send_protocol_unreachable(Instant now, const Delivery& delivery) {
  if (delivery.is_multicast) return;
  std::uint32_t pointer = 0;
  if (delivery.source.is_v6()) {  // RFC 4443 3.4: where the unknown number stands
    const auto chain = wire::walk_ipv6_extensions(delivery.packet);
    pointer = chain ? chain->next_header_offset : wire::kIpv6NextHeaderOffset;
  }
  input_.send_error(now, IcmpError::kProtocolUnreachable, pointer, delivery.packet,
                    delivery.interface_index, false);
}

void Layer::learn_pmtu(Instant now, const IpAddress& destination, std::uint32_t mtu) {
  if (pmtu_.learn(now, destination, mtu)) paths_.invalidate();
}

bool Layer::poll_event(IcmpEvent& out) {
  return sender_.poll_event(out);
}

void Layer::on_timeout(Instant now) {
  neighbours_.on_timeout(now);
  sender_.drain_neighbours(now);
  if (pmtu_.on_timeout(now)) paths_.invalidate();
  Slice first;
  while (reassembly_.expire(now, first)) {
    statistics_.drop(DropReason::kReassemblyTimeout);
    if (first.empty()) continue;  // RFC 792: no answer unless fragment zero is there
    input_.send_error(now, IcmpError::kReassemblyTimeout, 0, first, kAnyInterface, false);
    first = Slice();
  }
}

Instant Layer::next_deadline() const {
  return earlier(earlier(neighbours_.next_deadline(), pmtu_.next_deadline()),
                 reassembly_.next_deadline());
}

}  // namespace oriel::ip
