// HyStart++ (RFC 9406 4.2) driven sample by sample, rounds wrapping past 2^32 included.
#include "tcp/hystart.h"

#include <gtest/gtest.h>

namespace oriel::tcp {
namespace {

constexpr std::uint32_t kFlowMss = 1000;

// A flow whose rounds are 20 ACKs, spread over the whole RTT so that trains say "pipe full
// everywhere": the guess then equals the window, which only the RTT rules act upon.
struct Flow {
  HyStart hystart;
  SeqNum snd_una{0xffff'0000u};  // wraps within the first rounds
  Instant now{1'000'000'000};
  std::uint32_t cwnd = 40 * kFlowMss;

  // One round with every RTT sample `rtt_ms`; returns bytes grown.
  std::uint32_t round(double rtt_ms, std::uint32_t acks = 20, bool is_spread = true) {
    const std::uint32_t per_ack = cwnd / acks;
    const SeqNum window_end = snd_una + cwnd;
    std::uint32_t grown = 0;
    for (std::uint32_t i = 0; i < acks && !hystart.has_exited(); ++i) {
      snd_una = i + 1 == acks ? window_end : snd_una + per_ack;
      now = now + Duration(static_cast<std::int64_t>(is_spread ? rtt_ms * 1e6 / acks : 1e3));
      CcAck ack;
      ack.now = now;
      ack.acked_bytes = per_ack;
      ack.flight_size = cwnd;
      ack.snd_una = snd_una;
      ack.snd_nxt = snd_una + cwnd;
      ack.has_rtt = true;
      ack.rtt = Duration(static_cast<std::int64_t>(rtt_ms * 1e6));
      grown += hystart.grow(ack, cwnd, kFlowMss, 64);
    }
    return grown;
  }
};

TEST(HyStart, SteadyRttDoublesEachRound) {
  Flow f;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(f.round(2.0), 40 * kFlowMss) << i;
  EXPECT_EQ(f.hystart.phase(), HyStart::Phase::kSlowStart);
}

// RTT of 2 ms: the threshold is clamp(2 / 8, 4, 16) = 4 ms.
TEST(HyStart, RiseBelowTheThresholdDoesNotCount) {
  Flow f;
  for (int i = 0; i < 3; ++i) f.round(2.0);
  f.round(5.9);
  f.round(5.9);
  EXPECT_EQ(f.hystart.phase(), HyStart::Phase::kSlowStart);
}

TEST(HyStart, RiseOfTheRoundMinimumEntersCssWithAQuarterOfTheGrowth) {
  Flow f;
  for (int i = 0; i < 3; ++i) f.round(2.0);
  f.round(6.5);
  EXPECT_EQ(f.hystart.phase(), HyStart::Phase::kCss);
  EXPECT_EQ(f.round(6.5), 10 * kFlowMss);
}

TEST(HyStart, FewerThanEightSamplesDecideNothing) {
  Flow f;
  for (int i = 0; i < 3; ++i) f.round(2.0);
  f.round(50.0, 7);
  f.round(50.0, 7);
  EXPECT_EQ(f.hystart.phase(), HyStart::Phase::kSlowStart);
}

TEST(HyStart, FallOfTheRttResumesSlowStart) {
  Flow f;
  for (int i = 0; i < 3; ++i) f.round(2.0);
  f.round(6.5);
  ASSERT_EQ(f.hystart.phase(), HyStart::Phase::kCss);
  f.round(2.0);
  f.round(2.0);
  EXPECT_EQ(f.hystart.phase(), HyStart::Phase::kSlowStart);
}

TEST(HyStart, FiveRoundsOfCssEndSlowStart) {
  Flow f;
  for (int i = 0; i < 3; ++i) f.round(2.0);
  int rounds = 0;
  while (!f.hystart.has_exited() && rounds < 20) {
    f.round(6.5);
    ++rounds;
  }
  EXPECT_TRUE(f.hystart.has_exited());
  EXPECT_EQ(rounds, 1 + static_cast<int>(HyStart::kCssRoundsMax));
}

// ACKs in a tight train on a long path: 40 kB in 20 ACKs 2 ms apart, RTT 100 ms.
TEST(HyStart, AckTrainGuessesTheBdp) {
  Flow f;
  for (int i = 0; i < 3; ++i) {
    const std::uint32_t per_ack = f.cwnd / 20;
    for (int j = 0; j < 20; ++j) {
      f.snd_una += per_ack;
      f.now = f.now + std::chrono::milliseconds(2);
      CcAck ack;
      ack.now = f.now;
      ack.acked_bytes = per_ack;
      ack.flight_size = f.cwnd;
      ack.snd_una = f.snd_una;
      ack.snd_nxt = f.snd_una + f.cwnd;
      ack.has_rtt = true;
      ack.rtt = std::chrono::milliseconds(100);
      f.hystart.grow(ack, f.cwnd, kFlowMss, 64);
    }
    f.now = f.now + std::chrono::milliseconds(60);
  }
  EXPECT_EQ(f.hystart.bdp_guess_bytes(), 100'000u);  // 2,000 bytes in 2 ms, for 100 ms
}

TEST(HyStart, ShortRttsAreNotGuessedAt) {
  Flow f;
  for (int i = 0; i < 5; ++i) f.round(1.0);
  EXPECT_EQ(f.hystart.bdp_guess_bytes(), 0u);
}

// The guess never ends slow start by itself: without a rise of the RTT full growth comes back, also
// where ACKs spread over the round trip make the guess follow the window.
TEST(HyStart, GuessThatTheRttContradictsIsDropped) {
  Flow f;
  for (int i = 0; i < 3; ++i) f.round(100.0);
  ASSERT_NE(f.hystart.bdp_guess_bytes(), 0u);
  std::uint32_t grown = 0;
  f.cwnd = 60 * kFlowMss;
  for (int i = 0; i < 8; ++i) grown = f.round(100.0);
  EXPECT_FALSE(f.hystart.has_exited());
  EXPECT_EQ(grown, f.cwnd);
}

}  // namespace
}  // namespace oriel::tcp
