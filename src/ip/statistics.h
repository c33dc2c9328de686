// What the IP layer counted: RFC 4293 and RFC 4292 style names, and one counter for each reason to
// drop.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace oriel::ip {

/// Why a packet went no further.
enum class DropReason : std::uint8_t {
  kNone,
  kInterfaceDown,  ///< unknown interface, or down
  kLinkHeader,     ///< Ethernet frame too short
  kLinkAddress,    ///< frame is for another station
  kEtherType,      ///< neither IPv4, IPv6 nor ARP
  kArpMalformed,
  kArpNotForUs,
  kIpHeader,  ///< version, header length, total length or truncated
  kIpHeaderChecksum,
  kIpv4Options,    ///< malformed options or a source route
  kIpv6Extension,  ///< malformed, unknown or too many extension headers
  kMartianSource,
  kMartianDestination,
  kNotForUs,         ///< no forwarding here
  kMulticastNotUdp,  ///< broadcast or multicast that is neither UDP nor ICMP
  kNoNextHeader,     ///< IPv6 next header 59
  kFragmentMalformed,
  kFragmentTiny,     ///< the first fragment does not hold the transport header (RFC 1858, 7112)
  kFragmentOverlap,  ///< RFC 5722; the whole datagram goes
  kReassemblyLimit,  ///< a named limit of reassembly.h
  kReassemblyTimeout,
  kIcmpMalformed,
  kIcmpChecksum,
  kIcmpIgnored,   ///< a type that a host does not act on
  kIcmpQuote,     ///< error about a packet that is not from us
  kNdpMalformed,  ///< RFC 4861 validity checks, hop limit 255 among them
  kNdpNotForUs,
  kNeighbourPending,      ///< queue of an unresolved neighbour was full: the oldest went
  kNeighbourUnreachable,  ///< resolution failed
  kNeighbourLimit,        ///< kNeighboursMax and none could be evicted
  kOutQueue,              ///< kOutQueuePacketsMax
  kNoRoute,
  kTooBig,         ///< may not be fragmented
  kIcmpRateLimit,  ///< an error or echo reply that was not sent
  kCount,
};

/// "fragment_overlap" and so on.
std::string_view to_string(DropReason reason);

/// Counters since the layer was made. Both families together; names after RFC 4293's ipSystemStats.
struct Statistics {
  std::uint64_t in_receives = 0;  ///< ipSystemStatsInReceives
  std::uint64_t in_octets = 0;
  std::uint64_t in_hdr_errors = 0;
  std::uint64_t in_addr_errors = 0;
  std::uint64_t in_no_routes = 0;
  std::uint64_t in_truncated_pkts = 0;
  std::uint64_t in_discards = 0;
  std::uint64_t in_delivers = 0;
  std::uint64_t in_mcast_pkts = 0;
  std::uint64_t reasm_reqds = 0;
  std::uint64_t reasm_oks = 0;
  std::uint64_t reasm_fails = 0;
  std::uint64_t out_requests = 0;  ///< packets made through send_datagram and output
  std::uint64_t out_no_routes = 0;
  std::uint64_t out_discards = 0;
  std::uint64_t out_frag_oks = 0;
  std::uint64_t out_frag_fails = 0;
  std::uint64_t out_frag_creates = 0;
  std::uint64_t icmp_in_msgs = 0;
  std::uint64_t icmp_in_errors = 0;       ///< messages that were malformed
  std::uint64_t icmp_in_errors_seen = 0;  ///< error messages about our packets or others'
  std::uint64_t icmp_in_echos = 0;
  std::uint64_t icmp_in_echo_reps = 0;
  std::uint64_t icmp_out_msgs = 0;
  std::uint64_t icmp_out_echo_reps = 0;
  std::uint64_t icmp_out_errors = 0;  ///< error messages sent
  std::uint64_t arp_in_requests = 0;
  std::uint64_t arp_in_replies = 0;
  std::uint64_t arp_out_requests = 0;
  std::uint64_t arp_out_replies = 0;
  std::uint64_t ndp_in_solicits = 0;
  std::uint64_t ndp_in_advertisements = 0;
  std::uint64_t ndp_out_solicits = 0;
  std::uint64_t ndp_out_advertisements = 0;
  std::array<std::uint64_t, static_cast<std::size_t>(DropReason::kCount)> drops{};

  std::uint64_t dropped(DropReason r) const { return drops[static_cast<std::size_t>(r)]; }
  /// Counts under `r` and under the RFC 4293 counter that `r` belongs to.
  void drop(DropReason r);
};

}  // namespace oriel::ip
