// RFC 9293 3.9: ports, addresses and ICMP, above the single connection.
#include "host_bench.h"

namespace oriel::stack {
namespace {

using std::chrono::seconds;

TEST(MustListen, APassiveOpenDisturbsNoConnection) {
  REQ("RFC9293-MUST-41");
  ManualPair net;
  Connected c = connect(net);
  TcpListener other = net.b.listen_tcp(at("10.0.0.2:81")).value();
  c.listener.close();
  TcpListener again = net.b.listen_tcp(at("10.0.0.2:80")).value();
  ASSERT_TRUE(c.client.try_send(view("undisturbed")).has_value());
  net.run(ms(10));
  EXPECT_EQ(drain(c.server), "undisturbed");
  EXPECT_EQ(c.server.info().state, TcpState::kEstablished);
}

TEST(MustListen, ThePortServesManyAtOnce) {
  REQ("RFC9293-MUST-42");
  ManualPair net;
  Connected first = connect(net);
  TcpSocket second = net.a.open_tcp().value();
  second.async_connect(at("10.0.0.2:80"), [](IoResult) {});
  net.run(ms(10));
  TcpSocket served = first.listener.try_accept().value();
  ASSERT_TRUE(first.client.try_send(view("one")).has_value());
  ASSERT_TRUE(second.try_send(view("two")).has_value());
  net.run(ms(10));
  EXPECT_EQ(drain(first.server), "one");
  EXPECT_EQ(drain(served), "two");
  EXPECT_EQ(first.listener.local(), at("10.0.0.2:80")) << "still there";
}

TEST(ChallengeAck, IsCountedForEverySegmentThatCalledForOne) {
  ManualPair net;
  Connected c = connect(net);
  EXPECT_EQ(net.b.statistics().tcp_challenge_acks, 0u);
  const TcpInfo info = c.client.info();
  const std::size_t before = net.packets_from_b;
  const wire::TcpHeader syn = syn_header(info.local.port, 80);  // RFC 5961 4.2
  net.b.inject(net.b_link, tcp_packet(ip("10.0.0.1"), ip("10.0.0.2"), syn));
  wire::TcpHeader reset = syn;  // RFC 5961 3.2 is for a number in the window: this one is beside it
  reset.flags = flag::kRst;
  net.b.inject(net.b_link, tcp_packet(ip("10.0.0.1"), ip("10.0.0.2"), reset));
  net.run(ms(10));
  EXPECT_EQ(net.b.statistics().tcp_challenge_acks, 1u);
  EXPECT_EQ(net.packets_from_b, before + 1);
  for (int i = 0; i < 100; ++i) {
    net.b.inject(net.b_link, tcp_packet(ip("10.0.0.1"), ip("10.0.0.2"), syn));
  }
  EXPECT_EQ(net.b.statistics().tcp_challenge_acks, 10u) << "ten a second at most";
}

TEST(MustListen, APortThatAnOpeningConnectionUsesCanListen) {
  REQ("RFC9293-MUST-42");
  ManualPair net;
  net.drop = [](bool is_from_a, ByteView, const Offload&) { return !is_from_a; };
  TcpSocket opening = net.a.open_tcp().value();
  opening.async_connect(at("10.0.0.2:80"), [](IoResult) {});
  net.run(ms(10));
  ASSERT_EQ(opening.info().state, TcpState::kSynSent);
  const Endpoint local = opening.info().local;
  EXPECT_TRUE(net.a.listen_tcp(local).has_value()) << "in SYN-SENT";
  TcpListener l = net.b.listen_tcp(at("10.0.0.2:81")).value();
  TcpSocket other = net.a.open_tcp().value();
  other.async_connect(at("10.0.0.2:81"), [](IoResult) {});
  net.run(ms(10));
  ASSERT_EQ(net.b.connections().size(), 1u);
  ASSERT_EQ(net.b.connections()[0].state, TcpState::kSynReceived);
  EXPECT_TRUE(net.b.listen_tcp(at("[::]:81")).has_value()) << "in SYN-RECEIVED";
}

TEST(MustAddress, AProgramMayChooseItAndAllSegmentsCarryIt) {
  REQ("RFC9293-MUST-43");
  REQ("RFC9293-MUST-45");
  ManualPair net;
  ASSERT_TRUE(net.a.add_address(net.a_link, Prefix::parse("10.0.0.77/24").value()).has_value());
  TcpListener l = net.b.listen_tcp(at("0.0.0.0:80")).value();
  Log log(net);
  TcpSocket s = net.a.open_tcp().value();
  ASSERT_TRUE(s.bind(at("10.0.0.77:0")).has_value());
  s.async_connect(at("10.0.0.2:80"), [](IoResult) {});
  net.run(ms(10));
  ASSERT_TRUE(s.try_send(view("text")).has_value());
  net.run(ms(10));
  s.close();
  net.run(ms(10));
  ASSERT_GE(log.from(true).size(), 4u);
  for (const auto& e : log.from(true)) EXPECT_EQ(e.tcp.source, ip("10.0.0.77"));
  for (const auto& e : log.from(false)) EXPECT_EQ(e.tcp.source, ip("10.0.0.2"));
}

TEST(MustAddress, OtherwiseIpChoosesItAndItStays) {
  REQ("RFC9293-MUST-44");
  REQ("RFC9293-MUST-45");
  ManualPair net;
  Log log(net);
  Connected c = connect(net);
  ASSERT_TRUE(net.a.add_address(net.a_link, Prefix::parse("10.0.0.3/28").value()).has_value());
  ASSERT_TRUE(c.client.try_send(view("text")).has_value());
  net.run(ms(10));
  ASSERT_GE(log.from(true).size(), 3u);
  for (const auto& e : log.from(true)) EXPECT_EQ(e.tcp.source, ip("10.0.0.1"));
}

TEST(MustAddress, GroupsAndBroadcastsAreNobodyToConnectTo) {
  REQ("RFC9293-MUST-46");
  ManualPair net;
  for (const char* where :
       {"224.0.0.1:80", "239.1.2.3:80", "255.255.255.255:80", "10.0.0.255:80", "[ff02::1]:80"}) {
    TcpSocket s = net.a.open_tcp().value();
    ErrorCode outcome = ErrorCode::kOk;
    s.async_connect(at(where), [&](IoResult r) { outcome = r.error; });
    net.run(ms(1));
    EXPECT_EQ(outcome, ErrorCode::kInvalidArgument) << where;
  }
  EXPECT_EQ(net.packets_from_a, 0u);
}

TEST(MustSyn, ToGroupsAndBroadcastsIsDroppedSilently) {
  REQ("RFC9293-MUST-57");
  ManualPair net;
  TcpListener l = net.b.listen_tcp(at("0.0.0.0:80")).value();
  for (const char* to : {"224.0.0.1", "255.255.255.255", "10.0.0.255"}) {
    for (const std::uint16_t port : {std::uint16_t{80}, std::uint16_t{81}}) {
      net.b.inject(net.b_link, tcp_packet(ip("10.0.0.1"), ip(to), syn_header(5000, port)));
      net.run(ms(10));
      EXPECT_EQ(net.packets_from_b, 0u) << to << " " << port;
    }
  }
  EXPECT_EQ(net.b.statistics().tcp_connections, 0u);
}

TEST(MustSyn, FromWhatCannotBeASourceIsDropped) {
  REQ("RFC9293-MUST-63");
  ManualPair net;
  TcpListener l = net.b.listen_tcp(at("0.0.0.0:80")).value();
  for (const char* from :
       {"224.0.0.1", "255.255.255.255", "10.0.0.255", "0.0.0.0", "127.0.0.1", "10.0.0.2"}) {
    net.b.inject(net.b_link, tcp_packet(ip(from), ip("10.0.0.2"), syn_header()));
    net.run(ms(10));
    EXPECT_EQ(net.packets_from_b, 0u) << from;
    EXPECT_EQ(net.b.statistics().tcp_connections, 0u) << from;
  }
}

TEST(MustSynReceived, AResetLeavesTheListenerListening) {
  REQ("RFC9293-MUST-11");
  ManualPair net;
  TcpListener l = net.b.listen_tcp(at("10.0.0.2:80")).value();
  net.b.inject(net.b_link, tcp_packet(ip("10.0.0.1"), ip("10.0.0.2"), syn_header()));
  net.b.advance(net.now());
  ASSERT_EQ(net.b.connections().size(), 1u);
  wire::TcpHeader reset = syn_header();
  reset.seq = SeqNum(101);
  reset.flags = flag::kRst;
  net.b.inject(net.b_link, tcp_packet(ip("10.0.0.1"), ip("10.0.0.2"), reset));
  net.b.advance(net.now());
  EXPECT_EQ(net.b.connections().size(), 0u);
  net.run(ms(10));
  TcpSocket s = net.a.open_tcp().value();
  ErrorCode outcome = ErrorCode::kInProgress;
  s.async_connect(at("10.0.0.2:80"), [&](IoResult r) { outcome = r.error; });
  net.run(ms(10));
  EXPECT_EQ(outcome, ErrorCode::kOk);
  EXPECT_TRUE(l.try_accept().has_value());
}

TEST(MustReset, TheProgramHearsThatThePeerAborted) {
  REQ("RFC9293-MUST-12");
  ManualPair net;
  Connected c = connect(net);
  std::uint8_t buffer[4];
  ErrorCode outcome = ErrorCode::kInProgress;
  c.server.async_receive(buffer, [&](IoResult r) { outcome = r.error; });
  c.client.abort();
  net.run(ms(10));
  EXPECT_EQ(outcome, ErrorCode::kConnectionReset);
}

// Sends text that stays unanswered and hands out the packet that carries it.
Packet packet_in_flight(ManualPair& net, Connected& c) {
  Packet seen;
  net.drop = [&](bool is_from_a, ByteView p, const Offload&) {
    const auto v = tcp_of(p);
    if (is_from_a && v && v->text_bytes != 0) seen.assign(p.begin(), p.end());
    return true;
  };
  EXPECT_TRUE(c.client.try_send(pattern(3000)).has_value());
  net.run(ms(1));
  return seen;
}

struct IcmpRow {
  const char* name;
  std::uint8_t type, code;
};

TEST(MustIcmp, NoErrorEndsAnOpenConnection) {
  REQ("RFC9293-MUST-54");
  REQ("RFC9293-MUST-56");
  for (const IcmpRow& row :
       {IcmpRow{"net", 3, 0}, IcmpRow{"host", 3, 1}, IcmpRow{"protocol", 3, 2},
        IcmpRow{"port", 3, 3}, IcmpRow{"source route", 3, 5}, IcmpRow{"administration", 3, 13},
        IcmpRow{"time", 11, 0}, IcmpRow{"reassembly", 11, 1}, IcmpRow{"parameter", 12, 0}}) {
    ManualPair net;
    Connected c = connect(net);
    const Packet quoted = packet_in_flight(net, c);
    net.a.inject(net.a_link,
                 icmp_packet(ip("10.0.0.9"), ip("10.0.0.1"), row.type, row.code, 0, quoted));
    net.run(ms(1));
    EXPECT_EQ(c.client.info().state, TcpState::kEstablished) << row.name;
    net.drop = nullptr;
    net.run(seconds(5));
    EXPECT_EQ(drain(c.server).size(), 3000u) << row.name;
  }
}

TEST(MustIcmp, AHardErrorEndsAnOpenUnderWayAndASoftOneDoesNot) {
  REQ("RFC9293-MUST-54");
  REQ("RFC9293-MUST-47");
  for (const std::uint8_t code : {std::uint8_t{3}, std::uint8_t{1}}) {  // port, host
    ManualPair net;
    Packet syn;
    net.drop = [&](bool is_from_a, ByteView p, const Offload&) {
      if (is_from_a) syn.assign(p.begin(), p.end());
      return true;
    };
    TcpSocket s = net.a.open_tcp().value();
    ErrorCode outcome = ErrorCode::kInProgress;
    s.async_connect(at("10.0.0.2:80"), [&](IoResult r) { outcome = r.error; });
    net.run(ms(1));
    ASSERT_FALSE(syn.empty());
    net.a.inject(net.a_link, icmp_packet(ip("10.0.0.9"), ip("10.0.0.1"), 3, code, 0, syn));
    net.run(ms(1));
    EXPECT_EQ(outcome, code == 3 ? ErrorCode::kConnectionRefused : ErrorCode::kInProgress);
    net.run(seconds(120));
    EXPECT_EQ(outcome, code == 3 ? ErrorCode::kConnectionRefused : ErrorCode::kHostUnreachable);
  }
}

TEST(MustIcmp, TooBigMakesTheSegmentsSmaller) {
  REQ("RFC9293-MUST-54");
  REQ("RFC9293-MUST-16");
  ManualPair net;
  Connected c = connect(net);
  const Packet quoted = packet_in_flight(net, c);
  net.a.inject(net.a_link, icmp_packet(ip("10.0.0.9"), ip("10.0.0.1"), 3, 4, 1000, quoted));
  net.run(ms(1));
  EXPECT_EQ(c.client.info().smss, 960u);
  net.drop = [](bool, ByteView p, const Offload&) { return p.size() > 1000; };
  net.run(seconds(10));
  EXPECT_EQ(drain(c.server).size(), 3000u);
}

TEST(MustIcmp, ErrorsThatQuoteNothingInFlightAreIgnored) {
  ManualPair net;
  Connected c = connect(net);
  Packet quoted = packet_in_flight(net, c);
  store_be32(quoted.data() + 24, load_be32(quoted.data() + 24) + 100'000'000);  // a guessed number
  net.a.inject(net.a_link, icmp_packet(ip("10.0.0.9"), ip("10.0.0.1"), 3, 4, 600, quoted));
  net.run(ms(1));
  EXPECT_EQ(c.client.info().smss, 1460u);
}

TEST(MustIcmp, SourceQuenchIsIgnored) {
  REQ("RFC9293-MUST-55");
  ManualPair net;
  Connected c = connect(net);
  const Packet quoted = packet_in_flight(net, c);
  const TcpInfo before = c.client.info();
  net.a.inject(net.a_link, icmp_packet(ip("10.0.0.9"), ip("10.0.0.1"), 4, 0, 0, quoted));
  net.a.advance(net.now());
  const TcpInfo after = c.client.info();
  EXPECT_EQ(after.state, TcpState::kEstablished);
  EXPECT_EQ(after.cwnd, before.cwnd);
  EXPECT_EQ(after.ssthresh, before.ssthresh);
  EXPECT_EQ(after.smss, before.smss);
}

}  // namespace
}  // namespace oriel::stack
