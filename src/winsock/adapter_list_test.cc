#include "winsock/adapter_list.h"

#include <gtest/gtest.h>

#include <cstring>

#include "support/req.h"

namespace oriel::winsock {
namespace {

IpAddress ip(const char* text) {
  return IpAddress::parse(text).value();
}

std::vector<stack::Adapter> adapters() {
  stack::Adapter loopback;
  loopback.name = "loopback";
  loopback.mtu = 65535;
  loopback.is_loopback = true;
  loopback.addresses = {{ip("127.0.0.1"), 8}, {ip("::1"), 128}};
  stack::Adapter tap;
  tap.index = 1;
  tap.name = "tap:oriel0";
  tap.framing = DeviceInfo::Framing::kEthernet;
  tap.mac = {{2, 0, 0, 0, 0, 7}};
  tap.mtu = 1500;
  tap.bits_per_second = 1'000'000'000;
  tap.addresses = {{ip("10.0.0.2"), 20}, {ip("fe80::2"), 64}};
  tap.gateways = {ip("10.0.0.1")};
  stack::Adapter tun;
  tun.index = 2;
  tun.name = "tun:oriel1";
  tun.mtu = 1400;
  tun.addresses = {{ip("192.168.1.2"), 24}};
  return {loopback, tap, tun};
}

// The list in a buffer of exactly the bytes that it needs.
struct Built {
  explicit Built(const AdapterQuestion& question, const std::vector<IpAddress>& dns = {}) {
    ListRoom needed;
    const bool is_any = build_adapter_list(adapters(), dns, question, needed) != nullptr;
    buffer.assign(needed.used() / 8 + 1, 0x4242424242424242);
    ListRoom room(buffer.data());
    first = build_adapter_list(adapters(), dns, question, room);
    EXPECT_EQ(first != nullptr, is_any);
    EXPECT_EQ(room.used(), needed.used());
    EXPECT_EQ(buffer.back(), 0x4242424242424242u) << "written beyond what was asked for";
  }
  bool holds(const void* p) const {
    const auto* const at = static_cast<const std::uint64_t*>(p);
    return at >= buffer.data() && at < buffer.data() + buffer.size();
  }
  std::vector<std::uint64_t> buffer;
  IP_ADAPTER_ADDRESSES* first = nullptr;
};

std::string text_of(const SOCKET_ADDRESS& a) {
  if (a.lpSockaddr->sa_family == AF_INET) {
    EXPECT_EQ(a.iSockaddrLength, int{sizeof(sockaddr_in)});
    return IpAddress::v4(reinterpret_cast<const std::uint8_t*>(
                             &reinterpret_cast<const sockaddr_in*>(a.lpSockaddr)->sin_addr))
        .to_string();
  }
  EXPECT_EQ(a.iSockaddrLength, int{sizeof(sockaddr_in6)});
  return IpAddress::v6(reinterpret_cast<const std::uint8_t*>(
                           &reinterpret_cast<const sockaddr_in6*>(a.lpSockaddr)->sin6_addr))
      .to_string();
}

TEST(AdapterList, TellsEveryAdapterWithItsAddresses) {
  REQ("WS-4");
  const Built list({AF_UNSPEC, GAA_FLAG_INCLUDE_GATEWAYS | GAA_FLAG_INCLUDE_PREFIX},
                   {ip("10.0.0.3")});
  const auto* const loopback = list.first;
  ASSERT_NE(loopback, nullptr);
  EXPECT_EQ(loopback->IfIndex, 1u);
  EXPECT_EQ(loopback->IfType, IFTYPE{IF_TYPE_SOFTWARE_LOOPBACK});
  EXPECT_STREQ(loopback->AdapterName, "loopback_0");
  EXPECT_EQ(loopback->FirstDnsServerAddress, nullptr);
  EXPECT_EQ(loopback->PhysicalAddressLength, 0u);
  const auto* const tap = loopback->Next;
  ASSERT_NE(tap, nullptr);
  EXPECT_TRUE(list.holds(tap) && list.holds(tap->FriendlyName) && list.holds(tap->AdapterName));
  EXPECT_EQ(tap->IfIndex, 2u);
  EXPECT_EQ(tap->Ipv6IfIndex, 2u);
  EXPECT_EQ(tap->IfType, IFTYPE{IF_TYPE_ETHERNET_CSMACD});
  EXPECT_EQ(tap->Mtu, 1500u);
  EXPECT_EQ(tap->TransmitLinkSpeed, 1'000'000'000u);
  ASSERT_EQ(tap->PhysicalAddressLength, 6u);
  EXPECT_EQ(tap->PhysicalAddress[5], 7);
  EXPECT_STREQ(tap->FriendlyName, L"tap:oriel0");
  const auto* const v4 = tap->FirstUnicastAddress;
  EXPECT_EQ(text_of(v4->Address), "10.0.0.2");
  EXPECT_EQ(v4->OnLinkPrefixLength, 20);
  EXPECT_EQ(v4->DadState, IpDadStatePreferred);
  const auto* const v6 = v4->Next;
  EXPECT_EQ(text_of(v6->Address), "fe80::2");
  EXPECT_EQ(reinterpret_cast<const sockaddr_in6*>(v6->Address.lpSockaddr)->sin6_scope_id, 2u);
  EXPECT_EQ(v6->Next, nullptr);
  EXPECT_EQ(text_of(tap->FirstPrefix->Address), "10.0.0.0");
  EXPECT_EQ(tap->FirstPrefix->PrefixLength, 20u);
  EXPECT_EQ(text_of(tap->FirstPrefix->Next->Address), "fe80::");
  EXPECT_EQ(text_of(tap->FirstGatewayAddress->Address), "10.0.0.1");
  EXPECT_EQ(text_of(tap->FirstDnsServerAddress->Address), "10.0.0.3");
  const auto* const tun = tap->Next;
  ASSERT_NE(tun, nullptr);
  EXPECT_EQ(tun->IfIndex, 3u);
  EXPECT_EQ(tun->Ipv6IfIndex, 0u) << "it has no IPv6 address";
  EXPECT_EQ(tun->IfType, IFTYPE{IF_TYPE_PPP});
  EXPECT_EQ(tun->TransmitLinkSpeed, ~0ull) << "unknown";
  EXPECT_EQ(tun->FirstGatewayAddress, nullptr);
  EXPECT_EQ(tun->Next, nullptr);
}

TEST(AdapterList, KeepsToTheFamily) {
  const Built list({AF_INET6, 0});
  ASSERT_NE(list.first, nullptr);
  EXPECT_EQ(text_of(list.first->FirstUnicastAddress->Address), "::1");
  EXPECT_EQ(list.first->FirstUnicastAddress->Next, nullptr);
  const auto* const tap = list.first->Next;
  EXPECT_EQ(text_of(tap->FirstUnicastAddress->Address), "fe80::2");
  EXPECT_EQ(tap->Next, nullptr) << "the last has only IPv4";
  const Built all({AF_INET6, GAA_FLAG_INCLUDE_ALL_INTERFACES});
  ASSERT_NE(all.first->Next->Next, nullptr);
  EXPECT_EQ(all.first->Next->Next->FirstUnicastAddress, nullptr);
}

TEST(AdapterList, LeavesOutWhatIsNotAskedFor) {
  const Built list(
      {AF_UNSPEC, GAA_FLAG_SKIP_UNICAST | GAA_FLAG_SKIP_DNS_SERVER | GAA_FLAG_SKIP_FRIENDLY_NAME},
      {ip("10.0.0.3")});
  const auto* const tap = list.first->Next;
  EXPECT_EQ(tap->FirstUnicastAddress, nullptr);
  EXPECT_EQ(tap->FirstDnsServerAddress, nullptr);
  EXPECT_EQ(tap->FriendlyName, nullptr);
  EXPECT_EQ(tap->FirstPrefix, nullptr);
  EXPECT_EQ(tap->FirstGatewayAddress, nullptr);
}

TEST(AdapterList, NoAdapterIsNoList) {
  ListRoom room;
  EXPECT_EQ(build_adapter_list({}, {}, {}, room), nullptr);
  EXPECT_EQ(room.used(), 0u);
}

}  // namespace
}  // namespace oriel::winsock
