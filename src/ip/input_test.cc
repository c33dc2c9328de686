#include "ip/input.h"

#include <gtest/gtest.h>

#include "ip/hosts_test.h"
#include "wire/ethernet.h"
#include "wire/icmpv4.h"
#include "wire/icmpv6.h"
#include "wire/ipv4.h"
#include "wire/ndp.h"

namespace oriel::ip {
namespace {

class InputTest : public ::testing::Test {
 protected:
  std::vector<std::uint8_t> packet(const char* from, const char* to, std::uint8_t next_header = 17,
                                   std::size_t bytes = 30) {
    return ip_packet(addr(from), addr(to), next_header, pattern(bytes));
  }
  TestHost h_{1, DeviceInfo::Framing::kIp};
};

TEST_F(InputTest, DeliversWhatIsOurs) {
  for (const auto& [from, to] :
       {std::pair{"10.0.0.9", "10.0.0.1"}, std::pair{"fd00::9", "fd00::1"}}) {
    ASSERT_EQ(h_.receive(at(0), packet(from, to, 6)), Verdict::kDeliver);
    const Delivery& d = h_.delivered.back();
    EXPECT_EQ(d.source, addr(from));
    EXPECT_EQ(d.destination, addr(to));
    EXPECT_EQ(d.protocol, 6);
    EXPECT_EQ(d.hop_limit, 64);
    EXPECT_EQ(d.interface_index, 1u);
    EXPECT_FALSE(d.is_multicast);
    EXPECT_FALSE(d.is_checksum_verified);
    EXPECT_EQ(copy(d.transport_view()), pattern(30));
  }
  EXPECT_EQ(h_.layer.statistics().in_delivers, 2u);
}

TEST_F(InputTest, BytesBehindTheTotalLengthAreCutOff) {
  auto bytes = ip_packet(addr("10.0.0.9"), addr("10.0.0.1"), 17, pattern(10));
  bytes.resize(46);
  ASSERT_EQ(h_.receive(at(0), bytes), Verdict::kDeliver);
  EXPECT_EQ(h_.delivered[0].transport_view().size(), 10u);
}

TEST_F(InputTest, OffloadBecomesRelativeToTheTransportHeader) {
  TestHost e(1);
  auto ip = ip_packet(addr("10.0.0.9"), addr("10.0.0.1"), 6, pattern(3000));
  std::vector<std::uint8_t> frame(14);
  wire::EthernetHeader eth{.destination = mac(1), .source = mac(9), .ethertype = 0x0800};
  wire::emit_ethernet(eth, frame);
  frame.insert(frame.end(), ip.begin(), ip.end());
  Offload offload;
  offload.checksum = Offload::Checksum::kPartial;
  offload.checksum_start = 34;
  offload.checksum_offset = 16;
  offload.gso_size = 1448;
  offload.header_bytes = 66;
  ASSERT_EQ(e.receive(at(0), frame, offload), Verdict::kDeliver);
  const Delivery& d = e.delivered[0];
  EXPECT_TRUE(d.is_checksum_verified);
  EXPECT_EQ(d.offload.checksum_start, 0);
  EXPECT_EQ(d.offload.checksum_offset, 16);
  EXPECT_EQ(d.offload.header_bytes, 32);
  EXPECT_EQ(d.gso_size, 1448);
}

TEST_F(InputTest, MartiansAndStrangersAreDropped) {
  struct Row {
    const char* from;
    const char* to;
    DropReason expected;
  };
  const Row rows[] = {
      {"10.0.0.9", "10.0.0.2", DropReason::kNotForUs},
      {"10.0.0.9", "224.0.0.251", DropReason::kNotForUs},
      {"10.0.0.9", "127.0.0.1", DropReason::kMartianDestination},
      {"127.0.0.1", "10.0.0.1", DropReason::kMartianSource},
      {"224.0.0.1", "10.0.0.1", DropReason::kMartianSource},
      {"255.255.255.255", "10.0.0.1", DropReason::kMartianSource},
      {"10.0.0.255", "10.0.0.1", DropReason::kMartianSource},
      {"0.0.0.0", "10.0.0.1", DropReason::kMartianSource},
      {"250.0.0.1", "10.0.0.1", DropReason::kMartianSource},
      {"10.0.0.1", "10.0.0.1", DropReason::kMartianSource},
      {"fd00::9", "fd00::2", DropReason::kNotForUs},
      {"fd00::9", "::1", DropReason::kMartianDestination},
      {"::1", "fd00::1", DropReason::kMartianSource},
      {"ff02::1", "fd00::1", DropReason::kMartianSource},
      {"fd00::1", "fd00::1", DropReason::kMartianSource},
      {"::", "fd00::1", DropReason::kMartianSource},
      {"fd00::9", "ff02::2", DropReason::kNotForUs},
      {"fd00::9", "ff02::1:ff00:2", DropReason::kNotForUs},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(h_.receive(at(0), packet(row.from, row.to)), Verdict::kDropped) << row.from << row.to;
    EXPECT_EQ(h_.last.drop_reason, row.expected) << row.from << " " << row.to;
  }
  EXPECT_TRUE(h_.drain().empty());
}

TEST_F(InputTest, GroupsAreForUdpOnly) {
  for (const auto& [from, to] :
       {std::pair{"10.0.0.9", "224.0.0.1"}, std::pair{"10.0.0.9", "255.255.255.255"},
        std::pair{"10.0.0.9", "10.0.0.255"}, std::pair{"fd00::9", "ff02::1"},
        std::pair{"fd00::9", "ff02::1:ff00:1"}}) {
    EXPECT_EQ(h_.receive(at(0), packet(from, to, 17)), Verdict::kDeliver) << to;
    EXPECT_TRUE(h_.delivered.back().is_multicast) << to;
    h_.layer.send_port_unreachable(at(0), h_.delivered.back());
    EXPECT_EQ(h_.receive(at(0), packet(from, to, 6)), Verdict::kDropped) << to;
    EXPECT_EQ(h_.last.drop_reason, DropReason::kMulticastNotUdp) << to;
  }
  EXPECT_TRUE(h_.drain().empty());
}

TEST_F(InputTest, AnAddressBelongsToItsInterface) {
  ASSERT_EQ(h_.layer.add_interface(TestHost::device(2, DeviceInfo::Framing::kIp, 1500)).value(),
            2u);
  ASSERT_TRUE(h_.layer.add_address(2, prefix("10.0.1.1/24")));
  EXPECT_EQ(h_.receive(at(0), packet("10.0.0.9", "10.0.1.1")), Verdict::kDropped);
  EXPECT_EQ(h_.last.drop_reason, DropReason::kNotForUs);
  Settings weak;
  weak.is_weak_host = true;
  TestHost w(1, DeviceInfo::Framing::kIp, 1500, weak);
  ASSERT_EQ(w.layer.add_interface(TestHost::device(2, DeviceInfo::Framing::kIp, 1500)).value(), 2u);
  ASSERT_TRUE(w.layer.add_address(2, prefix("10.0.1.1/24")));
  EXPECT_EQ(w.receive(at(0), packet("10.0.0.9", "10.0.1.1")), Verdict::kDeliver);
}

TEST_F(InputTest, BrokenHeaders) {
  auto good = ip_packet(addr("10.0.0.9"), addr("10.0.0.1"), 17, pattern(10));
  const auto reason = [&](std::vector<std::uint8_t> bytes) {
    h_.receive(at(0), bytes);
    return h_.last.drop_reason;
  };
  auto bad = good;
  bad[8] ^= 1;
  EXPECT_EQ(reason(bad), DropReason::kIpHeaderChecksum);
  EXPECT_EQ(reason({good.begin(), good.begin() + 19}), DropReason::kIpHeader);
  EXPECT_EQ(reason({good.begin(), good.end() - 1}), DropReason::kIpHeader);
  EXPECT_EQ(reason({}), DropReason::kIpHeader);
  EXPECT_EQ(reason({0x55}), DropReason::kIpHeader);
  EXPECT_EQ(h_.layer.statistics().in_hdr_errors, 5u);
  EXPECT_EQ(h_.receive_on(9, at(0), good), Verdict::kDropped);
  EXPECT_EQ(h_.last.drop_reason, DropReason::kInterfaceDown);
}

TEST_F(InputTest, SourceRoutesAreRefusedAndOtherOptionsAreSkipped) {
  // REQ RFC9293-MUST-50
  const auto with_options = [&](std::vector<std::uint8_t> options) {
    wire::Ipv4Header h;
    h.source = addr("10.0.0.9");
    h.destination = addr("10.0.0.1");
    h.protocol = 17;
    h.options = options;
    h.total_bytes = static_cast<std::uint16_t>(20 + (options.size() + 3) / 4 * 4 + 8);
    std::vector<std::uint8_t> bytes(h.total_bytes);
    wire::emit_ipv4(h, bytes);
    return h_.receive(at(0), bytes);
  };
  EXPECT_EQ(with_options({7, 7, 4, 0, 0, 0, 0}), Verdict::kDeliver);
  EXPECT_EQ(h_.delivered.back().transport_view().size(), 8u);
  EXPECT_EQ(with_options({131, 7, 4, 10, 0, 0, 1}), Verdict::kDropped);
  EXPECT_EQ(with_options({137, 7, 4, 10, 0, 0, 1}), Verdict::kDropped);
  EXPECT_EQ(with_options({7, 1, 0, 0}), Verdict::kDropped);
  EXPECT_EQ(with_options({7, 9, 0, 0}), Verdict::kDropped);
  EXPECT_EQ(h_.dropped(DropReason::kIpv4Options), 4u);
}

TEST_F(InputTest, EchoIsAnsweredWithTheSameData) {
  std::vector<std::uint8_t> message(8 + 100);
  const auto data = pattern(100);
  wire::emit_icmpv4(wire::Icmpv4Message::echo(8, 7, 9, data), message);
  const auto request = ip_packet(addr("10.0.0.9"), addr("10.0.0.1"), 1, message);
  EXPECT_EQ(h_.receive(at(0), request), Verdict::kConsumed);
  auto out = h_.drain();
  ASSERT_EQ(out.size(), 1u);
  auto ip4 = wire::parse_ipv4(out[0].bytes);
  ASSERT_TRUE(ip4);
  EXPECT_EQ(ip4->source, addr("10.0.0.1"));
  EXPECT_EQ(ip4->destination, addr("10.0.0.9"));
  EXPECT_EQ(ip4->ttl, 128);
  auto m4 = wire::parse_icmpv4(out[0].bytes.view().subspan(20));
  ASSERT_TRUE(m4);
  EXPECT_EQ(m4->type, 0);
  EXPECT_EQ(m4->identifier(), 7);
  EXPECT_EQ(m4->sequence_number(), 9);
  EXPECT_EQ(copy(m4->body), data);

  wire::emit_icmpv6(wire::Icmpv6Message::echo(128, 7, 9, data), addr("fd00::9"), addr("ff02::1"),
                    message);
  const auto request6 = ip_packet(addr("fd00::9"), addr("ff02::1"), 58, message);
  EXPECT_EQ(h_.receive(at(0), request6), Verdict::kConsumed);
  out = h_.drain();
  ASSERT_EQ(out.size(), 1u);
  auto m6 = wire::parse_icmpv6(addr("fd00::1"), addr("fd00::9"), out[0].bytes.view().subspan(40));
  ASSERT_TRUE(m6);  // from our address, not from the group
  EXPECT_EQ(m6->type, 129);
  EXPECT_EQ(copy(m6->body), data);
}

TEST_F(InputTest, BroadcastEchoAndRedirectAreIgnoredAndAReplyIsDelivered) {
  std::vector<std::uint8_t> message(8 + 28);
  const auto inner = ip_packet(addr("10.0.0.1"), addr("10.0.0.9"), 6, pattern(8));
  wire::emit_icmpv4(wire::Icmpv4Message::echo(8, 7, 9, inner), message);
  h_.receive(at(0), ip_packet(addr("10.0.0.9"), addr("10.0.0.255"), 1, message));
  wire::emit_icmpv4(wire::Icmpv4Message::echo(0, 7, 9, inner), message);
  h_.receive(at(0), ip_packet(addr("10.0.0.9"), addr("10.0.0.1"), 1, message));
  wire::emit_icmpv4({5, 1, 0x0a0000fe, inner}, message);
  h_.receive(at(0), ip_packet(addr("10.0.0.9"), addr("10.0.0.1"), 1, message));
  EXPECT_EQ(h_.dropped(DropReason::kIcmpIgnored), 2u);
  EXPECT_TRUE(h_.drain().empty());
}

TEST_F(InputTest, ErrorsAboutOurPacketsBecomeEventsAndOthersDoNot) {
  std::vector<std::uint8_t> message(8 + 28);
  const auto ours = ip_packet(addr("10.0.0.1"), addr("8.8.8.8"), 6, pattern(8));
  wire::emit_icmpv4(wire::Icmpv4Message::unreachable(4, ours, 1400), message);
  EXPECT_EQ(h_.receive(at(0), ip_packet(addr("10.0.0.254"), addr("10.0.0.1"), 1, message)),
            Verdict::kError);
  ASSERT_EQ(h_.errors.size(), 1u);
  EXPECT_EQ(h_.errors[0].kind, IcmpEvent::Kind::kPacketTooBig);
  EXPECT_EQ(h_.errors[0].mtu, 1400u);
  EXPECT_EQ(h_.errors[0].destination, addr("8.8.8.8"));
  EXPECT_EQ(h_.errors[0].reporter, addr("10.0.0.254"));
  const auto foreign = ip_packet(addr("10.0.0.2"), addr("8.8.8.8"), 6, pattern(8));
  wire::emit_icmpv4(wire::Icmpv4Message::unreachable(4, foreign, 1400), message);
  EXPECT_EQ(h_.receive(at(0), ip_packet(addr("10.0.0.254"), addr("10.0.0.1"), 1, message)),
            Verdict::kDropped);
  EXPECT_EQ(h_.last.drop_reason, DropReason::kIcmpQuote);
  message[9] ^= 1;
  h_.receive(at(0), ip_packet(addr("10.0.0.254"), addr("10.0.0.1"), 1, message));
  EXPECT_EQ(h_.last.drop_reason, DropReason::kIcmpChecksum);
}

TEST_F(InputTest, UnknownProtocolIsAnsweredOnRequestAndOnlyAtTheRate) {
  Settings s;
  s.icmp_errors_burst = 2;
  s.icmp_errors_per_second = 1;
  TestHost h(1, DeviceInfo::Framing::kIp, 1500, s);
  for (int i = 0; i < 4; ++i) {
    ASSERT_EQ(h.receive(at(0), packet("10.0.0.9", "10.0.0.1", 200)), Verdict::kDeliver);
    h.layer.send_protocol_unreachable(at(0), h.delivered.back());
  }
  const auto out = h.drain();
  ASSERT_EQ(out.size(), 2u);
  const auto m = wire::parse_icmpv4(out[0].bytes.view().subspan(20));
  ASSERT_TRUE(m);
  EXPECT_EQ(m->type, 3);
  EXPECT_EQ(m->code, 2);
  EXPECT_EQ(h.dropped(DropReason::kIcmpRateLimit), 2u);
}

TEST_F(InputTest, UnknownIpv6OptionIsAnsweredAsItAsks) {
  struct Row {
    std::uint8_t option;
    Verdict expected;
    std::size_t answers;
  };
  for (const Row& row : {Row{0x1e, Verdict::kDeliver, 0}, Row{0x5e, Verdict::kDropped, 0},
                         Row{0x9e, Verdict::kDropped, 1}, Row{0xde, Verdict::kDropped, 1}}) {
    std::vector<std::uint8_t> chain = {17, 0, row.option, 4, 0, 0, 0, 0};
    chain.resize(8 + 12);
    const auto bytes = ip_packet(addr("fd00::9"), addr("fd00::1"), 60, chain);
    EXPECT_EQ(h_.receive(at(0), bytes), row.expected) << int{row.option};
    EXPECT_EQ(h_.drain().size(), row.answers) << int{row.option};
  }
}

TEST_F(InputTest, FramesForOthersAndForeignTypesAreDropped) {
  TestHost e(1);
  const auto ip = ip_packet(addr("10.0.0.9"), addr("10.0.0.1"), 17, pattern(10));
  const auto send = [&](const MacAddress& to, std::uint16_t type, std::size_t cut = 0) {
    std::vector<std::uint8_t> frame(14);
    wire::emit_ethernet({.destination = to, .source = mac(9), .ethertype = type}, frame);
    frame.insert(frame.end(), ip.begin(), ip.end());
    if (cut != 0) frame.resize(cut);
    e.receive(at(0), frame);
    return e.last.drop_reason;
  };
  EXPECT_EQ(send(mac(1), 0x0800), DropReason::kNone);
  EXPECT_EQ(send(mac(2), 0x0800), DropReason::kLinkAddress);
  EXPECT_EQ(send(mac(1), 0x88cc), DropReason::kEtherType);
  EXPECT_EQ(send(mac(1), 0x0806), DropReason::kArpMalformed);
  EXPECT_EQ(send(mac(1), 0x0800, 13), DropReason::kLinkHeader);
}

TEST_F(InputTest, NeighbourDiscoveryNeedsHopLimit255) {
  TestHost e(1);
  for (const std::uint8_t hop_limit : std::initializer_list<std::uint8_t>{255, 254}) {
    std::array<std::uint8_t, wire::kNdpMessageBytesMax> message;
    const std::size_t n = wire::emit_neighbour_solicitation(
        {.target = addr("fd00::1"), .source_link_address = mac(9)}, addr("fd00::9"),
        addr("fd00::1"), message);
    auto ip = ip_packet(addr("fd00::9"), addr("fd00::1"), 58, ByteView(message).first(n));
    ip[7] = hop_limit;
    std::vector<std::uint8_t> frame(14);
    wire::emit_ethernet({.destination = mac(1), .source = mac(9), .ethertype = 0x86dd}, frame);
    frame.insert(frame.end(), ip.begin(), ip.end());
    EXPECT_EQ(e.receive(at(0), frame), hop_limit == 255 ? Verdict::kConsumed : Verdict::kDropped);
    EXPECT_EQ(e.drain().size(), hop_limit == 255 ? 1u : 0u);
  }
  EXPECT_EQ(e.dropped(DropReason::kNdpMalformed), 1u);
}

}  // namespace
}  // namespace oriel::ip
