// Datagrams between a script and a socket: pieces, peeking, cut payloads, errors, readiness.
#include "socket/udp_socket.h"

#include <gtest/gtest.h>

#include <string>

#include "socket/scripted_transport_test.h"

namespace oriel::socket {
namespace {

Endpoint udp_at(const char* text) {
  return Endpoint::parse(text).value();
}

class NotingPort final : public IpPort {
 public:
  Result<void> send_datagram(Instant, const Endpoint& from, const Endpoint& to,
                             std::span<const ByteView> payload, const DatagramSend&) override {
    last_from = from;
    last_to = to;
    pieces = payload.size();
    last.clear();
    for (const ByteView p : payload) last.append(reinterpret_cast<const char*>(p.data()), p.size());
    return {};
  }
  Endpoint last_from, last_to;
  std::string last;
  std::size_t pieces = 0;
};

struct TestDatagram final : DatagramRequest {
  TestDatagram(CompletionSink& s, std::size_t n) : bytes(n, '.') {
    kind = Kind::kReceiveFrom;
    sink = &s;
    data = reinterpret_cast<std::uint8_t*>(bytes.data());
    size = n;
  }
  std::string bytes;
};

class UdpSocketTest : public ::testing::Test, protected ReadinessObserver {
 protected:
  UdpSocketTest() : socket(port, pool, udp_at("0.0.0.0:53")) { socket.set_observer(this); }
  void on_readiness(std::uint16_t what) override { heard |= what; }
  bool arrive(const char* from, const std::string& text) {
    udp::ReceivedDatagram d;
    d.source = udp_at(from);
    d.payload =
        pool.copy_of(ByteView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
    return socket.on_datagram(std::move(d));
  }

  NotingPort port;
  BufferPool pool;
  NotingSink sink;
  UdpSocket socket;
  std::uint16_t heard = 0;
};

TEST_F(UdpSocketTest, ManyPiecesLeaveAsOneDatagramFromTheChosenAddress) {
  std::vector<ByteView> parts;
  const std::uint8_t byte = 'x';
  for (int i = 0; i < 40; ++i) parts.emplace_back(&byte, 1);
  ASSERT_TRUE(socket.send_to({}, udp_at("10.0.0.2:7"), parts, {}, udp_at("10.0.0.1:0").address)
                  .has_value());
  EXPECT_EQ(port.last, std::string(40, 'x'));
  EXPECT_EQ(port.last_from, udp_at("10.0.0.1:53"));
  parts.resize(3);
  ASSERT_TRUE(socket.send_to({}, udp_at("10.0.0.2:7"), parts, {}).has_value());
  EXPECT_EQ(port.pieces, 3u);
  EXPECT_EQ(port.last_from, udp_at("0.0.0.0:53"));
}

TEST_F(UdpSocketTest, APeekLeavesTheDatagramAndACutOneSaysSo) {
  TestDatagram peek(sink, 2), whole(sink, 8);
  peek.is_peek = true;
  ASSERT_TRUE(arrive("10.0.0.2:7", "hello"));
  EXPECT_EQ(heard, ready::kRead);
  EXPECT_EQ(socket.next_datagram_bytes(), 5u);
  EXPECT_EQ(socket.try_receive(peek), ErrorCode::kOk);
  EXPECT_EQ(peek.bytes, "he");
  EXPECT_EQ(peek.datagram_bytes, 5u);
  EXPECT_EQ(socket.try_receive(whole), ErrorCode::kOk);
  EXPECT_EQ(whole.done, 5u);
  EXPECT_EQ(whole.source, udp_at("10.0.0.2:7"));
  EXPECT_EQ(socket.try_receive(whole), ErrorCode::kWouldBlock);
}

TEST_F(UdpSocketTest, APeekThatWaitsSharesTheDatagramWithTheNextReader) {
  TestDatagram peek(sink, 8), whole(sink, 8);
  peek.is_peek = true;
  socket.submit(peek);
  socket.submit(whole);
  ASSERT_TRUE(arrive("10.0.0.2:7", "one"));
  EXPECT_EQ(sink.finished, (std::vector<Request*>{&peek, &whole}));
  EXPECT_EQ(heard, 0) << "nothing is left";
}

TEST_F(UdpSocketTest, ErrorsAreToldToThePeersSocketOrWhenAskedFor) {
  TestDatagram r(sink, 8);
  const udp::PathError error{ErrorCode::kConnectionRefused, udp_at("10.0.0.2:7")};
  socket.on_path_error(error);
  EXPECT_EQ(socket.try_receive(r), ErrorCode::kWouldBlock);
  socket.set_errors_told(true);
  socket.on_path_error(error);
  EXPECT_EQ(heard, ready::kRead);
  EXPECT_EQ(socket.try_receive(r), ErrorCode::kConnectionRefused);
  socket.connect(udp_at("10.0.0.3:7"));
  socket.on_path_error(error);
  EXPECT_EQ(socket.try_receive(r), ErrorCode::kWouldBlock) << "not its peer";
  EXPECT_FALSE(arrive("10.0.0.2:7", "x"));
  socket.disconnect();
  EXPECT_TRUE(arrive("10.0.0.2:7", "x"));
}

TEST_F(UdpSocketTest, AnIpv6OnlySocketKeepsToItsFamily) {
  UdpSocket dual(port, pool, udp_at("[::]:5"), PortSharing::kUsual, false);
  UdpSocket only(port, pool, udp_at("[::]:5"), PortSharing::kUsual, true);
  EXPECT_TRUE(dual.may_reach(udp_at("10.0.0.2:7").address));
  EXPECT_FALSE(only.may_reach(udp_at("10.0.0.2:7").address));
}

}  // namespace
}  // namespace oriel::socket
