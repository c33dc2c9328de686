// What an idle connection costs, and that nothing stays behind when many have gone.
#include <malloc.h>

#include <cstdio>

#include "stack/host_impl.h"
#include "stack/manual_pair_test.h"

namespace oriel::stack {
namespace {

constexpr std::size_t kIdleBytesMax = 800;  // the project's target, buffers not counted
constexpr std::size_t kBucketBytes = 2 * sizeof(void*);  // load between 1/2 and 1

TEST(Footprint, AnIdleConnectionStaysUnderItsBudget) {
  const std::size_t handle = sizeof(SocketHandle) + 2 * sizeof(void*);  // with shared_ptr's counts
  const std::size_t total = sizeof(Stream) + sizeof(socket::StreamSocket) + handle + kBucketBytes;
  std::printf("Stream %zu (Connection %zu) + StreamSocket %zu + handle %zu + bucket %zu = %zu\n",
              sizeof(Stream), sizeof(tcp::Connection), sizeof(socket::StreamSocket), handle,
              kBucketBytes, total);
  EXPECT_LE(total, kIdleBytesMax);
}

std::size_t allocated_bytes() {
  const struct mallinfo2 m = mallinfo2();
  return m.uordblks + m.hblkhd;
}

// What a process really pays, tables and handles and slack of the allocator with them.
TEST(Footprint, TwentyThousandIdleConnectionsStayUnderTheirBudget) {
  constexpr std::size_t kPairs = 10'000;  // both ends are ours: two connections each
  constexpr std::size_t kBatch = 100;
  constexpr std::size_t kBytesMax = 1200;  // 100,000 in 120 MB
  ManualPair net;
  TcpListener l = net.b.listen_tcp(at("10.0.0.2:80")).value();
  std::vector<TcpSocket> sockets;
  sockets.reserve(2 * kPairs);
  const std::size_t before = allocated_bytes();
  if (before == 0) GTEST_SKIP() << "this allocator does not count";
  while (sockets.size() < 2 * kPairs) {
    const std::size_t wanted = sockets.size() + 2 * kBatch;
    for (std::size_t i = 0; i < kBatch; ++i) {
      sockets.push_back(net.a.open_tcp().value());
      sockets.back().async_connect(at("10.0.0.2:80"), [](IoResult) {});
    }
    net.run(ms(20), [&] {
      while (auto s = l.try_accept()) sockets.push_back(std::move(*s));
      return sockets.size() == wanted;
    });
    ASSERT_EQ(sockets.size(), wanted);
  }
  net.run(ms(1000));
  const std::size_t each = (allocated_bytes() - before) / sockets.size();
  std::printf("%zu bytes for each of %zu idle connections\n", each, sockets.size());
  EXPECT_LE(each, kBytesMax);
}

TEST(Footprint, NothingStaysAfterManyConnections) {
  PairOptions o;
  o.settings.time_wait = ms(100);
  ManualPair net(o);
  TcpListener l = net.b.listen_tcp(at("10.0.0.2:80")).value();
  for (int round = 0; round < 3; ++round) {
    std::vector<TcpSocket> clients;
    std::vector<TcpSocket> servers;
    for (int i = 0; i < 100; ++i) {
      clients.push_back(net.a.open_tcp().value());
      clients.back().async_connect(at("10.0.0.2:80"), [](IoResult) {});
    }
    net.run(ms(20), [&] {
      while (auto s = l.try_accept()) servers.push_back(std::move(*s));
      return servers.size() == clients.size();
    });
    ASSERT_EQ(servers.size(), clients.size());
    for (TcpSocket& c : clients) ASSERT_TRUE(c.try_send(view("hello")).has_value());
    net.run(ms(100));
    for (TcpSocket& s : servers) ASSERT_EQ(drain(s), "hello");
    clients.clear();
    net.run(ms(20));
    servers.clear();
    net.run(ms(500));
    EXPECT_EQ(net.a.statistics().tcp_connections, 0u);
    EXPECT_EQ(net.b.statistics().tcp_connections, 0u);
    EXPECT_EQ(net.a.statistics().memory_bytes, 0u);
    EXPECT_EQ(net.b.statistics().memory_bytes, 0u);
  }
}

}  // namespace
}  // namespace oriel::stack
