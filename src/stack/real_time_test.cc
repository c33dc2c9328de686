// Hosts with their own clock over a packet socket between them: blocking calls from many threads,
// handlers on the host's thread, ends in the middle of a wait. Real threads and real time, but no
// sleep decides an outcome.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <future>
#include <thread>

#include "stack/manual_pair_test.h"

namespace oriel::stack {
namespace {

class RealTimeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char directory[] = "/tmp/oriel_rt_XXXXXX";
    ASSERT_NE(::mkdtemp(directory), nullptr);
    directory_ = directory;
    UnixLinkOptions o;
    o.path = directory_ + "/link";
    o.is_listener = true;
    auto listening = open_unix_link(o).value();
    o.is_listener = false;
    auto connecting = open_unix_link(o).value();
    a = std::make_unique<Host>(Host::create().value());
    b = std::make_unique<Host>(Host::create().value());
    LinkOptions l;
    l.addresses = {Prefix::parse("10.0.0.1/24").value()};
    a_link = a->add_link(std::move(listening), l).value();
    l.addresses = {Prefix::parse("10.0.0.2/24").value()};
    ASSERT_TRUE(b->add_link(std::move(connecting), l).has_value());
  }
  void TearDown() override {
    a.reset();
    b.reset();
    ::unlink((directory_ + "/link").c_str());
    ::rmdir(directory_.c_str());
  }

  /// Answers every byte of one connection until its end.
  static void echo(TcpSocket s) {
    std::uint8_t buffer[4096];
    for (;;) {
      const auto n = s.receive(buffer);
      if (!n || *n == 0) return;
      if (!s.send({buffer, *n})) return;
    }
  }

  std::unique_ptr<Host> a;
  std::unique_ptr<Host> b;
  LinkId a_link = 0;
  std::string directory_;
};

TEST_F(RealTimeTest, BlockingEcho) {
  TcpListener l = b->listen_tcp(at("10.0.0.2:7")).value();
  std::thread server([&] { echo(l.accept().value()); });
  TcpSocket c = a->open_tcp().value();
  ASSERT_TRUE(c.connect(at("10.0.0.2:7")).has_value());
  for (int i = 0; i < 500; ++i) {
    const auto byte = static_cast<std::uint8_t>(i);
    ASSERT_EQ(c.send({&byte, 1}).value(), 1u);
    std::uint8_t back = 0;
    ASSERT_EQ(c.receive({&back, 1}).value(), 1u);
    ASSERT_EQ(back, byte);
  }
  c.close();
  server.join();
}

std::chrono::microseconds cpu_time() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return std::chrono::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         std::chrono::microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

TEST_F(RealTimeTest, WhoeverWaitsLongBurnsNothing) {
  using std::chrono::milliseconds;
  TcpListener l = b->listen_tcp(at("10.0.0.2:7")).value();
  const auto before = cpu_time();
  EXPECT_EQ(l.accept(milliseconds(300)).error().code, ErrorCode::kTimedOut);
  EXPECT_LT(cpu_time() - before, milliseconds(100)) << "one idle loop, one blocked caller";
}

TEST_F(RealTimeTest, ManyThreadsBlockAtOnce) {
  constexpr int kThreads = 8;
  TcpListener l = b->listen_tcp(at("10.0.0.2:7")).value();
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] { echo(l.accept().value()); });
    threads.emplace_back([&, i] {
      TcpSocket c = a->open_tcp().value();
      ASSERT_TRUE(c.connect(at("10.0.0.2:7")).has_value());
      const auto bytes = pattern(3000, static_cast<std::uint32_t>(i + 1));
      std::vector<std::uint8_t> back(bytes.size());
      for (int round = 0; round < 30; ++round) {
        ASSERT_TRUE(c.send(bytes).has_value());
        std::size_t got = 0;
        while (got < back.size()) {
          const auto n = c.receive(ByteSpan(back).subspan(got));
          ASSERT_TRUE(n.has_value());
          ASSERT_NE(*n, 0u);
          got += *n;
        }
        ASSERT_TRUE(back == bytes);
      }
    });
  }
  for (std::thread& t : threads) t.join();
}

TEST_F(RealTimeTest, LargeBlockingTransfer) {
  TcpListener l = b->listen_tcp(at("10.0.0.2:7")).value();
  const auto bytes = pattern(20'000'000);
  auto received = std::async(std::launch::async, [&] {
    TcpSocket s = l.accept().value();
    std::vector<std::uint8_t> all;
    std::vector<std::uint8_t> buffer(65536);
    for (;;) {
      const auto n = s.receive(buffer);
      if (!n || *n == 0) return all;
      all.insert(all.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*n));
    }
  });
  TcpSocket c = a->open_tcp().value();
  ASSERT_TRUE(c.connect(at("10.0.0.2:7")).has_value());
  ASSERT_EQ(c.send(bytes).value(), bytes.size());
  ASSERT_TRUE(c.shutdown_send().has_value());
  EXPECT_TRUE(received.get() == bytes);
}

TEST_F(RealTimeTest, HandlersRunOneAtATimeOnOneThread) {
  TcpListener l = b->listen_tcp(at("10.0.0.2:7")).value();
  std::thread server([&] { echo(l.accept().value()); });
  TcpSocket c = a->open_tcp().value();
  ASSERT_TRUE(c.connect(at("10.0.0.2:7")).has_value());
  constexpr int kRounds = 200;
  std::atomic<int> inside{0};
  std::promise<int> done;
  std::thread::id thread;
  std::uint8_t out = 1;
  std::uint8_t in = 0;
  int rounds = 0;
  std::function<void()> go = [&] {
    c.async_send({&out, 1}, [&](IoResult r) {
      EXPECT_EQ(inside.fetch_add(1), 0);
      EXPECT_EQ(r.error, ErrorCode::kOk);
      thread = std::this_thread::get_id();
      EXPECT_EQ(c.receive({&in, 1}).error().code, ErrorCode::kNotSupported)
          << "a handler may not wait";
      inside.fetch_sub(1);
    });
    c.async_receive({&in, 1}, [&](IoResult r) {
      EXPECT_EQ(inside.fetch_add(1), 0);
      EXPECT_EQ(r.bytes, 1u);
      EXPECT_EQ(thread, std::this_thread::get_id());
      inside.fetch_sub(1);
      if (++rounds == kRounds) {
        done.set_value(rounds);
      } else {
        go();
      }
    });
  };
  go();
  EXPECT_EQ(done.get_future().get(), kRounds);
  c.close();
  server.join();
}

TEST_F(RealTimeTest, CloseFromAnotherThreadEndsABlockedReceive) {
  TcpListener l = b->listen_tcp(at("10.0.0.2:7")).value();
  TcpSocket c = a->open_tcp().value();
  ASSERT_TRUE(c.connect(at("10.0.0.2:7")).has_value());
  auto outcome = std::async(std::launch::async, [&] {
    std::uint8_t buffer[1];
    return c.receive(buffer).error().code;
  });
  c.close();
  const ErrorCode e = outcome.get();
  EXPECT_TRUE(e == ErrorCode::kCancelled || e == ErrorCode::kNotConnected);
}

TEST_F(RealTimeTest, TimeoutsOfBlockingCalls) {
  TcpListener l = b->listen_tcp(at("10.0.0.2:7")).value();
  EXPECT_EQ(l.accept(ms(5)).error().code, ErrorCode::kTimedOut);
  UdpSocket u = b->open_udp(at("10.0.0.2:9")).value();
  std::uint8_t buffer[4];
  EXPECT_EQ(u.receive_from(buffer, ms(5)).error().code, ErrorCode::kTimedOut);
  // Two at once: one drives, the other waits for its cell.
  auto other = std::async(std::launch::async, [&] { return l.accept(ms(10)).error().code; });
  EXPECT_EQ(u.receive_from(buffer, ms(10)).error().code, ErrorCode::kTimedOut);
  EXPECT_EQ(other.get(), ErrorCode::kTimedOut);
}

TEST_F(RealTimeTest, PingAndDatagrams) {
  EXPECT_TRUE(a->ping(ip("10.0.0.2"), 56, std::chrono::seconds(5)).has_value());
  UdpSocket u = b->open_udp(at("10.0.0.2:9")).value();
  UdpSocket c = a->open_udp(at("10.0.0.1:0")).value();
  ASSERT_TRUE(c.send_to(at("10.0.0.2:9"), pattern(5000)).has_value());
  std::vector<std::uint8_t> buffer(6000);
  EXPECT_EQ(u.receive_from(buffer, std::chrono::seconds(5))->bytes, 5000u);
}

TEST_F(RealTimeTest, AHostThatEndsFreesWhoWaitsOnIt) {
  TcpListener l = b->listen_tcp(at("10.0.0.2:7")).value();
  TcpSocket c = a->open_tcp().value();
  ASSERT_TRUE(c.connect(at("10.0.0.2:7")).has_value());
  std::vector<std::future<ErrorCode>> waiting;
  for (int i = 0; i < 3; ++i) {
    waiting.push_back(std::async(std::launch::async, [&] {
      std::uint8_t buffer[1];
      return c.receive(buffer).error().code;
    }));
  }
  a.reset();
  for (auto& w : waiting) EXPECT_EQ(w.get(), ErrorCode::kConnectionAborted);
}

TEST_F(RealTimeTest, AnOrderlyEndDeliversWhatClosedSocketsHave) {
  TcpListener l = b->listen_tcp(at("10.0.0.2:7")).value();
  TcpSocket c = a->open_tcp().value();
  ASSERT_TRUE(c.connect(at("10.0.0.2:7")).has_value());
  TcpSocket open = a->open_tcp().value();
  ASSERT_TRUE(open.connect(at("10.0.0.2:7")).has_value());
  TcpSocket s = l.accept().value();
  TcpSocket reset = l.accept().value();
  const std::vector<std::uint8_t> text(1u << 20, 7);
  auto received = std::async(std::launch::async, [&] {
    std::vector<std::uint8_t> buffer(1u << 16);
    std::size_t sum = 0;
    for (;;) {
      const auto n = s.receive(buffer);
      if (!n || *n == 0) return n ? sum : 0;
      sum += *n;
    }
  });
  ASSERT_EQ(c.send(text).value(), text.size());
  c.close();
  a->end(std::chrono::seconds(60));
  EXPECT_EQ(received.get(), text.size()) << "all of it and the end of the stream";
  std::uint8_t byte[1];
  EXPECT_EQ(reset.receive(byte).error().code, ErrorCode::kConnectionReset) << "never closed";
  EXPECT_EQ(open.receive(byte).error().code, ErrorCode::kConnectionAborted);
}

TEST_F(RealTimeTest, AVanishedPeerEndsTheConnections) {
  TcpListener l = b->listen_tcp(at("10.0.0.2:7")).value();
  TcpSocket c = a->open_tcp().value();
  ASSERT_TRUE(c.connect(at("10.0.0.2:7")).has_value());
  auto outcome = std::async(std::launch::async, [&] {
    std::uint8_t buffer[1];
    return c.receive(buffer).error().code;
  });
  ASSERT_TRUE(a->remove_link(a_link).has_value());
  EXPECT_EQ(outcome.get(), ErrorCode::kDeviceLost);
  EXPECT_EQ(a->ping(ip("10.0.0.2"), 1, ms(10)).error().code, ErrorCode::kNetworkUnreachable);
}

}  // namespace
}  // namespace oriel::stack
