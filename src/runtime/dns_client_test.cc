// The client against scripted servers: whom it asks, when it gives up, what the answers mean.
#include "runtime/dns_client.h"

#include <gtest/gtest.h>

#include <map>

namespace oriel::runtime {
namespace {

using Bytes = std::vector<std::uint8_t>;

const Endpoint kFirst{IpAddress::v4(10, 0, 0, 1), 53};
const Endpoint kSecond{IpAddress::v4(10, 0, 0, 2), 53};

// A server that answers by the type asked; types without a row get no answer at all.
struct Script {
  std::map<int, std::pair<int, Bytes>> answers;  // type: code and address bytes
  std::vector<Endpoint> asked;

  bool exchange(const Endpoint& server, ByteView query,
                const std::function<bool(ByteView)>& accepts) {
    asked.push_back(server);
    const std::size_t question_end = query.size() - 11;  // without our OPT record
    const int type = query[question_end - 3];
    const auto row = answers.find(type);
    if (row == answers.end()) return false;
    Bytes out(query.begin(), query.begin() + static_cast<std::ptrdiff_t>(question_end));
    out[2] = 0x81;
    out[3] = static_cast<std::uint8_t>(0x80 | row->second.first);
    out[11] = 0;
    const Bytes& data = row->second.second;
    if (!data.empty()) {
      out[7] = 1;
      const Bytes fixed = {0xc0, 12, 0, static_cast<std::uint8_t>(type),       0, 1, 0, 0,
                           0,    9,  0, static_cast<std::uint8_t>(data.size())};
      out.insert(out.end(), fixed.begin(), fixed.end());
      out.insert(out.end(), data.begin(), data.end());
    }
    Bytes forged = out;
    forged[0] ^= 1;
    EXPECT_FALSE(accepts(forged));  // another id
    return accepts(out);
  }

  DnsClient client() {
    return DnsClient(
        {{kFirst, kSecond}, 2, std::chrono::seconds(1)},
        [this](const Endpoint& server, ByteView query, Duration,
               const std::function<bool(ByteView)>& accepts) {
          return exchange(server, query, accepts);
        },
        [id = std::uint16_t{7}]() mutable { return id++; });
  }
};

TEST(DnsClient, AsksForBothFamilies) {
  Script script;
  script.answers[1] = {0, {10, 0, 0, 9}};
  script.answers[28] = {0, Bytes(16, 0xfd)};
  const auto host = script.client().resolve("a.example", NameFamily::kAny);
  ASSERT_TRUE(host);
  ASSERT_EQ(host->addresses.size(), 2u);
  EXPECT_TRUE(host->addresses[0].address.is_v6());
  EXPECT_EQ(host->addresses[1].address, IpAddress::v4(10, 0, 0, 9));
  EXPECT_EQ(host->canonical, "a.example");
  EXPECT_EQ(script.asked.size(), 2u);
}

TEST(DnsClient, AsksOnlyForTheFamilyWanted) {
  Script script;
  script.answers[1] = {0, {10, 0, 0, 9}};
  EXPECT_EQ(script.client().resolve("a.example", NameFamily::kV4)->addresses.size(), 1u);
  EXPECT_EQ(script.asked.size(), 1u);
}

TEST(DnsClient, SilenceIsAskedTwiceOfEachServer) {
  Script script;
  const auto host = script.client().resolve("a.example", NameFamily::kV4);
  EXPECT_EQ(host.error(), NameError::kTryAgain);
  EXPECT_EQ(script.asked, (std::vector{kFirst, kSecond, kFirst, kSecond}));
}

TEST(DnsClient, NoSuchNameEndsTheQuestion) {
  Script script;
  script.answers[1] = {3, {}};
  EXPECT_EQ(script.client().resolve("a.example", NameFamily::kV4).error(), NameError::kNoName);
  EXPECT_EQ(script.asked.size(), 1u);
}

TEST(DnsClient, ANameWithoutThatFamilyHasNoData) {
  Script script;
  script.answers[28] = {0, {}};
  EXPECT_EQ(script.client().resolve("a.example", NameFamily::kV6).error(), NameError::kNoData);
}

TEST(DnsClient, FindsNamesOfAddresses) {
  Script script;
  script.answers[12] = {0, {1, 'x', 3, 'o', 'r', 'g', 0}};
  EXPECT_EQ(script.client().name_of(IpAddress::v4(10, 0, 0, 9)), "x.org");
}

}  // namespace
}  // namespace oriel::runtime
