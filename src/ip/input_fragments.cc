// Fragments in: to the reassembly, and on as a whole packet when it was the last one missing.
#include <utility>

#include "ip/arrival.h"
#include "ip/input.h"

namespace oriel::ip {

Verdict Input::ipv4_fragment(Arrival& a, const wire::Ipv4Header& header) {
  Fragment f;
  f.source = header.source;
  f.destination = header.destination;
  f.identification = header.id;
  f.protocol = header.protocol;
  f.has_more = header.mf;
  f.offset_bytes = header.fragment_offset_bytes;
  f.data_offset = header.header_bytes;
  return reassemble(a, std::move(f));
}

Verdict Input::ipv6_fragment(Arrival& a, const wire::Ipv6Extensions& chain) {
  if (a.is_reassembled) return drop(a, DropReason::kIpv6Extension);  // fragments of fragments
  Fragment f;
  f.source = a.out.source;
  f.destination = a.out.destination;
  f.identification = chain.fragment->id;
  f.protocol = a.packet.data()[chain.fragment->header_offset];
  f.has_more = chain.fragment->more;
  f.offset_bytes = chain.fragment->offset_bytes;
  f.data_offset =
      static_cast<std::uint16_t>(chain.fragment->header_offset + wire::kIpv6FragmentHeaderBytes);
  const std::size_t bytes = a.packet.size() - f.data_offset;
  if (f.has_more && bytes % 8 != 0) {  // RFC 8200 4.5: points at the payload length
    send_error(a.now, IcmpError::kParameterProblem, 4, a.packet, a.in.index, a.is_link_multicast);
  } else if (f.offset_bytes + bytes > 65535) {  // ... at the fragment offset
    send_error(a.now, IcmpError::kParameterProblem, chain.fragment->header_offset + 2u, a.packet,
               a.in.index, a.is_link_multicast);
  }
  return reassemble(a, std::move(f));
}

Verdict Input::reassemble(Arrival& a, Fragment fragment) {
  ++statistics_.reasm_reqds;
  fragment.packet = std::move(a.packet);
  Slice whole;
  DropReason reason = DropReason::kNone;
  switch (reassembly_.add(a.now, fragment, whole, reason)) {
    case Reassembly::Outcome::kStored:
      return Verdict::kConsumed;
    case Reassembly::Outcome::kDropped:
      return drop(a, reason);
    case Reassembly::Outcome::kComplete:
      break;
  }
  ++statistics_.reasm_oks;
  a.packet = std::move(whole);
  a.is_reassembled = true;
  // The rebuilt header names what follows; an IPv6 chain may go on behind it, once.
  if (a.out.source.is_v4()) return deliver(a, kIpv4HeaderBytes);
  return ipv6(a);
}

}  // namespace oriel::ip
