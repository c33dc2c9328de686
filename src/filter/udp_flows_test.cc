// Who began, for how long that is remembered, and that both directions agree.
#include "filter/udp_flows.h"

#include <gtest/gtest.h>

namespace oriel::filter {
namespace {

Endpoint flow_at(const char* text) {
  return Endpoint::parse(text).value();
}

TEST(UdpFlows, TheFirstDatagramSaysWhoBegan) {
  UdpFlows flows;
  const Endpoint us = flow_at("10.0.0.1:5000");
  const Endpoint dns = flow_at("10.0.0.2:53");
  EXPECT_FALSE(flows.opener(Instant{0}, us, dns));
  flows.begin(Instant{0}, us, dns, FilterDirection::kOutbound);
  EXPECT_EQ(flows.opener(Instant{0}, us, dns), FilterDirection::kOutbound);
  EXPECT_FALSE(flows.opener(Instant{0}, us, flow_at("10.0.0.2:54")));
  EXPECT_FALSE(flows.opener(Instant{0}, flow_at("10.0.0.1:5001"), dns));
  flows.begin(Instant{0}, flow_at("[::1]:7"), flow_at("[::1]:8"), FilterDirection::kInbound);
  EXPECT_EQ(flows.opener(Instant{0}, flow_at("[::1]:7"), flow_at("[::1]:8")),
            FilterDirection::kInbound);
}

TEST(UdpFlows, SilenceEndsAFlowAndUseKeepsIt) {
  UdpFlows flows;
  const Endpoint us = flow_at("10.0.0.1:5000");
  const Endpoint peer = flow_at("10.0.0.2:53");
  flows.begin(Instant{0}, us, peer, FilterDirection::kOutbound);
  Instant now = Instant{0} + kUdpFlowIdle;
  EXPECT_TRUE(flows.opener(now, us, peer).has_value());
  now = now + kUdpFlowIdle;
  EXPECT_TRUE(flows.opener(now, us, peer).has_value());
  now = now + kUdpFlowIdle + Duration(1);
  EXPECT_FALSE(flows.opener(now, us, peer).has_value());
}

}  // namespace
}  // namespace oriel::filter
