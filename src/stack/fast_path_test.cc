// Which path a loopback connection of one host takes, and what shows it: packets, statistics, what
// the connection says of itself. On virtual time, so that nothing moves but by our hand.
#include <gtest/gtest.h>

#include <string>

#include "oriel/host.h"
#include "stack/manual_pair_test.h"
#include "support/req.h"

namespace oriel::stack {
namespace {

HostOptions manual() {
  HostOptions o;
  o.is_manual = true;
  return o;
}

struct Ends {
  TcpListener listener;
  TcpSocket client;
  TcpSocket server;
};

class FastPath : public ::testing::Test {
 protected:
  Ends connected(bool is_client_asking, bool is_server_asking, const char* where = "127.0.0.1:0") {
    Ends ends;
    ListenOptions listening;
    listening.tcp.is_loopback_fast_path = is_server_asking;
    ends.listener = host.listen_tcp(at(where), listening).value();
    ends.listener.async_accept([&](Result<TcpSocket> s) { ends.server = std::move(s.value()); });
    TcpOptionsForSocket options;
    options.is_loopback_fast_path = is_client_asking;
    ends.client = host.open_tcp(options).value();
    ErrorCode outcome = ErrorCode::kInProgress;
    ends.client.async_connect(ends.listener.local(), [&](IoResult r) { outcome = r.error; });
    host.advance(host.now());
    EXPECT_EQ(outcome, ErrorCode::kOk);
    EXPECT_TRUE(static_cast<bool>(ends.server));
    return ends;
  }

  Host host = Host::create(manual()).value();
};

TEST_F(FastPath, CarriesBytesWithoutASinglePacket) {
  REQ("LFP-7");
  REQ("LFP-3");
  for (const char* where : {"127.0.0.1:0", "[::1]:0"}) {
    Ends ends = connected(true, true, where);
    const std::uint64_t packets = host.statistics().packets_out;
    EXPECT_EQ(packets, 0u);
    EXPECT_EQ(ends.client.try_send(view("over the rings")).value(), 14u);
    host.advance(host.now());
    EXPECT_EQ(drain(ends.server), "over the rings");
    ends.client.close();
    host.advance(host.now());
    EXPECT_EQ(host.statistics().packets_out, 0u);
    EXPECT_EQ(ends.server.info().path, ConnectionPath::kFast);
    EXPECT_EQ(ends.server.info().state, TcpState::kCloseWait);
  }
  EXPECT_EQ(host.statistics().fast_path_opens, 2u);
}

TEST_F(FastPath, TheOrdinaryPathSendsSegments) {
  REQ("LFP-7");
  Ends ends = connected(false, true);
  const std::uint64_t packets = host.statistics().packets_out;
  EXPECT_GE(packets, 3u);
  EXPECT_EQ(ends.client.try_send(view("in segments")).value(), 11u);
  host.advance(host.now());
  EXPECT_EQ(drain(ends.server), "in segments");
  EXPECT_GT(host.statistics().packets_out, packets);
  EXPECT_EQ(ends.client.info().path, ConnectionPath::kLoopback);
  EXPECT_EQ(ends.client.info().path_reason, PathReason::kConnectorDidNotAsk);
  EXPECT_EQ(ends.server.info().path_reason, PathReason::kConnectorDidNotAsk);
}

TEST_F(FastPath, FallingOffItIsCountedWithTheReason) {
  REQ("LFP-4");
  const Ends ends = connected(true, false);
  EXPECT_EQ(ends.client.info().path_reason, PathReason::kListenerDidNotAsk);
  const HostStatistics s = host.statistics();
  EXPECT_EQ(s.fast_path_opens, 0u);
  EXPECT_EQ(s.fast_path_fallbacks[static_cast<std::size_t>(PathReason::kListenerDidNotAsk)], 1u);
}

TEST_F(FastPath, SettingsAndProfilesTurnItOff) {
  REQ("LFP-2");
  for (const bool is_setting : {false, true}) {
    HostOptions options = manual();
    if (is_setting) {
      options.settings.is_loopback_fast_path_allowed = false;
    } else {
      options.settings.profile = OsProfile::k7;
    }
    host = Host::create(options).value();
    const Ends ends = connected(true, true);
    EXPECT_EQ(ends.client.info().path_reason, PathReason::kOffBySettings);
  }
}

TEST_F(FastPath, ARuleAboutLoopbackSendsItTheOrdinaryWay) {
  REQ("LFP-9");
  FilterRule rule;
  rule.layer = FilterLayer::kConnect;
  rule.action = FilterAction::kPermit;
  const FilterId id = host.add_filter(rule).value();
  EXPECT_EQ(connected(true, true).client.info().path_reason, PathReason::kFiltered);
  ASSERT_TRUE(host.remove_filter(id));
  EXPECT_EQ(connected(true, true).client.info().path, ConnectionPath::kFast);
}

// A queue that is full refuses the short way as it refuses a handshake: later, by the ordinary
// path.
TEST_F(FastPath, AFullAcceptQueueSendsItTheOrdinaryWay) {
  ListenOptions listening;
  listening.backlog = 1;
  listening.tcp.is_loopback_fast_path = true;
  const TcpListener listener = host.listen_tcp(at("127.0.0.1:0"), listening).value();
  TcpOptionsForSocket options;
  options.is_loopback_fast_path = true;
  TcpSocket first = host.open_tcp(options).value();
  TcpSocket second = host.open_tcp(options).value();
  for (TcpSocket* s : {&first, &second}) {
    s->async_connect(listener.local(), [](IoResult) {});
    host.advance(host.now());
  }
  EXPECT_EQ(first.info().path, ConnectionPath::kFast);
  EXPECT_EQ(second.info().path_reason, PathReason::kBacklogFull);
  EXPECT_EQ(second.info().state, TcpState::kSynSent);
}

TEST_F(FastPath, EndOfTheHostEndsItsConnections) {
  Ends ends = connected(true, true);
  host.end(Duration{0});
  EXPECT_EQ(ends.client.try_send(view("x")).error().code, ErrorCode::kConnectionAborted);
}

TEST_F(FastPath, AsynchronousRequestsWaitForRoomAndBytes) {
  REQ("LFP-8");
  Ends ends = connected(true, true);
  const auto bytes = pattern(1'000'000);
  bool is_sent = false;
  ends.client.async_send(bytes, [&](IoResult r) { is_sent = r.error == ErrorCode::kOk; });
  host.advance(host.now());
  EXPECT_FALSE(is_sent);
  std::vector<std::uint8_t> got(bytes.size());
  std::size_t done = 0;
  while (done < got.size()) {
    IoResult result;
    ends.server.async_receive(ByteSpan(got).subspan(done), [&](IoResult r) { result = r; });
    host.advance(host.now());
    ASSERT_NE(result.bytes, 0u);
    done += result.bytes;
  }
  EXPECT_TRUE(is_sent);
  EXPECT_EQ(got, bytes);
}

}  // namespace
}  // namespace oriel::stack
