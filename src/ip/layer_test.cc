#include "ip/layer.h"

#include <gtest/gtest.h>

#include "ip/hosts_test.h"
#include "wire/arp.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/icmpv4.h"
#include "wire/ipv4.h"

namespace oriel::ip {
namespace {

constexpr auto kEthernet = DeviceInfo::Framing::kEthernet;
constexpr auto kIp = DeviceInfo::Framing::kIp;

TEST(Layer, ResolvesANeighbourAndDeliversWhatWaitedForIt) {
  for (const char* to : {"10.0.0.2", "fd00::2"}) {
    TestHost a(1), b(2);
    const auto bytes = pattern(100);
    ASSERT_TRUE(a.send(at(0), addr(to), bytes));
    ASSERT_TRUE(a.send(at(0), addr(to), bytes));
    OwnedPacket request;
    ASSERT_TRUE(a.layer.poll_transmit(request));
    EXPECT_FALSE(a.layer.has_transmit()) << "one request for two datagrams";
    b.receive(at(1), request.bytes);
    EXPECT_EQ(exchange(at(1), a, b), 3u) << "the answer and the two";
    ASSERT_EQ(b.delivered.size(), 2u);
    EXPECT_EQ(copy(b.delivered[0].transport_view()), bytes);
    // The other side has learnt our address from the request: no second exchange.
    const bool is_v4 = addr(to).is_v4();
    ASSERT_TRUE(b.send(at(2), addr(is_v4 ? "10.0.0.1" : "fd00::1"), bytes));
    EXPECT_EQ(exchange(at(2), a, b), 1u);
    ASSERT_EQ(a.delivered.size(), 1u);
    Path* path = a.layer.acquire_path(addr(to)).value();
    EXPECT_TRUE(a.layer.is_path_ready(at(3), *path));
    a.layer.release_path(path);
  }
}

TEST(Layer, SilentNeighbourEndsInAnEventForTheFlow) {
  TestHost a(1);
  auto bytes = pattern(100);
  ASSERT_TRUE(a.send(at(0), addr("10.0.0.9"), bytes));
  for (int i = 0; i < 10 && a.layer.next_deadline() <= at(3000); ++i) {
    a.layer.on_timeout(a.layer.next_deadline());
  }
  EXPECT_EQ(a.drain().size(), 3u);  // requests
  IcmpEvent event;
  ASSERT_TRUE(a.layer.poll_event(event));
  EXPECT_EQ(event.kind, IcmpEvent::Kind::kHostUnreachable);
  EXPECT_EQ(event.source, addr("10.0.0.1"));
  EXPECT_EQ(event.destination, addr("10.0.0.9"));
  EXPECT_EQ(event.protocol, 17);
  EXPECT_EQ(event.source_port(), load_be16(bytes.data()));
  EXPECT_FALSE(a.layer.poll_event(event));
  EXPECT_EQ(a.dropped(DropReason::kNeighbourUnreachable), 1u);
}

TEST(Layer, ReadyPathGoesStaleAndIsProbedByUnicast) {
  TestHost a(1), b(2);
  const auto bytes = pattern(10);
  ASSERT_TRUE(a.send(at(0), addr("10.0.0.2"), bytes));
  exchange(at(0), a, b);
  Path* path = a.layer.acquire_path(addr("10.0.0.2")).value();
  ASSERT_TRUE(a.layer.is_path_ready(at(1), *path));
  a.layer.on_timeout(at(30'000));
  EXPECT_TRUE(a.layer.is_path_ready(at(31'000), *path));  // used while STALE: DELAY begins
  EXPECT_EQ(a.layer.next_deadline(), at(36'000));
  a.layer.on_timeout(at(36'000));
  auto probe = a.drain();
  ASSERT_EQ(probe.size(), 1u);
  EXPECT_EQ(wire::parse_ethernet(probe[0].bytes)->destination, mac(2));
  b.receive(at(36'001), probe[0].bytes);
  exchange(at(36'001), a, b);
  EXPECT_EQ(a.layer.next_deadline(), at(66'001));  // REACHABLE again
  a.layer.confirm_path(at(40'000), *path);
  EXPECT_EQ(a.layer.next_deadline(), at(70'000));
  a.layer.confirm_path(at(40'500), *path);  // at most once a second
  EXPECT_EQ(a.layer.next_deadline(), at(70'000));
  a.layer.release_path(path);
}

TEST(Layer, PacketWrittenWhileUnresolvedLeavesWithTheRightHeader) {
  TestHost a(1), b(2);
  Path* path = a.layer.acquire_path(addr("10.0.0.2")).value();
  ASSERT_FALSE(a.layer.is_path_ready(at(0), *path));
  std::array<std::uint8_t, kHeaderBytesMax> header;
  const auto segment = pattern(3000);
  const std::size_t n = emit_headers(*path, {.protocol = 6, .transport_bytes = 3000}, header);
  EXPECT_EQ(n, 34u);
  const ByteView pieces[] = {ByteView(header).first(n), segment};
  Offload offload;
  offload.gso_size = 1448;
  ASSERT_TRUE(a.layer.output(at(0), *path, pieces, offload));
  exchange(at(0), a, b);
  ASSERT_EQ(b.delivered.size(), 1u);
  EXPECT_EQ(b.delivered[0].gso_size, 1448);
  EXPECT_EQ(copy(b.delivered[0].transport_view()), segment);
  a.layer.release_path(path);
}

TEST(Layer, FragmentsGoThereAndBack) {
  for (const char* to : {"10.0.0.2", "fd00::2"}) {
    for (const auto framing : {kEthernet, kIp}) {
      for (const std::size_t size : {1480u, 1481u, 4000u, 65000u}) {
        TestHost a(1, framing), b(2, framing);
        a.layer.add_permanent_neighbour(1, addr(to), mac(2));
        const auto bytes = pattern(size);
        ASSERT_TRUE(a.send(at(0), addr(to), bytes)) << size;
        auto frames = a.drain();
        for (const auto& f : frames) EXPECT_LE(f.bytes.size(), framing == kIp ? 1500u : 1514u);
        std::reverse(frames.begin(), frames.end());
        for (const auto& f : frames) b.receive(at(0), f.bytes, f.offload);
        ASSERT_EQ(b.delivered.size(), 1u) << size;
        EXPECT_EQ(copy(b.delivered[0].transport_view()), bytes) << size;
        EXPECT_EQ(b.delivered[0].protocol, 17);
      }
    }
  }
}

TEST(Layer, PartialChecksumIsFinishedBeforeFragmenting) {
  TestHost a(1, kIp), b(2, kIp);
  auto bytes = pattern(4000);
  store_be16(bytes.data() + 6,
             wire::partial_checksum(addr("10.0.0.1"), addr("10.0.0.2"), 17, 4000));
  DatagramOptions options;
  options.offload.checksum = Offload::Checksum::kPartial;
  options.offload.checksum_offset = 6;
  ASSERT_TRUE(a.send(at(0), addr("10.0.0.2"), bytes, options));
  exchange(at(0), a, b);
  ASSERT_EQ(b.delivered.size(), 1u);
  EXPECT_FALSE(b.delivered[0].is_checksum_verified);
  EXPECT_TRUE(
      wire::is_checksum_ok(wire::pseudo_header_sum(addr("10.0.0.1"), addr("10.0.0.2"), 17, 4000),
                           b.delivered[0].transport_view()));
}

TEST(Layer, DontFragmentAndTooLongAreRefused) {
  TestHost a(1, kIp);
  DatagramOptions df;
  df.dont_fragment = true;
  EXPECT_EQ(a.send(at(0), addr("10.0.0.2"), pattern(1481), df).error().code,
            ErrorCode::kMessageTooLong);
  EXPECT_TRUE(a.send(at(0), addr("10.0.0.2"), pattern(1480), df));
  EXPECT_EQ(a.send(at(0), addr("10.0.0.2"), pattern(65516)).error().code,
            ErrorCode::kMessageTooLong);
  EXPECT_EQ(a.dropped(DropReason::kTooBig), 2u);
  const auto out = a.drain();
  ASSERT_EQ(out.size(), 1u);
  EXPECT_TRUE(wire::parse_ipv4(out[0].bytes)->df);
}

TEST(Layer, SmallerPathMtuMakesSmallerFragments) {
  TestHost a(1, kIp);
  a.layer.learn_pmtu(at(0), addr("10.0.0.2"), 1000);
  ASSERT_TRUE(a.send(at(0), addr("10.0.0.2"), pattern(1480)));
  const auto out = a.drain();
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(out[0].bytes.size(), 20u + 976u);
  EXPECT_EQ(out[1].bytes.size(), 20u + 504u);
}

TEST(Layer, ReassemblyTimeoutIsToldToTheSender) {
  for (const char* to : {"10.0.0.2", "fd00::2"}) {
    TestHost a(1, kIp), b(2, kIp);
    ASSERT_TRUE(a.send(at(0), addr(to), pattern(3000)));
    auto fragments = a.drain();
    ASSERT_EQ(fragments.size(), 3u);
    b.receive(at(0), fragments[0].bytes);
    b.layer.on_timeout(b.layer.next_deadline());
    EXPECT_EQ(exchange(at(60'000), a, b), 1u);
    ASSERT_EQ(a.errors.size(), 1u);
    EXPECT_EQ(a.errors[0].kind, IcmpEvent::Kind::kTimeExceeded);
    EXPECT_EQ(a.errors[0].destination, addr(to));
    EXPECT_EQ(b.dropped(DropReason::kReassemblyTimeout), 1u);
    EXPECT_TRUE(b.layer.next_deadline().is_never());
  }
}

TEST(Layer, PortUnreachableReachesTheSendersFlow) {
  for (const char* to : {"10.0.0.2", "fd00::2"}) {
    TestHost a(1), b(2);
    const auto bytes = pattern(64);
    ASSERT_TRUE(a.send(at(0), addr(to), bytes));
    exchange(at(0), a, b);
    ASSERT_EQ(b.delivered.size(), 1u);
    b.layer.send_port_unreachable(at(0), b.delivered[0]);
    exchange(at(0), a, b);
    ASSERT_EQ(a.errors.size(), 1u);
    EXPECT_EQ(a.errors[0].kind, IcmpEvent::Kind::kPortUnreachable);
    EXPECT_EQ(a.errors[0].reporter, addr(to));
    EXPECT_EQ(a.errors[0].source_port(), load_be16(bytes.data()));
  }
}

TEST(Layer, LoopbackPacketsComeBackThroughInput) {
  TestHost a(1);
  for (const char* own : {"127.0.0.1", "::1", "10.0.0.1", "fd00::1"}) {
    const auto bytes = pattern(40'000);
    DatagramOptions options;
    options.offload.checksum = Offload::Checksum::kPartial;
    options.offload.checksum_offset = 6;
    ASSERT_TRUE(a.send(at(0), addr(own), bytes, options)) << own;
    auto out = a.drain();
    ASSERT_EQ(out.size(), 1u) << own;
    EXPECT_EQ(out[0].interface_index, kLoopbackInterface);
    EXPECT_EQ(a.receive_on(kLoopbackInterface, at(0), out[0].bytes, out[0].offload),
              Verdict::kDeliver)
        << own;
    const Delivery& d = a.delivered.back();
    EXPECT_EQ(d.source, addr(own));
    EXPECT_EQ(d.destination, addr(own));
    EXPECT_TRUE(d.is_checksum_verified);
    EXPECT_EQ(copy(d.transport_view()), bytes);
  }
}

TEST(Layer, OutQueueIsBounded) {
  TestHost a(1, kIp);
  for (std::size_t i = 0; i < kOutQueuePacketsMax; ++i) {
    ASSERT_TRUE(a.send(at(0), addr("10.0.0.2"), pattern(8)));
  }
  EXPECT_EQ(a.send(at(0), addr("10.0.0.2"), pattern(8)).error().code, ErrorCode::kNoBuffers);
  EXPECT_EQ(a.dropped(DropReason::kOutQueue), 1u);
  EXPECT_EQ(a.drain().size(), kOutQueuePacketsMax);
}

TEST(Layer, ArpProbeIsAnsweredAndTeachesNothing) {
  TestHost a(1);
  wire::ArpPacket probe;
  probe.sender_mac = mac(9);
  probe.target_ip = addr("10.0.0.1");
  std::vector<std::uint8_t> frame(14 + wire::kArpBytes);
  wire::emit_ethernet(
      {.destination = MacAddress::broadcast(), .source = mac(9), .ethertype = 0x0806}, frame);
  wire::emit_arp(probe, ByteSpan(frame).subspan(14));
  EXPECT_EQ(a.receive(at(0), frame), Verdict::kConsumed);
  auto out = a.drain();
  ASSERT_EQ(out.size(), 1u);
  const auto reply = wire::parse_arp(out[0].bytes.view().subspan(14));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->operation, wire::ArpPacket::Operation::kReply);
  EXPECT_EQ(reply->sender_mac, mac(1));
  EXPECT_EQ(a.layer.neighbours().size(), 0u);
  probe.target_ip = addr("10.0.0.7");
  wire::emit_arp(probe, ByteSpan(frame).subspan(14));
  EXPECT_EQ(a.receive(at(0), frame), Verdict::kDropped);
  EXPECT_TRUE(a.drain().empty());
}

TEST(Layer, RoutesNeedAGatewayThatIsNear) {
  TestHost a(1);
  EXPECT_EQ(a.layer.add_route(prefix("0.0.0.0/0"), addr("192.168.0.1")).error().code,
            ErrorCode::kNetworkUnreachable);
  EXPECT_EQ(a.layer.add_route(prefix("0.0.0.0/0"), {}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(a.layer.add_route(prefix("0.0.0.0/0"), addr("10.0.0.1")).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_TRUE(a.layer.add_route(prefix("0.0.0.0/0"), addr("10.0.0.254")));
  // The packet goes to the gateway's hardware address, not to the destination's.
  ASSERT_TRUE(a.send(at(0), addr("8.8.8.8"), pattern(8)));
  const auto out = a.drain();
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(wire::parse_arp(out[0].bytes.view().subspan(14))->target_ip, addr("10.0.0.254"));
}

TEST(Layer, RemovedInterfaceTakesEverythingAlong) {
  TestHost a(1);
  Path* path = a.layer.acquire_path(addr("10.0.0.2")).value();
  ASSERT_TRUE(a.send(at(0), addr("10.0.0.2"), pattern(8)));
  a.layer.remove_interface(1);
  EXPECT_FALSE(a.layer.is_path_ready(at(0), *path));
  EXPECT_NE(path->error, ErrorCode::kOk);
  EXPECT_FALSE(a.layer.acquire_path(addr("10.0.0.2")));
  EXPECT_EQ(a.layer.neighbours().size(), 0u);
  EXPECT_TRUE(a.layer.next_deadline().is_never());
  a.layer.release_path(path);
}

}  // namespace
}  // namespace oriel::ip
