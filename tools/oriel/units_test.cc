// Words on the command line: every allowed form, and a sentence that lists them for every other.
#include "units.h"

#include <gtest/gtest.h>

namespace oriel::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

TEST(Units, CountsHaveACommaForEachThousand) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(65'536), "65,536");
  EXPECT_EQ(format_count(16'776'960), "16,776,960");
}

TEST(Units, rates) {
  EXPECT_EQ(parse_rate("1gbit"), 1'000'000'000u);
  EXPECT_EQ(parse_rate("10Mbit"), 10'000'000u);
  EXPECT_EQ(parse_rate("500kbit"), 500'000u);
  EXPECT_EQ(parse_rate("9600bit"), 9'600u);
  EXPECT_EQ(parse_rate("2.5gbit"), 2'500'000'000u);
  for (const char* wrong :
       {"", "fast", "10", "10mb", "-1mbit", "1.2.3mbit", "1e9bit", "mbit", "9999999tbit"}) {
    const auto r = parse_rate(wrong);
    ASSERT_FALSE(r.has_value()) << wrong;
    EXPECT_EQ(r.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(r.error().text.find("kbit, mbit or gbit"), std::string::npos) << r.error().text;
  }
  EXPECT_EQ(parse_rate("0gbit").error().text,
            "'0gbit' is not a rate that moves anything: it must be at least 1bit (per second)");
}

TEST(Units, sizes) {
  EXPECT_EQ(parse_size("6mb"), 6'000'000u);
  EXPECT_EQ(parse_size("64KiB"), 65'536u);
  EXPECT_EQ(parse_size("1500"), 1'500u);
  EXPECT_EQ(parse_size("0"), 0u);
  EXPECT_EQ(parse_size("1gib"), 1'073'741'824u);
  for (const char* wrong : {"", "big", "6m", "-1", "6 mb"}) {
    ASSERT_FALSE(parse_size(wrong).has_value()) << wrong;
    EXPECT_NE(parse_size(wrong).error().text.find("kib, mib or gib"), std::string::npos);
  }
}

TEST(Units, times) {
  EXPECT_EQ(parse_time("100ms"), milliseconds(100));
  EXPECT_EQ(parse_time("1.5s"), milliseconds(1500));
  EXPECT_EQ(parse_time("50us"), nanoseconds(50'000));
  EXPECT_EQ(parse_time("7ns"), nanoseconds(7));
  EXPECT_EQ(parse_time("2min"), std::chrono::minutes(2));
  EXPECT_EQ(parse_time("0"), nanoseconds(0));
  EXPECT_EQ(parse_length("10"), std::chrono::seconds(10));
  EXPECT_EQ(parse_length("500ms"), milliseconds(500));
  EXPECT_FALSE(parse_length("long").has_value());
  for (const char* wrong : {"", "100", "soon", "-1ms", "1h", "99999999min"}) {
    ASSERT_FALSE(parse_time(wrong).has_value()) << wrong;
    EXPECT_NE(parse_time(wrong).error().text.find("ns, us, ms, s or min"), std::string::npos);
  }
}

TEST(Units, shares) {
  EXPECT_DOUBLE_EQ(*parse_share("0.1%"), 0.001);
  EXPECT_DOUBLE_EQ(*parse_share("0.001"), 0.001);
  EXPECT_DOUBLE_EQ(*parse_share("100%"), 1);
  EXPECT_DOUBLE_EQ(*parse_share("0"), 0);
  for (const char* wrong : {"", "101%", "2", "-0.1", "some", "1%%"}) {
    ASSERT_FALSE(parse_share(wrong).has_value()) << wrong;
    EXPECT_NE(parse_share(wrong).error().text.find("0.1%"), std::string::npos);
  }
}

TEST(Units, ports) {
  EXPECT_EQ(parse_port("80"), 80);
  EXPECT_EQ(parse_port("65535"), 65535);
  for (const char* wrong : {"0", "65536", "http", "1.5", "", "-1"}) {
    EXPECT_FALSE(parse_port(wrong).has_value()) << wrong;
  }
}

TEST(Units, addresses_and_lists) {
  const auto both = parse_prefixes("10.0.0.2/24,fd00::2/64");
  ASSERT_TRUE(both.has_value());
  ASSERT_EQ(both->size(), 2u);
  EXPECT_EQ((*both)[0].to_string(), "10.0.0.2/24");
  EXPECT_EQ((*both)[1].to_string(), "fd00::2/64");
  for (const char* wrong : {"", ",", "10.0.0.2", "10.0.0/24", "10.0.0.2/33", "here/24"}) {
    EXPECT_FALSE(parse_prefixes(wrong).has_value()) << wrong;
  }
  EXPECT_EQ(parse_addresses("10.0.0.1,fd00::1")->size(), 2u);
  EXPECT_FALSE(parse_addresses("example.org").has_value());
  EXPECT_EQ(split_list("a,,b,"), (std::vector<std::string>{"a", "b"}));
}

TEST(Units, printing) {
  EXPECT_EQ(format_rate(941'500'000), "941.50 Mbit/s");
  EXPECT_EQ(format_bytes(65'536), "64.0 KiB");
  EXPECT_EQ(format_time(milliseconds(100)), "100.0 ms");
}

}  // namespace
}  // namespace oriel::cli
