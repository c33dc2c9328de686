// Table tests of the path: rate to the nanosecond, queue, delay, order, losses, MTU answers, one
// seed.
#include <gtest/gtest.h>

#include <vector>

#include "base/bytes.h"
#include "oriel/sim.h"
#include "wire/checksum.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"

namespace oriel::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

struct Out {
  std::int64_t ns;
  std::uint32_t tag;
  friend bool operator==(const Out&, const Out&) = default;
};

// A UDP-like IPv4 packet that carries `tag`.
std::vector<std::uint8_t> ipv4_packet(std::size_t bytes, std::uint32_t tag = 0, bool df = true,
                                      std::uint8_t protocol = wire::ip_protocol::kUdp) {
  std::vector<std::uint8_t> p(bytes);
  wire::Ipv4Header h;
  h.source = IpAddress::v4(10, 0, 0, 1);
  h.destination = IpAddress::v4(10, 0, 0, 2);
  h.total_bytes = static_cast<std::uint16_t>(bytes);
  h.df = df;
  h.protocol = protocol;
  wire::emit_ipv4(h, p);
  store_be32(p.data() + 24, tag);
  return p;
}

void enter(PathModel& path, std::int64_t ns, std::size_t bytes, std::uint32_t tag) {
  path.enqueue(Instant{ns}, ipv4_packet(bytes, tag), {}, nullptr);
}

std::vector<Out> drain(PathModel& path) {
  std::vector<Out> out;
  for (Instant t = path.next_deadline(); !t.is_never(); t = path.next_deadline()) {
    const ByteView p = path.dequeue(t);
    if (p.empty()) break;
    out.push_back({t.ns, load_be32(p.data() + 24)});
  }
  return out;
}

TEST(PathModel, without_options_packets_pass_at_once_in_order) {
  PathModel path({}, 1);
  EXPECT_TRUE(path.next_deadline().is_never());
  enter(path, 5, 100, 1);
  enter(path, 5, 60, 2);
  EXPECT_TRUE(path.dequeue(Instant{4}).empty());
  EXPECT_EQ(drain(path), (std::vector<Out>{{5, 1}, {5, 2}}));
  EXPECT_EQ(path.statistics().packets_out, 2u);
  EXPECT_EQ(path.statistics().bytes_out, 160u);
}

TEST(PathModel, delay_and_serialisation_add_up_exactly) {
  PathOptions o;
  o.delay = milliseconds(50);
  o.rate_bits_per_second = 1'000'000'000;
  PathModel path(o, 1);
  enter(path, 0, 1500, 1);  // 12,000 ns on the line
  enter(path, 0, 1500, 2);
  enter(path, 100'000, 40, 3);  // line idle again: 320 ns
  EXPECT_EQ(drain(path), (std::vector<Out>{{50'012'000, 1}, {50'024'000, 2}, {50'100'320, 3}}));
}

TEST(PathModel, fractions_of_a_nanosecond_are_carried) {
  PathOptions o;
  o.rate_bits_per_second = 3'000'000'000;  // 100 bytes: 266 2/3 ns
  o.queue_bytes = 0;
  PathModel path(o, 1);
  for (std::uint32_t i = 0; i < 300; ++i) enter(path, 0, 100, i);
  const auto out = drain(path);
  ASSERT_EQ(out.size(), 300u);
  EXPECT_EQ(out[0].ns, 266);
  EXPECT_EQ(out[1].ns, 533);
  EXPECT_EQ(out[2].ns, 800);
  EXPECT_EQ(out[299].ns, 80'000);
}

TEST(PathModel, a_full_queue_drops_the_tail_and_an_idle_line_always_takes) {
  PathOptions o;
  o.rate_bits_per_second = 8'000'000'000;  // a byte a nanosecond
  o.queue_bytes = 3000;
  PathModel path(o, 1);
  for (std::uint32_t i = 1; i <= 5; ++i) enter(path, 0, 1000, i);
  EXPECT_EQ(path.statistics().queue_dropped, 2u);
  EXPECT_EQ(path.statistics().queue_bytes_max, 3000u);
  enter(path, 1000, 1000, 6);  // one has left
  enter(path, 1000, 28, 7);
  EXPECT_EQ(path.statistics().queue_dropped, 3u);
  EXPECT_EQ(drain(path), (std::vector<Out>{{1000, 1}, {2000, 2}, {3000, 3}, {4000, 6}}));
  o.queue_bytes = 10;
  path.set_options(o);
  enter(path, 9000, 1000, 8);
  EXPECT_EQ(drain(path), (std::vector<Out>{{10'000, 8}}));
}

// Two packets wait at a byte a nanosecond when the rate becomes ten times that, and later a tenth.
TEST(PathModel, a_queue_holds_its_bytes_whatever_the_rate_becomes) {
  PathOptions o;
  o.rate_bits_per_second = 8'000'000'000;
  o.queue_bytes = 3000;
  PathModel path(o, 1);
  enter(path, 0, 1000, 1);
  enter(path, 0, 1000, 2);
  o.rate_bits_per_second *= 10;
  path.set_options(o);
  enter(path, 0, 1000, 3);  // behind both, and then in a tenth of their time
  enter(path, 0, 1000, 4);  // full
  EXPECT_EQ(path.statistics().queue_dropped, 1u);
  enter(path, 500, 500, 5);  // half of the first has left
  enter(path, 500, 28, 6);
  EXPECT_EQ(path.statistics().queue_dropped, 2u);
  o.rate_bits_per_second /= 100;
  path.set_options(o);
  enter(path, 1500, 1000, 7);  // 500, 1000 and 500 bytes are before it
  enter(path, 1500, 28, 8);
  EXPECT_EQ(path.statistics().queue_dropped, 3u);
  EXPECT_EQ(drain(path),
            (std::vector<Out>{{1000, 1}, {2000, 2}, {2100, 3}, {2150, 5}, {12'150, 7}}));
}

TEST(PathModel, jitter_keeps_order_and_stays_in_its_range) {
  PathOptions o;
  o.delay = milliseconds(10);
  o.jitter = milliseconds(2);
  PathModel path(o, 7);
  for (std::uint32_t i = 0; i < 1000; ++i) enter(path, i * 1000, 100, i);
  const auto out = drain(path);
  ASSERT_EQ(out.size(), 1000u);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(out[i].tag, i);
    EXPECT_GE(out[i].ns, 10'000'000 + i * 1000);
    EXPECT_LE(out[i].ns, 12'000'000 + 999 * 1000);
  }
}

TEST(PathModel, reordered_packets_come_later_by_reorder_delay) {
  PathOptions o;
  o.reorder = 0.2;
  o.reorder_delay = nanoseconds(500);
  PathModel path(o, 3);
  for (std::uint32_t i = 0; i < 1000; ++i) enter(path, i * 100, 100, i);
  const auto out = drain(path);
  ASSERT_EQ(out.size(), 1000u);
  std::uint64_t late = 0;
  for (const Out& x : out) {
    const std::int64_t extra = x.ns - std::int64_t{x.tag} * 100;
    EXPECT_TRUE(extra == 0 || extra == 500) << extra;
    if (extra == 500) ++late;
  }
  EXPECT_EQ(late, path.statistics().reordered);
  EXPECT_NEAR(static_cast<double>(late), 200, 50);
}

TEST(PathModel, loss_duplication_and_bursts_happen_as_often_as_asked) {
  PathOptions o;
  o.loss = 0.1;
  o.duplicate = 0.05;
  PathModel path(o, 11);
  constexpr std::uint32_t kPackets = 100'000;
  for (std::uint32_t i = 0; i < kPackets; ++i) enter(path, i, 60, i);
  const auto& s = path.statistics();
  EXPECT_NEAR(static_cast<double>(s.lost), 10'000, 400);
  EXPECT_NEAR(static_cast<double>(s.duplicated), 4'500, 300);
  EXPECT_EQ(drain(path).size(), kPackets - s.lost + s.duplicated);

  PathOptions b;
  b.burst_loss = 0.001;
  b.burst_length_packets = 10;
  PathModel bursts(b, 12);
  for (std::uint32_t i = 0; i < kPackets; ++i) enter(bursts, i, 60, i);
  std::uint32_t next = 0;
  std::uint32_t runs = 0;
  for (const Out& x : drain(bursts)) {
    if (x.tag != next) ++runs;
    next = x.tag + 1;
  }
  ASSERT_GT(runs, 50u);
  EXPECT_NEAR(static_cast<double>(bursts.statistics().lost) / runs, 10, 2.5);
}

TEST(PathModel, a_burst_of_losses_ends_when_nothing_comes) {
  PathOptions o;
  o.burst_loss = 0.5;
  o.burst_length_packets = 1e9;
  PathModel close(o, 13);
  PathModel apart(o, 13);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    enter(close, i * std::int64_t{4'999'999'999}, 60, i);
    enter(apart, i * std::int64_t{5'000'000'000}, 60, i);
  }
  EXPECT_GT(close.statistics().lost, 980u);
  EXPECT_NEAR(static_cast<double>(apart.statistics().lost), 500, 60);
}

TEST(PathModel, corruption_flips_one_bit_and_sums_before_it_does) {
  PathOptions o;
  o.corrupt = 1;
  PathModel path(o, 5);
  const IpAddress a = IpAddress::v4(10, 0, 0, 1);
  const IpAddress b = IpAddress::v4(10, 0, 0, 2);
  auto sent = ipv4_packet(60);
  Offload partial;
  partial.checksum = Offload::Checksum::kPartial;
  partial.checksum_start = 20;
  partial.checksum_offset = 6;
  store_be16(sent.data() + 26, wire::partial_checksum(a, b, wire::ip_protocol::kUdp, 40));
  auto summed = sent;
  ASSERT_TRUE(wire::complete_checksum(summed, 20, 6));
  path.enqueue(Instant{0}, sent, partial, nullptr);
  Offload out;
  const ByteView got = path.dequeue(Instant{0}, &out);
  ASSERT_EQ(got.size(), summed.size());
  EXPECT_EQ(out.checksum, Offload::Checksum::kComplete);
  int bits = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    bits += std::popcount(static_cast<unsigned>(got[i] ^ summed[i]));
  }
  EXPECT_EQ(bits, 1);
  EXPECT_EQ(path.statistics().corrupted, 1u);
}

TEST(PathModel, partial_checksums_stay_partial_only_for_who_asks) {
  PathModel path({}, 1);
  auto sent = ipv4_packet(60);
  Offload partial;
  partial.checksum = Offload::Checksum::kPartial;
  partial.checksum_start = 20;
  partial.checksum_offset = 6;
  auto summed = sent;
  ASSERT_TRUE(wire::complete_checksum(summed, 20, 6));
  path.enqueue(Instant{0}, sent, partial, nullptr);
  path.enqueue(Instant{0}, sent, partial, nullptr);
  Offload out;
  ByteView got = path.dequeue(Instant{0}, &out);
  EXPECT_EQ(out.checksum, Offload::Checksum::kPartial);
  EXPECT_TRUE(std::equal(got.begin(), got.end(), sent.begin(), sent.end()));
  got = path.dequeue(Instant{0});
  EXPECT_TRUE(std::equal(got.begin(), got.end(), summed.begin(), summed.end()));
}

TEST(PathModel, down_drops_and_up_passes_again) {
  PathOptions o;
  o.is_up = false;
  PathModel path(o, 1);
  enter(path, 0, 100, 1);
  o.is_up = true;
  path.set_options(o);
  enter(path, 1, 100, 2);
  EXPECT_EQ(drain(path), (std::vector<Out>{{1, 2}}));
  EXPECT_EQ(path.statistics().down_dropped, 1u);
}

TEST(PathModel, too_big_with_df_is_answered_by_icmp) {
  PathOptions o;
  o.mtu = 1000;
  PathModel path(o, 1);
  std::vector<std::uint8_t> reply;
  const auto big = ipv4_packet(1001, 9);
  EXPECT_FALSE(path.enqueue(Instant{0}, big, {}, &reply));
  EXPECT_TRUE(path.next_deadline().is_never());
  EXPECT_EQ(path.statistics().too_big, 1u);
  const auto h = wire::parse_ipv4(reply);
  ASSERT_TRUE(h.has_value());
  EXPECT_EQ(h->source, IpAddress::v4(10, 0, 0, 2));
  EXPECT_EQ(h->destination, IpAddress::v4(10, 0, 0, 1));
  EXPECT_EQ(h->protocol, wire::ip_protocol::kIcmp);
  EXPECT_EQ(reply[20], 3);
  EXPECT_EQ(reply[21], 4);
  EXPECT_EQ(load_be16(reply.data() + 26), 1000);
  EXPECT_EQ(wire::checksum(ByteView(reply).subspan(20)), 0);
  EXPECT_TRUE(std::equal(reply.begin() + 28, reply.end(), big.begin()));
  EXPECT_TRUE(path.enqueue(Instant{0}, ipv4_packet(1000, 9), {}, &reply));

  // No error about an error (RFC 1122 3.2.2).
  auto error = ipv4_packet(1200, 0, true, wire::ip_protocol::kIcmp);
  error[20] = 3;
  EXPECT_FALSE(path.enqueue(Instant{0}, error, {}, &reply));
  EXPECT_TRUE(reply.empty());
}

TEST(PathModel, too_big_without_df_is_fragmented) {
  PathOptions o;
  o.mtu = 576;
  PathModel path(o, 1);
  auto big = ipv4_packet(1300, 0, false);
  for (std::size_t i = 20; i < big.size(); ++i) big[i] = static_cast<std::uint8_t>(i * 7);
  EXPECT_TRUE(path.enqueue(Instant{0}, big, {}, nullptr));
  std::vector<std::uint8_t> together;
  for (int left = 2; left >= 0; --left) {
    const ByteView p = path.dequeue(Instant{0});
    const auto h = wire::parse_ipv4(p);
    ASSERT_TRUE(h.has_value());
    EXPECT_LE(p.size(), 576u);
    EXPECT_EQ(h->fragment_offset_bytes, together.size());
    EXPECT_EQ(h->mf, left != 0);
    together.insert(together.end(), p.begin() + 20, p.end());
  }
  EXPECT_TRUE(std::equal(together.begin(), together.end(), big.begin() + 20, big.end()));
}

TEST(PathModel, ipv6_too_big_is_answered_and_1280_always_passes) {
  PathOptions o;
  o.mtu = 600;
  PathModel path(o, 1);
  const auto packet = [](std::size_t bytes) {
    std::vector<std::uint8_t> p(bytes);
    wire::Ipv6Header h;
    h.source = *IpAddress::parse("fd00::1");
    h.destination = *IpAddress::parse("fd00::2");
    h.payload_bytes = static_cast<std::uint16_t>(bytes - 40);
    h.next_header = wire::ip_protocol::kUdp;
    wire::emit_ipv6(h, p);
    return p;
  };
  std::vector<std::uint8_t> reply;
  EXPECT_TRUE(path.enqueue(Instant{0}, packet(1280), {}, &reply));
  EXPECT_FALSE(path.enqueue(Instant{0}, packet(1281), {}, &reply));
  const auto h = wire::parse_ipv6(reply);
  ASSERT_TRUE(h.has_value());
  EXPECT_EQ(h->next_header, wire::ip_protocol::kIcmpv6);
  EXPECT_EQ(reply.size(), 1280u);
  EXPECT_EQ(reply[40], 2);
  EXPECT_EQ(load_be32(reply.data() + 44), 1280u);
  const auto sum = wire::pseudo_header_sum(h->source, h->destination, wire::ip_protocol::kIcmpv6,
                                           h->payload_bytes);
  EXPECT_TRUE(wire::is_checksum_ok(sum, ByteView(reply).subspan(40)));
}

TEST(PathModel, the_same_seed_gives_the_same_run_and_another_does_not) {
  const auto run = [](std::uint64_t seed) {
    PathOptions o;
    o.delay = milliseconds(1);
    o.jitter = milliseconds(1);
    o.loss = 0.05;
    o.reorder = 0.1;
    o.duplicate = 0.05;
    o.burst_loss = 0.01;
    PathModel path(o, seed);
    for (std::uint32_t i = 0; i < 2000; ++i) enter(path, i * 1000, 100 + i % 900, i);
    return drain(path);
  };
  EXPECT_EQ(run(42), run(42));
  EXPECT_NE(run(42), run(43));
}

TEST(PathModel, the_ring_survives_growth_and_wrapping) {
  PathOptions o;
  o.delay = nanoseconds(1000);
  PathModel path(o, 1);
  std::uint32_t next_in = 0;
  std::uint32_t next_out = 0;
  for (std::int64_t now = 0; now < 60'000; ++now) {
    const std::int64_t burst = now % 20'000 < 10'000 ? 2 : 0;
    for (std::int64_t i = 0; i < burst; ++i, ++next_in) {
      enter(path, now, 60 + next_in * 37 % 1441, next_in);
    }
    for (ByteView p = path.dequeue(Instant{now}); !p.empty(); p = path.dequeue(Instant{now})) {
      ASSERT_EQ(load_be32(p.data() + 24), next_out);
      ASSERT_EQ(p.size(), 60 + next_out * 37 % 1441);
      ++next_out;
    }
  }
  EXPECT_EQ(next_out, next_in);
}

}  // namespace
}  // namespace oriel::sim
