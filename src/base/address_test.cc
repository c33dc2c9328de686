#include "oriel/address.h"

#include <gtest/gtest.h>

namespace oriel {
namespace {

std::string round_trip(std::string_view text) {
  const auto address = IpAddress::parse(text);
  return address ? address->to_string() : "error: " + address.error().message();
}

TEST(IpAddress, WritesTheCanonicalFormOfWhatItReads) {
  struct Row {
    const char* text;
    const char* canonical;
  };
  static constexpr Row kRows[] = {
      {"0.0.0.0", "0.0.0.0"},
      {"10.0.0.1", "10.0.0.1"},
      {"255.255.255.255", "255.255.255.255"},
      {"::", "::"},
      {"::1", "::1"},
      {"1::", "1::"},
      {"fd00::1", "fd00::1"},
      {"FD00:0:0:0:0:0:0:1", "fd00::1"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},  // one zero group is not shortened
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},           // the longest run
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},     // the first of equals
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
      {"0:0:0:0:0:0:0:0", "::"},
      {"64:ff9b::10.1.2.3", "64:ff9b::a01:203"},
      {"::ffff:10.0.0.1", "10.0.0.1"},  // IPv4-mapped is IPv4 here
      {"::ffff:a00:1", "10.0.0.1"},
      {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
      {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
  };
  for (const Row& row : kRows) EXPECT_EQ(round_trip(row.text), row.canonical) << row.text;
}

TEST(IpAddress, RefusesWhatIsNotAnAddress) {
  static constexpr const char* kBad[] = {
      "",
      "10.0.0",
      "10.0.0.1.2",
      "10.0.0.256",
      "010.0.0.1",
      "10..0.1",
      "10.0.0.1 ",
      " 10.0.0.1",
      "0x0a.0.0.1",
      "+1.0.0.1",
      "1.2.3.4:80",
      ":",
      ":::",
      ":1",
      "1:",
      "1::2::3",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "12345::",
      "g::",
      "fe80::1%lo",
      "::1/64",
      "::1.2.3",
      "1.2.3.4::",
      "::1.2.3.4:1",
      "1:2:3:4:5:6:7:1.2.3.4",
      "1:2:3:4:5:6:7:8::",
      "1:2:3:4::5:6:7:8",
  };
  for (const char* text : kBad) {
    const auto address = IpAddress::parse(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().code, ErrorCode::kInvalidArgument) << text;
  }
}

TEST(IpAddress, ErrorRepeatsAtMostSixtyFourCharacters) {
  const auto address = IpAddress::parse(std::string(1000, 'x'));
  ASSERT_FALSE(address);
  EXPECT_EQ(address.error().text, "not an IP address: '" + std::string(64, 'x') + "'");
}

TEST(IpAddress, KnowsItsFamilyAndClass) {
  struct Row {
    const char* text;
    bool v4, unspecified, loopback, multicast, link_local;
  };
  static constexpr Row kRows[] = {
      {"0.0.0.0", true, true, false, false, false},
      {"127.255.0.1", true, false, true, false, false},
      {"128.0.0.1", true, false, false, false, false},
      {"223.255.255.255", true, false, false, false, false},
      {"224.0.0.1", true, false, false, true, false},
      {"239.255.255.255", true, false, false, true, false},
      {"240.0.0.1", true, false, false, false, false},
      {"169.254.1.1", true, false, false, false, true},
      {"169.253.1.1", true, false, false, false, false},
      {"::", false, true, false, false, false},
      {"::1", false, false, true, false, false},
      {"::2", false, false, false, false, false},
      {"ff02::1", false, false, false, true, false},
      {"fe80::1", false, false, false, false, true},
      {"febf::1", false, false, false, false, true},
      {"fec0::1", false, false, false, false, false},
      {"2001:db8::1", false, false, false, false, false},
  };
  for (const Row& row : kRows) {
    const IpAddress a = *IpAddress::parse(row.text);
    EXPECT_EQ(a.is_v4(), row.v4) << row.text;
    EXPECT_EQ(a.is_v6(), !row.v4) << row.text;
    EXPECT_EQ(a.is_unspecified(), row.unspecified) << row.text;
    EXPECT_EQ(a.is_loopback(), row.loopback) << row.text;
    EXPECT_EQ(a.is_multicast(), row.multicast) << row.text;
    EXPECT_EQ(a.is_link_local(), row.link_local) << row.text;
  }
  EXPECT_TRUE(IpAddress::v4_broadcast().is_broadcast());
  EXPECT_FALSE(IpAddress::v4(255, 255, 255, 254).is_broadcast());
}

TEST(IpAddress, ConvertsToAndFromANumber) {
  EXPECT_EQ(IpAddress::v4(10, 1, 2, 3).v4_value(), 0x0a010203u);
  EXPECT_EQ(IpAddress::v4_from_value(0xc0a80001u), IpAddress::v4(192, 168, 0, 1));
}

TEST(Prefix, ReadsAndWrites) {
  EXPECT_EQ(Prefix::parse("10.0.0.2/24")->to_string(), "10.0.0.2/24");
  EXPECT_EQ(Prefix::parse("0.0.0.0/0")->bits, 0);
  EXPECT_EQ(Prefix::parse("fd00::2/128")->to_string(), "fd00::2/128");
  for (const char* text : {"10.0.0.2", "10.0.0.2/", "10.0.0.2/33", "10.0.0.2/-1", "10.0.0.2/024",
                           "fd00::2/129", "/24", "x/24", "10.0.0.2/24/1"}) {
    EXPECT_FALSE(Prefix::parse(text)) << text;
  }
}

TEST(Prefix, ContainsAddressesOfItsFamilyThatShareItsBits) {
  struct Row {
    const char* prefix;
    const char* address;
    bool is_inside;
  };
  static constexpr Row kRows[] = {
      {"10.0.0.2/24", "10.0.0.255", true},
      {"10.0.0.2/24", "10.0.1.0", false},
      {"10.0.0.0/23", "10.0.1.255", true},
      {"10.0.0.0/23", "10.0.2.0", false},
      {"10.0.0.1/32", "10.0.0.1", true},
      {"10.0.0.1/32", "10.0.0.0", false},
      {"10.0.0.0/31", "10.0.0.1", true},
      {"0.0.0.0/0", "255.1.2.3", true},
      {"0.0.0.0/0", "::1", false},
      {"::/0", "10.0.0.1", false},
      {"::/0", "fd00::1", true},
      {"fd00::/64", "fd00::ffff:0:0:1", true},
      {"fd00::/64", "fd00:0:0:1::", false},
      {"fd00::/65", "fd00::8000:0:0:0", false},
      {"fd00::1/128", "fd00::1", true},
      {"fd00::1/127", "fd00::", true},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(Prefix::parse(row.prefix)->contains(*IpAddress::parse(row.address)), row.is_inside)
        << row.prefix << " " << row.address;
  }
}

TEST(Prefix, DirectedBroadcastSetsTheHostBits) {
  EXPECT_EQ(Prefix::parse("10.0.0.2/24")->v4_directed_broadcast(), IpAddress::v4(10, 0, 0, 255));
  EXPECT_EQ(Prefix::parse("10.0.0.2/30")->v4_directed_broadcast(), IpAddress::v4(10, 0, 0, 3));
  EXPECT_EQ(Prefix::parse("10.0.0.2/0")->v4_directed_broadcast(), IpAddress::v4_broadcast());
}

TEST(Endpoint, ReadsAndWrites) {
  EXPECT_EQ(Endpoint::parse("10.0.0.1:80")->to_string(), "10.0.0.1:80");
  EXPECT_EQ(Endpoint::parse("[fd00::1]:65535")->to_string(), "[fd00::1]:65535");
  EXPECT_EQ(Endpoint::parse("0.0.0.0:0")->port, 0);
  for (const char* text : {"10.0.0.1", "10.0.0.1:", "10.0.0.1:65536", ":80", "fd00::1:80",
                           "[10.0.0.1]:80", "[fd00::1]80", "[fd00::1]", "[]:80", "10.0.0.1:080"}) {
    EXPECT_FALSE(Endpoint::parse(text)) << text;
  }
}

TEST(MacAddress, ReadsAndWrites) {
  EXPECT_EQ(MacAddress::parse("02:00:00:00:00:Af")->to_string(), "02:00:00:00:00:af");
  for (const char* text : {"", "02:00:00:00:00", "02:00:00:00:00:001", "02-00-00-00-00-01",
                           "g2:00:00:00:00:01", "02:00:00:00:00:01:"}) {
    EXPECT_FALSE(MacAddress::parse(text)) << text;
  }
  EXPECT_TRUE(MacAddress::broadcast().is_multicast());
  EXPECT_FALSE(MacAddress{}.is_multicast());
}

TEST(ErrorCode, EveryCodeHasAName) {
  for (int i = 0; i <= static_cast<int>(ErrorCode::kMalformed); ++i) {
    const auto name = to_string(static_cast<ErrorCode>(i));
    EXPECT_FALSE(name.empty()) << i;
    EXPECT_NE(name, "unknown error") << i;
  }
  EXPECT_EQ(to_string(static_cast<ErrorCode>(255)), "unknown error");
  EXPECT_EQ(Error(ErrorCode::kTimedOut).message(), "timed out");
  EXPECT_EQ(Error(ErrorCode::kTimedOut, "no answer").message(), "no answer");
}

}  // namespace
}  // namespace oriel
