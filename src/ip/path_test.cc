#include "ip/path.h"

#include <gtest/gtest.h>

#include "ip/hosts_test.h"

namespace oriel::ip {
namespace {

TEST(Path, IsSharedByEqualRequestsAndEndsWithTheLastRelease) {
  TestHost h(1, DeviceInfo::Framing::kIp);
  Path* a = h.layer.acquire_path(addr("10.0.0.9")).value();
  Path* b = h.layer.acquire_path(addr("10.0.0.9"), addr("10.0.0.1")).value();
  EXPECT_EQ(a, b);
  EXPECT_EQ(a->source, addr("10.0.0.1"));
  EXPECT_EQ(a->references, 2u);
  EXPECT_TRUE(h.layer.is_path_ready(at(0), *a));
  EXPECT_EQ(a->header_bytes(), 20u);
  EXPECT_EQ(a->transport_bytes_max(), 1480u);
  h.layer.release_path(a);
  EXPECT_EQ(b->references, 1u);
  h.layer.release_path(b);
}

TEST(Path, ErrorsSayWhy) {
  TestHost h(1);
  struct Row {
    const char* destination;
    const char* source;
    ErrorCode expected;
  };
  for (const Row& row : {Row{"8.8.8.8", "", ErrorCode::kNetworkUnreachable},
                         Row{"10.0.0.9", "10.0.0.77", ErrorCode::kAddressNotAvailable},
                         Row{"10.0.0.9", "fd00::1", ErrorCode::kInvalidArgument},
                         Row{"10.0.0.9", "127.0.0.1", ErrorCode::kNetworkUnreachable},
                         Row{"0.0.0.0", "", ErrorCode::kInvalidArgument},
                         Row{"2001:db8::1", "", ErrorCode::kNetworkUnreachable}}) {
    const std::string_view source = row.source;
    const auto path = h.layer.acquire_path(
        addr(row.destination), source.empty() ? std::nullopt : std::optional(addr(source)));
    ASSERT_FALSE(path) << row.destination;
    EXPECT_EQ(path.error().code, row.expected) << row.destination;
  }
}

TEST(Path, FollowsRoutesAddressesAndInterfaces) {
  TestHost h(1, DeviceInfo::Framing::kIp);
  ASSERT_TRUE(h.layer.add_route(prefix("0.0.0.0/0"), addr("10.0.0.254")));
  Path* p = h.layer.acquire_path(addr("8.8.8.8")).value();
  EXPECT_EQ(p->next_hop, addr("10.0.0.254"));
  ASSERT_TRUE(h.layer.add_route(prefix("8.0.0.0/8"), addr("10.0.0.253")));
  h.layer.refresh_path(*p);
  EXPECT_EQ(p->next_hop, addr("10.0.0.253"));
  h.layer.set_interface_up(1, false);
  EXPECT_FALSE(h.layer.is_path_ready(at(0), *p));
  EXPECT_EQ(p->error, ErrorCode::kAddressNotAvailable);
  h.layer.set_interface_up(1, true);
  EXPECT_TRUE(h.layer.is_path_ready(at(0), *p));
  EXPECT_TRUE(h.layer.remove_address(1, addr("10.0.0.1")));
  EXPECT_FALSE(h.layer.is_path_ready(at(0), *p));
  EXPECT_EQ(p->error, ErrorCode::kAddressNotAvailable);
  h.layer.release_path(p);
}

TEST(Path, LearnsAndForgetsThePathMtu) {
  TestHost h(1, DeviceInfo::Framing::kIp);
  Path* p = h.layer.acquire_path(addr("10.0.0.9")).value();
  h.layer.learn_pmtu(at(0), addr("10.0.0.9"), 1400);
  h.layer.refresh_path(*p);
  EXPECT_EQ(p->pmtu, 1400u);
  EXPECT_EQ(p->mtu, 1500u);
  EXPECT_EQ(h.layer.next_deadline(), at(600'000));
  h.layer.on_timeout(at(600'000));
  h.layer.refresh_path(*p);
  EXPECT_EQ(p->pmtu, 1500u);
  h.layer.release_path(p);
}

TEST(Path, OwnAddressesAreLoopback) {
  TestHost h(1);
  for (const char* own : {"127.0.0.1", "127.9.9.9", "::1", "10.0.0.1", "fd00::1"}) {
    Path* p = h.layer.acquire_path(addr(own)).value();
    EXPECT_TRUE(p->is_loopback) << own;
    EXPECT_EQ(p->interface_index, kLoopbackInterface) << own;
    EXPECT_EQ(p->source, addr(own)) << own;
    EXPECT_EQ(p->pmtu, 65535u) << own;
    EXPECT_FALSE(h.layer.is_path_ready(at(0), *p)) << own;
    EXPECT_EQ(p->error, ErrorCode::kOk) << own;
    h.layer.release_path(p);
  }
}

TEST(Path, GroupsAndBroadcastsNeedNoResolution) {
  struct Row {
    const char* destination;
    MacAddress expected;
  };
  TestHost h(1);
  for (const Row& row :
       {Row{"224.129.2.3", {{1, 0, 0x5e, 1, 2, 3}}},
        Row{"255.255.255.255", MacAddress::broadcast()}, Row{"10.0.0.255", MacAddress::broadcast()},
        Row{"ff02::1:ff00:9", {{0x33, 0x33, 0xff, 0, 0, 9}}}}) {
    Path* p = h.layer.acquire_path(addr(row.destination)).value();
    EXPECT_TRUE(h.layer.is_path_ready(at(0), *p)) << row.destination;
    EXPECT_TRUE(p->is_multicast);
    EXPECT_TRUE(
        std::equal(row.expected.bytes.begin(), row.expected.bytes.end(), p->link_header.begin()))
        << row.destination;
    h.layer.release_path(p);
  }
}

TEST(Path, WithASourceOfAnotherInterfaceLeavesByThatInterface) {
  TestHost h(1, DeviceInfo::Framing::kIp);
  ASSERT_EQ(h.layer.add_interface(TestHost::device(2, DeviceInfo::Framing::kIp, 1400)).value(), 2u);
  ASSERT_TRUE(h.layer.add_address(2, prefix("10.0.1.1/24")));
  ASSERT_TRUE(h.layer.add_route(prefix("0.0.0.0/0"), addr("10.0.0.254"), kAnyInterface, 1));
  ASSERT_TRUE(h.layer.add_route(prefix("0.0.0.0/0"), addr("10.0.1.254"), kAnyInterface, 2));
  Path* open = h.layer.acquire_path(addr("8.8.8.8")).value();
  EXPECT_EQ(open->source, addr("10.0.0.1"));
  Path* tied = h.layer.acquire_path(addr("8.8.8.8"), addr("10.0.1.1")).value();
  EXPECT_EQ(tied->interface_index, 2u);
  EXPECT_EQ(tied->next_hop, addr("10.0.1.254"));
  EXPECT_EQ(tied->mtu, 1400u);
  Path* bound = h.layer.acquire_path(addr("8.8.8.8"), {}, 2).value();
  EXPECT_EQ(bound->source, addr("10.0.1.1"));
  for (Path* p : {open, tied, bound}) h.layer.release_path(p);
}

}  // namespace
}  // namespace oriel::ip
