// A packet has come in: is it for us, and what is it.
//
// The hot path is one screen: an unfragmented packet without options to an address of the interface
// costs no allocation and no table but the interface's address list. Everything else (ARP, ICMP,
// NDP, fragments, options, multicast) leaves that screen early.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/buffer.h"
#include "ip/icmp_errors.h"
#include "ip/interfaces.h"
#include "ip/neighbours.h"
#include "ip/packet.h"
#include "ip/reassembly.h"
#include "ip/sender.h"
#include "ip/settings.h"
#include "ip/statistics.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"

namespace oriel::ip {

class Input {
 public:
  Input(const Settings& settings, Statistics& statistics, const Interfaces& interfaces,
        Neighbours& neighbours, Reassembly& reassembly, IcmpRateLimit& icmp_limit, Sender& sender);

  /// `out` is defined only as far as the verdict says.
  Verdict input(Instant now, std::uint32_t interface_index, Slice packet, const Offload& offload,
                Delivery& out);
  /// Sends an ICMP error about `packet` (from its IP header) unless the rules or the rate forbid
  /// it.
  void send_error(Instant now, IcmpError error, std::uint32_t value, ByteView packet,
                  std::uint32_t interface_index, bool is_link_multicast);

 private:
  struct Arrival;  ///< what the steps of one packet share

  Verdict ethernet(Arrival& a);
  Verdict ipv4(Arrival& a);
  Verdict ipv4_fragment(Arrival& a, const wire::Ipv4Header& header);
  Verdict ipv6(Arrival& a);
  Verdict ipv6_chain(Arrival& a);
  Verdict ipv6_fragment(Arrival& a, const wire::Ipv6Extensions& chain);
  Verdict reassemble(Arrival& a, Fragment fragment);
  Verdict deliver(Arrival& a, std::size_t transport_offset);
  /// kNone: the packet is for us; says whether it came to a group.
  DropReason check_addresses(const Interface& in, const IpAddress& source,
                             const IpAddress& destination, bool& is_group) const;
  Verdict arp(Arrival& a);
  Verdict icmpv4(Arrival& a);
  Verdict icmpv6(Arrival& a);
  Verdict icmp_error(Arrival& a, const std::optional<IcmpEvent>& event);
  Verdict echo(Arrival& a, std::uint8_t reply_type, ByteView message);
  Verdict neighbour_solicitation(Arrival& a, const wire::Icmpv6Message& message);
  Verdict neighbour_advertisement(Arrival& a, const wire::Icmpv6Message& message);
  Verdict drop(Arrival& a, DropReason reason);

  const Settings& settings_;
  Statistics& statistics_;
  const Interfaces& interfaces_;
  Neighbours& neighbours_;
  Reassembly& reassembly_;
  IcmpRateLimit& icmp_limit_;
  Sender& sender_;
};

}  // namespace oriel::ip
