// IPv6 packets in: the fixed header on the short way, chains of extension headers on the long one.
#include "ip/arrival.h"
#include "ip/input.h"
#include "wire/ipv6.h"

namespace oriel::ip {
namespace {

bool is_extension(std::uint8_t next_header) {
  switch (next_header) {
    case protocol::kHopByHop:
    case protocol::kRouting:
    case protocol::kFragment:
    case protocol::kDestinationOptions:
    case protocol::kNoNextHeader:
      return true;
    default:
      return false;
  }
}

}  // namespace

Verdict Input::ipv6(Arrival& a) {
  if (!a.is_reassembled) {
    ++statistics_.in_receives;
    statistics_.in_octets += a.packet.size();
  }
  const auto h = wire::parse_ipv6(a.packet);
  if (!h) return drop(a, DropReason::kIpHeader);
  const DropReason fault = check_addresses(a.in, h->source, h->destination, a.is_group);
  if (fault != DropReason::kNone) return drop(a, fault);
  a.packet.truncate(wire::kIpv6HeaderBytes + h->payload_bytes);
  a.out.source = h->source;
  a.out.destination = h->destination;
  a.out.protocol = h->next_header;
  a.out.hop_limit = h->hop_limit;
  a.out.traffic_class = h->traffic_class;
  if (is_extension(h->next_header)) return ipv6_chain(a);
  return deliver(a, wire::kIpv6HeaderBytes);
}

Verdict Input::ipv6_chain(Arrival& a) {
  const auto chain = wire::walk_ipv6_extensions(a.packet);
  if (!chain) return drop(a, DropReason::kIpv6Extension);
  if (chain->problem) {
    using Answer = wire::Ipv6Problem::Answer;
    const wire::Ipv6Problem& problem = *chain->problem;
    const bool may_answer = problem.answer == Answer::kParameterProblem ||
                            (problem.answer == Answer::kParameterProblemIfUnicast && !a.is_group &&
                             !a.is_link_multicast);
    if (may_answer) {
      const IcmpError error = problem.code == 1   ? IcmpError::kProtocolUnreachable
                              : problem.code == 2 ? IcmpError::kUnknownOption
                                                  : IcmpError::kParameterProblem;
      // RFC 4443 2.4 (e.3): code 2 is answered even when it came to a group.
      send_error(a.now, error, problem.pointer, a.packet, a.in.index,
                 a.is_link_multicast && error != IcmpError::kUnknownOption);
    }
    return drop(a, DropReason::kIpv6Extension);
  }
  if (chain->fragment && !chain->fragment->is_atomic()) return ipv6_fragment(a, *chain);
  if (chain->protocol == protocol::kNoNextHeader) return drop(a, DropReason::kNoNextHeader);
  a.out.protocol = chain->protocol;
  return deliver(a, chain->upper_offset);
}

}  // namespace oriel::ip
