// Neighbour discovery for IPv6 on Ethernet (RFC 4861 7): solicitations out and in, advertisements.
//
// Every message needs hop limit 255: nothing that crossed a router is believed. Interfaces with
// plain IP framing have no hardware addresses and take no part. Anycast, proxies and router
// discovery: not here.
#include "wire/ndp.h"

#include <array>

#include "ip/arrival.h"
#include "ip/input.h"
#include "ip/sender.h"
#include "wire/ethernet.h"
#include "wire/ipv6.h"

namespace oriel::ip {
namespace {

IpAddress solicited_node(const IpAddress& a) {
  std::array<std::uint8_t, 16> b = {0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff};
  std::copy_n(a.bytes().begin() + 13, 3, b.begin() + 13);
  return IpAddress::v6(b.data());
}

IpAddress all_nodes() {
  const std::array<std::uint8_t, 16> b = {0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return IpAddress::v6(b.data());
}

}  // namespace

void Sender::send_neighbour_solicitation(const Interface& out, const IpAddress& source,
                                         const Neighbours::Solicit& solicit) {
  const IpAddress& target = solicit.target.address;
  const IpAddress to = solicit.is_unicast ? target : solicited_node(target);
  std::array<std::uint8_t, wire::kIpv6HeaderBytes + wire::kNdpMessageBytesMax> bytes;
  const std::size_t n =
      wire::emit_neighbour_solicitation({.target = target, .source_link_address = out.mac}, source,
                                        to, ByteSpan(bytes).subspan(wire::kIpv6HeaderBytes));
  wire::Ipv6Header h;
  h.source = source;
  h.destination = to;
  h.payload_bytes = static_cast<std::uint16_t>(n);
  h.next_header = protocol::kIcmpv6;
  h.hop_limit = wire::kNdpHopLimit;
  wire::emit_ipv6(h, bytes);
  const auto& b = to.bytes();
  const MacAddress mac =
      solicit.is_unicast ? solicit.mac : MacAddress{{0x33, 0x33, b[12], b[13], b[14], b[15]}};
  ++statistics_.ndp_out_solicits;
  ++statistics_.icmp_out_msgs;
  send_frame(out, mac, wire::ethertype::kIpv6, ByteView(bytes).first(wire::kIpv6HeaderBytes + n));
}

/// RFC 4861 7.1.1 and 7.2.3, 7.2.4.
Verdict Input::neighbour_solicitation(Arrival& a, const wire::Icmpv6Message& message) {
  ++statistics_.ndp_in_solicits;
  const auto ns = wire::parse_neighbour_solicitation(message);
  const bool is_from_nowhere = a.out.source.is_unspecified();
  if (!ns || a.out.hop_limit != wire::kNdpHopLimit ||
      (is_from_nowhere &&
       (ns->source_link_address || a.out.destination != solicited_node(ns->target)))) {
    return drop(a, DropReason::kNdpMalformed);
  }
  if (!a.in.is_ethernet() || !a.in.has_address(ns->target)) {
    return drop(a, DropReason::kNdpNotForUs);
  }
  if (!is_from_nowhere && ns->source_link_address && !ns->source_link_address->is_multicast()) {
    neighbours_.on_hint(a.now, {a.in.index, a.out.source}, *ns->source_link_address, true);
  }
  // Somebody tests whether the address is free: it is not (RFC 4862 5.4.3), and all shall know.
  const IpAddress to = is_from_nowhere ? all_nodes() : a.out.source;
  wire::NeighbourAdvertisement na;
  na.target = ns->target;
  na.is_solicited = !is_from_nowhere;
  na.is_override = true;
  na.target_link_address = a.in.mac;
  std::array<std::uint8_t, wire::kNdpMessageBytesMax> bytes;
  const std::size_t n = wire::emit_neighbour_advertisement(na, ns->target, to, bytes);
  const ByteView piece(bytes.data(), n);
  DatagramOptions options;
  options.protocol = protocol::kIcmpv6;
  options.hop_limit = wire::kNdpHopLimit;
  ++statistics_.ndp_out_advertisements;
  sender_.send_message(a.now, ns->target, to, a.in.index, {&piece, 1}, options);
  return Verdict::kConsumed;
}

/// RFC 4861 7.1.2 and 7.2.5.
Verdict Input::neighbour_advertisement(Arrival& a, const wire::Icmpv6Message& message) {
  ++statistics_.ndp_in_advertisements;
  const auto na = wire::parse_neighbour_advertisement(message);
  if (!na || a.out.hop_limit != wire::kNdpHopLimit || (a.is_group && na->is_solicited)) {
    return drop(a, DropReason::kNdpMalformed);
  }
  if (!a.in.is_ethernet() || a.in.has_address(na->target)) return drop(a, DropReason::kNdpNotForUs);
  const Neighbours::Key key{a.in.index, na->target};
  if (!na->target_link_address) {  // may be left out in answer to a unicast probe
    if (na->is_solicited) neighbours_.confirm(a.now, key);
    return Verdict::kConsumed;
  }
  if (na->target_link_address->is_multicast()) return drop(a, DropReason::kNdpMalformed);
  if (na->is_solicited) {
    neighbours_.on_answer(a.now, key, *na->target_link_address, na->is_override);
  } else {
    neighbours_.on_unsolicited(a.now, key, *na->target_link_address, na->is_override);
  }
  return Verdict::kConsumed;
}

}  // namespace oriel::ip
