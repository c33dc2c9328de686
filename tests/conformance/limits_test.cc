// What happens at a host's limits: backlog, orphans, memory; and when TIME-WAIT makes room.
#include <array>

#include "host_bench.h"

namespace oriel::stack {
namespace {

using std::chrono::seconds;

TEST(Backlog, HoldsForHandshakesThatEndTogether) {
  ManualPair net;
  ListenOptions options;
  options.backlog = 2;
  TcpListener l = net.b.listen_tcp(at("10.0.0.2:80"), options).value();
  std::vector<TcpSocket> clients;
  for (int i = 0; i < 6; ++i) {  // all SYNs are let in: nobody waits yet
    clients.push_back(net.a.open_tcp().value());
    clients.back().async_connect(at("10.0.0.2:80"), [](IoResult) {});
  }
  net.run(ms(100));
  EXPECT_EQ(net.b.statistics().tcp_passive_opens, 6u);
  EXPECT_GE(net.b.statistics().tcp_syn_drops, 4u) << "the last ACKs that found no room";
  std::size_t waiting = 0;
  for (const TcpInfo& c : net.b.connections()) waiting += c.state == TcpState::kEstablished;
  EXPECT_EQ(waiting, 2u);
  // Who waits outside comes in once there is room: our SYN-ACK again, the peer's ACK again.
  std::vector<TcpSocket> servers;
  for (TcpSocket& c : clients) ASSERT_TRUE(c.try_send(view("hello")).has_value());
  EXPECT_TRUE(net.run(seconds(5), [&] {
    while (auto s = l.try_accept()) servers.push_back(std::move(*s));
    return servers.size() == clients.size();
  }));
  net.run(seconds(2));
  for (TcpSocket& s : servers) EXPECT_EQ(drain(s), "hello");
}

TEST(Orphans, BeyondTheLimitTheNewestIsReset) {
  PairOptions o;
  o.settings.orphans_max = 2;
  ManualPair net(o);
  std::vector<Connected> all;
  for (int i = 0; i < 3; ++i) {
    all.push_back(connect(net, ("10.0.0.2:" + std::to_string(80 + i)).c_str()));
  }
  for (Connected& c : all) c.client.close();  // the servers do not: FIN-WAIT-2 at most
  net.run(ms(10));
  EXPECT_EQ(net.a.statistics().tcp_connections, 2u);
  EXPECT_EQ(all[0].server.info().state, TcpState::kCloseWait);
  EXPECT_EQ(all[1].server.info().state, TcpState::kCloseWait);
  std::array<std::uint8_t, 8> buffer;
  EXPECT_EQ(all[2].server.try_receive(buffer).error().code, ErrorCode::kConnectionReset);
}

TEST(Orphans, BeyondTheLimitTheOldestInTimeWaitMakesRoom) {
  PairOptions o;
  o.settings.orphans_max = 2;
  ManualPair net(o);
  std::vector<std::uint16_t> ports;
  for (std::uint16_t i = 0; i < 3; ++i) {
    Connected c = connect(net, ("10.0.0.2:" + std::to_string(80 + i)).c_str());
    ports.push_back(c.client.info().remote.port);
    c.client.close();
    net.run(ms(10));
    c.server.close();
    net.run(ms(10));
  }
  const std::vector<TcpInfo> left = net.a.connections();
  ASSERT_EQ(left.size(), 2u);
  for (const TcpInfo& c : left) {
    EXPECT_EQ(c.state, TcpState::kTimeWait);
    EXPECT_NE(c.remote.port, ports[0]) << "the oldest has gone";
  }
}

TEST(MemoryLimit, HoldsSendersBackAndEverythingArrives) {
  PairOptions o;
  o.settings.memory_bytes_max = 1u << 20;
  ManualPair net(o);
  Connected c = connect(net);
  std::vector<TcpSocket> more;
  const std::vector<std::uint8_t> data = pattern(12u << 20);
  std::size_t sent = 0;
  std::uint64_t memory_most = 0;
  const auto send = [&] {
    while (sent < data.size()) {
      const auto n = c.client.try_send(ByteView(data).subspan(sent));
      if (!n) break;
      sent += *n;
    }
    memory_most =
        std::max({memory_most, net.a.statistics().memory_bytes, net.b.statistics().memory_bytes});
    return false;
  };
  net.run(seconds(2), send);  // nobody reads
  EXPECT_LT(sent, 4u << 20);
  // The limit, one turn's copy and the floor of one connection beyond it.
  EXPECT_LE(memory_most, (1u << 20) + (512u << 10));
  std::vector<std::uint8_t> got;
  std::array<std::uint8_t, 65536> buffer;
  net.run(seconds(60), [&] {
    send();
    while (const auto n = c.server.try_receive(buffer)) {
      if (*n == 0) break;
      got.insert(got.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*n));
    }
    return got.size() == data.size();
  });
  EXPECT_TRUE(got == data) << got.size();
  c = {};
  net.run(seconds(300));
  EXPECT_EQ(net.a.statistics().memory_bytes, 0u);
  EXPECT_EQ(net.b.statistics().memory_bytes, 0u);
}

TEST(MemoryLimit, OverItNothingNewBegins) {
  PairOptions o;
  o.settings.memory_bytes_max = 50'000;
  ManualPair net(o);
  Connected c = connect(net);
  const std::vector<std::uint8_t> data = pattern(1u << 20);
  net.run(ms(1000), [&] { return !c.client.try_send(data).has_value() && false; });
  ASSERT_GT(net.b.statistics().memory_bytes, 50'000u) << "nobody reads";
  TcpSocket s = net.b.open_tcp().value();
  ErrorCode outcome = ErrorCode::kOk;
  s.async_connect(at("10.0.0.1:80"), [&](IoResult r) { outcome = r.error; });
  net.b.advance(net.now());
  EXPECT_EQ(outcome, ErrorCode::kNoBuffers);
  net.b.inject(net.b_link, tcp_packet(ip("10.0.0.1"), ip("10.0.0.2"), syn_header()));
  EXPECT_EQ(net.b.statistics().tcp_syn_drops, 1u);
  EXPECT_EQ(net.b.statistics().tcp_connections, 1u);
}

// Leaves b in TIME-WAIT of a connection from port 5000; returns what it sent last.
TcpView leave_in_time_wait(ManualPair& net, TcpListener& l, Log& log) {
  TcpSocket client = net.a.open_tcp().value();
  EXPECT_TRUE(client.bind(at("10.0.0.1:5000")).has_value());
  client.async_connect(at("10.0.0.2:80"), [](IoResult) {});
  net.run(ms(10));
  TcpSocket server = l.try_accept().value();
  server.close();
  net.run(ms(10));
  client.close();
  net.run(ms(10));
  EXPECT_EQ(net.b.connections().at(0).state, TcpState::kTimeWait);
  EXPECT_TRUE(net.a.connections().empty());
  return log.from(true).back().tcp;
}

TEST(TimeWait, ANewerSynTakesItsPlace) {
  ManualPair net;
  TcpListener l = net.b.listen_tcp(at("10.0.0.2:80")).value();
  Log log(net);
  const TcpView last = leave_in_time_wait(net, l, log);
  wire::TcpHeader syn = syn_header(5000, 80);
  syn.seq = last.header.seq + 1000;
  net.b.inject(net.b_link, tcp_packet(ip("10.0.0.1"), ip("10.0.0.2"), syn));
  ASSERT_EQ(net.b.connections().size(), 1u);
  EXPECT_EQ(net.b.connections()[0].state, TcpState::kSynReceived);
}

TEST(TimeWait, AProgramMayConnectFromThatPortAgain) {
  ManualPair net;
  TcpListener l = net.b.listen_tcp(at("10.0.0.2:80")).value();
  Log log(net);
  leave_in_time_wait(net, l, log);
  TcpSocket again = net.a.open_tcp().value();
  ASSERT_TRUE(again.bind(at("10.0.0.1:5000")).has_value());
  ErrorCode outcome = ErrorCode::kInProgress;
  again.async_connect(at("10.0.0.2:80"), [&](IoResult r) { outcome = r.error; });
  net.run(ms(10));
  EXPECT_EQ(outcome, ErrorCode::kOk);
  TcpSocket server = l.try_accept().value();
  ASSERT_TRUE(again.try_send(view("anew")).has_value());
  net.run(ms(10));
  EXPECT_EQ(drain(server), "anew");
}

TEST(TimeWait, AnOldSynDoesNotAndIsAnsweredWithWhereWeAre) {
  ManualPair net;
  TcpListener l = net.b.listen_tcp(at("10.0.0.2:80")).value();
  Log log(net);
  const TcpView last = leave_in_time_wait(net, l, log);
  wire::TcpHeader syn = syn_header(5000, 80);
  syn.seq = last.header.seq - 1000;
  log.entries.clear();
  net.b.inject(net.b_link, tcp_packet(ip("10.0.0.1"), ip("10.0.0.2"), syn));
  ASSERT_EQ(net.b.connections().size(), 1u);
  EXPECT_EQ(net.b.connections()[0].state, TcpState::kTimeWait);
  const auto answer = net.b.take(net.b_link);
  ASSERT_TRUE(answer.has_value());
  const auto v = tcp_of(answer->bytes);
  ASSERT_TRUE(v.has_value());
  EXPECT_EQ(v->header.flags, flag::kAck);
}

}  // namespace
}  // namespace oriel::stack
