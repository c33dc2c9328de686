// ICMP in, both families: echo is answered, errors become events, the rest is counted.
//
// Redirects are ignored: a host that trusts its routing table loses nothing but a detour, and every
// redirect on a shared link is somebody's unproven word.
#include <array>

#include "ip/arrival.h"
#include "ip/input.h"
#include "wire/checksum.h"
#include "wire/icmpv4.h"
#include "wire/icmpv6.h"

namespace oriel::ip {

Verdict Input::icmpv4(Arrival& a) {
  ++statistics_.icmp_in_msgs;
  const ByteView bytes = a.packet.view().subspan(a.out.transport_offset);
  if (bytes.size() < wire::kIcmpHeaderBytes) return drop(a, DropReason::kIcmpMalformed);
  const auto message = wire::parse_icmpv4(bytes);
  if (!message) return drop(a, DropReason::kIcmpChecksum);
  if (message->is_error()) {
    if (message->type == wire::icmpv4_type::kRedirect) return drop(a, DropReason::kIcmpIgnored);
    return icmp_error(a, parse_icmpv4_error(*message));
  }
  switch (message->type) {
    case wire::icmpv4_type::kEchoRequest:
      ++statistics_.icmp_in_echos;
      return echo(a, wire::icmpv4_type::kEchoReply, bytes);
    case wire::icmpv4_type::kEchoReply:
      ++statistics_.icmp_in_echo_reps;
      a.out.packet = std::move(a.packet);  // for whoever sent the request
      return Verdict::kDeliver;
    default:
      return drop(a, DropReason::kIcmpIgnored);
  }
}

Verdict Input::icmpv6(Arrival& a) {
  ++statistics_.icmp_in_msgs;
  const ByteView bytes = a.packet.view().subspan(a.out.transport_offset);
  if (bytes.size() < wire::kIcmpHeaderBytes) return drop(a, DropReason::kIcmpMalformed);
  const auto message = wire::parse_icmpv6(a.out.source, a.out.destination, bytes);
  if (!message) return drop(a, DropReason::kIcmpChecksum);
  if (message->is_error()) return icmp_error(a, parse_icmpv6_error(*message));
  switch (message->type) {
    case wire::icmpv6_type::kEchoRequest:
      ++statistics_.icmp_in_echos;
      return echo(a, wire::icmpv6_type::kEchoReply, bytes);
    case wire::icmpv6_type::kEchoReply:
      ++statistics_.icmp_in_echo_reps;
      a.out.packet = std::move(a.packet);  // for whoever sent the request
      return Verdict::kDeliver;
    case wire::icmpv6_type::kNeighbourSolicitation:
      return neighbour_solicitation(a, *message);
    case wire::icmpv6_type::kNeighbourAdvertisement:
      return neighbour_advertisement(a, *message);
    default:  // router discovery is for hosts that configure themselves; redirects: see above
      return drop(a, DropReason::kIcmpIgnored);
  }
}

Verdict Input::icmp_error(Arrival& a, const std::optional<IcmpEvent>& event) {
  ++statistics_.icmp_in_errors_seen;
  if (!event) return drop(a, DropReason::kIcmpMalformed);
  if (interfaces_.owner_of(event->source) == nullptr) return drop(a, DropReason::kIcmpQuote);
  a.out.error = *event;
  a.out.error.reporter = a.out.source;
  a.out.error.interface_index = a.in.index;
  return Verdict::kError;
}

/// RFC 1122 3.2.2.6, RFC 4443 4.2: the data comes back unchanged, from the address that was asked.
Verdict Input::echo(Arrival& a, std::uint8_t reply_type, ByteView message) {
  const bool is_multicast = a.is_group || a.is_link_multicast;
  const bool is_v4 = a.out.source.is_v4();
  if (!settings_.is_echo_answered || a.out.source.is_unspecified() ||
      (is_multicast && is_v4 && !settings_.is_broadcast_echo_answered)) {
    return drop(a, DropReason::kIcmpIgnored);
  }
  IpAddress source = a.out.destination;
  if (a.is_group) {
    const auto selected = select_source(a.in, a.out.source, a.out.source);
    if (!selected) return drop(a, DropReason::kIcmpIgnored);
    source = *selected;
  }
  std::array<std::uint8_t, wire::kIcmpHeaderBytes> header;
  std::copy_n(message.begin(), header.size(), header.begin());
  header[0] = reply_type;
  header[1] = 0;
  store_be16(header.data() + 2, 0);
  const ByteView data = message.subspan(header.size());
  const auto bytes = static_cast<std::uint32_t>(message.size());
  wire::ChecksumAccumulator sum(
      is_v4 ? 0 : wire::pseudo_header_sum(source, a.out.source, protocol::kIcmpv6, bytes));
  sum.add(header);
  sum.add(data);
  store_be16(header.data() + 2, sum.finish());
  const std::array<ByteView, 2> pieces = {ByteView(header), data};
  DatagramOptions options;
  options.protocol = a.out.protocol;
  options.traffic_class = a.out.traffic_class;
  ++statistics_.icmp_out_echo_reps;
  sender_.send_message(a.now, source, a.out.source, a.in.index, pieces, options);
  return Verdict::kConsumed;
}

}  // namespace oriel::ip
