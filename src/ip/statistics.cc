// Drop reasons: their names, and the RFC 4293 counter that each one belongs to.
#include "ip/statistics.h"

namespace oriel::ip {
namespace {

struct Row {
  std::string_view name;
  std::uint64_t Statistics::*total;  // nullptr: the reason's own counter is all
};

constexpr Row kRows[] = {
    {"none", nullptr},
    {"interface_down", &Statistics::in_discards},
    {"link_header", &Statistics::in_discards},
    {"link_address", nullptr},
    {"ether_type", nullptr},
    {"arp_malformed", nullptr},
    {"arp_not_for_us", nullptr},
    {"ip_header", &Statistics::in_hdr_errors},
    {"ip_header_checksum", &Statistics::in_hdr_errors},
    {"ipv4_options", &Statistics::in_hdr_errors},
    {"ipv6_extension", &Statistics::in_hdr_errors},
    {"martian_source", &Statistics::in_addr_errors},
    {"martian_destination", &Statistics::in_addr_errors},
    {"not_for_us", &Statistics::in_addr_errors},
    {"multicast_not_udp", &Statistics::in_discards},
    {"no_next_header", &Statistics::in_discards},
    {"fragment_malformed", &Statistics::reasm_fails},
    {"fragment_tiny", &Statistics::reasm_fails},
    {"fragment_overlap", &Statistics::reasm_fails},
    {"reassembly_limit", &Statistics::reasm_fails},
    {"reassembly_timeout", &Statistics::reasm_fails},
    {"icmp_malformed", &Statistics::icmp_in_errors},
    {"icmp_checksum", &Statistics::icmp_in_errors},
    {"icmp_ignored", nullptr},
    {"icmp_quote", nullptr},
    {"ndp_malformed", &Statistics::icmp_in_errors},
    {"ndp_not_for_us", nullptr},
    {"neighbour_pending", &Statistics::out_discards},
    {"neighbour_unreachable", &Statistics::out_discards},
    {"neighbour_limit", &Statistics::out_discards},
    {"out_queue", &Statistics::out_discards},
    {"no_route", &Statistics::out_no_routes},
    {"too_big", &Statistics::out_frag_fails},
    {"icmp_rate_limit", nullptr},
};
static_assert(std::size(kRows) == static_cast<std::size_t>(DropReason::kCount));

}  // namespace

std::string_view to_string(DropReason reason) {
  const auto i = static_cast<std::size_t>(reason);
  return i < std::size(kRows) ? kRows[i].name : "unknown";
}

void Statistics::drop(DropReason r) {
  const auto i = static_cast<std::size_t>(r);
  ++drops[i];
  if (kRows[i].total != nullptr) ++(this->*kRows[i].total);
}

}  // namespace oriel::ip
