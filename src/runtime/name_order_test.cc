// Which names leave the host, and whom they are asked of.
#include "runtime/name_order.h"

#include <gtest/gtest.h>

namespace oriel::runtime {
namespace {

const IpAddress kOwn = IpAddress::v4(192, 0, 2, 7);

/// Counts the questions, and answers none.
class NameOrderTest : public testing::Test {
 protected:
  NameOrder with_servers() {
    DnsClientOptions options;
    options.servers = {{IpAddress::v4(192, 0, 2, 53), 53}};
    options.rounds = 1;
    const auto exchange = [this](const Endpoint&, ByteView, Duration,
                                 const std::function<bool(ByteView)>&) {
      ++questions;
      return false;
    };
    return NameOrder({{kOwn, 0}}, DnsClient(options, exchange, [] { return std::uint16_t{1}; }));
  }
  int questions = 0;
};

TEST_F(NameOrderTest, LocalhostAndTheOwnNameStayAtHome) {
  NameOrder names = with_servers();
  const auto localhost = names.resolve("LocalHost", NameFamily::kAny);
  ASSERT_TRUE(localhost);
  ASSERT_EQ(localhost->addresses.size(), 2u);
  EXPECT_TRUE(localhost->addresses[0].address.is_v6());
  EXPECT_EQ(localhost->addresses[1].address, IpAddress::v4(127, 0, 0, 1));
  for (const std::string& own : {own_host_name(), std::string()}) {
    const auto found = names.resolve(own, NameFamily::kV4);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->canonical, own_host_name());
    EXPECT_EQ(found->addresses, (std::vector<NamedAddress>{{kOwn, 0}}));
  }
  EXPECT_EQ(names.resolve(own_host_name(), NameFamily::kV6).error(), NameError::kNoData);
  EXPECT_EQ(names.name_of({IpAddress::v4(127, 1, 2, 3), 0}).value(), own_host_name());
  EXPECT_EQ(questions, 0);
}

TEST_F(NameOrderTest, OtherNamesAreAskedOfTheServersAlone) {
  NameOrder names = with_servers();
  EXPECT_EQ(names.resolve("peer.oriel.test", NameFamily::kV4).error(), NameError::kTryAgain);
  EXPECT_EQ(questions, 1);
  EXPECT_EQ(names.name_of({kOwn, 0}).error(), NameError::kTryAgain);
  EXPECT_EQ(questions, 2);
}

TEST_F(NameOrderTest, AHostWithoutAddressesIsFoundOnLoopback) {
  const auto own = NameOrder().resolve("", NameFamily::kV4);
  ASSERT_TRUE(own);
  EXPECT_TRUE(own->addresses.front().address.is_loopback());
}

}  // namespace
}  // namespace oriel::runtime
