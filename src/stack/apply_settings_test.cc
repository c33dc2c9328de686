// Settings that change under a running host: new connections follow, others keep what they have.
#include "stack/manual_pair_test.h"
#include "support/req.h"

namespace oriel::stack {
namespace {

HostSettings at_level(AutotuningLevel level) {
  HostSettings s;
  s.autotuning_level = level;
  return s;
}

TEST(ApplySettings, NewConnectionsFollowAndOldOnesKeepTheirs) {
  REQ("SET-1");
  REQ("CM-10");
  ManualPair net;
  Connected first = connect(net, "10.0.0.2:80");
  EXPECT_EQ(first.server.info().snd_wind_shift, 8);  // what a's SYN offered
  net.a.apply_settings(at_level(AutotuningLevel::kHighlyRestricted));
  Connected second = connect(net, "10.0.0.2:81");
  EXPECT_EQ(second.server.info().snd_wind_shift, 2);
  net.a.apply_settings(at_level(AutotuningLevel::kDisabled));
  Connected third = connect(net, "10.0.0.2:82");
  EXPECT_EQ(third.server.info().snd_wind_shift, -1);
  EXPECT_EQ(third.client.info().rcv_wind_shift, -1);
  for (Connected* c : {&first, &second, &third}) {
    ASSERT_EQ(c->server.try_send(view("still there")).value(), 11u);
    net.run(ms(10));
    EXPECT_EQ(drain(c->client), "still there");
  }
  EXPECT_EQ(first.client.info().rcv_wind_shift, 8);
  EXPECT_EQ(second.client.info().rcv_wind_shift, 2);
}

TEST(ApplySettings, AListenersNextConnectionFollows) {
  ManualPair net;
  Connected first = connect(net, "10.0.0.2:80");
  EXPECT_EQ(first.client.info().snd_wind_shift, 8);
  net.b.apply_settings(at_level(AutotuningLevel::kRestricted));
  TcpSocket second = net.a.open_tcp().value();
  second.async_connect(at("10.0.0.2:80"), {});
  net.run(ms(10));
  EXPECT_EQ(second.info().snd_wind_shift, 4);
}

TEST(ApplySettings, TheHopLimitCountsAtOnce) {
  ManualPair net;
  Connected c = connect(net);
  std::uint8_t ttl = 0;
  net.drop = [&ttl](bool is_from_a, ByteView packet, const Offload&) {
    if (is_from_a) ttl = packet[8];
    return false;
  };
  HostSettings s;
  s.hop_limit = 9;
  net.a.apply_settings(s);
  ASSERT_TRUE(c.client.try_send(view("x")).has_value());
  net.run(ms(10));
  EXPECT_EQ(ttl, 9);
}

}  // namespace
}  // namespace oriel::stack
