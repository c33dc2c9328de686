// UDP and ping through the public calls of two manual hosts.
#include <optional>

#include "stack/manual_pair_test.h"

namespace oriel::stack {
namespace {

TEST(UdpCalls, DatagramsKeepTheirBounds) {
  for (const auto& [a, b] :
       {std::pair{"10.0.0.1:0", "10.0.0.2:53"}, std::pair{"[fd00::1]:0", "[fd00::2]:53"},
        std::pair{"0.0.0.0:0", "10.0.0.2:53"}, std::pair{"[::]:0", "10.0.0.2:53"},
        std::pair{"[::]:0", "[fd00::2]:53"}}) {
    ManualPair net;
    UdpSocket s = net.b.open_udp(at(b)).value();
    UdpSocket c = net.a.open_udp(at(a)).value();
    // One that fits, one that is cut into fragments, one that is empty.
    const std::size_t sizes[] = {100, 20'000, 0};
    for (const std::size_t n : sizes) ASSERT_TRUE(c.send_to(at(b), pattern(n)).has_value());
    net.run(ms(10));
    std::vector<std::uint8_t> buffer(65536);
    for (const std::size_t n : sizes) {
      const auto d = s.try_receive_from(buffer);
      ASSERT_TRUE(d.has_value()) << b;
      EXPECT_EQ(d->bytes, n);
      EXPECT_EQ(d->source.port, c.local().port);
      EXPECT_TRUE(std::equal(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(n),
                             pattern(n).begin()));
    }
    EXPECT_EQ(s.try_receive_from(buffer).error().code, ErrorCode::kWouldBlock);
  }
}

TEST(UdpCalls, EchoToTheSource) {
  ManualPair net;
  UdpSocket s = net.b.open_udp(at("0.0.0.0:7")).value();
  UdpSocket c = net.a.open_udp(at("10.0.0.1:0")).value();
  std::uint8_t at_server[16];
  std::uint8_t at_client[16];
  s.async_receive_from(at_server, [&](Result<Datagram> d) {
    ASSERT_TRUE(d.has_value());
    EXPECT_EQ(d->destination, ip("10.0.0.2"));
    ASSERT_TRUE(s.send_to(d->source, {at_server, d->bytes}).has_value());
  });
  std::optional<Datagram> answer;
  c.async_receive_from(at_client, [&](Result<Datagram> d) { answer = d.value(); });
  ASSERT_TRUE(c.send_to(at("10.0.0.2:7"), view("ping")).has_value());
  net.run(ms(10));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->bytes, 4u);
  EXPECT_EQ(answer->source, at("10.0.0.2:7"));
}

TEST(UdpCalls, TooLongIsRefused) {
  ManualPair net;
  UdpSocket c = net.a.open_udp(at("10.0.0.1:0")).value();
  EXPECT_TRUE(c.send_to(at("10.0.0.2:9"), pattern(65507)).has_value());
  EXPECT_EQ(c.send_to(at("10.0.0.2:9"), pattern(65508)).error().code, ErrorCode::kMessageTooLong);
  EXPECT_EQ(c.send_to(at("[fd00::2]:9"), view("x")).error().code, ErrorCode::kInvalidArgument);
}

TEST(UdpCalls, ADatagramLargerThanTheBufferIsCut) {
  ManualPair net;
  UdpSocket s = net.b.open_udp(at("10.0.0.2:9")).value();
  UdpSocket c = net.a.open_udp(at("10.0.0.1:0")).value();
  ASSERT_TRUE(c.send_to(at("10.0.0.2:9"), view("0123456789")).has_value());
  net.run(ms(10));
  std::uint8_t small[4];
  EXPECT_EQ(s.try_receive_from(small)->bytes, 10u);
  EXPECT_EQ(small[3], '3');
}

TEST(UdpCalls, PortUnreachableReachesAConnectedSocket) {
  ManualPair net;
  UdpSocket c = net.a.open_udp(at("10.0.0.1:0")).value();
  ASSERT_TRUE(c.connect(at("10.0.0.2:99")).has_value());
  std::uint8_t buffer[4];
  ErrorCode outcome = ErrorCode::kOk;
  c.async_receive_from(buffer, [&](Result<Datagram> d) { outcome = d.error().code; });
  ASSERT_TRUE(c.send_to(at("10.0.0.2:99"), view("x")).has_value());
  net.run(ms(10));
  EXPECT_EQ(outcome, ErrorCode::kConnectionRefused);
}

TEST(Ping, MeasuresTheRoundTrip) {
  for (const char* to : {"10.0.0.2", "fd00::2"}) {
    for (const std::size_t bytes : {0u, 56u, 4000u}) {
      ManualPair net;
      Result<Duration> outcome = fail(ErrorCode::kInProgress);
      net.a.async_ping(ip(to), bytes, ms(1000), [&](Result<Duration> r) { outcome = r; });
      net.run(ms(10));
      ASSERT_TRUE(outcome.has_value()) << to << " " << bytes;
      EXPECT_EQ(*outcome, std::chrono::microseconds(200));
    }
  }
}

TEST(Ping, EndsAtItsTimeout) {
  ManualPair net;
  net.drop = [](bool, ByteView, const Offload&) { return true; };
  Result<Duration> outcome = Duration{0};
  net.a.async_ping(ip("10.0.0.2"), 56, ms(500), [&](Result<Duration> r) { outcome = r; });
  net.run(ms(499));
  EXPECT_TRUE(outcome.has_value());
  net.run(ms(1));
  EXPECT_EQ(outcome.error().code, ErrorCode::kTimedOut);
}

TEST(Ping, LoopbackAnswers) {
  ManualPair net;
  Result<Duration> outcome = fail(ErrorCode::kInProgress);
  net.a.async_ping(ip("127.0.0.1"), 56, ms(500), [&](Result<Duration> r) { outcome = r; });
  net.run(ms(1));
  EXPECT_TRUE(outcome.has_value());
}

}  // namespace
}  // namespace oriel::stack
