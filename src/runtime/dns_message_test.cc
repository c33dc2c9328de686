// DNS datagrams, byte by byte: what is asked, what answers count, what is refused.
#include "runtime/dns_message.h"

#include <gtest/gtest.h>

namespace oriel::runtime {
namespace {

using Bytes = std::vector<std::uint8_t>;

void add(Bytes& to, std::initializer_list<int> bytes) {
  for (const int b : bytes) to.push_back(static_cast<std::uint8_t>(b));
}

// Header and question of an answer about "ab.c" (name at offset 12) with `records` in it.
Bytes answer_header(int type, int records, int flags_low = 0x80) {
  Bytes out;
  add(out, {0x12, 0x34, 0x81, flags_low, 0, 1, 0, records, 0, 0, 0, 0});
  add(out, {2, 'a', 'b', 1, 'c', 0, 0, type, 0, 1});
  return out;
}

const DnsQuestion kAskA{0x1234, "ab.c", DnsType::kA};

TEST(DnsMessage, AsksOneQuestionWithRoomFor1232Bytes) {
  const auto query = build_dns_query(kAskA);
  ASSERT_TRUE(query);
  Bytes expected;
  add(expected, {0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 1});
  add(expected, {2, 'a', 'b', 1, 'c', 0, 0, 1, 0, 1});
  add(expected, {0, 0, 41, 1232 >> 8, 1232 & 255, 0, 0, 0, 0, 0, 0});
  EXPECT_EQ(*query, expected);
}

TEST(DnsMessage, RefusesNamesThatAreNone) {
  EXPECT_FALSE(build_dns_query({1, "", DnsType::kA}));
  EXPECT_FALSE(build_dns_query({1, std::string(64, 'a') + ".org", DnsType::kA}));
  EXPECT_FALSE(build_dns_query({1, std::string(300, 'a'), DnsType::kA}));
  EXPECT_FALSE(build_dns_query({1, "a..b", DnsType::kA}));
  EXPECT_FALSE(build_dns_query({1, "a\\046b", DnsType::kA}));
  EXPECT_TRUE(build_dns_query({1, "a.b.", DnsType::kA}));
}

TEST(DnsMessage, FollowsAliasesToTheAddresses) {
  Bytes in = answer_header(1, 3);
  const int target = static_cast<int>(in.size()) + 12;
  add(in, {0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 3, 1, 'd', 0});
  add(in, {0xc0, target, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 10, 0, 0, 7});
  add(in, {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 10, 0, 0, 8});  // not the canonical name's
  const auto answer = parse_dns_answer(in, kAskA);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->canonical, "d");
  EXPECT_EQ(answer->addresses, std::vector{IpAddress::v4(10, 0, 0, 7)});
}

TEST(DnsMessage, AnAliasOfItselfEnds) {
  Bytes in = answer_header(1, 1);
  add(in, {0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 2, 0xc0, 12});
  const auto answer = parse_dns_answer(in, kAskA);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->addresses.empty());
}

TEST(DnsMessage, SaysThatThereIsNoSuchName) {
  const auto answer = parse_dns_answer(answer_header(1, 0, 0x83), kAskA);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code, DnsCode::kNoSuchName);
}

TEST(DnsMessage, IgnoresAnswersToOtherQuestions) {
  const Bytes in = answer_header(1, 0);
  EXPECT_TRUE(parse_dns_answer(in, {0x1234, "AB.C.", DnsType::kA}));
  EXPECT_EQ(parse_dns_answer(in, {0x1235, "ab.c", DnsType::kA}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(parse_dns_answer(in, {0x1234, "ab.d", DnsType::kA}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(parse_dns_answer(in, {0x1234, "ab.c", DnsType::kAaaa}).error().code,
            ErrorCode::kNotFound);
}

TEST(DnsMessage, EveryCutOfAnAnswerIsMalformed) {
  Bytes in = answer_header(28, 1);
  add(in, {0xc0, 12, 0, 28, 0, 1, 0, 0, 0, 9, 0, 16});
  for (int i = 0; i < 16; ++i) in.push_back(static_cast<std::uint8_t>(i));
  const DnsQuestion ask{0x1234, "ab.c", DnsType::kAaaa};
  ASSERT_TRUE(parse_dns_answer(in, ask));
  EXPECT_EQ(parse_dns_answer(in, ask)->addresses.size(), 1u);
  for (std::size_t n = 0; n < in.size(); ++n) {
    EXPECT_FALSE(parse_dns_answer(ByteView(in).first(n), ask)) << n;
  }
}

TEST(DnsMessage, ATruncatedAnswerKeepsItsWholeRecords) {
  Bytes in = answer_header(1, 2);
  in[2] |= 0x02;
  add(in, {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 10, 0, 0, 7});
  add(in, {0xc0, 12, 0, 1});
  const auto answer = parse_dns_answer(in, kAskA);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->is_truncated);
  EXPECT_EQ(answer->addresses.size(), 1u);
}

TEST(DnsMessage, ReverseNames) {
  EXPECT_EQ(dns_reverse_name(IpAddress::v4(1, 2, 3, 4)), "4.3.2.1.in-addr.arpa");
  EXPECT_EQ(dns_reverse_name(*IpAddress::parse("2001:db8::1")),
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
}

}  // namespace
}  // namespace oriel::runtime
