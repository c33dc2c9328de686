// Addresses as text: what inet_addr, inet_pton and WSAStringToAddress take and refuse, and what
// Windows writes.
#include "winsock/address_text.h"

#include <gtest/gtest.h>

#include <cstring>

namespace oriel::winsock {
namespace {

TEST(AddressText, LooseIpv4) {
  EXPECT_EQ(parse_ipv4_loose("1.2.3.4"), 0x01020304u);
  EXPECT_EQ(parse_ipv4_loose("127.1"), 0x7f000001u);
  EXPECT_EQ(parse_ipv4_loose("1.2.772"), 0x01020304u);
  EXPECT_EQ(parse_ipv4_loose("0x7f.0.0.01"), 0x7f000001u);
  EXPECT_EQ(parse_ipv4_loose("017.0.0.1"), 0x0f000001u);
  EXPECT_EQ(parse_ipv4_loose("4294967295"), 0xffffffffu);
  for (const char* bad : {"", "1.2.3.4.5", "256.1.1.1", "1.2.3.256", "1.16777216", "4294967296",
                          "08.1.1.1", "1..2", "1.2.3.4x", "0x", "-1", "a"}) {
    EXPECT_FALSE(parse_ipv4_loose(bad)) << bad;
  }
}

TEST(AddressText, StrictIpv4) {
  EXPECT_EQ(parse_ipv4_strict("1.2.3.4"), 0x01020304u);
  for (const char* bad : {"127.1", "01.2.3.4", "0x1.2.3.4", "1.2.3.4 ", "::1", ""}) {
    EXPECT_FALSE(parse_ipv4_strict(bad)) << bad;
  }
}

TEST(AddressText, ScopesAreNumbers) {
  const auto scoped = parse_scoped_ipv6("fe80::1%3");
  ASSERT_TRUE(scoped);
  EXPECT_EQ(scoped->scope_id, 3u);
  EXPECT_EQ(scoped->bytes[0], 0xfe);
  for (const char* bad : {"fe80::1%", "fe80::1%eth0", "fe80::1%3x", "%3", "1.2.3.4"}) {
    EXPECT_FALSE(parse_scoped_ipv6(bad)) << bad;
  }
}

std::string again(const char* text) {
  const auto bytes = parse_ipv6(text);
  return bytes ? ipv6_text(bytes->data()) : "none";
}

TEST(AddressText, WritesIpv6AsWindowsDoes) {
  EXPECT_EQ(again("::"), "::");
  EXPECT_EQ(again("::1"), "::1");
  EXPECT_EQ(again("2001:DB8:0:0:0:0:0:1"), "2001:db8::1");
  EXPECT_EQ(again("::ffff:1.2.3.4"), "::ffff:1.2.3.4");
  EXPECT_EQ(again("::102:304"), "::1.2.3.4");
  EXPECT_EQ(again("::304"), "::304");
  EXPECT_EQ(again("fe80::5efe:102:304"), "fe80::5efe:1.2.3.4");
  EXPECT_EQ(again("fe80::200:5efe:102:304"), "fe80::200:5efe:1.2.3.4");
}

std::string both_ways(const char* text, int family) {
  const auto address = parse_socket_address(text, family);
  if (!address) return "none";
  return socket_address_text(reinterpret_cast<const sockaddr*>(&*address), sizeof *address);
}

TEST(AddressText, SocketAddresses) {
  EXPECT_EQ(both_ways("1.2.3.4:80", AF_INET), "1.2.3.4:80");
  EXPECT_EQ(both_ways("1.2.3.4", AF_INET), "1.2.3.4");
  EXPECT_EQ(both_ways("[::1]:65535", AF_INET6), "[::1]:65535");
  EXPECT_EQ(both_ways("[::1]", AF_INET6), "::1");
  EXPECT_EQ(both_ways("[fe80::1%7]:80", AF_INET6), "[fe80::1%7]:80");
  EXPECT_EQ(both_ways("fe80::1%7", AF_INET6), "fe80::1%7");
  for (const char* bad : {"1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:x", "::1", ""}) {
    EXPECT_EQ(both_ways(bad, AF_INET), "none") << bad;
  }
  for (const char* bad : {"[::1", "[::1]80", "[::1]:", "::1]:80", "1.2.3.4", ""}) {
    EXPECT_EQ(both_ways(bad, AF_INET6), "none") << bad;
  }
  EXPECT_EQ(both_ways("1.2.3.4", AF_UNSPEC), "none");
}

TEST(AddressText, AShortStructureHasNoText) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  const auto* any = reinterpret_cast<const sockaddr*>(&in);
  EXPECT_EQ(socket_address_text(any, sizeof in), "0.0.0.0");
  EXPECT_EQ(socket_address_text(any, sizeof in - 1), "");
}

}  // namespace
}  // namespace oriel::winsock
