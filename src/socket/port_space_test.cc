// Reservations, conflicts between wildcard and address, and the spread of ephemeral ports.
#include "socket/port_space.h"

#include <gtest/gtest.h>

#include <set>

namespace oriel::socket {
namespace {

Endpoint at(const char* text) {
  return Endpoint::parse(text).value();
}

TEST(PortSpace, ConflictsAreWithinAFamily) {
  struct Row {
    const char* first;
    const char* second;
    bool is_conflict;
  };
  for (const Row& row :
       {Row{"10.0.0.1:80", "10.0.0.1:80", true}, Row{"10.0.0.1:80", "10.0.0.2:80", false},
        Row{"10.0.0.1:80", "10.0.0.1:81", false}, Row{"0.0.0.0:80", "10.0.0.1:80", true},
        Row{"10.0.0.1:80", "0.0.0.0:80", true}, Row{"0.0.0.0:80", "[::]:80", false},
        Row{"[::]:80", "[fd00::1]:80", true}}) {
    PortSpace space({1, 2});
    ASSERT_TRUE(space.bind(at(row.first)).has_value());
    EXPECT_EQ(!space.bind(at(row.second)).has_value(), row.is_conflict) << row.second;
    space.unbind(at(row.first));
    if (row.is_conflict) {
      EXPECT_TRUE(space.bind(at(row.second)).has_value()) << row.second;
    }
  }
}

// Microsoft, "Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE": first bind down, second across, each on
// the wildcard and on an address.
TEST(PortSpace, SharingFollowsTheTableOfWindows) {
  constexpr PortSharing kModes[] = {PortSharing::kUsual, PortSharing::kReuse,
                                    PortSharing::kExclusive};
  const char* const kPlaces[] = {"0.0.0.0:80", "10.0.0.1:80"};
  // + granted, u in use, a access denied
  const char* const kTable[] = {
      "u+a+u+",  // usual on the wildcard
      "+u+a+u",  // usual on an address
      "u+++u+", "+u+++u", "uaaaua", "+u+a+u",
  };
  for (int row = 0; row < 6; ++row) {
    for (int column = 0; column < 6; ++column) {
      PortSpace space({1, 2});
      ASSERT_TRUE(space.bind(at(kPlaces[row % 2]), kModes[row / 2]).has_value());
      const auto second = space.bind(at(kPlaces[column % 2]), kModes[column / 2]);
      const char got = second ? '+' : second.error().code == ErrorCode::kAddressInUse ? 'u' : 'a';
      EXPECT_EQ(got, kTable[row][column]) << "row " << row << " column " << column;
    }
  }
}

TEST(PortSpace, ADualWildcardHoldsBothFamilies) {
  PortSpace space({1, 2});
  ASSERT_TRUE(space.bind(at("[::]:80"), PortSharing::kUsual, true).has_value());
  EXPECT_FALSE(space.bind(at("0.0.0.0:80"), PortSharing::kUsual).has_value());
  EXPECT_TRUE(space.bind(at("10.0.0.1:80"), PortSharing::kUsual).has_value());
  space.unbind(at("[::]:80"), PortSharing::kUsual, true);
  EXPECT_TRUE(space.bind(at("[::]:80"), PortSharing::kUsual, false).has_value());
  EXPECT_TRUE(space.bind(at("0.0.0.0:80"), PortSharing::kUsual).has_value());
}

// REQ RFC6056-3.3.3
TEST(PortSpace, PicksEveryPortOfTheRangeOnce) {
  PortSpace space({1, 2});
  std::set<std::uint16_t> seen;
  const auto is_free = [&](std::uint16_t p) { return seen.count(p) == 0; };
  for (std::uint32_t i = 0; i < kEphemeralPorts; ++i) {
    const auto port = space.pick(at("10.0.0.1:0").address, at("10.0.0.2:80"), is_free);
    ASSERT_TRUE(port.has_value());
    EXPECT_GE(*port, kEphemeralPortMin);
    EXPECT_TRUE(seen.insert(*port).second);
  }
  EXPECT_EQ(space.pick(at("10.0.0.1:0").address, at("10.0.0.2:80"), is_free).error().code,
            ErrorCode::kAddressNotAvailable);
}

TEST(PortSpace, NeverPicksTheRemoteItself) {
  PortSpace space({1, 2});
  const IpAddress own = at("10.0.0.1:0").address;
  constexpr std::uint16_t kBlocks[] = {60000, 61000};
  for (const std::uint16_t port : {kBlocks[0], kBlocks[1]}) {
    const auto is_free = [&](std::uint16_t p) { return p == port; };
    EXPECT_EQ(space.pick(own, {own, port}, is_free).error().code, ErrorCode::kAddressNotAvailable);
    EXPECT_FALSE(space.pick_among(kBlocks, 2, own, {own, port}, is_free).has_value());
    const Endpoint other = {at("10.0.0.2:0").address, port};
    EXPECT_EQ(space.pick(own, other, is_free).value(), port);
    EXPECT_EQ(space.pick_among(kBlocks, 2, own, other, is_free), port);
  }
}

TEST(PortSpace, SkipsReservedPortsAndDependsOnTheKey) {
  const auto first = [](SipKey key, bool is_reserved) {
    PortSpace space(key);
    const auto any = [](std::uint16_t) { return true; };
    const Endpoint to = at("10.0.0.2:80");
    const std::uint16_t port = PortSpace(key).pick(to.address, to, any).value();
    if (is_reserved) {
      EXPECT_TRUE(space.bind({IpAddress::v4_any(), port}).has_value());
    }
    return space.pick(to.address, to, any).value();
  };
  EXPECT_NE(first({1, 2}, false), first({3, 4}, false));
  EXPECT_NE(first({1, 2}, true), first({1, 2}, false));
}

}  // namespace
}  // namespace oriel::socket
