// The machine's own loopback beside ours: native programs, here in the children themselves, reach
// ours and are reached.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>

#include "child_process.h"
#include "oriel/filter.h"
#include "oriel/stat.h"
#include "support/req.h"

namespace oriel::loopback_test {
namespace {

Endpoint at(const std::string& text) {
  return Endpoint::parse(text).value();
}

std::string word(const Error& e) {
  return std::string(to_string(e.code));
}

ByteView view(const std::string& s) {
  return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}

sockaddr_in loopback_address(std::uint16_t port) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  a.sin_port = htons(port);
  return a;
}

/// A native listener on a port that the kernel picks.
int native_listener(std::uint16_t& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in a = loopback_address(0);
  socklen_t bytes = sizeof a;
  ::bind(fd, reinterpret_cast<const sockaddr*>(&a), bytes);
  ::listen(fd, 5);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&a), &bytes);
  port = ntohs(a.sin_port);
  return fd;
}

class NativeTest : public ProcessesTest {
 protected:
  void SetUp() override {
    ProcessesTest::SetUp();
    set("ORIEL_HOST_LOOPBACK", "on");
  }
  void TearDown() override {
    ::unsetenv("ORIEL_HOST_LOOPBACK");
    ProcessesTest::TearDown();
  }
};

TEST_F(NativeTest, ANativeProgramReachesAListener) {
  ChildProcess server([](Talk& test) {
    Host host = Host::of_process().value();
    TcpListener listener = host.listen_tcp(at("0.0.0.0:0")).value();
    test.say(std::to_string(listener.local().port));
    TcpSocket socket = listener.accept().value();
    std::uint8_t buffer[100];
    const auto n = socket.receive(buffer);
    if (!n) return test.say(word(n.error()));
    (void)socket.send({buffer, *n});
    socket.close();
    (void)test.hear();
  });
  const std::string port = server.talk.hear();
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in a = loopback_address(static_cast<std::uint16_t>(std::stoul(port)));
  ASSERT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&a), sizeof a), 0);
  ASSERT_EQ(::send(fd, "native", 6, 0), 6);
  char got[10] = "";
  EXPECT_EQ(::recv(fd, got, sizeof got, MSG_WAITALL), 6);  // and then the end
  EXPECT_STREQ(got, "native");
  ::close(fd);
}

TEST_F(NativeTest, ANativeListenerIsReachedAndItsPortIsTaken) {
  std::uint16_t port = 0;
  const int listener = native_listener(port);
  ChildProcess client([port](Talk& test) {
    Host host = Host::of_process().value();
    const Endpoint there{IpAddress::v4(127, 0, 0, 1), port};
    const auto taken = host.listen_tcp(there);
    test.say(taken ? "free" : word(taken.error()));
    TcpSocket socket = host.open_tcp().value();
    if (const auto r = socket.connect(there); !r) return test.say(word(r.error()));
    (void)socket.send(view("hello"));
    std::uint8_t buffer[100];
    const auto n = socket.receive(buffer);
    test.say(n ? std::string(reinterpret_cast<const char*>(buffer), *n) : word(n.error()));
    test.say(std::string(socket.info().congestion_control));
    TcpSocket nobody = host.open_tcp().value();
    const auto r = nobody.connect(at("127.0.0.1:1"));
    test.say(r ? "connected" : word(r.error()));
  });
  EXPECT_EQ(client.talk.hear(), "address in use");
  const int fd = ::accept(listener, nullptr, nullptr);
  char got[10] = "";
  EXPECT_EQ(::recv(fd, got, 5, MSG_WAITALL), 5);
  EXPECT_STREQ(got, "hello");
  EXPECT_EQ(::send(fd, "there", 5, 0), 5);
  EXPECT_EQ(client.talk.hear(), "there");
  EXPECT_EQ(client.talk.hear(), "kernel");
  EXPECT_EQ(client.talk.hear(), "connection refused");
  ::close(fd);
  ::close(listener);
}

// The kernel's bytes pass no rule, so what a rule covers does not go that way; other ports do.
TEST_F(NativeTest, AFilteredConnectionIsRefused) {
  REQ("LFP-9");
  std::uint16_t native_port = 0;
  const int listener = native_listener(native_port);
  ChildProcess child([native_port](Talk& test) {
    Host host = Host::of_process().value();
    TcpListener filtered = host.listen_tcp(at("127.0.0.1:0")).value();
    TcpListener open = host.listen_tcp(at("127.0.0.1:0")).value();
    FilterRule rule;
    rule.layer = FilterLayer::kAccept;
    rule.local_ports = {{filtered.local().port, filtered.local().port}};
    (void)host.add_filter(rule).value();
    rule.layer = FilterLayer::kStream;
    rule.local_ports = {};
    rule.remote_ports = {{native_port, native_port}};
    (void)host.add_filter(rule).value();
    test.say(std::to_string(filtered.local().port));
    test.say(std::to_string(open.local().port));
    test.say(open.accept() ? "accepted" : "failed");
    test.say(filtered.try_accept() ? "accepted" : "nobody");
    TcpSocket socket = host.open_tcp().value();
    const auto r = socket.connect({IpAddress::v4(127, 0, 0, 1), native_port});
    test.say(r ? "connected" : word(r.error()));
    (void)test.hear();
  });
  for (int i = 0; i < 2; ++i) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in a =
        loopback_address(static_cast<std::uint16_t>(std::stoul(child.talk.hear())));
    ASSERT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&a), sizeof a), 0);
    if (i == 0) {  // the kernel has accepted already; it ends before a byte
      const timeval patience{10, 0};
      ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
      char got = 0;
      const ssize_t n = ::recv(fd, &got, 1, 0);
      EXPECT_TRUE(n == 0 || errno == ECONNRESET) << n;
    } else {
      EXPECT_EQ(child.talk.hear(), "accepted");
    }
    ::close(fd);
  }
  EXPECT_EQ(child.talk.hear(), "nobody");
  EXPECT_EQ(child.talk.hear(), "connection refused");
  ::close(listener);
}

TEST_F(NativeTest, ThePortIsFreeWhenTheProcessIsKilled) {
  REQ("LFP-11");
  ChildProcess server([](Talk& test) {
    Host host = Host::of_process().value();
    TcpListener listener = host.listen_tcp(at("127.0.0.1:0")).value();
    test.say(std::to_string(listener.local().port));
    TcpSocket socket = listener.accept().value();
    test.say("accepted");
    (void)test.hear();
  });
  const auto port = static_cast<std::uint16_t>(std::stoul(server.talk.hear()));
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in a = loopback_address(port);
  ASSERT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&a), sizeof a), 0);
  EXPECT_EQ(server.talk.hear(), "accepted");
  server.kill();
  server.wait_end();
  char byte = 0;
  EXPECT_LE(::recv(fd, &byte, 1, 0), 0);
  const int next = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(next, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  EXPECT_EQ(::bind(next, reinterpret_cast<const sockaddr*>(&a), sizeof a), 0);
  ::close(next);
  ::close(fd);
}

}  // namespace
}  // namespace oriel::loopback_test
