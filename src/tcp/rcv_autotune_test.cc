#include "tcp/rcv_autotune.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "support/req.h"

namespace oriel::tcp {
namespace {

constexpr Duration kTunedRtt = std::chrono::milliseconds(100);
constexpr std::uint32_t kCeiling = 65535u << 8;

RcvAutotuneConfig config() {
  RcvAutotuneConfig c;
  c.ceiling_bytes = kCeiling;
  return c;
}

/// A tuner with a known round trip and a buffer in front of the application.
struct Reader {
  RcvAutotune tuner{config()};
  SeqNum rcv_nxt{0xffff'f000u};
  std::uint64_t unread = 0;
  explicit Reader(Duration rtt = kTunedRtt) { tuner.on_rtt(rtt); }

  void arrive(Instant now, std::uint32_t bytes) {
    rcv_nxt += bytes;
    unread += bytes;
    tuner.on_data(now, rcv_nxt, bytes);
  }
  void read(Instant now, std::uint64_t bytes_max) {
    const auto n = static_cast<std::uint32_t>(std::min(bytes_max, unread));
    unread -= n;
    if (n != 0) tuner.on_consume(now, n, static_cast<std::uint32_t>(unread));
  }
  std::uint32_t target() const { return tuner.target_bytes(); }
  /// What a sender may still send, for as long as no promise is taken back.
  std::uint64_t room() const { return target() > unread ? target() - unread : 0; }
};

Instant at_ms(std::int64_t ms) {
  return Instant{ms * 1'000'000};
}

TEST(RcvAutotune, StateIsSmall) {
  EXPECT_LE(sizeof(RcvAutotune), 56u);
}

TEST(RcvAutotune, BeginsAtItsInitialSizeAndStaysWithoutReading) {
  Reader r;
  for (int i = 0; i < 100; ++i) r.arrive(at_ms(i), 1000);
  EXPECT_EQ(r.target(), 65536u);
}

// A sender that doubles its flight each round trip from ten segments, sending it in one
// burst as slow start does, and a reader that keeps up: the window is never what stops it, at any
// phase of the bursts, whether it reads everything at once or in pieces of 4 KiB.
TEST(RcvAutotune, FastReaderNeverLimitsSlowStart) {
  REQ("CM-12");
  for (const std::uint32_t piece : {1u << 20, 4096u}) {
    for (int phase_ms = 0; phase_ms < 100; phase_ms += 7) {
      Reader r;
      std::uint64_t flight = 14'600;
      for (int round = 0; round < 12; ++round) {
        ASSERT_GE(r.target(), std::min<std::uint64_t>(flight, kCeiling))
            << round << " " << phase_ms;
        flight = std::min<std::uint64_t>(flight, kCeiling);
        // At 1 Gbit/s: 125 bytes a microsecond, capped to the whole round.
        const std::int64_t begin = (std::int64_t{round} * 100 + phase_ms) * 1'000'000;
        for (std::uint64_t sent = 0; sent < flight;) {
          const auto n = static_cast<std::uint32_t>(std::min<std::uint64_t>(14'600, flight - sent));
          sent += n;
          const Instant now{
              begin + std::min<std::int64_t>(static_cast<std::int64_t>(sent * 8), 99'000'000)};
          r.arrive(now, n);
          while (r.unread != 0) r.read(now, piece);
        }
        flight *= 2;
      }
      EXPECT_EQ(r.target(), kCeiling);
    }
  }
}

// The same sender, and a reader that is woken when a part of the burst is there, each time another
// one, and reads the rest when all is: the round ends in the middle of a burst.
TEST(RcvAutotune, BurstReadInTwoPartsIsOneRound) {
  REQ("CM-12");
  for (const unsigned percent : {10u, 50u, 70u, 90u}) {
    Reader r;
    std::uint64_t flight = 14'600;
    for (int round = 0; round < 10; ++round) {
      ASSERT_GE(r.target(), flight) << round << " " << percent;
      const std::uint64_t share = std::array{100u, percent, 20u}[static_cast<unsigned>(round) % 3];
      const auto first = static_cast<std::uint32_t>(flight * share / 100);
      const Instant now{std::int64_t{round} * 100'700'000};
      r.arrive(now, first);
      r.read(now, first);
      r.arrive(now, static_cast<std::uint32_t>(flight) - first);
      r.read(now, flight);
      flight *= 2;
    }
  }
}

// It reads 100 kB/s and the sender fills whatever room there is.
TEST(RcvAutotune, SlowReaderKeepsASmallWindow) {
  REQ("CM-12");
  Reader r;
  std::uint32_t most = 0;
  for (int i = 0; i < 6000; ++i) {
    r.arrive(at_ms(i * 10), static_cast<std::uint32_t>(r.room()));
    r.read(at_ms(i * 10), 1000);
    most = std::max(most, r.target());
  }
  EXPECT_EQ(most, 65536u);
}

// 2 MB/s, so 200 kB in each round trip, against a sender that could do more.
TEST(RcvAutotune, MiddlingReaderGetsWhatItReadsNotWhatThePathCouldCarry) {
  REQ("CM-12");
  Reader r;
  std::uint64_t flight = 14'600;
  for (int round = 0; round < 100; ++round) {
    const std::uint64_t room = std::min(flight, r.room());
    for (int i = 0; i < 10; ++i) {
      r.arrive(at_ms(round * 100 + i * 10), static_cast<std::uint32_t>(room / 10));
      r.read(at_ms(round * 100 + i * 10), 20'000);
    }
    flight = std::min<std::uint64_t>(2 * flight, 20'000'000);
  }
  EXPECT_GE(r.target(), 200'000u);
  EXPECT_LE(r.target(), 600'000u);
}

TEST(RcvAutotune, SteadyReaderSettlesNearTwiceToFourTimesARoundTrip) {
  Reader r;
  // 10 MB/s: 1 MB in each round trip.
  for (int i = 0; i < 2000; ++i) {
    r.arrive(at_ms(i * 10), 100'000);
    r.read(at_ms(i * 10), 100'000);
  }
  EXPECT_GE(r.target(), 2'000'000u);
  EXPECT_LE(r.target(), 4'800'000u);
}

TEST(RcvAutotune, ReaderThatPausesIsNotTakenForAFastOne) {
  Reader r;
  // 64 kB every ten seconds.
  for (int i = 0; i < 20; ++i) {
    r.arrive(at_ms(i * 10'000), 64'000);
    r.read(at_ms(i * 10'000), 64'000);
  }
  EXPECT_EQ(r.target(), 65536u);
}

// A poll every 50 ms on a path of 1 ms: each time all is read, and the sender has filled the
// window.
TEST(RcvAutotune, ReaderThatPollsIsMeasuredOverItsOwnTurn) {
  Reader r(std::chrono::milliseconds(1));
  for (int i = 0; i < 20; ++i) {
    r.arrive(at_ms(i * 50), static_cast<std::uint32_t>(r.room()));
    r.read(at_ms(i * 50), UINT32_MAX);
  }
  EXPECT_EQ(r.target(), kCeiling);
}

// It read at full speed and then no more than 100 kB/s: the window goes back, and so does the
// memory, once the reader has worked through what it was promised.
TEST(RcvAutotune, ReaderThatBecomesSlowGivesItsWindowBack) {
  REQ("CM-12");
  Reader r;
  for (int i = 0; i < 100; ++i) {
    r.arrive(at_ms(i * 10), static_cast<std::uint32_t>(r.room() / 10));
    r.read(at_ms(i * 10), UINT32_MAX);
  }
  ASSERT_EQ(r.target(), kCeiling);
  int i = 100;
  std::uint32_t last = r.target();
  for (; i < 2100; ++i) {
    r.arrive(at_ms(i * 10), static_cast<std::uint32_t>(r.room()));
    r.read(at_ms(i * 10), 1000);
    ASSERT_LE(r.target(), last);
    last = r.target();
  }
  EXPECT_EQ(r.target(), 65536u);
  // And fast again: it grows as it did at first.
  for (; i < 2400; ++i) {
    r.arrive(at_ms(i * 10), static_cast<std::uint32_t>(std::max<std::uint64_t>(r.room(), 10) / 10));
    r.read(at_ms(i * 10), UINT32_MAX);
  }
  EXPECT_EQ(r.target(), kCeiling);
}

// A few rounds without reading are no reason to take much away.
TEST(RcvAutotune, ShortStallKeepsMostOfTheWindow) {
  Reader r;
  for (int i = 0; i < 100; ++i) {
    r.arrive(at_ms(i * 10), static_cast<std::uint32_t>(r.room() / 10));
    r.read(at_ms(i * 10), UINT32_MAX);
  }
  for (int i = 100; i < 130; ++i) {  // three round trips
    r.arrive(at_ms(i * 10), static_cast<std::uint32_t>(r.room()));
    r.read(at_ms(i * 10), 1);
  }
  EXPECT_GE(r.target(), kCeiling / 2);
}

// The sender has less to send for a while: what it does not use costs nothing, and stays.
TEST(RcvAutotune, QuietSenderDoesNotLoseTheWindow) {
  Reader r;
  for (int i = 0; i < 100; ++i) {
    r.arrive(at_ms(i * 10), static_cast<std::uint32_t>(r.room() / 10));
    r.read(at_ms(i * 10), UINT32_MAX);
  }
  for (int i = 100; i < 2000; ++i) {
    r.arrive(at_ms(i * 10), 500);
    r.read(at_ms(i * 10), UINT32_MAX);
  }
  EXPECT_EQ(r.target(), kCeiling);
}

TEST(RcvAutotune, LackOfMemoryHoldsWhileItLasts) {
  REQ("CM-12");
  Reader r;
  for (int i = 0; i < 100; ++i) {
    r.arrive(at_ms(i * 10), static_cast<std::uint32_t>(r.room() / 10));
    r.read(at_ms(i * 10), UINT32_MAX);
  }
  EXPECT_EQ(r.tuner.target_bytes(8'000'000), 500'000u);
  EXPECT_EQ(r.tuner.target_bytes(0), 65536u);
  EXPECT_EQ(r.tuner.target_bytes(4ull << 30), kCeiling);
  RcvAutotune fixed(config());
  fixed.fix(200'000);
  EXPECT_EQ(fixed.target_bytes(0), 200'000u);  // it was asked for by name
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

// Samples of a path that became longer count an eighth, once a round; shorter ones at once.
TEST(RcvAutotune, SamplesLowerTheRoundTripAtOnceAndRaiseItSlowly) {
  Reader r;
  r.tuner.on_rtt(std::chrono::milliseconds(900));  // no round has ended
  EXPECT_EQ(r.tuner.rtt(), kTunedRtt);
  r.arrive(at_ms(0), 1000);
  r.read(at_ms(0), 1000);
  r.arrive(at_ms(100), 1000);
  r.read(at_ms(100), 1000);
  r.tuner.on_rtt(std::chrono::milliseconds(900));
  EXPECT_EQ(r.tuner.rtt(), std::chrono::milliseconds(200));
  r.tuner.on_rtt(std::chrono::milliseconds(900));
  EXPECT_EQ(r.tuner.rtt(), std::chrono::milliseconds(200));
  r.tuner.on_rtt(std::chrono::milliseconds(20));
  EXPECT_EQ(r.tuner.rtt(), std::chrono::milliseconds(20));
}

TEST(RcvAutotune, FixedSizeIsNotTuned) {
  REQ("CM-9");
  Reader r;
  r.tuner.fix(200'000);
  for (int i = 0; i < 100; ++i) {
    r.arrive(at_ms(i * 10), 100'000);
    r.read(at_ms(i * 10), 100'000);
  }
  EXPECT_EQ(r.target(), 200'000u);
}

TEST(RcvAutotune, CeilingOfTheHandshakeHolds) {
  Reader r;
  RcvAutotuneConfig c = config();
  c.ceiling_bytes = 262'140;
  r.tuner = RcvAutotune(c);
  r.tuner.on_rtt(kTunedRtt);
  for (int i = 0; i < 100; ++i) {
    r.arrive(at_ms(i * 10), 100'000);
    r.read(at_ms(i * 10), 100'000);
  }
  EXPECT_EQ(r.target(), 262'140u);
}

}  // namespace
}  // namespace oriel::tcp
