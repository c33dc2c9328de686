// The schema as a whole: every row reads back what it writes, and its built-in value is one that
// may be written.
#include "settings/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "settings/value.h"
#include "support/req.h"

namespace oriel::settings {
namespace {

using ::testing::HasSubstr;

constexpr Value kMs = 1'000'000;

TEST(Schema, EveryRowIsWhole) {
  std::set<std::string_view> names;
  for (const Row& row : schema()) {
    SCOPED_TRACE(row.name);
    EXPECT_TRUE(names.insert(row.name).second);
    EXPECT_EQ(std::count(row.name.begin(), row.name.end(), '.'), 1);
    EXPECT_FALSE(row.about.empty());
    EXPECT_EQ(row.kind == Kind::kWord, !row.words.empty());
    EXPECT_LE(range_of(row).low, range_of(row).high);
    const auto built_in = row.read(HostSettings{});
    EXPECT_TRUE(!built_in || is_in(range_of(row), *built_in));
    EXPECT_TRUE(is_in(range_of(row), row.simulated.low) || row.simulated.low == row.simulated.high);
    EXPECT_TRUE(is_in(range_of(row), row.simulated.high) ||
                row.simulated.low == row.simulated.high);
    EXPECT_EQ(find_row(row.name), &row);
  }
  EXPECT_EQ(find_row("tcp.nothing"), nullptr);
  EXPECT_EQ(profile_row().name, "oriel.profile");
}

// Both ends of every range survive the field, the text and the file.
TEST(Schema, EveryRowReadsBackWhatItWrites) {
  for (const Row& row : schema()) {
    SCOPED_TRACE(row.name);
    const Range range = range_of(row);
    for (const Value value : {range.low, range.high}) {
      HostSettings host;
      row.write(host, value);
      EXPECT_EQ(row.read(host), value);
      EXPECT_EQ(parse_value(row, print_value(row, value)).value(), value);
    }
    EXPECT_FALSE(parse_value(row, "").has_value());
    EXPECT_FALSE(parse_value(row, "-1").has_value());
    EXPECT_FALSE(parse_value(row, "wrong").has_value());
  }
}

TEST(Schema, ValuesOutsideAreRefusedWithWhatIsAllowed) {
  const struct {
    const char* name;
    const char* text;
    const char* sentence;
  } rows[] = {
      {"tcp.autotuning_level", "off",
       "'off' is not one of its words: write one of disabled, highlyrestricted, restricted, "
       "normal, "
       "experimental"},
      {"tcp.window_bytes", "1073741824", "write 1 to 1073741823 bytes"},
      {"tcp.rfc1323_options", "4", "'4' is not such a number: write 0 to 3"},
      {"tcp.time_wait", "120", "'120' is not such a time: write 1s to 5min, with its unit"},
      {"tcp.time_wait", "301s", "write 1s to 5min"},
      {"tcp.keepalive_idle", "99999999999999999999h", "is not such a time"},
      {"tcp.keepalive_idle", "9223372036854775807h", "is not such a time"},
      {"tcp.sack", "1", "'1' is neither true nor false: write true or false"},
      {"ip.hop_limit", "0x100", "write 1 to 255"},
      {"ip.hop_limit", "99999999999999999999", "write 1 to 255"},
  };
  for (const auto& row : rows) {
    const auto r = parse_value(*find_row(row.name), row.text);
    ASSERT_FALSE(r.has_value()) << row.name << " " << row.text;
    EXPECT_THAT(r.error().text, HasSubstr(row.sentence));
  }
}

TEST(Schema, TimesAreWrittenInTheLargestUnitThatDividesThem) {
  const Row& row = *find_row("tcp.keepalive_idle");
  EXPECT_EQ(print_value(row, 7'200'000 * kMs), "2h");
  EXPECT_EQ(print_value(row, 90'000 * kMs), "90s");
  EXPECT_EQ(print_value(row, 60'000 * kMs), "1min");
  EXPECT_EQ(print_value(row, 300 * kMs), "300ms");
  EXPECT_EQ(print_value(row, 0), "0ms");
  EXPECT_EQ(toml_value(row, 300 * kMs), "\"300ms\"");
  EXPECT_EQ(parse_value(row, "1min").value(), 60'000 * kMs);
  EXPECT_EQ(parse_value(row, "1500us").value(), 1'500'000);
  EXPECT_EQ(parse_value(*find_row("ip.hop_limit"), "0x40").value(), 64);
}

TEST(Schema, ProfilesDifferWhereTheirNumbersDo) {
  REQ("SET-1");
  const Row& rto = *find_row("tcp.rto_initial");
  EXPECT_EQ(profile_value(rto, OsProfile::kXp), 3000 * kMs);
  EXPECT_EQ(profile_value(rto, OsProfile::k11), 1000 * kMs);
  EXPECT_EQ(profile_value(*find_row("tcp.time_wait"), OsProfile::k2003), 240'000 * kMs);
  EXPECT_EQ(profile_value(*find_row("tcp.time_wait"), OsProfile::kVista), 120'000 * kMs);
  EXPECT_EQ(profile_value(*find_row("tcp.delayed_ack"), OsProfile::k7), 200 * kMs);
  EXPECT_EQ(profile_value(*find_row("tcp.delayed_ack"), OsProfile::k8), 50 * kMs);
  EXPECT_EQ(profile_value(*find_row("tcp.data_retransmits"), OsProfile::k8), 5);
  EXPECT_EQ(profile_value(*find_row("tcp.sack"), OsProfile::kXp), std::nullopt);
  const Row& window = *find_row("tcp.window_bytes");
  EXPECT_TRUE(has_effect(window, OsProfile::k2003));
  EXPECT_FALSE(has_effect(window, OsProfile::kVista));
  EXPECT_FALSE(has_effect(*find_row("tcp.autotuning_level"), OsProfile::k2003));
  EXPECT_FALSE(has_effect(*find_row("tcp.send_autotuning"), OsProfile::kVistaSp1));
  EXPECT_TRUE(has_effect(*find_row("tcp.send_autotuning"), OsProfile::k7));
  EXPECT_FALSE(has_effect(*find_row("loopback.fast_path"), OsProfile::k7));
}

}  // namespace
}  // namespace oriel::settings
