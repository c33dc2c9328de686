// The machine's own loopback beside ours: native programs, here in the children themselves, reach
// ours and are reached.
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

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

/// A native socket on 127.0.0.1, at a port that the kernel picks if it is 0; listening, if a
/// stream. -1: the port is taken. As most servers, it sets SO_REUSEADDR.
int native_socket(int type, std::uint16_t& port) {
  const int fd = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
  const int on = type == SOCK_STREAM ? 1 : 0;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const timeval patience{10, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in a = loopback_address(port);
  socklen_t bytes = sizeof a;
  const bool is_bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&a), bytes) == 0;
  if (!is_bound || (type == SOCK_STREAM && ::listen(fd, 5) != 0)) {
    ::close(fd);
    return -1;
  }
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&a), &bytes);
  port = ntohs(a.sin_port);
  return fd;
}

int native_listener(std::uint16_t& port) {
  port = 0;
  return native_socket(SOCK_STREAM, port);
}

/// A port that no native program has.
std::uint16_t free_port(int type) {
  std::uint16_t port = 0;
  ::close(native_socket(type, port));
  return port;
}

/// Connected, or -1.
int native_client(int type, std::uint16_t port) {
  const int fd = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
  const timeval patience{10, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const sockaddr_in a = loopback_address(port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&a), sizeof a) == 0) return fd;
  ::close(fd);
  return -1;
}

std::uint16_t port_of(const std::string& word) {
  return static_cast<std::uint16_t>(std::stoul(word));
}

/// What `oriel stat --why` says of the port, asked from inside.
std::string stat_of(const std::string& protocol, std::uint16_t port) {
  const auto all = ask_processes(::getenv("ORIEL_HOST"), std::chrono::seconds(30));
  if (!all) return word(all.error());
  for (const ProcessReport& p : *all) {
    for (const ConnectionReport& c : p.connections) {
      if (c.protocol == protocol && c.local.port == port && c.remote.port == 0) return c.reason;
    }
  }
  return "not there";
}

class NativeTest : public ProcessesTest {
 protected:
  void TearDown() override {
    for (const char* name : {"ORIEL_SET", "ORIEL_PUBLISH", "XDG_CONFIG_HOME"}) ::unsetenv(name);
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

TEST_F(NativeTest, OneSettingTurnsItOff) {
  set("ORIEL_SET", "loopback.native=false");
  std::uint16_t native_port = 0;
  const int listener = native_listener(native_port);
  ChildProcess child([&](Talk& test) {
    Host host = Host::of_process().value();
    TcpListener here = host.listen_tcp(at("127.0.0.1:0")).value();
    test.say(std::to_string(here.local().port));
    const Endpoint there{IpAddress::v4(127, 0, 0, 1), native_port};
    TcpSocket socket = host.open_tcp().value();
    const auto connected = socket.connect(there);
    test.say(connected ? "connected" : word(connected.error()));
    test.say(host.listen_tcp(there) ? "listens" : "taken");
    test.say(stat_of("tcp", here.local().port));
    (void)test.hear();
  });
  EXPECT_EQ(native_client(SOCK_STREAM, port_of(child.talk.hear())), -1);
  EXPECT_EQ(child.talk.hear(), "connection refused");
  EXPECT_EQ(child.talk.hear(), "listens");
  EXPECT_EQ(child.talk.hear(), "-");
  ::close(listener);
}

// From the bind on, and for every address that the wildcard stands for.
TEST_F(NativeTest, NobodyElseTakesThePort) {
  const std::uint16_t tcp = free_port(SOCK_STREAM);
  const std::uint16_t udp = free_port(SOCK_DGRAM);
  ChildProcess child([=](Talk& test) {
    Host host = Host::of_process().value();
    TcpSocket bound = host.open_tcp().value();
    const auto r = bound.bind({IpAddress::v4(127, 0, 0, 1), tcp});
    const auto u = host.open_udp({IpAddress::v4_any(), udp});
    test.say(r && u ? "bound" : "not");
    (void)test.hear();
    bound = TcpSocket();
    test.say("closed");
    (void)test.hear();
  });
  ASSERT_EQ(child.talk.hear(), "bound");
  std::uint16_t port = tcp;
  EXPECT_EQ(native_socket(SOCK_STREAM, port), -1);
  port = udp;
  EXPECT_EQ(native_socket(SOCK_DGRAM, port), -1);
  child.talk.say("close");
  ASSERT_EQ(child.talk.hear(), "closed");
  port = tcp;
  const int fd = native_socket(SOCK_STREAM, port);
  EXPECT_NE(fd, -1);
  ::close(fd);
}

TEST_F(NativeTest, DatagramsPassBothWays) {
  std::uint16_t native_port = 0;
  const int native = native_socket(SOCK_DGRAM, native_port);
  ChildProcess child([&](Talk& test) {
    Host host = Host::of_process().value();
    UdpSocket socket = host.open_udp(at("0.0.0.0:0")).value();
    test.say(std::to_string(socket.local().port));
    const Endpoint there{IpAddress::v4(127, 0, 0, 1), native_port};
    const auto taken = host.open_udp(there);
    test.say(taken ? "free" : word(taken.error()));
    std::vector<std::uint8_t> buffer(65536);
    const auto first = socket.receive_from(buffer, std::chrono::seconds(30));
    if (!first) return test.say(word(first.error()));
    (void)socket.send_to(first->source, {buffer.data(), first->bytes});
    (void)socket.send_to(there, view("from ours"));
    const auto answer = socket.receive_from(buffer, std::chrono::seconds(30));
    if (!answer) return test.say(word(answer.error()));
    test.say(answer->source == there ? "answer" : answer->source.to_string());
    (void)test.hear();
  });
  const int client = native_client(SOCK_DGRAM, port_of(child.talk.hear()));
  EXPECT_EQ(child.talk.hear(), "address in use");
  const std::string big(30'000, 'b');
  EXPECT_EQ(::send(client, big.data(), big.size(), 0), 30'000);
  std::string got(65536, ' ');
  EXPECT_EQ(::recv(client, got.data(), got.size(), 0), 30'000);
  sockaddr_in from{};
  socklen_t bytes = sizeof from;
  EXPECT_EQ(
      ::recvfrom(native, got.data(), got.size(), 0, reinterpret_cast<sockaddr*>(&from), &bytes), 9);
  EXPECT_EQ(::sendto(native, "yes", 3, 0, reinterpret_cast<const sockaddr*>(&from), bytes), 3);
  EXPECT_EQ(child.talk.hear(), "answer");
  ::close(client);
  ::close(native);
}

// ::1 is another address of the kernel's, held beside 127.0.0.1 by a wildcard for both families.
TEST_F(NativeTest, BothFamiliesOfAWildcardAreReached) {
  const int probe = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 at_v6{};
  at_v6.sin6_family = AF_INET6;
  at_v6.sin6_addr = in6addr_loopback;
  const bool has_v6 = ::bind(probe, reinterpret_cast<const sockaddr*>(&at_v6), sizeof at_v6) == 0;
  ::close(probe);
  if (!has_v6) GTEST_SKIP() << "the machine has no ::1";
  ChildProcess server([](Talk& test) {
    Host host = Host::of_process().value();
    TcpListener listener = host.listen_tcp(at("[::]:0")).value();
    UdpSocket datagrams = host.open_udp(at("[::]:0")).value();
    test.say(std::to_string(listener.local().port));
    test.say(std::to_string(datagrams.local().port));
    for (int i = 0; i < 2; ++i) {
      const auto socket = listener.accept();
      test.say(socket ? socket->info().remote.address.to_string() : word(socket.error()));
      std::uint8_t byte = 0;
      const auto d = datagrams.receive_from({&byte, 1}, std::chrono::seconds(30));
      test.say(d ? d->source.address.to_string() : word(d.error()));
    }
    (void)test.hear();
  });
  const std::uint16_t tcp = port_of(server.talk.hear());
  const std::uint16_t udp = port_of(server.talk.hear());
  for (const int family : {AF_INET, AF_INET6}) {
    for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
      const std::uint16_t port = type == SOCK_STREAM ? tcp : udp;
      const int fd = ::socket(family, type | SOCK_CLOEXEC, 0);
      at_v6.sin6_port = htons(port);
      const sockaddr_in at_v4 = loopback_address(port);
      const bool is_v4 = family == AF_INET;
      const void* to = is_v4 ? static_cast<const void*>(&at_v4) : &at_v6;
      const socklen_t bytes = is_v4 ? sizeof at_v4 : sizeof at_v6;
      EXPECT_EQ(::connect(fd, static_cast<const sockaddr*>(to), bytes), 0);
      EXPECT_EQ(::send(fd, "x", 1, 0), 1);
      EXPECT_EQ(server.talk.hear(), is_v4 ? "127.0.0.1" : "::1");
      ::close(fd);
    }
  }
}

// The rules see a native program's datagrams as they see all others.
TEST_F(NativeTest, ARuleKeepsANativeDatagramOut) {
  REQ("LFP-9");
  ChildProcess child([](Talk& test) {
    Host host = Host::of_process().value();
    UdpSocket filtered = host.open_udp(at("127.0.0.1:0")).value();
    UdpSocket open = host.open_udp(at("127.0.0.1:0")).value();
    FilterRule rule;
    rule.layer = FilterLayer::kAccept;
    rule.local_ports = {{filtered.local().port, filtered.local().port}};
    (void)host.add_filter(rule).value();
    test.say(std::to_string(filtered.local().port));
    test.say(std::to_string(open.local().port));
    std::uint8_t byte = 0;
    test.say(open.receive_from({&byte, 1}, std::chrono::seconds(30)) ? "came" : "nothing");
    test.say(filtered.receive_from({&byte, 1}, std::chrono::milliseconds(1)) ? "came" : "nothing");
  });
  for (int i = 0; i < 2; ++i) {
    const int client = native_client(SOCK_DGRAM, port_of(child.talk.hear()));
    EXPECT_EQ(::send(client, "x", 1, 0), 1);
    ::close(client);
  }
  EXPECT_EQ(child.talk.hear(), "came");
  EXPECT_EQ(child.talk.hear(), "nothing");
}

TEST_F(NativeTest, APublishedPortHasItsHolder) {
  const std::uint16_t port = free_port(SOCK_STREAM);
  set("ORIEL_PUBLISH", std::to_string(port) + ':' + std::to_string(port));
  ChildProcess child([=](Talk& test) {
    Host host = Host::of_process().value();
    auto listener = host.listen_tcp({IpAddress::v4_any(), port});
    if (!listener) return test.say(word(listener.error()));
    test.say(stat_of("tcp", port));
    const auto socket = listener->accept();
    test.say(socket ? std::string(socket->info().congestion_control) : word(socket.error()));
  });
  EXPECT_EQ(child.talk.hear(), "-");
  const int fd = native_client(SOCK_STREAM, port);
  EXPECT_NE(fd, -1);
  EXPECT_NE(child.talk.hear(), "kernel");  // it came over the link
  ::close(fd);
}

TEST_F(NativeTest, ADomainDoesNotReachAnotherThroughTheKernel) {
  const std::uint16_t port = free_port(SOCK_STREAM);
  const Endpoint there{IpAddress::v4(127, 0, 0, 1), port};
  ChildProcess first([=](Talk& test) {
    Host host = Host::of_process().value();
    const auto listener = host.listen_tcp(there);
    test.say(listener ? "listens" : word(listener.error()));
    (void)test.hear();
  });
  ASSERT_EQ(first.talk.hear(), "listens");
  set("ORIEL_HOST", "elsewhere-" + std::to_string(::getpid()));
  ChildProcess second([=](Talk& test) {
    Host host = Host::of_process().value();
    TcpSocket socket = host.open_tcp().value();
    const auto r = socket.connect(there);
    test.say(r ? "connected" : word(r.error()));
    const auto listener = host.listen_tcp(there);
    test.say(listener ? stat_of("tcp", port) : word(listener.error()));
  });
  EXPECT_EQ(second.talk.hear(), "connection refused");
  EXPECT_EQ(second.talk.hear(), "native programs cannot reach it");
}

constexpr uid_t kNobody = 65534;

TEST_F(NativeTest, APortThatTheKernelDeniesIsListenedOnAllTheSame) {
  if (::geteuid() != 0) GTEST_SKIP() << "another user is needed";
  set("XDG_CONFIG_HOME", "/nonexistent");
  ChildProcess child(
      [](Talk& test) {
        std::uint16_t port = 1021;
        if (native_socket(SOCK_STREAM, port) >= 0) return test.say("allowed here");
        Host host = Host::of_process().value();
        const auto listener = host.listen_tcp(at("127.0.0.1:1021"));
        const auto udp = host.open_udp(at("127.0.0.1:1021"));
        test.say(listener && udp ? "listens" : "not");
        test.say(stat_of("tcp", 1021));
        test.say(stat_of("udp", 1021));
        TcpSocket socket = host.open_tcp().value();
        test.say(socket.connect(at("127.0.0.1:1021")) ? "connected" : "refused");
      },
      kNobody);
  const std::string first = child.talk.hear();
  if (first == "allowed here") GTEST_SKIP() << "everybody may have ports below 1024";
  EXPECT_EQ(first, "listens");
  EXPECT_EQ(child.talk.hear(), "native programs cannot reach it");
  EXPECT_EQ(child.talk.hear(), "native programs cannot reach it");
  EXPECT_EQ(child.talk.hear(), "connected");
}

bool write_file(const char* path, const char* text) {
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  const bool is_written = fd >= 0 && ::write(fd, text, std::strlen(text)) > 0;
  ::close(fd);
  return is_written;
}

TEST_F(NativeTest, WithoutTheKernelsIpv6ListeningSucceedsAndStatSaysSo) {
  ChildProcess child([](Talk& test) {
    if (::unshare(CLONE_NEWNET) != 0 ||
        !write_file("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1")) {
      return test.say("no rights");
    }
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq lo{};
    std::strcpy(lo.ifr_name, "lo");
    lo.ifr_flags = IFF_UP;
    ::ioctl(fd, SIOCSIFFLAGS, &lo);
    ::close(fd);
    Host host = Host::of_process().value();
    const auto both = host.listen_tcp(at("[::]:4021"));
    const auto one = host.listen_tcp(at("[::1]:4022"));
    test.say(both && one ? "listens" : "not");
    test.say(stat_of("tcp", 4021));
    test.say(stat_of("tcp", 4022));
    test.say(native_client(SOCK_STREAM, 4021) >= 0 ? "reached" : "not");
    TcpSocket socket = host.open_tcp().value();
    test.say(socket.connect(at("[::1]:4022")) ? "connected" : "refused");
  });
  const std::string first = child.talk.hear();
  if (first == "no rights") GTEST_SKIP() << "network namespaces are not allowed";
  EXPECT_EQ(first, "listens");
  EXPECT_EQ(child.talk.hear(), "native programs cannot reach it at ::1");
  EXPECT_EQ(child.talk.hear(), "native programs cannot reach it");
  EXPECT_EQ(child.talk.hear(), "reached");
  EXPECT_EQ(child.talk.hear(), "connected");
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
