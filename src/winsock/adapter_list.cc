// What no link knows is left out or fixed: no multicast or anycast addresses, no WINS, no DHCP; one
// list of name servers for all links; metrics that put loopback last.
#include "winsock/adapter_list.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "win32/utf8.h"
#include "winsock/interface_numbers.h"
#include "winsock/sockaddr.h"

namespace oriel::winsock {
namespace {

constexpr std::size_t kAlignment = 8;
constexpr ULONG kForever = 0xffffffff;
constexpr ULONG kMetric = 25;
constexpr ULONG kLoopbackMetric = 75;
constexpr ULONG64 kSpeedUnknown = ~ULONG64{0};
constexpr NET_IF_COMPARTMENT_ID kOnlyCompartment = 1;
// Of ZoneIndices: the scopes that end at an interface.
constexpr int kInterfaceScope = 1, kLinkScope = 2;

IFTYPE type_of(const stack::Adapter& a) {
  if (a.is_loopback) return IF_TYPE_SOFTWARE_LOOPBACK;
  return a.framing == DeviceInfo::Framing::kEthernet ? IF_TYPE_ETHERNET_CSMACD : IF_TYPE_PPP;
}

bool is_of(const IpAddress& address, ULONG family) {
  return family == AF_UNSPEC || address.is_v4() == (family == AF_INET);
}

bool has(const stack::Adapter& a, ULONG family) {
  return std::any_of(a.addresses.begin(), a.addresses.end(),
                     [&](const Prefix& p) { return is_of(p.address, family); });
}

SOCKET_ADDRESS make_address(const IpAddress& address, ULONG scope, ListRoom& room) {
  const int family = address.is_v4() ? AF_INET : AF_INET6;
  INT bytes = sockaddr_bytes(family);
  auto* const name = static_cast<sockaddr*>(room.take(static_cast<std::size_t>(bytes)));
  write_sockaddr(Endpoint{address, 0}, family, name, &bytes);
  if (family == AF_INET6 && address.is_link_local()) {
    reinterpret_cast<sockaddr_in6*>(name)->sin6_scope_id = scope;
  }
  return {name, bytes};
}

/// Appends elements of one kind to a list.
template <class T>
class Appender {
 public:
  Appender(T*& first, ULONG scope, ListRoom& room) : end_(&first), scope_(scope), room_(room) {}
  T* add(const IpAddress& address) {
    T* const item = room_.make<T>();
    item->Length = sizeof(T);
    item->Address = make_address(address, scope_, room_);
    *end_ = item;
    end_ = &item->Next;
    return item;
  }

 private:
  T** end_;
  const ULONG scope_;
  ListRoom& room_;
};

IpAddress network_of(const Prefix& p) {
  auto bytes = p.address.bytes();
  const std::size_t kept = p.bits + (p.address.is_v4() ? 96u : 0u);
  for (std::size_t bit = kept; bit < 128; ++bit) {
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] & ~(0x80u >> (bit % 8)));
  }
  return IpAddress::v6(bytes.data());  // IPv4 stays what it is in mapped form
}

void add_unicast(const stack::Adapter& a, ULONG family, IP_ADAPTER_ADDRESSES& out, ListRoom& room) {
  Appender list(out.FirstUnicastAddress, shown_interface(a.index), room);
  for (const Prefix& p : a.addresses) {
    if (!is_of(p.address, family)) continue;
    IP_ADAPTER_UNICAST_ADDRESS* const item = list.add(p.address);
    item->PrefixOrigin = a.is_loopback ? IpPrefixOriginWellKnown : IpPrefixOriginManual;
    item->SuffixOrigin = a.is_loopback ? IpSuffixOriginWellKnown : IpSuffixOriginManual;
    item->DadState = IpDadStatePreferred;
    item->ValidLifetime = item->PreferredLifetime = item->LeaseLifetime = kForever;
    item->OnLinkPrefixLength = p.bits;
  }
}

void add_prefixes(const stack::Adapter& a, ULONG family, IP_ADAPTER_ADDRESSES& out,
                  ListRoom& room) {
  Appender list(out.FirstPrefix, shown_interface(a.index), room);
  for (const Prefix& p : a.addresses) {
    if (is_of(p.address, family)) list.add(network_of(p))->PrefixLength = p.bits;
  }
}

template <class T>
void add_all(const std::vector<IpAddress>& addresses, ULONG family, ULONG scope, T*& first,
             ListRoom& room) {
  Appender list(first, scope, room);
  for (const IpAddress& address : addresses) {
    if (is_of(address, family)) list.add(address);
  }
}

void describe(const stack::Adapter& a, IP_ADAPTER_ADDRESSES& out) {
  const ULONG number = shown_interface(a.index);
  const bool has_v4 = has(a, AF_INET), has_v6 = has(a, AF_INET6);
  out.Length = sizeof out;
  out.IfIndex = has_v4 ? number : 0;
  out.Ipv6IfIndex = has_v6 ? number : 0;
  out.Flags = IP_ADAPTER_NO_MULTICAST | (has_v4 ? IP_ADAPTER_IPV4_ENABLED : 0) |
              (has_v6 ? IP_ADAPTER_IPV6_ENABLED : 0);
  out.Mtu = a.mtu;
  out.IfType = type_of(a);
  out.OperStatus = IfOperStatusUp;
  out.ZoneIndices[kInterfaceScope] = out.ZoneIndices[kLinkScope] = number;
  out.TransmitLinkSpeed = a.bits_per_second == 0 ? kSpeedUnknown : a.bits_per_second;
  out.ReceiveLinkSpeed = out.TransmitLinkSpeed;
  out.Ipv4Metric = out.Ipv6Metric = a.is_loopback ? kLoopbackMetric : kMetric;
  out.Luid.Value = ULONG64{number} << 24 | ULONG64{out.IfType} << 48;
  out.CompartmentId = kOnlyCompartment;
  out.ConnectionType = NET_IF_CONNECTION_DEDICATED;
  out.TunnelType = TUNNEL_TYPE_NONE;
  if (out.IfType != IF_TYPE_ETHERNET_CSMACD) return;
  out.PhysicalAddressLength = static_cast<ULONG>(a.mac.bytes.size());
  std::memcpy(out.PhysicalAddress, a.mac.bytes.data(), a.mac.bytes.size());
}

}  // namespace

void* ListRoom::take(std::size_t bytes) {
  bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  used_ += bytes;
  if (next_ == nullptr) return own_.emplace_back(std::make_unique<std::uint8_t[]>(bytes)).get();
  std::uint8_t* const piece = std::exchange(next_, next_ + bytes);
  std::memset(piece, 0, bytes);
  return piece;
}

char* ListRoom::text(const std::string& text) {
  return static_cast<char*>(std::memcpy(take(text.size() + 1), text.c_str(), text.size() + 1));
}

wchar_t* ListRoom::wide(const std::string& text) {
  const std::wstring wide = win32::widen(text);
  const std::size_t bytes = (wide.size() + 1) * sizeof(wchar_t);
  return static_cast<wchar_t*>(std::memcpy(take(bytes), wide.c_str(), bytes));
}

std::string adapter_name(const stack::Adapter& adapter) {
  if (adapter.is_loopback) return "loopback_0";
  const char* const kind = type_of(adapter) == IF_TYPE_PPP ? "ppp_" : "ethernet_";
  return kind + std::to_string(shown_interface(adapter.index));
}

IP_ADAPTER_ADDRESSES* build_adapter_list(const std::vector<stack::Adapter>& adapters,
                                         const std::vector<IpAddress>& dns,
                                         const AdapterQuestion& question, ListRoom& room) {
  IP_ADAPTER_ADDRESSES* first = nullptr;
  IP_ADAPTER_ADDRESSES** end = &first;
  const ULONG family = question.family;
  const auto is_wanted = [&](ULONG flag) { return (question.flags & flag) != 0; };
  for (const stack::Adapter& a : adapters) {
    if (!has(a, family) && !is_wanted(GAA_FLAG_INCLUDE_ALL_INTERFACES)) continue;
    auto* const out = room.make<IP_ADAPTER_ADDRESSES>();
    *end = out;
    end = &out->Next;
    describe(a, *out);
    const ULONG scope = shown_interface(a.index);
    out->AdapterName = room.text(adapter_name(a));
    out->DnsSuffix = room.wide("");
    out->Description = room.wide(a.is_loopback ? "Oriel loopback" : "Oriel " + a.name);
    if (!is_wanted(GAA_FLAG_SKIP_FRIENDLY_NAME)) out->FriendlyName = room.wide(a.name);
    if (!is_wanted(GAA_FLAG_SKIP_UNICAST)) add_unicast(a, family, *out, room);
    if (is_wanted(GAA_FLAG_INCLUDE_PREFIX)) add_prefixes(a, family, *out, room);
    if (is_wanted(GAA_FLAG_INCLUDE_GATEWAYS)) {
      add_all(a.gateways, family, scope, out->FirstGatewayAddress, room);
    }
    if (!is_wanted(GAA_FLAG_SKIP_DNS_SERVER) && !a.is_loopback) {
      add_all(dns, family, scope, out->FirstDnsServerAddress, room);
    }
  }
  return first;
}

}  // namespace oriel::winsock
