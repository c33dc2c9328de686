// Super-segments on the wire: sizes, sequence numbers across 2^32, flags, IDs, sums; both families.
#include "sim/segmentation.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "oriel/sim.h"
#include "wire/checksum.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/tcp_segment.h"

namespace oriel::sim {
namespace {

const IpAddress kA4 = IpAddress::v4(10, 0, 0, 1);
const IpAddress kB4 = IpAddress::v4(10, 0, 0, 2);

std::vector<std::uint8_t> super_segment(bool is_v6, std::size_t payload, std::uint32_t seq,
                                        std::uint8_t flags) {
  const std::size_t ip = is_v6 ? 40 : 20;
  std::vector<std::uint8_t> p(ip + 20 + payload + 60);
  const auto length = static_cast<std::uint16_t>(20 + payload);
  if (is_v6) {
    wire::Ipv6Header h;
    h.source = *IpAddress::parse("fd00::1");
    h.destination = *IpAddress::parse("fd00::2");
    h.payload_bytes = length;
    h.next_header = wire::ip_protocol::kTcp;
    wire::emit_ipv6(h, p);
  } else {
    wire::Ipv4Header h;
    h.source = kA4;
    h.destination = kB4;
    h.total_bytes = static_cast<std::uint16_t>(ip + length);
    h.id = 0xffff;
    h.df = true;
    h.protocol = wire::ip_protocol::kTcp;
    wire::emit_ipv4(h, p);
  }
  wire::TcpHeader t;
  t.seq = SeqNum(seq);
  t.flags = flags;
  wire::emit_tcp(t, {}, ByteSpan(p).subspan(ip));
  std::iota(p.begin() + static_cast<std::ptrdiff_t>(ip + 20), p.end(), std::uint8_t{1});
  p.resize(ip + 20 + payload);
  return p;
}

Offload gso(std::uint16_t size, bool is_v6) {
  Offload o;
  o.checksum = Offload::Checksum::kPartial;
  o.checksum_start = is_v6 ? 40 : 20;
  o.checksum_offset = 16;
  o.gso_size = size;
  o.header_bytes = is_v6 ? 60 : 40;
  o.is_ipv6 = is_v6;
  return o;
}

class Segmentation : public testing::TestWithParam<bool> {};

TEST_P(Segmentation, pieces_are_ordinary_packets_with_right_sums) {
  const bool is_v6 = GetParam();
  const std::size_t headers = is_v6 ? 60 : 40;
  using namespace wire::tcp_flag;
  const auto big = super_segment(is_v6, 2500, 0xfffffc00, kFin | kPsh | kAck | kCwr);
  const auto cut = SuperSegment::parse(big, gso(1000, is_v6));
  ASSERT_TRUE(cut.has_value());
  ASSERT_EQ(cut->count(), 3u);
  EXPECT_EQ(cut->wire_bytes(), 2500 + 3 * headers);
  std::vector<std::uint8_t> stream;
  for (std::size_t i = 0; i < 3; ++i) {
    std::vector<std::uint8_t> p(cut->size(i));
    cut->emit(i, p.data(), false);
    std::size_t ip = 40;
    std::uint32_t pseudo = 0;
    if (is_v6) {
      const auto h = wire::parse_ipv6(p);
      ASSERT_TRUE(h.has_value());
      EXPECT_EQ(h->payload_bytes, p.size() - 40);
      pseudo = wire::pseudo_header_sum(h->source, h->destination, 6, h->payload_bytes);
    } else {
      const auto h = wire::parse_ipv4(p);  // verifies the header sum
      ASSERT_TRUE(h.has_value());
      EXPECT_EQ(h->total_bytes, p.size());
      EXPECT_EQ(h->id, static_cast<std::uint16_t>(0xffff + i));
      ip = 20;
      pseudo = wire::pseudo_header_sum(kA4, kB4, 6, static_cast<std::uint32_t>(p.size() - 20));
    }
    EXPECT_TRUE(wire::is_checksum_ok(pseudo, ByteView(p).subspan(ip)));
    const auto t = wire::parse_tcp(ByteView(p).subspan(ip));
    ASSERT_TRUE(t.has_value());
    EXPECT_EQ(t->header.seq.value(), static_cast<std::uint32_t>(0xfffffc00 + i * 1000));
    EXPECT_EQ(t->header.flags, i == 0 ? (kAck | kCwr) : i == 1 ? kAck : (kFin | kPsh | kAck));
    stream.insert(stream.end(), p.begin() + static_cast<std::ptrdiff_t>(headers), p.end());
  }
  EXPECT_TRUE(std::equal(stream.begin(), stream.end(),
                         big.begin() + static_cast<std::ptrdiff_t>(headers), big.end()));
}

TEST_P(Segmentation, a_path_cuts_and_completes) {
  const bool is_v6 = GetParam();
  const auto big = super_segment(is_v6, 30'000, 7, wire::tcp_flag::kAck);
  PathOptions o;
  o.rate_bits_per_second = 8'000'000'000;
  o.mtu = 1500;
  PathModel path(o, 1);
  EXPECT_TRUE(path.enqueue(Instant{0}, big, gso(1400, is_v6), nullptr));
  EXPECT_EQ(path.statistics().packets_in, 22u);
  std::size_t payload = 0;
  const std::size_t headers = is_v6 ? 60 : 40;
  for (Instant t = path.next_deadline(); !t.is_never(); t = path.next_deadline()) {
    const ByteView p = path.dequeue(t);
    payload += p.size() - headers;
    EXPECT_EQ(t.ns, static_cast<std::int64_t>(path.statistics().bytes_out));
  }
  EXPECT_EQ(payload, 30'000u);
}

TEST_P(Segmentation, a_path_that_keeps_them_charges_the_wire_bytes) {
  const bool is_v6 = GetParam();
  const auto big = super_segment(is_v6, 2800, 7, wire::tcp_flag::kAck);
  PathOptions o;
  o.rate_bits_per_second = 8'000'000'000;
  PathModel path(o, 1);
  path.set_keeps_super_segments(true);
  EXPECT_TRUE(path.enqueue(Instant{0}, big, gso(1400, is_v6), nullptr));
  const std::size_t headers = is_v6 ? 60 : 40;
  EXPECT_EQ(path.next_deadline().ns, static_cast<std::int64_t>(2800 + 2 * headers));
  Offload offload;
  EXPECT_EQ(path.dequeue(path.next_deadline(), &offload).size(), big.size());
  EXPECT_EQ(offload.gso_size, 1400);
  o.loss = 0.001;  // now single packets count
  path.set_options(o);
  EXPECT_TRUE(path.enqueue(Instant{100'000}, big, gso(1400, is_v6), nullptr));
  EXPECT_EQ(path.dequeue(Instant{200'000}, &offload).size(), 1400 + headers);
  EXPECT_EQ(offload.gso_size, 0);
}

INSTANTIATE_TEST_SUITE_P(Families, Segmentation, testing::Bool());

TEST(Segmentation, nonsense_is_refused) {
  const auto good = super_segment(false, 2500, 1, wire::tcp_flag::kAck);
  EXPECT_FALSE(SuperSegment::parse(good, {}).has_value());
  for (std::size_t n = 0; n < 40; ++n) {
    EXPECT_FALSE(SuperSegment::parse(ByteView(good).first(n), gso(1000, false)).has_value()) << n;
  }
  auto udp = good;
  udp[9] = wire::ip_protocol::kUdp;
  EXPECT_FALSE(SuperSegment::parse(udp, gso(1000, false)).has_value());
}

}  // namespace
}  // namespace oriel::sim
