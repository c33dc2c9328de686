// Connections of the kernel's own TCP as transports, against a native socket in the same thread:
// nothing here waits for more than the kernel's loopback, which is done when a call returns.
#include "loopback/kernel_net.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <string>

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
  Endpoint mine{IpAddress::v4_any(), port_};
  EXPECT_EQ(net.hold(mine).error().code, ErrorCode::kAddressInUse);  // the native listener has it
  native_.reset();
  ASSERT_TRUE(net.hold(mine));
  EXPECT_TRUE(net.is_reached(mine));
  net.listen(mine);
  const auto caller = KernelStream::begin_connect({}, there());
  ASSERT_TRUE(caller);
  step();
  KernelStream* s = net.take_arrival();
  ASSERT_NE(s, nullptr);
  EXPECT_TRUE(s->is_connected());
  EXPECT_EQ(s->local(), there());
  net.release(mine);
  EXPECT_FALSE(net.is_reached(mine));
}

}  // namespace
}  // namespace oriel::loopback
