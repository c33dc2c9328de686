#include "ip/routes.h"

#include <gtest/gtest.h>

#include "ip/hosts_test.h"

namespace oriel::ip {
namespace {

Interface with(std::initializer_list<const char*> addresses) {
  Interface i;
  for (const char* a : addresses) i.addresses.push_back(prefix(a));
  return i;
}

TEST(SourceSelection, FollowsTheTable) {
  struct Row {
    const char* why;
    std::initializer_list<const char*> addresses;
    const char* destination;
    const char* next_hop;
    const char* expected;
  };
  const Row rows[] = {
      {"rule 1: the destination itself",
       {"fd00::1/64", "fd00::2/64"},
       "fd00::2",
       "fd00::2",
       "fd00::2"},
      {"rule 2: link-local for link-local",
       {"fd00::1/64", "fe80::1/64"},
       "fe80::9",
       "fe80::9",
       "fe80::1"},
      {"rule 2: not link-local for global",
       {"fe80::1/64", "fd00::1/64"},
       "2001:db8::1",
       "fe80::9",
       "fd00::1"},
      {"rule 2: only link-local is there", {"fe80::1/64"}, "2001:db8::1", "fe80::9", "fe80::1"},
      {"multicast of link scope", {"fd00::1/64", "fe80::1/64"}, "ff02::1", "ff02::1", "fe80::1"},
      {"next hop's network",
       {"fd00:1::1/64", "fd00:2::1/64"},
       "2001:db8::1",
       "fd00:2::9",
       "fd00:2::1"},
      {"rule 8: longest match",
       {"2001:db8:1::1/48", "2001:db8:2::1/48"},
       "2001:db8:2:7::9",
       "fe80::1",
       "2001:db8:2::1"},
      {"first when all is equal", {"fd00::5/64", "fd00::4/64"}, "fd00::9", "fd00::9", "fd00::5"},
      {"IPv4: next hop's network",
       {"10.0.0.1/24", "192.168.1.1/24"},
       "8.8.8.8",
       "192.168.1.254",
       "192.168.1.1"},
      {"IPv4: first", {"10.0.0.1/24", "10.0.0.2/24"}, "10.0.0.9", "10.0.0.9", "10.0.0.1"},
      {"IPv4: global before link-local",
       {"169.254.1.1/16", "10.0.0.1/8"},
       "8.8.8.8",
       "10.0.0.254",
       "10.0.0.1"},
  };
  for (const Row& row : rows) {
    const auto got = select_source(with(row.addresses), addr(row.destination), addr(row.next_hop));
    ASSERT_TRUE(got) << row.why;
    EXPECT_EQ(got->to_string(), row.expected) << row.why;
  }
  EXPECT_FALSE(select_source(with({"10.0.0.1/8"}), addr("fd00::1"), addr("fd00::1")));
}

TEST(Routes, LongestPrefixThenMetricThenAge) {
  Interfaces interfaces;
  DeviceInfo device;
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(interfaces.add(device));
  Routes routes;
  ASSERT_TRUE(routes.add({prefix("0.0.0.0/0"), addr("10.0.0.254"), 1}));
  ASSERT_TRUE(routes.add({prefix("10.0.0.0/8"), {}, 2}));
  ASSERT_TRUE(routes.add({prefix("10.1.0.0/16"), addr("10.0.0.7"), 3, 20}));
  ASSERT_TRUE(routes.add({prefix("10.1.0.0/16"), addr("10.0.0.8"), 4, 10}));
  ASSERT_TRUE(routes.add({prefix("::/0"), addr("fe80::1"), 1}));
  const auto by = [&](const char* to, std::uint32_t bound = kAnyInterface) {
    const Route* r = routes.find(interfaces, addr(to), bound);
    return r == nullptr ? 99u : r->interface_index;
  };
  EXPECT_EQ(by("10.1.2.3"), 4u);
  EXPECT_EQ(by("10.1.2.3", 3), 3u);
  EXPECT_EQ(by("10.2.0.1"), 2u);
  EXPECT_EQ(by("8.8.8.8"), 1u);
  EXPECT_EQ(by("2001:db8::1"), 1u);
  EXPECT_EQ(by("8.8.8.8", 2), 99u);
  interfaces.set_up(4, false);
  EXPECT_EQ(by("10.1.2.3"), 3u);
  interfaces.set_up(3, false);
  EXPECT_EQ(by("10.1.2.3"), 2u);
  EXPECT_EQ(routes.add({prefix("10.0.0.0/8"), {}, 2}).error().code, ErrorCode::kAlreadyConnected);
  EXPECT_EQ(routes.add({prefix("10.0.0.0/8"), addr("fd00::1"), 2}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_TRUE(routes.remove({prefix("10.0.0.0/8"), {}, 2}));
  EXPECT_FALSE(routes.remove({prefix("10.0.0.0/8"), {}, 2}));
  EXPECT_EQ(by("10.2.0.1"), 1u);
}

TEST(Interfaces, RefuseWhatIsNoHostAddress) {
  Interfaces interfaces;
  DeviceInfo small;
  small.mtu = 1000;
  ASSERT_EQ(interfaces.add(small).value(), 1u);
  struct Row {
    const char* address;
    ErrorCode expected;
  };
  for (const Row& row : {Row{"224.0.0.1/24", ErrorCode::kInvalidArgument},
                         Row{"0.0.0.0/0", ErrorCode::kInvalidArgument},
                         Row{"255.255.255.255/32", ErrorCode::kInvalidArgument},
                         Row{"ff02::1/64", ErrorCode::kInvalidArgument},
                         Row{"fd00::1/64", ErrorCode::kInvalidArgument},  // MTU below 1280
                         Row{"127.0.0.1/8", ErrorCode::kAddressInUse}}) {
    EXPECT_EQ(interfaces.add_address(1, prefix(row.address)).error().code, row.expected)
        << row.address;
  }
  EXPECT_EQ(interfaces.add_address(7, prefix("10.0.0.1/8")).error().code, ErrorCode::kNotFound);
  DeviceInfo tiny;
  tiny.mtu = 67;
  EXPECT_EQ(interfaces.add(tiny).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace oriel::ip
