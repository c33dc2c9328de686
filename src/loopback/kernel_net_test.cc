// Connections of the kernel's own TCP as transports, against a native socket in the same thread:
// nothing here waits for more than the kernel's loopback, which is done when a call returns.
#include "loopback/kernel_net.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/req.h"

namespace oriel::loopback {
namespace {

namespace te = socket::transport_event;

struct Ear final : socket::TransportUser {
  void on_transport_events(Instant /*now*/, socket::Transport& /*t*/,
                           std::uint16_t events) override {
    heard |= events;
  }
  std::uint16_t heard = 0;
};

constexpr Instant kNow{0};

ByteView view(const std::string& s) {
  return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}

class KernelNetTest : public ::testing::Test {
 protected:
  /// A native listener on a port that the kernel picks.
  KernelNetTest() : native_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t bytes = sizeof a;
    ::bind(native_.get(), reinterpret_cast<const sockaddr*>(&a), bytes);
    ::listen(native_.get(), 1);
    ::getsockname(native_.get(), reinterpret_cast<sockaddr*>(&a), &bytes);
    port_ = ntohs(a.sin_port);
  }
  Endpoint there() const { return {IpAddress::v4(127, 0, 0, 1), port_}; }
  void step() {
    pollfd p{net.poll_fd(), POLLIN, 0};
    ::poll(&p, 1, 1000);
    net.look();
    while (net.has_work()) net.run(kNow);
  }
  /// An established connection to the native listener.
  KernelStream& connected() {
    KernelStream& s = *net.connect({}, there()).value();
    s.set_user(&ear);
    step();
    peer_.reset(::accept(native_.get(), nullptr, nullptr));
    return s;
  }
  static sockaddr_in name_of_port(std::uint16_t port) {
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    a.sin_port = htons(port);
    return a;
  }
  /// As most native servers bind.
  static bool may_bind(int type, std::uint16_t port) {
    const runtime::UniqueFd fd(::socket(AF_INET, type, 0));
    const int on = type == SOCK_STREAM ? 1 : 0;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const sockaddr_in a = name_of_port(port);
    return ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&a), sizeof a) == 0;
  }
  static std::uint16_t free_udp_port() {
    const runtime::UniqueFd fd(::socket(AF_INET, SOCK_DGRAM, 0));
    sockaddr_in a = name_of_port(0);
    socklen_t bytes = sizeof a;
    ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&a), bytes);
    ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&a), &bytes);
    return ntohs(a.sin_port);
  }
  /// A UDP port of ours on 127.0.0.1.
  Endpoint held_udp() {
    for (;;) {
      const Endpoint mine{IpAddress::v4(127, 0, 0, 1), free_udp_port()};
      if (net.hold(PortOf::kUdp, mine) == KernelPort::kHeld) return mine;
    }
  }
  std::string read(KernelStream& s) {
    std::uint8_t buffer[100];
    const std::size_t n = s.receive(kNow, buffer);
    return {reinterpret_cast<const char*>(buffer), n};
  }

  KernelNet net{{}};
  Ear ear;
  runtime::UniqueFd native_;
  runtime::UniqueFd peer_;
  std::uint16_t port_ = 0;
};

TEST_F(KernelNetTest, ConnectsAndCarriesBytesBothWays) {
  KernelStream& s = connected();
  EXPECT_EQ(ear.heard & te::kConnected, te::kConnected);
  EXPECT_TRUE(s.is_connected());
  EXPECT_EQ(s.remote(), there());
  EXPECT_EQ(s.send(kNow, view("hello")), 5u);
  char got[10] = "";
  EXPECT_EQ(::recv(peer_.get(), got, sizeof got, 0), 5);
  EXPECT_EQ(::send(peer_.get(), "back", 4, 0), 4);
  step();
  EXPECT_EQ(s.readable_bytes(), 4u);
  EXPECT_EQ(read(s), "back");
  EXPECT_EQ(s.readable_bytes(), 0u);
  TcpInfo info;
  s.fill_info(kNow, info);
  EXPECT_EQ(info.state, TcpState::kEstablished);
  EXPECT_EQ(info.bytes_in, 4u);
  EXPECT_EQ(info.bytes_out, 5u);
  EXPECT_GT(info.srtt, Duration(0));
  EXPECT_GE(s.ideal_send_backlog(), 65536u);
}

TEST_F(KernelNetTest, EndOfStreamComesAfterTheLastByte) {
  REQ("LFP-11");
  KernelStream& s = connected();
  ::send(peer_.get(), "last", 4, 0);
  ::shutdown(peer_.get(), SHUT_WR);
  step();
  EXPECT_FALSE(s.is_at_end_of_stream());
  EXPECT_EQ(read(s), "last");
  EXPECT_TRUE(s.is_at_end_of_stream());
  s.shutdown_send(kNow);
  char byte = 0;
  EXPECT_EQ(::recv(peer_.get(), &byte, 1, 0), 0);
}

TEST_F(KernelNetTest, AnAbortIsAResetThere) {
  REQ("LFP-11");
  KernelStream& s = connected();
  s.abort(kNow, ErrorCode::kConnectionAborted);
  char byte = 0;
  EXPECT_EQ(::recv(peer_.get(), &byte, 1, 0), -1);
  EXPECT_EQ(errno, ECONNRESET);
  EXPECT_TRUE(s.has_ended());
  s.detach(kNow);
  while (net.has_work()) net.run(kNow);
  EXPECT_EQ(net.size(), 0u);
}

TEST_F(KernelNetTest, AResetFromThereIsTold) {
  REQ("LFP-11");
  KernelStream& s = connected();
  const linger at_once{1, 0};
  ::setsockopt(peer_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  peer_.reset();
  step();
  EXPECT_EQ(s.error(), ErrorCode::kConnectionReset);
  EXPECT_NE(ear.heard & te::kFailed, 0);
}

TEST_F(KernelNetTest, BorrowedBytesGoOutAsThereIsRoom) {
  KernelStream& s = connected();
  const std::string bytes(8 << 20, 'x');
  s.send_borrowed(kNow, view(bytes));
  EXPECT_EQ(s.bytes_queued(), bytes.size());
  s.shutdown_send(kNow);
  std::size_t got = 0;
  std::vector<char> buffer(1 << 20);
  for (int i = 0; i < 1000; ++i) {
    const ssize_t n = ::recv(peer_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n == 0) break;
    if (n > 0) got += static_cast<std::size_t>(n);
    net.look();
    while (net.has_work()) net.run(kNow);
  }
  EXPECT_EQ(got, bytes.size());
  EXPECT_EQ(s.bytes_acked(), bytes.size());
}

TEST_F(KernelNetTest, UrgentDataHasItsMark) {
  KernelStream& s = connected();
  ::send(peer_.get(), "ab", 2, 0);
  ::send(peer_.get(), "!", 1, MSG_OOB);
  step();
  EXPECT_NE(ear.heard & te::kUrgent, 0);
  EXPECT_EQ(s.urgent_bytes_left(), 3u);
  EXPECT_EQ(read(s), "ab");
  EXPECT_EQ(s.urgent_bytes_left(), 1u);
  EXPECT_EQ(read(s), "!");
  EXPECT_EQ(s.urgent_bytes_left(), 0u);
}

TEST_F(KernelNetTest, AHeldPortIsOursAndNativeProgramsReachIt) {
  const Endpoint mine{IpAddress::v4_any(), port_};
  EXPECT_EQ(net.hold(PortOf::kTcp, mine), KernelPort::kNative);
  native_.reset();
  ASSERT_EQ(net.hold(PortOf::kTcp, mine), KernelPort::kHeld);
  EXPECT_FALSE(net.is_reached(PortOf::kTcp, mine));  // nobody listens yet
  EXPECT_FALSE(may_bind(SOCK_STREAM, port_));
  net.listen(mine);
  EXPECT_TRUE(net.is_reached(PortOf::kTcp, mine));
  const auto caller = KernelStream::begin_connect({}, there());
  ASSERT_TRUE(caller);
  step();
  KernelStream* s = net.take_arrival();
  ASSERT_NE(s, nullptr);
  EXPECT_TRUE(s->is_connected());
  EXPECT_EQ(s->local(), there());
  net.release(PortOf::kTcp, mine);
  EXPECT_FALSE(net.is_reached(PortOf::kTcp, mine));
  ASSERT_EQ(net.hold(PortOf::kTcp, mine), KernelPort::kHeld);  // its connections keep nobody away
}

TEST_F(KernelNetTest, WithoutADescriptorACallerIsHungUpOn) {
  native_.reset();
  ASSERT_EQ(net.hold(PortOf::kTcp, there()), KernelPort::kHeld);
  net.listen(there());
  const auto caller = KernelStream::begin_connect({}, there());
  ASSERT_TRUE(caller);
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const int next = ::dup(0);  // the lowest that is free
  const rlim_t before = std::exchange(limit.rlim_cur, static_cast<rlim_t>(next));
  ::close(next);
  ::setrlimit(RLIMIT_NOFILE, &limit);
  step();
  limit.rlim_cur = before;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_EQ(net.take_arrival(), nullptr);
  pollfd p{caller->fd.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&p, 1, 1000), 1);  // its end
  const auto again = KernelStream::begin_connect({}, there());
  ASSERT_TRUE(again);
  step();
  EXPECT_NE(net.take_arrival(), nullptr);
}

TEST_F(KernelNetTest, PortsTakeAtMostHalfOfTheDescriptors) {
  constexpr rlim_t kDescriptors = 80;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t before = std::exchange(limit.rlim_cur, kDescriptors);
  ::setrlimit(RLIMIT_NOFILE, &limit);
  {
    KernelNet few{{}};
    std::size_t held = 0;
    std::vector<Endpoint> all;
    for (std::uint8_t i = 1; i <= kDescriptors / 2; ++i) {
      const Endpoint next{IpAddress::v4(127, 9, 9, i), port_};
      all.push_back(next);
      held += few.hold(PortOf::kUdp, next) == KernelPort::kHeld ? 1u : 0u;
    }
    EXPECT_EQ(held, kDescriptors / 4);
    for (const Endpoint& at : all) few.release(PortOf::kUdp, at);
    EXPECT_EQ(few.hold(PortOf::kUdp, all.back()), KernelPort::kHeld);
  }
  limit.rlim_cur = before;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

TEST_F(KernelNetTest, APortIsHeldAsLongAsItHasHolders) {
  const Endpoint wildcard{IpAddress::v4_any(), port_};
  native_.reset();
  ASSERT_EQ(net.hold(PortOf::kTcp, wildcard), KernelPort::kHeld);
  ASSERT_EQ(net.hold(PortOf::kTcp, there()), KernelPort::kHeld);
  net.release(PortOf::kTcp, wildcard);
  EXPECT_FALSE(may_bind(SOCK_STREAM, port_));
  net.release(PortOf::kTcp, there());
  EXPECT_TRUE(may_bind(SOCK_STREAM, port_));
}

TEST_F(KernelNetTest, ThePortOfAnotherDomainIsNoNativeProgram) {
  KernelNet other{{}};
  native_.reset();
  for (const PortOf of : {PortOf::kTcp, PortOf::kUdp}) {
    ASSERT_EQ(other.hold(of, there()), KernelPort::kHeld);
    EXPECT_EQ(net.hold(of, there()), KernelPort::kElsewhere);
    EXPECT_FALSE(net.is_reached(of, there()));
    net.release(of, there());
  }
  other.listen(there());
  EXPECT_EQ(net.connect({}, there()).error().code, ErrorCode::kConnectionRefused);
  const Endpoint from = held_udp();
  EXPECT_FALSE(net.send_datagram(from, there(), view("x")));
}

// A connect that looked before a program of ours held the port, and went to the kernel after it
// listened there, would stay in the kernel for good.
TEST_F(KernelNetTest, AProgramOfOursIsNeverMetThereHoweverYoung) {
  native_.reset();
  std::atomic<bool> is_over{false};
  std::thread server([&] {
    KernelNet theirs({});
    const Endpoint at = there();
    while (!is_over) {
      EXPECT_EQ(theirs.hold(PortOf::kTcp, at), KernelPort::kHeld);
      theirs.listen(at);
      std::this_thread::yield();
      theirs.release(PortOf::kTcp, at);
    }
  });
  int met = 0;
  for (int i = 0; i < 2000; ++i) met += net.connect({}, there()) ? 1 : 0;
  is_over = true;
  server.join();
  EXPECT_EQ(met, 0);
}

// The kernel picks the port of a connect among those that may be its destination.
TEST_F(KernelNetTest, AConnectThatMeetsItselfIsRefusedAndLeavesThePort) {
  native_.reset();
  const auto itself = KernelStream::begin_connect(there(), there());
  ASSERT_FALSE(itself.has_value());
  EXPECT_EQ(itself.error().code, ErrorCode::kConnectionRefused);
  EXPECT_TRUE(may_bind(SOCK_STREAM, port_));
}

TEST_F(KernelNetTest, APublishedPortHasItsHolder) {
  native_.reset();
  PublishedPort everywhere;
  everywhere.host_port = port_;
  PublishedPort here = everywhere;
  here.is_udp = true;
  here.host_address = there().address;
  KernelNet publishing{{everywhere, here}};
  EXPECT_EQ(publishing.hold(PortOf::kTcp, there()), KernelPort::kPublished);
  EXPECT_TRUE(publishing.is_reached(PortOf::kTcp, there()));
  EXPECT_TRUE(may_bind(SOCK_STREAM, port_));
  EXPECT_EQ(publishing.hold(PortOf::kUdp, there()), KernelPort::kPublished);
  const Endpoint next_door{IpAddress::v4(127, 0, 0, 2), port_};
  EXPECT_EQ(publishing.hold(PortOf::kUdp, next_door), KernelPort::kHeld);
}

TEST_F(KernelNetTest, AnAddressThatTheKernelHasNotIsDenied) {
  const Endpoint nowhere{IpAddress::v4(203, 0, 113, 1), port_};
  EXPECT_EQ(net.hold(PortOf::kTcp, nowhere), KernelPort::kDenied);
  EXPECT_EQ(net.hold(PortOf::kUdp, nowhere), KernelPort::kDenied);
  net.listen(nowhere);
  EXPECT_FALSE(net.is_reached(PortOf::kTcp, nowhere));
  net.release(PortOf::kTcp, nowhere);
}

TEST_F(KernelNetTest, ARefusalIsToldAtOnce) {
  native_.reset();
  EXPECT_EQ(net.connect({}, there()).error().code, ErrorCode::kConnectionRefused);
}

TEST_F(KernelNetTest, DatagramsPassBothWays) {
  const Endpoint mine = held_udp();
  EXPECT_FALSE(may_bind(SOCK_DGRAM, mine.port));
  const runtime::UniqueFd native(::socket(AF_INET, SOCK_DGRAM, 0));
  const sockaddr_in to = name_of_port(mine.port);
  ASSERT_EQ(::connect(native.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  ASSERT_EQ(::send(native.get(), "to ours", 7, 0), 7);
  step();
  const auto got = net.take_datagram();
  ASSERT_TRUE(got);
  EXPECT_EQ(std::string(got->payload.begin(), got->payload.end()), "to ours");
  EXPECT_EQ(got->destination, mine);
  EXPECT_TRUE(net.send_datagram(mine, got->source, view("back")));
  char bytes[10] = "";
  EXPECT_EQ(::recv(native.get(), bytes, sizeof bytes, 0), 4);
  EXPECT_STREQ(bytes, "back");
  EXPECT_FALSE(net.take_datagram());
}

TEST_F(KernelNetTest, ADatagramThatNobodyWantsIsNotTaken) {
  const Endpoint mine = held_udp();
  EXPECT_FALSE(net.send_datagram(mine, {IpAddress::v4(127, 0, 0, 1), free_udp_port()}, view("x")));
  EXPECT_FALSE(net.take_refusal());
  const Endpoint unheld{IpAddress::v4(127, 0, 0, 3), mine.port};
  EXPECT_FALSE(net.send_datagram(unheld, mine, view("x")));  // not from a port of ours
}

}  // namespace
}  // namespace oriel::loopback
