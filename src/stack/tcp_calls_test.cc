// TCP through the public calls of two manual hosts: open, talk, close, and every way to end.
#include <algorithm>

#include "stack/manual_pair_test.h"

namespace oriel::stack {
namespace {

TEST(TcpCalls, ConnectAcceptEcho) {
  for (const char* where : {"10.0.0.2:80", "[fd00::2]:80"}) {
    ManualPair net;
    Connected c = connect(net, where);
    ASSERT_EQ(c.client.try_send(view("hello")).value(), 5u);
    net.run(ms(10));
    EXPECT_EQ(drain(c.server), "hello") << where;
    ASSERT_EQ(c.server.try_send(view("world!")).value(), 6u);
    net.run(ms(10));
    EXPECT_EQ(drain(c.client), "world!");
    EXPECT_EQ(c.client.info().state, TcpState::kEstablished);
    EXPECT_EQ(c.client.info().remote, at(where));
    EXPECT_EQ(c.server.info().remote, c.client.info().local);
  }
}

TEST(TcpCalls, EthernetResolvesFirst) {
  PairOptions o;
  o.device.framing = DeviceInfo::Framing::kEthernet;
  for (const char* where : {"10.0.0.2:80", "[fd00::2]:80"}) {
    ManualPair net(o);
    Connected c = connect(net, where);
    ASSERT_EQ(c.client.try_send(view("hello")).value(), 5u);
    net.run(ms(10));
    EXPECT_EQ(drain(c.server), "hello");
  }
}

TEST(TcpCalls, RefusedWhereNobodyListens) {
  ManualPair net;
  TcpSocket s = net.a.open_tcp().value();
  ErrorCode outcome = ErrorCode::kInProgress;
  s.async_connect(at("10.0.0.2:81"), [&](IoResult r) { outcome = r.error; });
  net.run(ms(10));
  EXPECT_EQ(outcome, ErrorCode::kConnectionRefused);
  EXPECT_EQ(net.b.statistics().tcp_resets_out, 1u);
  EXPECT_EQ(net.a.statistics().tcp_connections, 0u);
  // The socket may try again elsewhere.
  TcpListener l = net.b.listen_tcp(at("10.0.0.2:82")).value();
  s.async_connect(at("10.0.0.2:82"), [&](IoResult r) { outcome = r.error; });
  net.run(ms(10));
  EXPECT_EQ(outcome, ErrorCode::kOk);
}

TEST(TcpCalls, TimesOutWhenNobodyAnswers) {
  ManualPair net;
  net.drop = [](bool, ByteView, const Offload&) { return true; };
  TcpSocket s = net.a.open_tcp().value();
  ErrorCode outcome = ErrorCode::kInProgress;
  s.async_connect(at("10.0.0.2:80"), [&](IoResult r) { outcome = r.error; });
  net.run(std::chrono::seconds(120), [&] { return outcome != ErrorCode::kInProgress; });
  EXPECT_EQ(outcome, ErrorCode::kTimedOut);
  EXPECT_EQ(net.packets_from_a, 5u);  // the SYN and syn_retransmits more
}

TEST(TcpCalls, NoRouteFailsAtOnce) {
  ManualPair net;
  TcpSocket s = net.a.open_tcp().value();
  ErrorCode outcome = ErrorCode::kOk;
  s.async_connect(at("192.0.2.1:80"), [&](IoResult r) { outcome = r.error; });
  net.run(ms(0));
  EXPECT_EQ(outcome, ErrorCode::kNetworkUnreachable);
  EXPECT_EQ(net.packets_from_a, 0u);
}

struct TransferCase {
  const char* name;
  std::size_t tso_bytes_max;
  bool has_tx_checksum;
  std::size_t mtu;
  int drop_every;
};

class TransferTest : public ::testing::TestWithParam<TransferCase> {};

// Every byte arrives once and in order, whatever the device takes and whatever gets lost.
TEST_P(TransferTest, BytesArriveUnchanged) {
  PairOptions o;
  o.device.mtu = GetParam().mtu;
  o.device.tso_bytes_max = GetParam().tso_bytes_max;
  o.device.has_tx_checksum = GetParam().has_tx_checksum;
  ManualPair net(o);
  Connected c = connect(net);
  int count = 0;
  if (GetParam().drop_every != 0) {
    net.drop = [&](bool is_from_a, ByteView, const Offload&) {
      return is_from_a && ++count % GetParam().drop_every == 0;
    };
  }
  const auto sent = pattern(3'000'000);
  std::vector<std::uint8_t> got;
  IoResult send_outcome{ErrorCode::kInProgress, 0};
  c.client.async_send(sent, [&](IoResult r) {
    send_outcome = r;
    EXPECT_TRUE(c.client.shutdown_send().has_value());
  });
  std::vector<std::uint8_t> buffer(100'000);
  bool is_end = false;
  std::function<void()> read = [&] {
    c.server.async_receive(buffer, [&](IoResult r) {
      ASSERT_EQ(r.error, ErrorCode::kOk);
      got.insert(got.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(r.bytes));
      if (r.bytes == 0) {
        is_end = true;
      } else {
        read();
      }
    });
  };
  read();
  ASSERT_TRUE(net.run(std::chrono::seconds(60), [&] { return is_end; }));
  EXPECT_EQ(send_outcome.error, ErrorCode::kOk);
  EXPECT_EQ(send_outcome.bytes, sent.size());
  EXPECT_TRUE(got == sent);
  EXPECT_EQ(net.b.statistics().checksum_errors, 0u);
  if (GetParam().tso_bytes_max != 0) {
    EXPECT_LT(net.packets_from_a, 1500u);
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, TransferTest,
                         ::testing::Values(TransferCase{"plain", 0, false, 1500, 0},
                                           TransferCase{"checksum", 0, true, 1500, 0},
                                           TransferCase{"tso", 65535, true, 1500, 0},
                                           TransferCase{"large_mtu", 0, false, 65000, 0},
                                           TransferCase{"plain_lossy", 0, false, 1500, 97},
                                           TransferCase{"tso_lossy", 65535, true, 1500, 23}),
                         [](const auto& c) { return c.param.name; });

TEST(TcpCalls, BorrowedBytesCompleteWhenAcknowledged) {
  ManualPair net;
  Connected c = connect(net);
  const auto bytes = pattern(200'000);
  IoResult outcome{ErrorCode::kInProgress, 0};
  c.client.async_send_borrowed(bytes, [&](IoResult r) { outcome = r; });
  net.drop = [](bool is_from_a, ByteView, const Offload&) { return !is_from_a; };
  net.run(ms(100));
  EXPECT_EQ(outcome.error, ErrorCode::kInProgress) << "no acknowledgement came through";
  net.drop = nullptr;
  std::string got;
  net.run(std::chrono::seconds(20), [&] {
    got += drain(c.server);
    return outcome.error != ErrorCode::kInProgress;
  });
  got += drain(c.server);
  EXPECT_EQ(outcome.error, ErrorCode::kOk);
  EXPECT_EQ(outcome.bytes, bytes.size());
  EXPECT_EQ(got.size(), bytes.size());
  EXPECT_TRUE(std::equal(got.begin(), got.end(), bytes.begin(),
                         [](char x, std::uint8_t y) { return static_cast<std::uint8_t>(x) == y; }));
}

TEST(TcpCalls, HalfCloseLetsTheOtherDirectionGoOn) {
  ManualPair net;
  Connected c = connect(net);
  ASSERT_TRUE(c.client.shutdown_send().has_value());
  net.run(ms(10));
  std::uint8_t buffer[16];
  EXPECT_EQ(c.server.try_receive(buffer).value(), 0u);
  EXPECT_EQ(c.client.try_send(view("x")).error().code, ErrorCode::kShutDown);
  ASSERT_EQ(c.server.try_send(view("still here")).value(), 10u);
  net.run(ms(10));
  EXPECT_EQ(drain(c.client), "still here");
  EXPECT_EQ(c.client.info().state, TcpState::kFinWait2);
  EXPECT_EQ(c.server.info().state, TcpState::kCloseWait);
}

TEST(TcpCalls, BothClosesLeaveOnlyTimeWait) {
  PairOptions o;
  o.settings.time_wait = std::chrono::seconds(2);
  ManualPair net(o);
  Connected c = connect(net);
  c.client.close();
  net.run(ms(10));
  c.server.close();
  net.run(ms(10));
  EXPECT_EQ(net.b.statistics().tcp_connections, 0u);
  ASSERT_EQ(net.a.connections().size(), 1u);
  EXPECT_EQ(net.a.connections()[0].state, TcpState::kTimeWait);
  net.run(std::chrono::seconds(3));
  EXPECT_EQ(net.a.statistics().tcp_connections, 0u);
  EXPECT_EQ(net.a.statistics().memory_bytes, 0u);
}

TEST(TcpCalls, WhatWasSentGoesOutAfterTheLastHandleIsGone) {
  ManualPair net;
  Connected c = connect(net);
  const auto bytes = pattern(50'000);
  ASSERT_EQ(c.client.try_send(bytes).value(), bytes.size());
  c.client = TcpSocket();
  net.run(ms(200));
  EXPECT_EQ(drain(c.server).size(), bytes.size());
  std::uint8_t buffer[16];
  EXPECT_EQ(c.server.try_receive(buffer).value(), 0u);
}

// RFC 2525 2.17
TEST(TcpCalls, CloseWithUnreadBytesResets) {
  ManualPair net;
  Connected c = connect(net);
  ASSERT_TRUE(c.client.try_send(view("nobody reads this")).has_value());
  net.run(ms(10));
  c.server.close();
  net.run(ms(10));
  std::uint8_t buffer[16];
  EXPECT_EQ(c.client.try_receive(buffer).error().code, ErrorCode::kConnectionReset);
  EXPECT_EQ(net.b.statistics().tcp_connections, 0u);
}

TEST(TcpCalls, AbortEndsRequestsOfBothSides) {
  ManualPair net;
  Connected c = connect(net);
  std::uint8_t x[4];
  std::uint8_t y[4];
  ErrorCode mine = ErrorCode::kInProgress;
  ErrorCode theirs = ErrorCode::kInProgress;
  c.client.async_receive(x, [&](IoResult r) { mine = r.error; });
  c.server.async_receive(y, [&](IoResult r) { theirs = r.error; });
  net.run(ms(1));
  c.client.abort();
  net.run(ms(10));
  EXPECT_EQ(mine, ErrorCode::kConnectionAborted);
  EXPECT_EQ(theirs, ErrorCode::kConnectionReset);
}

TEST(TcpCalls, CancelEndsEachKindOfRequestOnce) {
  ManualPair net;
  net.drop = [](bool, ByteView, const Offload&) { return true; };
  TcpSocket s = net.a.open_tcp().value();
  std::vector<ErrorCode> outcomes;
  const auto note = [&](IoResult r) { outcomes.push_back(r.error); };
  const RequestId connecting = s.async_connect(at("10.0.0.2:80"), note);
  s.cancel(connecting);
  s.cancel(connecting);
  net.run(ms(1));
  EXPECT_EQ(outcomes, std::vector{ErrorCode::kCancelled});
  EXPECT_EQ(net.a.statistics().tcp_connections, 0u) << "a cancelled connect gives the attempt up";

  net.drop = nullptr;
  outcomes.clear();
  Connected c = connect(net);
  std::uint8_t buffer[4];
  const auto much = pattern(4'000'000);
  const RequestId receiving = c.client.async_receive(buffer, note);
  const RequestId sending = c.client.async_send(much, note);
  net.run(ms(5));
  EXPECT_TRUE(outcomes.empty());
  c.client.cancel(sending);
  c.client.cancel(receiving);
  net.run(ms(1));
  EXPECT_EQ(outcomes, (std::vector{ErrorCode::kCancelled, ErrorCode::kCancelled}));

  ErrorCode accepted = ErrorCode::kOk;
  const RequestId accepting =
      c.listener.async_accept([&](Result<TcpSocket> r) { accepted = r.error().code; });
  c.listener.cancel(accepting);
  net.run(ms(1));
  EXPECT_EQ(accepted, ErrorCode::kCancelled);

  UdpSocket u = net.a.open_udp(at("10.0.0.1:0")).value();
  ErrorCode received = ErrorCode::kOk;
  const RequestId waiting =
      u.async_receive_from(buffer, [&](Result<Datagram> r) { received = r.error().code; });
  u.cancel(waiting);
  net.run(ms(1));
  EXPECT_EQ(received, ErrorCode::kCancelled);
}

TEST(TcpCalls, CloseCancelsWhatIsPending) {
  ManualPair net;
  Connected c = connect(net);
  std::uint8_t buffer[4];
  int calls = 0;
  ErrorCode outcome = ErrorCode::kOk;
  c.client.async_receive(buffer, [&](IoResult r) {
    ++calls;
    outcome = r.error;
  });
  c.client.close();
  net.run(ms(10));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(outcome, ErrorCode::kCancelled);
  EXPECT_EQ(c.client.try_send(view("x")).error().code, ErrorCode::kNotConnected);
}

TEST(TcpCalls, BacklogBoundsWhatWaitsForAccept) {
  ManualPair net;
  ListenOptions options;
  options.backlog = 2;
  TcpListener l = net.b.listen_tcp(at("10.0.0.2:80"), options).value();
  std::vector<TcpSocket> sockets;
  int connected = 0;
  for (int i = 0; i < 4; ++i) {
    sockets.push_back(net.a.open_tcp().value());
    sockets.back().async_connect(at("10.0.0.2:80"),
                                 [&](IoResult r) { connected += r.error == ErrorCode::kOk; });
    net.run(ms(10));
  }
  EXPECT_EQ(connected, 2);
  EXPECT_EQ(net.b.statistics().tcp_syn_drops, 2u);
  TcpSocket first = l.try_accept().value();
  TcpSocket second = l.try_accept().value();
  EXPECT_EQ(l.try_accept().error().code, ErrorCode::kWouldBlock);
  net.run(std::chrono::seconds(5), [&] { return connected == 4; });
  EXPECT_EQ(connected, 4) << "the SYN came again and found room";
}

TEST(TcpCalls, ClosingTheListenerResetsWhatNobodyAccepted) {
  ManualPair net;
  TcpListener l = net.b.listen_tcp(at("10.0.0.2:80")).value();
  TcpSocket s = net.a.open_tcp().value();
  s.async_connect(at("10.0.0.2:80"), [](IoResult) {});
  net.run(ms(10));
  l.close();
  net.run(ms(10));
  std::uint8_t buffer[4];
  EXPECT_EQ(s.try_receive(buffer).error().code, ErrorCode::kConnectionReset);
  EXPECT_EQ(net.b.statistics().tcp_connections, 0u);
  EXPECT_TRUE(net.b.listen_tcp(at("10.0.0.2:80")).has_value()) << "the port is free again";
}

TEST(TcpCalls, APortIsBoundOnce) {
  ManualPair net;
  TcpListener l = net.b.listen_tcp(at("0.0.0.0:80")).value();
  EXPECT_EQ(net.b.listen_tcp(at("10.0.0.2:80")).error().code, ErrorCode::kAddressInUse);
  EXPECT_TRUE(net.b.listen_tcp(at("[::]:80")).has_value());
  EXPECT_EQ(net.b.listen_tcp(at("192.0.2.1:80")).error().code, ErrorCode::kAddressNotAvailable);
}

TEST(TcpCalls, TheIpv6WildcardTakesBothFamilies) {
  ManualPair net;
  TcpListener both = net.b.listen_tcp(at("[::]:80")).value();
  for (const char* where : {"10.0.0.2:80", "[fd00::2]:80"}) {
    TcpSocket s = net.a.open_tcp().value();
    ErrorCode outcome = ErrorCode::kInProgress;
    s.async_connect(at(where), [&](IoResult r) { outcome = r.error; });
    net.run(ms(10));
    EXPECT_EQ(outcome, ErrorCode::kOk) << where;
    EXPECT_TRUE(both.try_accept().has_value()) << where;
  }
  // Whoever asked for IPv4 alone goes first there.
  TcpListener v4 = net.b.listen_tcp(at("0.0.0.0:80")).value();
  TcpSocket s = net.a.open_tcp().value();
  s.async_connect(at("10.0.0.2:80"), [](IoResult) {});
  net.run(ms(10));
  EXPECT_TRUE(v4.try_accept().has_value());
  EXPECT_FALSE(both.try_accept().has_value());
}

TEST(TcpCalls, BoundSocketsConnectFromTheirPort) {
  ManualPair net;
  TcpListener l = net.b.listen_tcp(at("10.0.0.2:80")).value();
  TcpSocket s = net.a.open_tcp().value();
  ASSERT_TRUE(s.bind(at("10.0.0.1:5000")).has_value());
  ErrorCode outcome = ErrorCode::kInProgress;
  s.async_connect(at("10.0.0.2:80"), [&](IoResult r) { outcome = r.error; });
  net.run(ms(10));
  EXPECT_EQ(outcome, ErrorCode::kOk);
  EXPECT_EQ(s.info().local, at("10.0.0.1:5000"));
  EXPECT_EQ(net.a.listen_tcp(at("10.0.0.1:5000")).error().code, ErrorCode::kAddressInUse);
}

TEST(TcpCalls, AHostTalksToItself) {
  ManualPair net;
  for (const char* where : {"127.0.0.1:80", "[::1]:80", "10.0.0.1:80"}) {
    TcpListener l = net.a.listen_tcp(at(where)).value();
    TcpSocket c = net.a.open_tcp().value();
    ErrorCode outcome = ErrorCode::kInProgress;
    c.async_connect(at(where), [&](IoResult r) { outcome = r.error; });
    net.run(ms(10));
    ASSERT_EQ(outcome, ErrorCode::kOk) << where;
    TcpSocket s = l.try_accept().value();
    const auto bytes = pattern(500'000);
    std::size_t accepted = 0;
    std::string got;
    net.run(std::chrono::seconds(5), [&] {
      if (accepted < bytes.size()) {
        accepted += c.try_send(ByteView(bytes).subspan(accepted)).value_or(0);
      }
      got += drain(s);
      return got.size() == bytes.size();
    });
    EXPECT_EQ(got.size(), bytes.size()) << where;
  }
  EXPECT_EQ(net.packets_from_a, 0u);
}

TEST(TcpCalls, ConnectionsOverALostLinkSaySo) {
  ManualPair net;
  Connected c = connect(net);
  std::uint8_t buffer[4];
  ErrorCode outcome = ErrorCode::kInProgress;
  c.client.async_receive(buffer, [&](IoResult r) { outcome = r.error; });
  ASSERT_TRUE(net.a.remove_link(net.a_link).has_value());
  net.run(ms(1));
  EXPECT_EQ(outcome, ErrorCode::kDeviceLost);
  EXPECT_EQ(c.client.try_send(view("x")).error().code, ErrorCode::kDeviceLost);
  EXPECT_EQ(net.a.statistics().tcp_connections, 0u);
  EXPECT_EQ(net.a.remove_link(net.a_link).error().code, ErrorCode::kNotFound);
}

TEST(TcpCalls, WhatCameBeforeBothFinsIsReadableAfterTheLinkIsLost) {
  ManualPair net;
  Connected c = connect(net);
  ASSERT_TRUE(c.client.shutdown_send().has_value());
  net.run(ms(1));
  ASSERT_TRUE(c.server.try_send(view("last words")).has_value());
  ASSERT_TRUE(c.server.shutdown_send().has_value());
  net.run(ms(1));
  ASSERT_EQ(net.a.connections()[0].state, TcpState::kTimeWait);
  ASSERT_TRUE(net.a.remove_link(net.a_link).has_value());
  net.run(ms(1));
  std::uint8_t buffer[16];
  const auto got = c.client.try_receive(buffer);
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(*got, 10u);
  EXPECT_EQ(c.client.try_receive(buffer).value(), 0u);  // and then the end, as the peer said it
  net.run(std::chrono::seconds(300));                   // TIME-WAIT ends without its link
  EXPECT_EQ(net.a.statistics().tcp_connections, 0u);
}

TEST(TcpCalls, ConnectionsMaxRefusesMore) {
  PairOptions o;
  o.settings.connections_max = 1;
  ManualPair net(o);
  Connected c = connect(net);
  TcpSocket s = net.a.open_tcp().value();
  ErrorCode outcome = ErrorCode::kOk;
  s.async_connect(at("10.0.0.2:80"), [&](IoResult r) { outcome = r.error; });
  net.run(ms(1));
  EXPECT_EQ(outcome, ErrorCode::kNoBuffers);
}

TEST(TcpCalls, EveryEphemeralPortServesOnce) {
  int failures = 0;  // outlives the host, which ends what waits
  ErrorCode outcome = ErrorCode::kOk;
  ManualPair net;
  net.drop = [](bool, ByteView, const Offload&) { return true; };
  std::vector<TcpSocket> sockets;
  for (int i = 0; i < 16384; ++i) {
    sockets.push_back(net.a.open_tcp().value());
    sockets.back().async_connect(at("10.0.0.2:80"), [&](IoResult) { ++failures; });
  }
  net.run(ms(0));
  EXPECT_EQ(failures, 0);
  TcpSocket one_more = net.a.open_tcp().value();
  one_more.async_connect(at("10.0.0.2:80"), [&](IoResult r) { outcome = r.error; });
  net.run(ms(0));
  EXPECT_EQ(outcome, ErrorCode::kAddressNotAvailable);
}

TEST(TcpCalls, SocketsOutliveTheirHost) {
  TcpSocket orphan;
  ErrorCode outcome = ErrorCode::kOk;
  std::uint8_t buffer[4];
  {
    ManualPair net;
    Connected c = connect(net);
    orphan = c.client;
    orphan.async_receive(buffer, [&](IoResult r) { outcome = r.error; });
  }
  EXPECT_EQ(outcome, ErrorCode::kConnectionAborted);
  EXPECT_EQ(orphan.try_send(view("x")).error().code, ErrorCode::kConnectionAborted);
}

TEST(TcpCalls, BlockingCallsAreRefusedOnManualHosts) {
  ManualPair net;
  TcpSocket s = net.a.open_tcp().value();
  EXPECT_EQ(s.connect(at("10.0.0.2:80")).error().code, ErrorCode::kNotSupported);
}

}  // namespace
}  // namespace oriel::stack
