#include "tcp/rcv_autotune.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/req.h"

namespace oriel::tcp {
namespace {

constexpr Duration kRtt = std::chrono::milliseconds(100);
constexpr std::uint32_t kCeiling = 65535u << 8;

RcvAutotuneConfig config() {
  RcvAutotuneConfig c;
  c.ceiling_bytes = kCeiling;
  return c;
}

TEST(RcvAutotune, StateIsSmall) {
  EXPECT_LE(sizeof(RcvAutotune), 64u);
}

TEST(RcvAutotune, BeginsAtItsInitialSizeAndStaysWithoutReading) {
  RcvAutotune t(config());
  t.on_rtt(kRtt);
  for (std::uint32_t i = 0; i < 100; ++i) t.on_data(Instant{i * 1'000'000}, SeqNum(i * 1000), 1000);
  EXPECT_EQ(t.target_bytes(), 65536u);
}

// A sender that doubles its flight each round trip from ten segments, sending it in one
// burst as slow start does, and a reader that keeps up: the window is never what stops it, at any
// phase of the bursts.
TEST(RcvAutotune, FastReaderNeverLimitsSlowStart) {
  REQ("CM-12");
  for (int phase_ms = 0; phase_ms < 100; phase_ms += 7) {
    RcvAutotune t(config());
    t.on_rtt(kRtt);
    SeqNum rcv_nxt{0xffff'f000u};
    t.on_consume(Instant{0}, 1);
    std::uint64_t flight = 14'600;
    for (int round = 0; round < 12; ++round) {
      const std::uint64_t window = t.target_bytes();
      ASSERT_GE(window, std::min<std::uint64_t>(flight, kCeiling)) << round << " " << phase_ms;
      flight = std::min<std::uint64_t>(flight, kCeiling);
      // At 1 Gbit/s: 125 bytes a microsecond, capped to the whole round.
      const std::int64_t begin = (std::int64_t{round} * 100 + phase_ms) * 1'000'000;
      for (std::uint64_t sent = 0; sent < flight;) {
        const auto n = static_cast<std::uint32_t>(std::min<std::uint64_t>(14'600, flight - sent));
        sent += n;
        const Instant now{begin +
                          std::min<std::int64_t>(static_cast<std::int64_t>(sent * 8), 99'000'000)};
        rcv_nxt += n;
        t.on_data(now, rcv_nxt, n);
        t.on_consume(now, n);
      }
      flight *= 2;
    }
    EXPECT_EQ(t.target_bytes(), kCeiling);
  }
}

TEST(RcvAutotune, SlowReaderKeepsASmallWindow) {
  RcvAutotune t(config());
  t.on_rtt(kRtt);
  // 100 kB/s: 10 kB in each round trip, for a minute.
  for (int i = 0; i < 6000; ++i) t.on_consume(Instant{std::int64_t{i} * 10'000'000}, 1000);
  EXPECT_EQ(t.target_bytes(), 65536u);
}

TEST(RcvAutotune, SteadyReaderSettlesNearTwiceToFourTimesARoundTrip) {
  RcvAutotune t(config());
  t.on_rtt(kRtt);
  // 10 MB/s: 1 MB in each round trip.
  for (int i = 0; i < 2000; ++i) t.on_consume(Instant{std::int64_t{i} * 10'000'000}, 100'000);
  EXPECT_GE(t.target_bytes(), 2'000'000u);
  EXPECT_LE(t.target_bytes(), 4'800'000u);
}

TEST(RcvAutotune, ReaderThatPausesIsNotTakenForAFastOne) {
  RcvAutotune t(config());
  t.on_rtt(kRtt);
  // 64 kB every ten seconds.
  for (int i = 0; i < 20; ++i) t.on_consume(Instant{std::int64_t{i} * 10'000'000'000}, 64'000);
  EXPECT_EQ(t.target_bytes(), 65536u);
}

TEST(RcvAutotune, NeverShrinks) {
  RcvAutotune t(config());
  t.on_rtt(kRtt);
  for (int i = 0; i < 100; ++i) t.on_consume(Instant{std::int64_t{i} * 10'000'000}, 100'000);
  const std::uint32_t high = t.target_bytes();
  for (int i = 100; i < 500; ++i) t.on_consume(Instant{std::int64_t{i} * 10'000'000}, 10);
  EXPECT_EQ(t.target_bytes(), high);
}

TEST(RcvAutotune, OwnMeasureIsTheTimeToReceiveAWindowAndMayOnlyFall) {
  RcvAutotune t(config());
  EXPECT_EQ(t.rtt().count(), 0);
  t.on_data(Instant{0}, SeqNum(0xffff'0000u), 1000);
  t.on_data(Instant{50'000'000}, SeqNum(0xffff'0000u) + 40'000, 40'000);
  EXPECT_EQ(t.rtt().count(), 0);
  t.on_data(Instant{80'000'000}, SeqNum(0xffff'0000u) + 65'536, 25'536);
  EXPECT_EQ(t.rtt(), std::chrono::milliseconds(80));
  t.on_data(Instant{580'000'000}, SeqNum(0xffff'0000u) + 2 * 65'536, 65'536);
  EXPECT_EQ(t.rtt(), std::chrono::milliseconds(80));
  t.on_data(Instant{620'000'000}, SeqNum(0xffff'0000u) + 3 * 65'536, 65'536);
  EXPECT_EQ(t.rtt(), std::chrono::milliseconds(40));
}

TEST(RcvAutotune, FixedSizeIsNotTuned) {
  RcvAutotune t(config());
  t.fix(200'000);
  t.on_rtt(kRtt);
  for (int i = 0; i < 100; ++i) t.on_consume(Instant{std::int64_t{i} * 10'000'000}, 100'000);
  EXPECT_EQ(t.target_bytes(), 200'000u);
}

TEST(RcvAutotune, CeilingOfTheHandshakeHolds) {
  RcvAutotuneConfig c = config();
  c.ceiling_bytes = 65535;
  RcvAutotune t(c);
  EXPECT_EQ(t.target_bytes(), 65535u);
  t.on_rtt(kRtt);
  for (int i = 0; i < 100; ++i) t.on_consume(Instant{std::int64_t{i} * 10'000'000}, 100'000);
  EXPECT_EQ(t.target_bytes(), 65535u);
}

}  // namespace
}  // namespace oriel::tcp
