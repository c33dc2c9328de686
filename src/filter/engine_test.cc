// Every condition alone and together, both families, and the arithmetic of sublayers and weights.
#include "filter/engine.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "support/req.h"

namespace oriel::filter {
namespace {

Endpoint at(const char* text) {
  return Endpoint::parse(text).value();
}
AddressRange range(const char* prefix) {
  return AddressRange::of(Prefix::parse(prefix).value());
}

FilterEvent event(FilterLayer layer, const char* local, const char* remote) {
  FilterEvent e;
  e.layer = layer;
  e.local = at(local);
  e.remote = at(remote);
  e.is_loopback = e.remote.address.is_loopback();
  return e;
}

FilterEvent v4_connect() {
  return event(FilterLayer::kConnect, "10.0.0.1:5000", "192.168.7.9:80");
}
FilterEvent v6_connect() {
  return event(FilterLayer::kConnect, "[fd00::1]:5000", "[fd07::9]:80");
}

FilterRule block() {
  FilterRule rule;
  rule.layer = FilterLayer::kConnect;
  return rule;
}
FilterRule permit() {
  FilterRule rule = block();
  rule.action = FilterAction::kPermit;
  return rule;
}

class Says final : public FilterCallout {
 public:
  explicit Says(CalloutVerdict v) : verdict(v) {}
  CalloutVerdict classify(const FilterEvent& e) override {
    ++calls;
    last = e.remote;
    return verdict;
  }
  CalloutVerdict verdict;
  int calls = 0;
  Endpoint last;
};

FilterRule callout(const std::shared_ptr<Says>& says) {
  FilterRule rule = block();
  rule.action = FilterAction::kCallout;
  rule.callout = says;
  return rule;
}

TEST(AddressRange, OfPrefixesOfBothFamilies) {
  struct Row {
    const char* prefix;
    const char* first;
    const char* last;
  };
  for (const Row& row :
       {Row{"10.1.2.3/8", "10.0.0.0", "10.255.255.255"}, Row{"10.1.2.3/32", "10.1.2.3", "10.1.2.3"},
        Row{"10.1.2.255/25", "10.1.2.128", "10.1.2.255"},
        Row{"0.0.0.0/0", "0.0.0.0", "255.255.255.255"},
        Row{"fd00::1/64", "fd00::", "fd00::ffff:ffff:ffff:ffff"},
        Row{"fd00::1/127", "fd00::", "fd00::1"},
        Row{"::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}}) {
    const AddressRange r = range(row.prefix);
    EXPECT_EQ(r.first, IpAddress::parse(row.first).value()) << row.prefix;
    EXPECT_EQ(r.last, IpAddress::parse(row.last).value()) << row.prefix;
  }
  EXPECT_FALSE(range("::/0").contains(IpAddress::v4(10, 0, 0, 1)));  // not through the mapped form
}

struct ConditionCase {
  const char* name;
  void (*set)(FilterRule&);
  bool holds_v4;
  bool holds_v6;
};

class ConditionTest : public ::testing::TestWithParam<ConditionCase> {};

TEST_P(ConditionTest, HoldsOrNot) {
  Engine engine;
  FilterRule rule = block();
  GetParam().set(rule);
  ASSERT_TRUE(engine.change({}, {&rule, 1}).has_value());
  EXPECT_EQ(engine.permits(v4_connect()), !GetParam().holds_v4);
  EXPECT_EQ(engine.permits(v6_connect()), !GetParam().holds_v6);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, ConditionTest,
    ::testing::Values(
        ConditionCase{"none", [](FilterRule&) {}, true, true},
        ConditionCase{"family_v4", [](FilterRule& r) { r.family = FilterFamily::kIpv4; }, true,
                      false},
        ConditionCase{"family_v6", [](FilterRule& r) { r.family = FilterFamily::kIpv6; }, false,
                      true},
        ConditionCase{"remote_net",
                      [](FilterRule& r) { r.remote_addresses = {range("192.168.0.0/16")}; }, true,
                      false},
        ConditionCase{"other_net",
                      [](FilterRule& r) { r.remote_addresses = {range("192.167.0.0/16")}; }, false,
                      false},
        ConditionCase{"either_net",
                      [](FilterRule& r) {
                        r.remote_addresses = {range("192.168.7.9/32"), range("fd07::/16")};
                      },
                      true, true},
        ConditionCase{"local_address",
                      [](FilterRule& r) { r.local_addresses = {range("fd00::/64")}; }, false, true},
        ConditionCase{"remote_port",
                      [](FilterRule& r) {
                        r.remote_ports = {{80, 80}};
                      },
                      true, true},
        ConditionCase{"ports_beside",
                      [](FilterRule& r) {
                        r.remote_ports = {{0, 79}, {81, 65535}};
                      },
                      false, false},
        ConditionCase{"local_ports",
                      [](FilterRule& r) {
                        r.local_ports = {{4999, 5001}};
                      },
                      true, true},
        ConditionCase{"tcp",
                      [](FilterRule& r) {
                        r.protocols = {17, 6};
                      },
                      true, true},
        ConditionCase{"udp", [](FilterRule& r) { r.protocols = {17}; }, false, false},
        ConditionCase{"loopback", [](FilterRule& r) { r.is_loopback = true; }, false, false},
        ConditionCase{"not_loopback", [](FilterRule& r) { r.is_loopback = false; }, true, true},
        ConditionCase{"inbound", [](FilterRule& r) { r.direction = FilterDirection::kInbound; },
                      false, false},
        ConditionCase{"all_of_them",
                      [](FilterRule& r) {
                        r.remote_ports = {{80, 80}};
                        r.local_ports = {{5000, 5000}};
                        r.protocols = {6};
                        r.direction = FilterDirection::kOutbound;
                        r.local_addresses = {range("10.0.0.1/32")};
                      },
                      true, false},
        ConditionCase{"all_but_one",
                      [](FilterRule& r) {
                        r.remote_ports = {{80, 80}};
                        r.local_ports = {{5001, 5001}};
                      },
                      false, false},
        ConditionCase{"other_layer", [](FilterRule& r) { r.layer = FilterLayer::kAccept; }, false,
                      false}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(Engine, WithoutRulesNothingIsCovered) {
  Engine engine;
  for (std::size_t i = 0; i < kFilterLayers; ++i) {
    EXPECT_FALSE(engine.covers(static_cast<FilterLayer>(i)));
  }
  EXPECT_TRUE(engine.permits(v4_connect()));
}

TEST(Engine, TheHeaviestRuleOfASublayerDecides) {
  Engine engine;
  FilterRule rules[] = {block(), permit(), block()};
  rules[0].weight = 5;
  rules[1].weight = 10;
  rules[2].weight = 7;
  const auto ids = engine.change({}, rules).value();
  EXPECT_TRUE(engine.permits(v4_connect()));
  ASSERT_TRUE(engine.change({&ids[1], 1}, {}).has_value());
  EXPECT_FALSE(engine.permits(v4_connect()));
}

TEST(Engine, OfEqualWeightsTheOlderDecides) {
  Engine engine;
  const FilterRule rules[] = {permit(), block()};
  const auto ids = engine.change({}, rules).value();
  EXPECT_TRUE(engine.permits(v4_connect()));
  const FilterRule again = permit();
  ASSERT_TRUE(engine.change({&ids[0], 1}, {&again, 1}).has_value());
  EXPECT_FALSE(engine.permits(v4_connect()));
}

// Overlapping sublayers: every pair of decisions, heavier first.
TEST(Engine, SublayersTogether) {
  struct Row {
    const char* name;
    std::function<FilterRule()> heavier;
    std::function<FilterRule()> lighter;
    bool is_permitted;
  };
  const auto final_permit = [] {
    FilterRule r = permit();
    r.is_final = true;
    return r;
  };
  const auto unmatched = [] {
    FilterRule r = block();
    r.remote_ports = {{1, 1}};
    return r;
  };
  const auto looks = [] { return callout(std::make_shared<Says>(CalloutVerdict::kContinue)); };
  const auto callout_blocks = [] {
    return callout(std::make_shared<Says>(CalloutVerdict::kBlock));
  };
  const auto callout_permits = [] {
    return callout(std::make_shared<Says>(CalloutVerdict::kPermit));
  };
  const Row rows[] = {
      {"a block overrides an earlier permit", permit, block, false},
      {"a block is final", block, permit, false},
      {"a block is final even before a final permit", block, final_permit, false},
      {"a final permit ends it", final_permit, block, true},
      {"what does not match decides nothing", unmatched, block, false},
      {"nor do two permits block", permit, permit, true},
      {"a callout that only looks", looks, block, false},
      {"a callout that blocks", callout_blocks, permit, false},
      {"a callout that permits is overridden as a permit", callout_permits, block, false},
      {"permit, then looking", permit, looks, true},
  };
  for (const Row& row : rows) {
    for (const bool is_heavier_first : {true, false}) {  // the order of addition means nothing
      Engine engine;
      const SublayerId light = engine.add_sublayer(100).value();
      const SublayerId heavy = engine.add_sublayer(200).value();
      FilterRule heavier = row.heavier();
      FilterRule lighter = row.lighter();
      heavier.sublayer = heavy;
      lighter.sublayer = light;
      lighter.weight = 1000;  // weights do not reach across sublayers
      const FilterRule& first = is_heavier_first ? heavier : lighter;
      const FilterRule& second = is_heavier_first ? lighter : heavier;
      ASSERT_TRUE(engine.change({}, {&first, 1}).has_value());
      ASSERT_TRUE(engine.change({}, {&second, 1}).has_value());
      EXPECT_EQ(engine.permits(v4_connect()), row.is_permitted) << row.name;
      EXPECT_EQ(engine.permits(v6_connect()), row.is_permitted) << row.name;
    }
  }
}

TEST(Engine, ACalloutIsAskedOnceAndOnlyWhenItMatches) {
  Engine engine;
  const auto says = std::make_shared<Says>(CalloutVerdict::kContinue);
  FilterRule rule = callout(says);
  rule.family = FilterFamily::kIpv6;
  ASSERT_TRUE(engine.change({}, {&rule, 1}).has_value());
  EXPECT_TRUE(engine.permits(v4_connect()));
  EXPECT_EQ(says->calls, 0);
  EXPECT_TRUE(engine.permits(v6_connect()));
  EXPECT_EQ(says->calls, 1);
  EXPECT_EQ(says->last, at("[fd07::9]:80"));
}

TEST(Engine, APermitHidesTheRestOfItsSublayerOnly) {
  Engine engine;
  const auto says = std::make_shared<Says>(CalloutVerdict::kBlock);
  const SublayerId heavy = engine.add_sublayer(1).value();
  FilterRule rules[] = {permit(), callout(says), callout(says)};
  rules[0].sublayer = rules[1].sublayer = heavy;
  rules[0].weight = 9;
  ASSERT_TRUE(engine.change({}, rules).has_value());
  EXPECT_FALSE(engine.permits(v4_connect()));
  EXPECT_EQ(says->calls, 1);  // the one in the default sublayer
}

TEST(Engine, AChangeIsAllOrNothing) {
  Engine engine;
  const FilterRule good = block();
  const FilterId kept = engine.change({}, {&good, 1}).value()[0];
  FilterRule bad = block();
  bad.sublayer = 77;
  const FilterRule both[] = {permit(), bad};
  EXPECT_EQ(engine.change({&kept, 1}, both).error().code, ErrorCode::kNotFound);
  ASSERT_EQ(engine.rules().size(), 1u);
  EXPECT_EQ(engine.rules()[0].first, kept);
  const FilterId unknown = 1234;
  EXPECT_EQ(engine.change({&unknown, 1}, {&good, 1}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(engine.rules().size(), 1u);
}

TEST(Engine, RefusesRulesThatMakeNoSense) {
  Engine engine;
  const auto refused = [&](const std::function<void(FilterRule&)>& spoil) {
    FilterRule rule = block();
    spoil(rule);
    const auto outcome = engine.change({}, {&rule, 1});
    return !outcome && outcome.error().code == ErrorCode::kInvalidArgument &&
           !outcome.error().text.empty();
  };
  EXPECT_TRUE(refused([](FilterRule& r) { r.action = FilterAction::kCallout; }));
  EXPECT_TRUE(refused([](FilterRule& r) {
    r.action = FilterAction::kCallout;
    r.layer = FilterLayer::kStream;
    r.callout = std::make_shared<Says>(CalloutVerdict::kContinue);
  }));
  EXPECT_TRUE(refused([](FilterRule& r) { r.is_final = true; }));
  EXPECT_TRUE(refused([](FilterRule& r) { r.remote_ports = {{2, 1}}; }));
  EXPECT_TRUE(refused([](FilterRule& r) {
    r.local_addresses = {{IpAddress::v4(1, 0, 0, 0), IpAddress()}};
  }));
  EXPECT_TRUE(refused([](FilterRule& r) { r.protocols.assign(kRuleConditionsMax + 1, 6); }));
  EXPECT_TRUE(refused(
      [](FilterRule& r) { r.callout = std::make_shared<Says>(CalloutVerdict::kContinue); }));
}

TEST(Engine, ASublayerInUseStays) {
  Engine engine;
  const SublayerId id = engine.add_sublayer(3).value();
  FilterRule rule = block();
  rule.sublayer = id;
  const FilterId added = engine.change({}, {&rule, 1}).value()[0];
  EXPECT_EQ(engine.remove_sublayer(id).error().code, ErrorCode::kInProgress);
  ASSERT_TRUE(engine.change({&added, 1}, {}).has_value());
  EXPECT_TRUE(engine.remove_sublayer(id).has_value());
  EXPECT_EQ(engine.remove_sublayer(id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(engine.remove_sublayer(kDefaultSublayer).error().code, ErrorCode::kInProgress);
}

struct CoverCase {
  const char* name;
  void (*set)(FilterRule&);
  bool covers_connecting;  // from 127.0.0.1, any port, to 127.0.0.1:80
  bool covers_accepting;   // at 127.0.0.1:80 from 127.0.0.1:5000
};

class LoopbackCoverTest : public ::testing::TestWithParam<CoverCase> {};

TEST_P(LoopbackCoverTest, CoversOrNot) {
  REQ("LFP-9");
  for (const bool is_v6 : {false, true}) {
    const Endpoint any = at(is_v6 ? "[::1]:0" : "127.0.0.1:0");
    const Endpoint server = at(is_v6 ? "[::1]:80" : "127.0.0.1:80");
    const Endpoint client = at(is_v6 ? "[::1]:5000" : "127.0.0.1:5000");
    Engine engine;
    EXPECT_FALSE(engine.covers_loopback(any, server, FilterDirection::kOutbound));
    FilterRule rule = block();
    GetParam().set(rule);
    ASSERT_TRUE(engine.change({}, {&rule, 1}).has_value());
    EXPECT_EQ(engine.covers_loopback(any, server, FilterDirection::kOutbound),
              GetParam().covers_connecting);
    EXPECT_EQ(engine.covers_loopback(server, client, FilterDirection::kInbound),
              GetParam().covers_accepting);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rules, LoopbackCoverTest,
    ::testing::Values(
        CoverCase{"connect", [](FilterRule&) {}, true, false},
        CoverCase{"accept", [](FilterRule& r) { r.layer = FilterLayer::kAccept; }, false, true},
        CoverCase{"stream", [](FilterRule& r) { r.layer = FilterLayer::kStream; }, true, true},
        CoverCase{"transport", [](FilterRule& r) { r.layer = FilterLayer::kInboundTransport; },
                  true, true},
        CoverCase{"a_permit_too", [](FilterRule& r) { r.action = FilterAction::kPermit; }, true,
                  false},
        CoverCase{"not_loopback", [](FilterRule& r) { r.is_loopback = false; }, false, false},
        CoverCase{"udp_only", [](FilterRule& r) { r.protocols = {17}; }, false, false},
        CoverCase{"other_port",
                  [](FilterRule& r) {
                    r.remote_ports = {{81, 81}};
                  },
                  false, false},
        CoverCase{"client_port_unknown_yet",
                  [](FilterRule& r) {
                    r.local_ports = {{9, 9}};
                  },
                  true, false},
        CoverCase{"addresses_elsewhere",
                  [](FilterRule& r) {
                    r.layer = FilterLayer::kStream;
                    r.remote_addresses = {range("10.0.0.0/8"), range("fd00::/8")};
                  },
                  false, false}),
    [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace oriel::filter
