// CUBIC's arithmetic against values worked out from RFC 9438 by hand.
#include "tcp/cc_cubic.h"

#include <gtest/gtest.h>

#include <cmath>

namespace oriel::tcp {
namespace {

constexpr std::uint32_t kCubicMss = 1000;
constexpr Duration kRtt = std::chrono::milliseconds(100);

CcLimits plain() {
  CcLimits limits;
  limits.is_hystart = false;
  return limits;
}

// One round trip: a whole window acknowledged in `pieces` ACKs.
void round_trip(CcCubic& cc, Instant& now, bool is_cwnd_limited = true, std::uint32_t pieces = 10) {
  const std::uint32_t window = cc.cwnd();
  for (std::uint32_t i = 0; i < pieces; ++i) {
    CcAck ack;
    now = now + kRtt / pieces;
    ack.now = now;
    ack.acked_bytes = window / pieces;
    ack.flight_size = window;
    ack.is_cwnd_limited = is_cwnd_limited;
    ack.srtt = kRtt;
    cc.on_ack(ack);
  }
}

// A controller in slow start with `segments` in its window.
CcCubic cubic_at(std::uint32_t segments) {
  CcLimits limits = plain();
  limits.initial_window_segments = segments;
  return CcCubic(limits, kCubicMss);
}

TEST(Cubic, DoublesInSlowStartEachRound) {
  CcCubic cc(plain(), kCubicMss);
  Instant now;
  round_trip(cc, now);
  EXPECT_EQ(cc.cwnd(), 20'000u);
  round_trip(cc, now);
  EXPECT_EQ(cc.cwnd(), 40'000u);
}

TEST(Cubic, OneAckGrowsAtMostOneSuperSegmentInSlowStart) {
  CcCubic cc = cubic_at(200);
  CcAck ack;
  ack.acked_bytes = 200 * kCubicMss;
  ack.is_cwnd_limited = true;
  cc.on_ack(ack);
  EXPECT_EQ(cc.cwnd(), (200 + 64) * kCubicMss);
}

// RFC 9438 4.6.
TEST(Cubic, LossCutsToSeventyPercentOfWhatWasInFlight) {
  CcCubic cc = cubic_at(100);
  cc.on_loss_episode(Instant{1}, 100 * kCubicMss);
  EXPECT_EQ(cc.ssthresh(), 70'000u);
  EXPECT_EQ(cc.cwnd(), 70'000u);
  EXPECT_FLOAT_EQ(static_cast<float>(cc.w_max()), 100.0f);
}

TEST(Cubic, FlightBelowOrAboveCwndEarnsNothing) {
  CcCubic below = cubic_at(100);
  below.on_loss_episode(Instant{1}, 50 * kCubicMss);
  EXPECT_EQ(below.ssthresh(), 35'000u);
  CcCubic above = cubic_at(100);
  above.on_loss_episode(Instant{1}, 103 * kCubicMss);
  EXPECT_EQ(above.ssthresh(), 70'000u);
}

TEST(Cubic, NeverCutsBelowTwoSegments) {
  CcCubic cc = cubic_at(2);
  cc.on_loss_episode(Instant{1}, 2 * kCubicMss);
  EXPECT_EQ(cc.ssthresh(), 2 * kCubicMss);
  cc.on_loss_episode(Instant{2}, 0);
  EXPECT_EQ(cc.cwnd(), 2 * kCubicMss);
}

// RFC 9438 4.7: a loss below the last W_max sets W_max = cwnd * (1 + 0.7) / 2.
TEST(Cubic, FastConvergenceReleasesMore) {
  CcCubic cc = cubic_at(100);
  cc.on_loss_episode(Instant{1}, 100 * kCubicMss);
  cc.on_recovery_end(Instant{2});
  cc.on_loss_episode(Instant{3}, 70 * kCubicMss);
  EXPECT_NEAR(cc.w_max(), 70 * 0.85, 1e-3);
}

// RFC 9438 4.2: K = cbrt((W_max - cwnd_epoch) / C). For 1,000 segments K = cbrt(300 / 0.4) = 9.086
// s.
TEST(Cubic, ReturnsToWMaxAfterKSecondsAndDwellsThere) {
  CcCubic cc = cubic_at(1000);
  cc.on_loss_episode(Instant{1}, 1000 * kCubicMss);
  cc.on_recovery_end(Instant{1});
  Instant now{1};
  const double k = std::cbrt(300 / 0.4);
  while (now.ns < static_cast<std::int64_t>(k * 1e9)) round_trip(cc, now);
  EXPECT_NEAR(cc.cwnd() / 1000.0, 1000.0, 1.0);
  const auto later = [&](double seconds) {
    while (now.ns < static_cast<std::int64_t>((k + seconds) * 1e9)) round_trip(cc, now);
    return cc.cwnd() / 1000.0;
  };
  EXPECT_NEAR(later(2), 1000 + 0.4 * 8, 1.5);     // W(K + 2) = W_max + 0.4 * 2^3
  EXPECT_NEAR(later(8), 1000 + 0.4 * 512, 12.0);  // probing beyond
}

TEST(Cubic, GrowthOfOneRoundIsAtMostHalf) {
  CcCubic cc = cubic_at(10);
  cc.on_loss_episode(Instant{1}, 10 * kCubicMss);
  cc.on_recovery_end(Instant{1});
  Instant now{1};
  for (int i = 0; i < 300; ++i) {
    const std::uint32_t before = cc.cwnd();
    round_trip(cc, now);
    ASSERT_LE(cc.cwnd(), before + before / 2 + kCubicMss) << i;
  }
}

// RFC 9438 4.3: short paths follow Reno with beta 0.7: alpha = 3 * 0.3 / 1.7 = 0.529 segments a
// round.
TEST(Cubic, SmallWindowsGrowLikeReno) {
  CcCubic cc = cubic_at(20);
  cc.on_loss_episode(Instant{1}, 20 * kCubicMss);
  cc.on_recovery_end(Instant{1});
  Instant now{1};
  // RTT of 1 ms makes the curve flat within the test.
  for (int i = 0; i < 10; ++i) {
    const std::uint32_t window = cc.cwnd();
    for (int j = 0; j < 10; ++j) {
      now = now + std::chrono::microseconds(100);
      CcAck ack;
      ack.now = now;
      ack.acked_bytes = window / 10;
      ack.is_cwnd_limited = true;
      ack.srtt = std::chrono::milliseconds(1);
      cc.on_ack(ack);
    }
  }
  EXPECT_NEAR(cc.cwnd(), 14'000 + 10 * 529.4, 120.0);
}

TEST(Cubic, DoesNotGrowWhileTheWindowIsUnused) {
  CcCubic cc(plain(), kCubicMss);
  Instant now;
  round_trip(cc, now, false);
  EXPECT_EQ(cc.cwnd(), 10'000u);
}

// RFC 9438 4.2: application-limited time is not time on the curve.
TEST(Cubic, UnusedTimeIsTakenOffTheCurve) {
  const auto after_pause = [](int pause_rounds) {
    CcCubic cc = cubic_at(1000);
    cc.on_loss_episode(Instant{1}, 1000 * kCubicMss);
    cc.on_recovery_end(Instant{1});
    Instant now{1};
    for (int i = 0; i < 20; ++i) round_trip(cc, now);
    for (int i = 0; i < pause_rounds; ++i) round_trip(cc, now, false);
    for (int i = 0; i < 20; ++i) round_trip(cc, now);
    return cc.cwnd();
  };
  EXPECT_NEAR(after_pause(600), after_pause(0), 5'000.0);
}

TEST(Cubic, DoesNotGrowInFastRecovery) {
  CcCubic cc = cubic_at(100);
  cc.on_loss_episode(Instant{1}, 100 * kCubicMss);
  CcAck ack;
  ack.acked_bytes = 10'000;
  ack.is_cwnd_limited = true;
  ack.is_in_recovery = true;
  cc.on_ack(ack);
  EXPECT_EQ(cc.cwnd(), 70'000u);
}

// RFC 9438 4.8 and RFC 5681 3.1 (loss window of one segment).
TEST(Cubic, TimeoutRestartsSlowStartTowardsTheNewThreshold) {
  CcCubic cc = cubic_at(100);
  cc.on_rto(Instant{1}, 100 * kCubicMss, true);
  EXPECT_EQ(cc.cwnd(), kCubicMss);
  EXPECT_EQ(cc.ssthresh(), 70'000u);
  cc.on_rto(Instant{2}, 1 * kCubicMss, false);
  EXPECT_EQ(cc.ssthresh(), 70'000u) << "only the first of a run sets ssthresh";
  Instant now{3};
  for (int i = 0; i < 7; ++i) round_trip(cc, now);
  EXPECT_GE(cc.cwnd(), 70'000u);
  EXPECT_LT(cc.cwnd(), 73'000u) << "past ssthresh the growth is slow: the plateau is here";
}

// RFC 9438 4.9.
TEST(Cubic, SpuriousCutIsUndoneOnce) {
  CcCubic cc = cubic_at(100);
  cc.on_loss_episode(Instant{1}, 100 * kCubicMss);
  cc.on_spurious(Instant{2});
  EXPECT_EQ(cc.cwnd(), 100'000u);
  EXPECT_EQ(cc.ssthresh(), UINT32_MAX);
  EXPECT_EQ(cc.w_max(), 0.0);
  cc.on_spurious(Instant{3});
  EXPECT_EQ(cc.cwnd(), 100'000u);
}

TEST(Cubic, SpuriousTimeoutIsUndone) {
  CcCubic cc = cubic_at(100);
  cc.on_loss_episode(Instant{1}, 100 * kCubicMss);
  cc.on_recovery_end(Instant{2});
  cc.on_rto(Instant{3}, 70 * kCubicMss, true);
  cc.on_spurious(Instant{4});
  EXPECT_EQ(cc.cwnd(), 70'000u);
  EXPECT_EQ(cc.ssthresh(), 70'000u);
  EXPECT_NEAR(cc.w_max(), 100.0, 1e-3);
}

TEST(Cubic, IdleRestartOnlyWhereTheSettingAsks) {
  CcCubic keeps(plain(), kCubicMss);
  Instant now;
  round_trip(keeps, now);
  keeps.on_idle_restart(now);
  EXPECT_EQ(keeps.cwnd(), 20'000u);
  CcLimits limits = plain();
  limits.is_idle_restart = true;
  CcCubic restarts(limits, kCubicMss);
  round_trip(restarts, now);
  restarts.on_idle_restart(now);
  EXPECT_EQ(restarts.cwnd(), 10'000u);
}

TEST(Cubic, SmallerSegmentsShrinkTheWindowLargerDoNotGrowIt) {
  CcCubic cc = cubic_at(100);
  cc.on_mss_change(500);
  EXPECT_EQ(cc.cwnd(), 50'000u);
  cc.on_mss_change(1000);
  EXPECT_EQ(cc.cwnd(), 50'000u);
  cc.on_mss_change(0);
  EXPECT_EQ(cc.cwnd(), 50'000u);
}

TEST(Cubic, WindowEndsAtItsLimit) {
  CcLimits limits = plain();
  limits.cwnd_bytes_max = 64'000;
  CcCubic cc(limits, kCubicMss);
  Instant now;
  for (int i = 0; i < 10; ++i) round_trip(cc, now);
  EXPECT_EQ(cc.cwnd(), 64'000u);
}

}  // namespace
}  // namespace oriel::tcp
