// The loopback between processes where things go wrong: death at any instant, squatters of another
// user, no descriptors, a listener that never accepts, a process that stands still.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>
#include <random>
#include <vector>

#include "child_process.h"
#include "loopback/names.h"
#include "support/req.h"

namespace oriel::loopback_test {
namespace {

constexpr uid_t kOtherUser = 65534;

Endpoint at(const std::string& text) {
  return Endpoint::parse(text).value();
}

std::string word(const Error& e) {
  return std::string(to_string(e.code));
}

void listen_and_tell(Talk& test, Host& host, const char* where) {
  auto listener = host.listen_tcp(at(where));
  if (!listener) return test.say(word(listener.error()));
  test.say(std::to_string(listener->local().port));
  (void)test.hear();
}

/// A listener on which nothing ever is accepted.
void never_accept(Talk& test) {
  Host host = Host::of_process().value();
  listen_and_tell(test, host, "127.0.0.1:0");
}

/// Accepts, reads, and says of each connection "accepted" and then how it ended.
void take_streams(Talk& test) {
  Host host = Host::of_process().value();
  TcpListener listener = host.listen_tcp(at("127.0.0.1:0")).value();
  test.say(std::to_string(listener.local().port));
  std::vector<std::uint8_t> buffer(1 << 16);
  for (;;) {
    auto socket = listener.accept();
    if (!socket) return;
    test.say("accepted");
    for (;;) {
      const auto n = socket->receive(buffer);
      if (n && *n != 0) continue;
      test.say(n ? "end" : word(n.error()));
      break;
    }
  }
}

/// Up to 3 ms, and within a millisecond anywhere.
void wait_a_little(std::mt19937& random) {
  ::poll(nullptr, 0, static_cast<int>(random() % 4));
  for (std::uint64_t i = random() % 500'000; i != 0; --i) asm volatile("");
}

void send_for_ever(const std::string& port, Talk& test) {
  Host host = Host::of_process().value();
  TcpSocket socket = host.open_tcp().value();
  if (!socket.connect(at("127.0.0.1:" + port))) return;
  test.say("connected");
  const std::vector<std::uint8_t> bytes(100'000, 'x');
  while (socket.send(bytes)) {
  }
}

// Whatever the instant, the survivor hears of a reset and of nothing else.
TEST_F(ProcessesTest, KilledAtAnyInstantTheSurvivorHearsOfAReset) {
  REQ("LFP-11");
  constexpr int kKills = 150;
  ChildProcess server(take_streams);
  const std::string port = server.talk.hear();
  std::mt19937 random(4711);
  for (int i = 0; i < kKills; ++i) {
    ChildProcess client([&](Talk& test) { send_for_ever(port, test); });
    ASSERT_EQ(client.talk.hear(), "connected") << i;
    ASSERT_EQ(server.talk.hear(), "accepted") << i;  // before that nobody there knows of it
    wait_a_little(random);
    client.kill();
    client.wait_end();
    ASSERT_EQ(server.talk.hear(), "connection reset") << i;
  }
  server.kill();
}

TEST_F(ProcessesTest, KilledServersLeaveClientsAReset) {
  REQ("LFP-11");
  constexpr int kKills = 50;
  std::mt19937 random(4712);
  for (int i = 0; i < kKills; ++i) {
    ChildProcess server(take_streams);
    const std::string port = server.talk.hear();
    ChildProcess client([&](Talk& test) {
      send_for_ever(port, test);
      test.say("ended");
    });
    ASSERT_EQ(client.talk.hear(), "connected");
    wait_a_little(random);
    server.kill();
    ASSERT_EQ(client.talk.hear(), "ended") << i;
  }
}

TEST_F(ProcessesTest, NothingIsLeftOfADomainWhoseProcessesWereKilled) {
  REQ("LFP-11");
  {
    ChildProcess a(never_accept), b(never_accept);
    EXPECT_NE(a.talk.hear(), "");
    EXPECT_NE(b.talk.hear(), "");
    a.kill();
    b.kill();
  }
  const auto names = loopback::Names::of_domain(::getenv("ORIEL_HOST"));
  ASSERT_TRUE(names);
  EXPECT_TRUE(names->list("").empty());
}

/// Binds and listens on an abstract name as the test's user would, but is another's.
void squat(Talk& test) {
  std::vector<int> kept;
  for (std::string name = test.hear(); !name.empty(); name = test.hear()) {
    sockaddr_un a{};
    a.sun_family = AF_UNIX;
    std::memcpy(a.sun_path + 1, name.data(), name.size());
    const int fd = ::socket(AF_UNIX, SOCK_SEQPACKET, 0);
    const auto bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    const bool is_bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&a), bytes) == 0;
    test.say(is_bound && ::listen(fd, 10) == 0 ? "taken" : std::strerror(errno));
    kept.push_back(fd);
  }
}

TEST_F(ProcessesTest, AnotherUsersNameGetsNoTraffic) {
  REQ("LFP-12");
  if (::geteuid() != 0) GTEST_SKIP() << "another user is needed";
  ChildProcess squatter(squat, kOtherUser);
  squatter.talk.say(std::string("oriel1/0/") + ::getenv("ORIEL_HOST") + "/t/4010/127.0.0.1");
  ASSERT_EQ(squatter.talk.hear(), "taken");
  ChildProcess client([](Talk& test) {
    Host host = Host::of_process().value();
    TcpSocket socket = host.open_tcp().value();
    const auto r = socket.connect(at("127.0.0.1:4010"));
    test.say(r ? "connected" : word(r.error()));
    listen_and_tell(test, host, "127.0.0.1:4010");
  });
  EXPECT_EQ(client.talk.hear(), "connection refused");
  EXPECT_EQ(client.talk.hear(), "address in use");  // as if it had the kernel's port
}

TEST_F(ProcessesTest, AnotherUserIsHungUpOn) {
  REQ("LFP-12");
  if (::geteuid() != 0) GTEST_SKIP() << "another user is needed";
  ChildProcess server(never_accept);
  ASSERT_NE(server.talk.hear(), "");
  const std::string name =
      std::string("oriel1/0/") + ::getenv("ORIEL_HOST") + "/p/" + std::to_string(server.pid());
  ChildProcess stranger(
      [&](Talk& test) {
        sockaddr_un a{};
        a.sun_family = AF_UNIX;
        std::memcpy(a.sun_path + 1, name.data(), name.size());
        const int fd = ::socket(AF_UNIX, SOCK_SEQPACKET, 0);
        const auto bytes =
            static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
        if (::connect(fd, reinterpret_cast<const sockaddr*>(&a), bytes) != 0) return;
        const char ask = 3;
        (void)::send(fd, &ask, 1, MSG_NOSIGNAL);
        char answer = 0;
        test.say(::recv(fd, &answer, 1, 0) <= 0 ? "nothing" : "an answer");
      },
      kOtherUser);
  EXPECT_EQ(stranger.talk.hear(), "nothing");
  server.kill();
}

TEST_F(ProcessesTest, WithoutDescriptorsConnectFailsAndTheRestGoesOn) {
  ChildProcess server(never_accept);
  const std::string port = server.talk.hear();
  ChildProcess client([&](Talk& test) {
    Host host = Host::of_process().value();
    listen_and_tell(test, host, "127.0.0.1:4011");
    TcpSocket inside = host.open_tcp().value();
    if (!inside.connect(at("127.0.0.1:" + port))) return test.say("first");
    inside.close();
    rlimit none{0, 0};
    ::getrlimit(RLIMIT_NOFILE, &none);
    none.rlim_cur = 0;
    ::setrlimit(RLIMIT_NOFILE, &none);
    TcpSocket socket = host.open_tcp().value();
    const auto r = socket.connect(at("127.0.0.2:4012"));
    test.say(r ? "connected" : word(r.error()));
    none.rlim_cur = none.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &none);
    TcpSocket again = host.open_tcp().value();
    const auto s = again.connect(at("127.0.0.1:" + port));
    test.say(s ? "connected" : word(s.error()));
  });
  EXPECT_EQ(client.talk.hear(), "4011");
  client.talk.say("go on");
  EXPECT_EQ(client.talk.hear(), to_string(ErrorCode::kNoBuffers));
  EXPECT_EQ(client.talk.hear(), "connected");
  server.kill();
}

// The backlog is 128; those beyond it wait for their handshake to end and give up when they are
// closed. What matters: no crash, no hang, and the listener's process can go on.
TEST_F(ProcessesTest, TenThousandConnectsToAListenerThatNeverAccepts) {
  ChildProcess server([](Talk& test) {
    Host host = Host::of_process().value();
    TcpListener deaf = host.listen_tcp(at("127.0.0.1:4013")).value();
    TcpListener other = host.listen_tcp(at("127.0.0.1:4014")).value();
    test.say("ready");
    (void)other.accept();
    test.say("accepted");
  });
  ASSERT_EQ(server.talk.hear(), "ready");
  ChildProcess client([](Talk& test) {
    Host host = Host::of_process().value();
    std::vector<TcpSocket> sockets;
    for (int i = 0; i < 10'000; ++i) {
      auto socket = host.open_tcp();
      if (!socket) break;
      sockets.push_back(std::move(*socket));
      sockets.back().async_connect(at("127.0.0.1:4013"), [](const IoResult&) {});
    }
    test.say(std::to_string(sockets.size()));
    TcpSocket socket = host.open_tcp().value();
    const auto r = socket.connect(at("127.0.0.1:4014"));
    test.say(r ? "connected" : word(r.error()));
    (void)test.hear();
  });
  EXPECT_EQ(client.talk.hear(), "10000");
  EXPECT_EQ(client.talk.hear(), "connected");
  EXPECT_EQ(server.talk.hear(), "accepted");
  client.kill();
}

TEST_F(ProcessesTest, AStoppedProcessHoldsUpNobodyElse) {
  ChildProcess stopped(take_streams);
  const std::string stopped_port = stopped.talk.hear();
  ChildProcess server(take_streams);
  const std::string port = server.talk.hear();
  stopped.kill(SIGSTOP);
  ChildProcess client([&](Talk& test) {
    Host host = Host::of_process().value();
    TcpSocket stuck = host.open_tcp().value();
    stuck.async_connect(at("127.0.0.1:" + stopped_port), [](const IoResult&) {});
    UdpSocket flood = host.open_udp(at("127.0.0.1:0")).value();
    const std::vector<std::uint8_t> bytes(60'000, 'x');
    for (int i = 0; i < 2000; ++i) {
      (void)flood.send_to(at("127.0.0.1:" + stopped_port), bytes);
    }
    TcpSocket socket = host.open_tcp().value();
    if (!socket.connect(at("127.0.0.1:" + port))) return test.say("no");
    const std::vector<std::uint8_t> more(1 << 20, 'y');
    test.say(socket.send(more) ? "sent" : "no");
    socket.close();
    (void)test.hear();
  });
  EXPECT_EQ(client.talk.hear(), "sent");
  EXPECT_EQ(server.talk.hear(), "accepted");
  EXPECT_EQ(server.talk.hear(), "end");
  stopped.kill(SIGKILL);
  server.kill();
}

// A child of fork has copies of every name and link, and gives them up: the parent's end is seen at
// once although the child lives on.
TEST_F(ProcessesTest, AForkedChildKeepsNoNameAlive) {
  ChildProcess parent([](Talk& test) {
    Host host = Host::of_process().value();
    TcpListener listener = host.listen_tcp(at("127.0.0.1:4015")).value();
    if (::fork() == 0) {
      test.say("forked");
      (void)test.hear();
      ::_exit(0);
    }
    for (;;) ::pause();
  });
  ASSERT_EQ(parent.talk.hear(), "forked");
  parent.kill();
  parent.wait_end();
  ChildProcess next([](Talk& test) {
    Host host = Host::of_process().value();
    listen_and_tell(test, host, "127.0.0.1:4015");
  });
  EXPECT_EQ(next.talk.hear(), "4015");
}

}  // namespace
}  // namespace oriel::loopback_test
