// Rules on whole hosts: what a blocked connect, accept, packet, datagram and stream looks like to
// both ends, and that rules count for connections made after them.
#include <algorithm>

#include "stack/host_impl.h"
#include "stack/manual_pair_test.h"
#include "support/req.h"

namespace oriel::stack {
namespace {

FilterRule block(FilterLayer layer, std::uint8_t protocol = filter_protocol::kTcp) {
  FilterRule rule;
  rule.layer = layer;
  rule.protocols = {protocol};
  return rule;
}

ErrorCode try_connect(ManualPair& net, TcpSocket& s, const char* where, Duration limit = ms(50)) {
  ErrorCode outcome = ErrorCode::kInProgress;
  s.async_connect(at(where), [&](IoResult r) { outcome = r.error; });
  net.run(limit, [&] { return outcome != ErrorCode::kInProgress; });
  s.abort();
  net.run(ms(0));
  return outcome;
}

constexpr const char* kWheres[] = {"10.0.0.2:80", "[fd00::2]:80"};

TEST(Filter, ABlockedConnectIsDeniedAtOnce) {
  for (const char* where : kWheres) {
    ManualPair net;
    TcpListener l = net.b.listen_tcp(at(where)).value();
    FilterRule rule = block(FilterLayer::kConnect);
    rule.remote_ports = {{80, 80}};
    const FilterId id = net.a.add_filter(rule).value();
    TcpSocket s = net.a.open_tcp().value();
    EXPECT_EQ(try_connect(net, s, where), ErrorCode::kPermissionDenied);
    EXPECT_EQ(net.packets_from_a, 0u);
    EXPECT_EQ(net.a.statistics().filter_blocks, 1u);
    ASSERT_TRUE(net.a.remove_filter(id).has_value());
    TcpSocket again = net.a.open_tcp().value();
    EXPECT_EQ(try_connect(net, again, where), ErrorCode::kOk);
  }
}

TEST(Filter, ABlockedAcceptRefusesThePeer) {
  for (const char* where : kWheres) {
    ManualPair net;
    TcpListener l = net.b.listen_tcp(at(where)).value();
    ASSERT_TRUE(net.b.add_filter(block(FilterLayer::kAccept)).has_value());
    TcpSocket s = net.a.open_tcp().value();
    EXPECT_EQ(try_connect(net, s, where), ErrorCode::kConnectionRefused);
    EXPECT_EQ(l.try_accept().error().code, ErrorCode::kWouldBlock);
    EXPECT_EQ(net.b.statistics().filter_blocks, 1u);
  }
}

TEST(Filter, ConnectionsThatWereThereStay) {
  ManualPair net;
  Connected c = connect(net);
  ASSERT_TRUE(net.a.add_filter(block(FilterLayer::kConnect)).has_value());
  ASSERT_TRUE(net.b.add_filter(block(FilterLayer::kAccept)).has_value());
  ASSERT_TRUE(net.b.add_filter(block(FilterLayer::kStream)).has_value());
  ASSERT_TRUE(c.client.try_send(view("still here")).has_value());
  net.run(ms(10));
  EXPECT_EQ(drain(c.server), "still here");
}

TEST(Filter, BlockedPacketsVanishAtOnceAndComeBack) {
  for (const FilterLayer layer :
       {FilterLayer::kOutboundTransport, FilterLayer::kInboundTransport}) {
    ManualPair net;
    Connected c = connect(net);
    FilterRule rule = block(layer);
    const bool is_out = layer == FilterLayer::kOutboundTransport;
    (is_out ? rule.remote_ports : rule.local_ports) = {{80, 80}};
    Host& where = is_out ? net.a : net.b;
    const FilterId id = where.add_filter(rule).value();
    ASSERT_TRUE(c.client.try_send(view("lost")).has_value());
    net.run(ms(200));
    EXPECT_EQ(drain(c.server), "");
    EXPECT_GE(where.statistics().filter_blocks, 1u);
    ASSERT_TRUE(where.remove_filter(id).has_value());
    net.run(ms(3000));
    EXPECT_EQ(drain(c.server), "lost");
  }
}

// What a callout at the transport layers sees is the packet: header, then payload.
TEST(Filter, CalloutsSeeWholePackets) {
  class Notes final : public FilterCallout {
   public:
    CalloutVerdict classify(const FilterEvent& e) override {
      std::string text;
      for (const ByteView piece : e.packet) {
        text.append(reinterpret_cast<const char*>(piece.data()), piece.size());
      }
      EXPECT_GE(text.size(), 20u);
      EXPECT_EQ(static_cast<std::uint8_t>(text[2]) << 8 | static_cast<std::uint8_t>(text[3]),
                e.direction == FilterDirection::kOutbound ? e.remote.port : e.local.port);
      if (text.find("needle") != text.npos) ++found;
      return CalloutVerdict::kContinue;
    }
    int found = 0;
  };
  ManualPair net;
  const auto out = std::make_shared<Notes>();
  const auto in = std::make_shared<Notes>();
  FilterRule rule = block(FilterLayer::kOutboundTransport);
  rule.action = FilterAction::kCallout;
  rule.callout = out;
  ASSERT_TRUE(net.a.add_filter(rule).has_value());
  rule.layer = FilterLayer::kInboundTransport;
  rule.callout = in;
  ASSERT_TRUE(net.b.add_filter(rule).has_value());
  Connected c = connect(net);
  ASSERT_TRUE(c.client.try_send(view("a needle in hay")).has_value());
  net.run(ms(10));
  EXPECT_EQ(drain(c.server), "a needle in hay");
  EXPECT_EQ(out->found, 1);
  EXPECT_EQ(in->found, 1);
}

TEST(Filter, PingsAreFilteredAsPackets) {
  ManualPair net;
  ASSERT_TRUE(
      net.a.add_filter(block(FilterLayer::kOutboundTransport, filter_protocol::kIcmp)).has_value());
  ErrorCode outcome = ErrorCode::kOk;
  net.a.async_ping(ip("10.0.0.2"), 8, ms(100),
                   [&](Result<Duration> r) { outcome = r ? ErrorCode::kOk : r.error().code; });
  net.run(ms(200));
  EXPECT_EQ(outcome, ErrorCode::kTimedOut);
  EXPECT_EQ(net.packets_from_a, 0u);
}

struct Datagrams {
  explicit Datagrams(ManualPair& net, bool is_v6) {
    a = net.a.open_udp(at(is_v6 ? "[fd00::1]:7" : "10.0.0.1:7")).value();
    b = net.b.open_udp(at(is_v6 ? "[fd00::2]:53" : "10.0.0.2:53")).value();
  }
  static bool came(ManualPair& net, UdpSocket& to) {
    net.run(ms(10));
    std::uint8_t buffer[10];
    return to.try_receive_from(buffer).has_value();
  }
  UdpSocket a, b;
};

TEST(Filter, DatagramsAreDecidedWhereTheirFlowBegan) {
  for (const bool is_v6 : {false, true}) {
    ManualPair net;
    Datagrams d(net, is_v6);
    ASSERT_TRUE(net.a.add_filter(block(FilterLayer::kAccept, filter_protocol::kUdp)).has_value());
    // Nobody may begin a flow to a ...
    ASSERT_TRUE(d.b.send_to(d.a.local(), view("hey")).has_value());
    EXPECT_FALSE(Datagrams::came(net, d.a));
    EXPECT_EQ(net.a.statistics().filter_blocks, 1u);
    // ... but answers reach it.
    ASSERT_TRUE(d.a.send_to(d.b.local(), view("question")).has_value());
    EXPECT_TRUE(Datagrams::came(net, d.b));
    ASSERT_TRUE(d.b.send_to(d.a.local(), view("answer")).has_value());
    EXPECT_TRUE(Datagrams::came(net, d.a));
  }
}

TEST(Filter, ABlockedDatagramIsDenied) {
  for (const bool is_v6 : {false, true}) {
    ManualPair net;
    Datagrams d(net, is_v6);
    ASSERT_TRUE(net.a.add_filter(block(FilterLayer::kConnect, filter_protocol::kUdp)).has_value());
    EXPECT_EQ(d.a.send_to(d.b.local(), view("x")).error().code, ErrorCode::kPermissionDenied);
    EXPECT_EQ(net.packets_from_a, 0u);
    // A server's answers belong to its peer's flow.
    ASSERT_TRUE(d.b.send_to(d.a.local(), view("question")).has_value());
    EXPECT_TRUE(Datagrams::came(net, d.a));
    EXPECT_TRUE(d.a.send_to(d.b.local(), view("answer")).has_value());
    EXPECT_TRUE(Datagrams::came(net, d.b));
  }
}

/// Changes every "cat" within a chunk into "horse", and counts what it sees.
class CatsToHorses final : public StreamInspector {
 public:
  explicit CatsToHorses(std::size_t& seen) : seen_(seen) {}
  StreamVerdict inspect(const StreamChunk& chunk, std::vector<std::uint8_t>& out) override {
    seen_ += chunk.bytes.size();
    std::string text(reinterpret_cast<const char*>(chunk.bytes.data()), chunk.bytes.size());
    if (text.find("poison") != text.npos) return StreamVerdict::kReset;
    const std::size_t at = text.find("cat");
    if (at == text.npos) return StreamVerdict::kPass;
    text.replace(at, 3, "horse");
    out.assign(text.begin(), text.end());
    return StreamVerdict::kReplace;
  }

 private:
  std::size_t& seen_;
};

class Source final : public StreamInspectorSource {
 public:
  std::unique_ptr<StreamInspector> inspector_for(const FilterEvent& connection) override {
    connections.push_back(connection);
    return std::make_unique<CatsToHorses>(seen);
  }
  std::vector<FilterEvent> connections;
  std::size_t seen = 0;
};

FilterRule stream_rule(const std::shared_ptr<Source>& source) {
  FilterRule rule = block(FilterLayer::kStream);
  rule.action = FilterAction::kCallout;
  rule.inspectors = source;
  return rule;
}

TEST(Filter, StreamsAreChangedOnEitherEnd) {
  for (const char* where : kWheres) {
    for (const bool is_at_client : {true, false}) {
      ManualPair net;
      const auto source = std::make_shared<Source>();
      ASSERT_TRUE((is_at_client ? net.a : net.b).add_filter(stream_rule(source)).has_value());
      Connected c = connect(net, where);
      ASSERT_EQ(source->connections.size(), 1u);
      EXPECT_EQ(source->connections[0].direction,
                is_at_client ? FilterDirection::kOutbound : FilterDirection::kInbound);
      EXPECT_EQ(source->connections[0].local, (is_at_client ? c.client : c.server).info().local);
      ASSERT_EQ(c.client.try_send(view("a cat here")).value(), 10u);
      net.run(ms(10));
      EXPECT_EQ(drain(c.server), "a horse here");
      ASSERT_TRUE(c.server.try_send(view("my cat")).has_value());
      net.run(ms(10));
      EXPECT_EQ(drain(c.client), "my horse");
      EXPECT_EQ(source->seen, 16u);
      // An orderly end, both ways, and nothing left.
      ASSERT_TRUE(c.client.shutdown_send().has_value());
      net.run(ms(10));
      std::uint8_t byte = 0;
      EXPECT_EQ(c.server.try_receive({&byte, 1}).value(), 0u);
      c.server.close();
      net.run(ms(10));
      EXPECT_EQ(c.client.try_receive({&byte, 1}).value(), 0u);
      c.client.close();
      net.run(std::chrono::seconds(300));
      EXPECT_EQ(net.a.statistics().tcp_connections, 0u);
      EXPECT_EQ(net.a.statistics().memory_bytes, 0u);
      EXPECT_EQ(net.b.statistics().memory_bytes, 0u);
    }
  }
}

// Every byte of a long transfer with losses passes once and in order, through both ends' chains.
TEST(Filter, ALongTransferPassesInspectorsWhole) {
  ManualPair net;
  const auto at_a = std::make_shared<Source>();
  const auto at_b = std::make_shared<Source>();
  ASSERT_TRUE(net.a.add_filter(stream_rule(at_a)).has_value());
  ASSERT_TRUE(net.b.add_filter(stream_rule(at_b)).has_value());
  Connected c = connect(net);
  int count = 0;
  net.drop = [&](bool is_from_a, ByteView, const Offload&) {
    return is_from_a && ++count % 50 == 0;
  };
  auto sent = pattern(2'000'000);
  std::replace(sent.begin(), sent.end(), std::uint8_t{'c'}, std::uint8_t{'d'});  // no cats
  std::replace(sent.begin(), sent.end(), std::uint8_t{'p'}, std::uint8_t{'q'});  // no poison
  std::vector<std::uint8_t> got;
  bool is_sent = false;
  c.client.async_send_borrowed(sent, [&](IoResult r) {
    EXPECT_EQ(r.error, ErrorCode::kOk);
    EXPECT_EQ(r.bytes, sent.size());
    is_sent = true;
  });
  std::vector<std::uint8_t> buffer(100'000);
  std::function<void()> read = [&] {
    c.server.async_receive(buffer, [&](IoResult r) {
      if (r.error == ErrorCode::kCancelled) return;  // the end of the test
      ASSERT_EQ(r.error, ErrorCode::kOk);
      got.insert(got.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(r.bytes));
      if (r.bytes != 0) read();
    });
  };
  read();
  ASSERT_TRUE(
      net.run(std::chrono::seconds(60), [&] { return is_sent && got.size() == sent.size(); }));
  EXPECT_EQ(got, sent);
  EXPECT_EQ(at_a->seen, sent.size());
  EXPECT_EQ(at_b->seen, sent.size());
}

TEST(Filter, AnInspectorResetsBothEnds) {
  ManualPair net;
  const auto source = std::make_shared<Source>();
  ASSERT_TRUE(net.b.add_filter(stream_rule(source)).has_value());
  Connected c = connect(net);
  ASSERT_TRUE(c.client.try_send(view("poison")).has_value());
  net.run(ms(10));
  std::uint8_t byte = 0;
  EXPECT_EQ(c.server.try_receive({&byte, 1}).error().code, ErrorCode::kConnectionAborted);
  EXPECT_EQ(c.client.try_receive({&byte, 1}).error().code, ErrorCode::kConnectionReset);
}

TEST(Filter, AStreamRuleThatBlocksResetsWithTheFirstBytes) {
  ManualPair net;
  ASSERT_TRUE(net.a.add_filter(block(FilterLayer::kStream)).has_value());
  Connected c = connect(net);
  EXPECT_EQ(net.a.statistics().filter_blocks, 1u);
  (void)c.client.try_send(view("x"));
  net.run(ms(10));
  std::uint8_t byte = 0;
  EXPECT_EQ(c.server.try_receive({&byte, 1}).error().code, ErrorCode::kConnectionReset);
  EXPECT_EQ(c.client.try_receive({&byte, 1}).error().code, ErrorCode::kConnectionAborted);
}

// Bytes that came before somebody accepted pass too, and a connection that nobody accepts leaves
// nothing behind.
TEST(Filter, BytesBeforeAcceptAreInspected) {
  ManualPair net;
  const auto source = std::make_shared<Source>();
  ASSERT_TRUE(net.b.add_filter(stream_rule(source)).has_value());
  TcpListener l = net.b.listen_tcp(at("10.0.0.2:80")).value();
  TcpSocket client = net.a.open_tcp().value();
  client.async_connect(at("10.0.0.2:80"), [](IoResult) {});
  net.run(ms(10));
  ASSERT_TRUE(client.try_send(view("early cat")).has_value());
  net.run(ms(10));
  TcpSocket server = l.try_accept().value();
  EXPECT_EQ(drain(server), "early horse");
  TcpSocket other = net.a.open_tcp().value();
  other.async_connect(at("10.0.0.2:80"), [](IoResult) {});
  net.run(ms(10));
  l.close();
  net.run(ms(10));
  EXPECT_EQ(other.info().state, TcpState::kClosed);
}

// REQ LFP-9
TEST(Filter, RulesOnLoopbackConnectionsAreToldToTheFastPath) {
  REQ("LFP-9");
  HostOptions options;
  options.is_manual = true;
  HostImpl host(options);
  for (const char* server : {"127.0.0.1:80", "[::1]:80"}) {
    const Endpoint any{at(server).address, 0};
    EXPECT_EQ(host.core().loopback_inspection_reason(any, at(server)), "");
    const FilterRule rule = block(FilterLayer::kStream);
    const auto ids = host.core().filters().change({}, {&rule, 1}).value();
    EXPECT_EQ(host.core().loopback_inspection_reason(any, at(server)), "a filter covers it");
    EXPECT_EQ(host.core().loopback_inspection_reason(at(server), any, FilterDirection::kInbound),
              "a filter covers it");
    ASSERT_TRUE(host.core().filters().change(ids, {}).has_value());
    EXPECT_EQ(host.core().loopback_inspection_reason(any, at(server)), "");
  }
}

TEST(Filter, TheLoopbackFlagIsSetForTheHostsOwnAddresses) {
  ManualPair net;
  FilterRule rule = block(FilterLayer::kConnect);
  rule.is_loopback = true;
  ASSERT_TRUE(net.a.add_filter(rule).has_value());
  for (const char* where : {"127.0.0.1:80", "[::1]:80", "10.0.0.1:80", "[fd00::1]:80"}) {
    TcpListener l = net.a.listen_tcp(at(where)).value();
    TcpSocket s = net.a.open_tcp().value();
    EXPECT_EQ(try_connect(net, s, where), ErrorCode::kPermissionDenied) << where;
  }
  TcpListener l = net.b.listen_tcp(at("10.0.0.2:80")).value();
  TcpSocket s = net.a.open_tcp().value();
  EXPECT_EQ(try_connect(net, s, "10.0.0.2:80"), ErrorCode::kOk);
}

TEST(Filter, BadRulesAreRefusedWithASentence) {
  ManualPair net;
  FilterRule rule = block(FilterLayer::kConnect);
  rule.name = "odd";
  rule.remote_ports = {{9, 8}};
  const auto outcome = net.a.add_filter(rule);
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(outcome.error().text.find("odd"), std::string::npos);
  EXPECT_EQ(net.a.remove_filter(99).error().code, ErrorCode::kNotFound);
  const SublayerId sublayer = net.a.add_filter_sublayer(5).value();
  EXPECT_TRUE(net.a.remove_filter_sublayer(sublayer).has_value());
  EXPECT_EQ(net.a.filters().size(), 0u);
}

}  // namespace
}  // namespace oriel::stack
