// Both ways of a path with a box in it: who sees what, in what shape, and where answers go.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "oriel/sim.h"
#include "wire/checksum.h"
#include "wire/ipv4.h"
#include "wire/tcp_segment.h"

namespace oriel::sim {
namespace {

using Direction = Middlebox::Direction;
using Packet = std::vector<std::uint8_t>;

constexpr std::size_t kHeaders = 40;
constexpr std::uint16_t kMss = 1000;

// A TCP packet over IPv4, its checksum partial; more than kMss bytes make a super-segment.
Packet tcp_packet(std::size_t payload_bytes) {
  Packet p(kHeaders + payload_bytes, 0x5a);
  wire::Ipv4Header ip;
  ip.source = IpAddress::v4(10, 0, 0, 1);
  ip.destination = IpAddress::v4(10, 0, 0, 2);
  ip.total_bytes = static_cast<std::uint16_t>(p.size());
  ip.protocol = wire::ip_protocol::kTcp;
  ip.df = true;
  wire::emit_ipv4(ip, p);
  wire::TcpHeader tcp;
  tcp.flags = wire::tcp_flag::kAck;
  tcp.checksum = wire::partial_checksum(ip.source, ip.destination, ip.protocol,
                                        static_cast<std::uint32_t>(p.size() - 20));
  std::uint8_t header[wire::kTcpHeaderBytesMax];
  const std::size_t header_bytes = wire::emit_tcp(tcp, {}, header);
  std::copy_n(header, header_bytes, p.begin() + 20);
  return p;
}

Offload partial(const Packet& p) {
  Offload o;
  o.checksum = Offload::Checksum::kPartial;
  o.checksum_start = 20;
  o.checksum_offset = 16;
  if (p.size() > kHeaders + kMss) {
    o.gso_size = kMss;
    o.header_bytes = kHeaders;
  }
  return o;
}

bool is_whole_and_right(ByteView p) {
  const auto ip = wire::parse_ipv4(p);
  if (!ip || ip->total_bytes != p.size()) return false;
  const std::uint32_t pseudo = wire::pseudo_header_sum(ip->source, ip->destination, ip->protocol,
                                                       static_cast<std::uint32_t>(p.size() - 20));
  return wire::is_checksum_ok(pseudo, p.subspan(20));
}

// Notes what passes; drops and answers as told.
class Recorder final : public Middlebox {
 public:
  std::string name() const override { return "recorder"; }
  bool on_packet(Instant, Direction direction, Packet& packet,
                 std::vector<Packet>& reply) override {
    are_all_right &= is_whole_and_right(packet);
    sizes[direction == Direction::kAToB ? 0 : 1].push_back(packet.size());
    if (!answer.empty()) reply.push_back(answer);
    return !drops;
  }
  std::vector<std::size_t> sizes[2];
  bool are_all_right = true;
  bool drops = false;
  Packet answer;
};

void enter(DuplexPath& path, Direction d, const Packet& p) {
  const ByteView view(p);
  path.enqueue(Instant{}, d, {&view, 1}, partial(p));
}

std::vector<std::size_t> sizes_out(DuplexPath& path, Direction d) {
  std::vector<std::size_t> sizes;
  Delivery out;
  while (path.dequeue(path.next_deadline(d), d, &out)) sizes.push_back(out.bytes.size());
  return sizes;
}

TEST(DuplexPath, ABoxSeesPiecesWithCompleteChecksumsInBothDirections) {
  const auto box = std::make_shared<Recorder>();
  DuplexPath path({}, {}, 1, 2, {box});
  path.set_keeps_super_segments(Direction::kAToB, true);
  path.set_keeps_super_segments(Direction::kBToA, true);
  const std::vector<std::size_t> pieces = {1040, 1040, 540};
  for (const Direction d : {Direction::kAToB, Direction::kBToA}) {
    enter(path, d, tcp_packet(2500));
    EXPECT_EQ(sizes_out(path, d), pieces);
  }
  EXPECT_EQ(box->sizes[0], pieces);
  EXPECT_EQ(box->sizes[1], pieces);
  EXPECT_TRUE(box->are_all_right);
}

TEST(DuplexPath, WithoutBoxesASuperSegmentMayStayWhole) {
  DuplexPath path({}, {}, 1, 2);
  path.set_keeps_super_segments(Direction::kAToB, true);
  enter(path, Direction::kAToB, tcp_packet(2500));
  EXPECT_EQ(sizes_out(path, Direction::kAToB), (std::vector<std::size_t>{2540}));
  enter(path, Direction::kBToA, tcp_packet(2500));
  EXPECT_EQ(sizes_out(path, Direction::kBToA), (std::vector<std::size_t>{1040, 1040, 540}));
}

TEST(DuplexPath, ChecksumsAreFinishedForWhoCannot) {
  for (const bool completes : {false, true}) {
    DuplexPath path({}, {}, 1, 2);
    path.set_completes_checksums(Direction::kAToB, completes);
    enter(path, Direction::kAToB, tcp_packet(500));
    Delivery out;
    ASSERT_TRUE(path.dequeue(Instant{}, Direction::kAToB, &out));
    EXPECT_EQ(is_whole_and_right(out.bytes), completes);
    EXPECT_EQ(out.offload.checksum == Offload::Checksum::kPartial, !completes);
  }
}

TEST(DuplexPath, WhatABoxDropsIsCounted) {
  const auto box = std::make_shared<Recorder>();
  box->drops = true;
  DuplexPath path({}, {}, 1, 2, {box});
  for (const Direction d : {Direction::kAToB, Direction::kBToA}) {
    enter(path, d, tcp_packet(100));
    EXPECT_THAT(sizes_out(path, d), testing::IsEmpty());
    EXPECT_EQ(path.statistics(d).box_dropped, 1u);
  }
}

TEST(DuplexPath, AnAnswerOfABoxGoesBackWhereThePacketCameFrom) {
  for (const Direction d : {Direction::kAToB, Direction::kBToA}) {
    const auto box = std::make_shared<Recorder>();
    box->drops = true;
    box->answer = tcp_packet(7);
    DuplexPath path({}, {}, 1, 2, {box});
    enter(path, d, tcp_packet(100));
    const Direction back = d == Direction::kAToB ? Direction::kBToA : Direction::kAToB;
    EXPECT_THAT(sizes_out(path, d), testing::IsEmpty());
    EXPECT_EQ(sizes_out(path, back), (std::vector<std::size_t>{kHeaders + 7}));
  }
}

TEST(DuplexPath, ACorruptedPacketEndsBeforeTheBoxes) {
  const auto box = std::make_shared<Recorder>();
  PathOptions corrupting;
  corrupting.corrupt = 1;
  DuplexPath path({}, corrupting, 1, 2, {box});
  enter(path, Direction::kBToA, tcp_packet(100));
  EXPECT_THAT(sizes_out(path, Direction::kBToA), testing::IsEmpty());
  EXPECT_THAT(box->sizes[1], testing::IsEmpty());
}

TEST(DuplexPath, WhatIsTooBigIsAnsweredOnTheWayBack) {
  PathOptions narrow;
  narrow.mtu = 576;
  DuplexPath path(narrow, {}, 1, 2);
  enter(path, Direction::kAToB, tcp_packet(1000));
  EXPECT_THAT(sizes_out(path, Direction::kAToB), testing::IsEmpty());
  EXPECT_EQ(sizes_out(path, Direction::kBToA).size(), 1u);
}

}  // namespace
}  // namespace oriel::sim
