// Rows of IPPROTO_IP and IPPROTO_IPV6. Hop limit, traffic class and "do not fragment" go with each
// datagram; connections use the host's. Membership of multicast groups is refused
// (WSAENOPROTOOPT: no rows).
#include <ws2tcpip.h>

#include "winsock/option_access.h"

namespace oriel::winsock {
namespace {

using namespace option;  // NOLINT(google-build-using-namespace)

constexpr auto kByte = OptionShape::kByte;
constexpr DWORD kAll = 0xffffffff;
constexpr DWORD kHopsDefault = 128;  // what Windows sends with when nobody says

int get_hop_limit(Socket& s, Core&, void* value) {
  const DWORD set = s.options().hop_limit;
  return give(value, set == 0 ? kHopsDefault : set);
}
// -1 asks for the default again; so does 0, with which nothing would leave the host.
template <std::uint8_t O::*Member, std::uint8_t kDefault>
int set_hops(Socket& s, Core&, const void* value) {
  const DWORD hops = number(value);
  if (hops != kAll && hops > 255) return WSAEINVAL;
  s.options().*Member = hops == kAll ? kDefault : static_cast<std::uint8_t>(hops);
  return 0;
}

int set_protection(Socket& s, Core&, const void* value) {
  const DWORD level = number(value);
  if (level != PROTECTION_LEVEL_UNRESTRICTED && level != PROTECTION_LEVEL_EDGERESTRICTED &&
      level != PROTECTION_LEVEL_RESTRICTED) {
    return WSAEINVAL;
  }
  s.options().protection = static_cast<std::uint8_t>(level);
  return 0;
}

// The path of a connection carries its largest segment and two headers.
int get_mtu(Socket& s, Core& core, void* value) {
  constexpr DWORD kIpv4Heads = 40;
  constexpr DWORD kIpv6Heads = 60;
  if (s.stream() == nullptr || !s.is_connected()) return WSAENOTCONN;
  const socket::Transport& transport = *s.stream()->transport();
  TcpInfo info;
  transport.fill_info(core.now(), info);
  return give(value, info.rmss + (transport.remote().address.is_v4() ? kIpv4Heads : kIpv6Heads));
}

template <int kLevel>
constexpr OptionRow mtu(int name) {
  return {kLevel, name, OptionFor::kStream, OptionShape::kNumber, kNumberBytes, get_mtu, nullptr};
}

constexpr OptionRow kIpv4Rows[] = {
    {IPPROTO_IP, IP_TTL, kAny, kByte, kNumberBytes, get_hop_limit,
     set_within<&O::hop_limit, 1, 255>},
    within<&O::traffic_class, 0, 255>(IPPROTO_IP, IP_TOS, kAny, kByte),
    flag<&O::is_whole_only>(IPPROTO_IP, IP_DONTFRAGMENT, kAny),
    within<&O::unicast_interface, 0, kAll>(IPPROTO_IP, IP_UNICAST_IF, kAny),
    within<&O::multicast_interface, 0, kAll>(IPPROTO_IP, IP_MULTICAST_IF, kDatagram),
    within<&O::multicast_hops, 0, 255>(IPPROTO_IP, IP_MULTICAST_TTL, kDatagram, kByte),
    bit<KeptFlag::kMulticastLoop>(IPPROTO_IP, IP_MULTICAST_LOOP, kDatagram),
    within<&O::path_mtu_discovery, 0, IP_PMTUDISC_PROBE>(IPPROTO_IP, IP_MTU_DISCOVER, kAny),
    mtu<IPPROTO_IP>(IP_MTU),
    whole_flag<&O::is_packet_info_told>(IPPROTO_IP, IP_PKTINFO, kDatagram),
    whole_flag<&O::is_hop_limit_told>(IPPROTO_IP, IP_RECVTTL, kDatagram),
    whole_flag<&O::is_traffic_class_told>(IPPROTO_IP, IP_RECVTOS, kDatagram),
    whole_bit<KeptFlag::kDestinationTold>(IPPROTO_IP, IP_RECVDSTADDR, kDatagram),
    whole_bit<KeptFlag::kInterfaceTold>(IPPROTO_IP, IP_RECVIF, kDatagram),
    whole_bit<KeptFlag::kEcnTold>(IPPROTO_IP, IP_ECN, kDatagram),
    bit<KeptFlag::kReceiveBroadcast>(IPPROTO_IP, IP_RECEIVE_BROADCAST, kDatagram),
};

constexpr OptionRow kIpv6Rows[] = {
    {IPPROTO_IPV6, IPV6_UNICAST_HOPS, kAny, kByte, kNumberBytes, get_hop_limit,
     set_hops<&O::hop_limit, 0>},
    {IPPROTO_IPV6, IPV6_MULTICAST_HOPS, kDatagram, kByte, kNumberBytes,
     get_kept<&O::multicast_hops>, set_hops<&O::multicast_hops, 1>},
    {IPPROTO_IPV6, IPV6_PROTECTION_LEVEL, kAny, OptionShape::kNumber, kNumberBytes,
     get_kept<&O::protection>, set_protection},
    flag<&O::is_whole_only>(IPPROTO_IPV6, IPV6_DONTFRAG, kAny),
    within<&O::unicast_interface, 0, kAll>(IPPROTO_IPV6, IPV6_UNICAST_IF, kAny),
    within<&O::multicast_interface, 0, kAll>(IPPROTO_IPV6, IPV6_MULTICAST_IF, kDatagram),
    bit<KeptFlag::kMulticastLoop>(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, kDatagram),
    within<&O::path_mtu_discovery, 0, IP_PMTUDISC_PROBE>(IPPROTO_IPV6, IPV6_MTU_DISCOVER, kAny),
    mtu<IPPROTO_IPV6>(IPV6_MTU),
    whole_flag<&O::is_packet_info_told>(IPPROTO_IPV6, IPV6_PKTINFO, kDatagram),
    whole_flag<&O::is_hop_limit_told>(IPPROTO_IPV6, IPV6_HOPLIMIT, kDatagram),
    whole_flag<&O::is_traffic_class_told>(IPPROTO_IPV6, IPV6_RECVTCLASS, kDatagram),
    whole_bit<KeptFlag::kDestinationTold>(IPPROTO_IPV6, IPV6_RECVDSTADDR, kDatagram),
    whole_bit<KeptFlag::kInterfaceTold>(IPPROTO_IPV6, IPV6_RECVIF, kDatagram),
    whole_bit<KeptFlag::kEcnTold>(IPPROTO_IPV6, IPV6_ECN, kDatagram),
};

}  // namespace

std::span<const OptionRow> ip_option_rows() {
  return kIpv4Rows;
}

std::span<const OptionRow> ipv6_option_rows() {
  return kIpv6Rows;
}

}  // namespace oriel::winsock
