// Frames and packets: link header, IP header, whose is it. Extension headers and fragments are in
// input_ipv6.cc and input_fragments.cc, messages to the host itself in input_arp.cc and
// input_icmp.cc.
#include "ip/input.h"

#include <array>
#include <utility>

#include "ip/arrival.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"

namespace oriel::ip {
namespace {

bool is_martian_source(const Interface& in, const IpAddress& a) {
  if (in.is_peer) return !a.is_loopback();  // another process of this user, and nobody else
  const std::uint8_t* b = a.bytes().data();
  if (a.is_v4()) {
    const std::uint8_t first = b[12];
    if (first == 0 || first >= 224) return true;  // this network, groups, class E, broadcast
    if (first == 127) return !in.is_loopback;
    if (in.is_directed_broadcast(a)) return true;
  } else if (b[0] == 0xff || (b[0] == 0 && a.is_loopback() && !in.is_loopback)) {
    return true;
  }
  return !in.is_loopback && in.has_address(a);  // from outside, in our name
}

/// Groups that every host is in: 224.0.0.1, broadcasts; ff01::1, ff02::1, solicited-node addresses.
bool is_own_group(const Interface& in, const IpAddress& a) {
  if (a.is_v4()) {
    if (a.is_broadcast() || a == IpAddress::v4(224, 0, 0, 1)) return true;
    return in.is_directed_broadcast(a);
  }
  static constexpr std::array<std::uint8_t, 13> kSolicited = {0xff, 2, 0, 0, 0, 0,   0,
                                                              0,    0, 0, 0, 1, 0xff};
  static constexpr std::array<std::uint8_t, 14> kAllNodesTail = {0, 0, 0, 0, 0, 0, 0,
                                                                 0, 0, 0, 0, 0, 0, 1};
  const auto& b = a.bytes();
  if (b[0] == 0xff && (b[1] == 1 || b[1] == 2) &&
      std::memcmp(b.data() + 2, kAllNodesTail.data(), kAllNodesTail.size()) == 0) {
    return true;
  }
  if (std::memcmp(b.data(), kSolicited.data(), kSolicited.size()) != 0) return false;
  for (const Prefix& p : in.addresses) {
    if (p.address.is_v6() && std::memcmp(p.address.bytes().data() + 13, b.data() + 13, 3) == 0) {
      return true;
    }
  }
  return false;
}

/// Which rule of RFC 791 a header that did not parse has broken.
DropReason header_fault(ByteView packet) {
  if (packet.size() < 20 || packet[0] >> 4 != 4) return DropReason::kIpHeader;
  const std::size_t bytes = (packet[0] & 0x0fu) * 4u;
  if (bytes < 20 || bytes > packet.size()) return DropReason::kIpHeader;
  return wire::checksum(packet.first(bytes)) == 0 ? DropReason::kIpHeader
                                                  : DropReason::kIpHeaderChecksum;
}

/// RFC 1122 3.2.1.8: options are to be understood or ignored; source routes are refused here, as
/// RFC 6274 4.13 advises. Malformed options end the packet.
bool are_options_harmless(ByteView options) {
  std::size_t i = 0;
  while (i < options.size()) {
    const std::uint8_t kind = options[i];
    if (kind == 0) return true;
    if (kind == 1) {
      ++i;
      continue;
    }
    if (i + 1 >= options.size() || options[i + 1] < 2 || i + options[i + 1] > options.size()) {
      return false;
    }
    if (kind == 131 || kind == 137) return false;  // loose, strict source and record route
    i += options[i + 1];
  }
  return true;
}

}  // namespace

Input::Input(const Settings& settings, Statistics& statistics, const Interfaces& interfaces,
             Neighbours& neighbours, Reassembly& reassembly, IcmpRateLimit& icmp_limit,
             Sender& sender)
    : settings_(settings),
      statistics_(statistics),
      interfaces_(interfaces),
      neighbours_(neighbours),
      reassembly_(reassembly),
      icmp_limit_(icmp_limit),
      sender_(sender) {}

Verdict Input::input(Instant now, std::uint32_t interface_index, Slice packet,
                     const Offload& offload, Delivery& out) {
  const Interface* in = interfaces_.find(interface_index);
  if (in == nullptr || !in->is_up) {
    statistics_.drop(out.drop_reason = DropReason::kInterfaceDown);
    return Verdict::kDropped;
  }
  Arrival a{.now = now,
            .in = *in,
            .packet = std::move(packet),
            .offload = offload,
            .out = out,
            .link_source = {}};
  out.interface_index = interface_index;
  if (in->is_ethernet()) return ethernet(a);
  if (a.packet.empty()) return drop(a, DropReason::kIpHeader);
  return a.packet.data()[0] >> 4 == 6 ? ipv6(a) : ipv4(a);
}

Verdict Input::ethernet(Arrival& a) {
  const auto h = wire::parse_ethernet(a.packet);
  if (!h) return drop(a, DropReason::kLinkHeader);
  a.is_link_multicast = h->destination.is_multicast();
  if (!a.is_link_multicast && h->destination != a.in.mac) return drop(a, DropReason::kLinkAddress);
  // A tag with identifier 0 only carries a priority (802.1Q); any other names a network not ours.
  if (h->tag_count > 1 || (h->tag_count == 1 && h->tags[0].id() != 0)) {
    return drop(a, DropReason::kEtherType);
  }
  a.link_source = h->source;
  a.consumed_bytes = h->header_bytes();
  a.packet.remove_prefix(a.consumed_bytes);
  switch (h->ethertype) {
    case wire::ethertype::kIpv4:
      return ipv4(a);
    case wire::ethertype::kIpv6:
      return ipv6(a);
    case wire::ethertype::kArp:
      return arp(a);
    default:
      return drop(a, DropReason::kEtherType);
  }
}

Verdict Input::ipv4(Arrival& a) {
  ++statistics_.in_receives;
  statistics_.in_octets += a.packet.size();
  const auto h = wire::parse_ipv4(a.packet);
  if (!h) return drop(a, header_fault(a.packet));
  const DropReason fault = check_addresses(a.in, h->source, h->destination, a.is_group);
  if (fault != DropReason::kNone) return drop(a, fault);
  if (!h->options.empty() && !are_options_harmless(h->options)) {
    return drop(a, DropReason::kIpv4Options);
  }
  a.packet.truncate(h->total_bytes);
  a.out.source = h->source;
  a.out.destination = h->destination;
  a.out.protocol = h->protocol;
  a.out.hop_limit = h->ttl;
  a.out.traffic_class = h->dscp_ecn;
  if (h->is_fragment()) return ipv4_fragment(a, *h);
  return deliver(a, h->header_bytes);
}

/// RFC 1122 3.2.1.3 and 3.3.4.2, RFC 4291 2.5 and 2.7.
DropReason Input::check_addresses(const Interface& in, const IpAddress& source,
                                  const IpAddress& destination, bool& is_group) const {
  if (is_martian_source(in, source)) return DropReason::kMartianSource;
  if (in.has_address(destination)) return DropReason::kNone;
  if (in.is_peer) return DropReason::kMartianDestination;
  if (!in.is_loopback && destination.is_loopback()) return DropReason::kMartianDestination;
  if (in.is_loopback || settings_.is_weak_host) {
    if (interfaces_.owner_of(destination) != nullptr) return DropReason::kNone;
  }
  is_group = is_own_group(in, destination);
  return is_group ? DropReason::kNone : DropReason::kNotForUs;
}

/// What the headers say is in `a.out`; the transport header starts at `transport_offset`.
Verdict Input::deliver(Arrival& a, std::size_t transport_offset) {
  Delivery& out = a.out;
  const bool is_multicast = a.is_group || a.is_link_multicast;
  if (is_multicast) ++statistics_.in_mcast_pkts;
  if (out.protocol == protocol::kIcmp && out.source.is_v4()) {
    out.transport_offset = static_cast<std::uint16_t>(transport_offset);
    return icmpv4(a);
  }
  if (out.protocol == protocol::kIcmpv6 && out.source.is_v6()) {
    out.transport_offset = static_cast<std::uint16_t>(transport_offset);
    return icmpv6(a);
  }
  if (is_multicast && out.protocol != protocol::kUdp) return drop(a, DropReason::kMulticastNotUdp);
  // RFC 4291 2.5.2: the unspecified source serves discovery only.
  if (out.source.bytes()[0] == 0 && out.source.is_unspecified())
    return drop(a, DropReason::kMartianSource);
  out.packet = std::move(a.packet);
  out.transport_offset = static_cast<std::uint16_t>(transport_offset);
  out.is_multicast = is_multicast;
  out.drop_reason = DropReason::kNone;
  out.offload = a.is_reassembled ? Offload{} : a.offload;
  out.is_checksum_verified = out.offload.checksum != Offload::Checksum::kComplete;
  out.gso_size = out.offload.gso_size;
  const std::size_t before = a.consumed_bytes + transport_offset;
  const auto relative = [before](std::uint16_t v) {
    return v > before ? static_cast<std::uint16_t>(v - before) : std::uint16_t{0};
  };
  out.offload.checksum_start = relative(out.offload.checksum_start);
  out.offload.header_bytes = relative(out.offload.header_bytes);
  ++statistics_.in_delivers;
  return Verdict::kDeliver;
}

void Input::send_error(Instant now, IcmpError error, std::uint32_t value, ByteView packet,
                       std::uint32_t interface_index, bool is_link_multicast) {
  if (!may_answer_with_error(packet, is_link_multicast)) return;
  IcmpEvent quoted;  // only for its addresses; a short quote is no obstacle
  if (packet[0] >> 4 == 4) {
    quoted.source = IpAddress::v4(packet.data() + 12);
    quoted.destination = IpAddress::v4(packet.data() + 16);
  } else {
    quoted.source = IpAddress::v6(packet.data() + 8);
    quoted.destination = IpAddress::v6(packet.data() + 24);
  }
  if (!icmp_limit_.take(now)) {
    statistics_.drop(DropReason::kIcmpRateLimit);
    return;
  }
  IpAddress source = quoted.destination;  // RFC 1122 3.2.2: from the address that was meant
  if (interfaces_.owner_of(source) == nullptr) {
    const Interface* in = interfaces_.find(interface_index);
    const auto selected =
        in == nullptr ? std::nullopt : select_source(*in, quoted.source, quoted.source);
    if (!selected) return;
    source = *selected;
  }
  std::array<std::uint8_t, kIcmpv6ErrorBytesMax> bytes;
  const std::size_t n = build_icmp_error(error, value, source, quoted.source, packet, bytes);
  if (n == 0) return;
  ++statistics_.icmp_out_errors;
  const ByteView message(bytes.data(), n);
  DatagramOptions options;
  options.protocol = source.is_v4() ? protocol::kIcmp : protocol::kIcmpv6;
  sender_.send_message(now, source, quoted.source, interface_index, {&message, 1}, options);
}

Verdict Input::drop(Arrival& a, DropReason reason) {
  a.out.drop_reason = reason;
  statistics_.drop(reason);
  return Verdict::kDropped;
}

}  // namespace oriel::ip
