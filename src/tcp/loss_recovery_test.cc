// Recovery in scenes: a sender of 1000-byte segments over 100 ms, the ACKs that come back, what is
// found lost, which timer runs, and what congestion control is told.
#include "tcp/loss_recovery.h"

#include <gtest/gtest.h>

#include <vector>

namespace oriel::tcp {
namespace {

using std::chrono::milliseconds;
using Timer = LossRecovery::Timer;

constexpr std::uint32_t kSmss = 1000;
constexpr Duration kRtt = milliseconds(100);

Instant ms(std::int64_t n) {
  return Instant{n * 1'000'000};
}

class LossRecoveryTest : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  LossRecoveryTest() {
    for (int i = 0; i < 100; ++i) rtt_.on_sample(ms(0), kRtt);  // rttvar fades to nothing
  }
  SeqNum seq(std::uint32_t segment) const { return SeqNum(GetParam() + segment * kSmss); }
  SeqRange range(std::uint32_t begin, std::uint32_t end) const { return {seq(begin), seq(end)}; }
  void send(std::uint32_t segments, Instant now) {
    const SeqRange sent{seq(nxt_), seq(nxt_ + segments)};
    nxt_ += segments;
    board_.on_sent(sent, kSmss, now, {});
    rearm(now);
  }
  void rearm(Instant now) { recovery_.rearm(now, board_, rtt_, rto_, limits_, false); }
  LossVerdict ack(Instant now, std::uint32_t una, std::vector<SeqRange> blocks = {}) {
    LossRecovery::AckContext context;
    context.is_duplicate_ack = una == una_ && !board_.is_empty();
    una_ = una;
    context.now = now;
    context.snd_una = seq(una);
    context.snd_nxt = seq(nxt_);
    context.smss = kSmss;
    context.is_sack_enabled = is_sack_;
    context.echoed_until = echoed_until_;
    outcome_ = board_.on_ack(seq(una), blocks);
    const LossVerdict verdict = recovery_.on_ack(context, outcome_, board_, rtt_);
    rearm(now);
    return verdict;
  }
  std::uint32_t resend(Instant now) {  // all that is lost; bytes
    std::uint32_t bytes = 0;
    for (SeqRange r = board_.next_lost(1u << 20); !r.is_empty(); r = board_.next_lost(1u << 20)) {
      board_.on_retransmitted(r, now, {});
      bytes += r.size();
    }
    rearm(now);
    return bytes;
  }
  LossRecovery::TimeoutVerdict fire() {
    const Instant now = recovery_.deadline();
    const auto verdict = recovery_.on_timeout(now, seq(una_), seq(nxt_), board_, rtt_);
    if (verdict.fired == Timer::kRto) rto_.on_timeout();
    return verdict;
  }
  void expect_timer(Timer timer, Instant deadline) {
    EXPECT_EQ(recovery_.armed(), timer);
    EXPECT_EQ(recovery_.deadline().ns, deadline.ns);
  }

  SackScoreboard board_;
  LossRecovery recovery_;
  RttEstimator rtt_;
  Rto rto_;
  RtoLimits limits_;
  AckOutcome outcome_;
  Instant echoed_until_ = Instant::never();
  std::uint32_t una_ = 0;
  std::uint32_t nxt_ = 0;
  bool is_sack_ = true;
};

INSTANTIATE_TEST_SUITE_P(Isn, LossRecoveryTest, ::testing::Values(0u, 0xFFFFFFFFu, 0xFFFFF448u));

// --- RACK

TEST_P(LossRecoveryTest, ThreeSackedSegmentsAboveAHoleLoseItAtOnce) {
  send(5, ms(1000));
  EXPECT_EQ(ack(ms(1100), 0, {range(1, 2)}).newly_lost_bytes, 0u);
  expect_timer(Timer::kReorder, ms(1125));  // RTT + min RTT / 4 after it was sent
  EXPECT_EQ(ack(ms(1101), 0, {range(1, 3)}).newly_lost_bytes, 0u);
  const LossVerdict verdict = ack(ms(1102), 0, {range(1, 4)});
  EXPECT_EQ(verdict.newly_lost_bytes, kSmss);
  EXPECT_TRUE(verdict.has_entered_recovery);
  EXPECT_EQ(verdict.prr_delivered_bytes, kSmss);
  EXPECT_EQ(recovery_.phase(), RecoveryPhase::kRecovery);
  EXPECT_EQ(recovery_.recovery_point(), seq(5));
  EXPECT_EQ(board_.next_lost(9000), range(0, 1));
  resend(ms(1102));
  expect_timer(Timer::kRto, ms(1402));  // from the retransmission of the front
  EXPECT_FALSE(ack(ms(1103), 0, {range(1, 5)}).has_entered_recovery);
  const LossVerdict last = ack(ms(1202), 5);
  EXPECT_TRUE(last.has_left);
  EXPECT_FALSE(last.is_spurious);
  EXPECT_EQ(recovery_.phase(), RecoveryPhase::kOpen);
  expect_timer(Timer::kNone, Instant::never());
}

TEST_P(LossRecoveryTest, ReorderTimerFindsALossThatTooFewAcksTell) {
  send(2, ms(1000));
  ack(ms(1100), 0, {range(1, 2)});
  expect_timer(Timer::kReorder, ms(1125));
  const auto verdict = fire();
  EXPECT_EQ(verdict.fired, Timer::kReorder);
  EXPECT_EQ(verdict.loss.newly_lost_bytes, kSmss);
  EXPECT_TRUE(verdict.loss.has_entered_recovery);
  EXPECT_EQ(recovery_.phase(), RecoveryPhase::kRecovery);
}

TEST_P(LossRecoveryTest, ReorderingWithinTheWindowLosesNothing) {
  send(3, ms(1000));
  ack(ms(1100), 0, {range(1, 2)});
  EXPECT_EQ(ack(ms(1124), 2).newly_lost_bytes, 0u);
  EXPECT_EQ(recovery_.phase(), RecoveryPhase::kOpen);
  EXPECT_TRUE(outcome_.is_reordered);
  // From now on three sacked segments are no proof.
  send(9, ms(1200));
  EXPECT_EQ(ack(ms(1300), 3, {range(4, 8)}).newly_lost_bytes, 0u);
  expect_timer(Timer::kReorder, ms(1325));
}

TEST_P(LossRecoveryTest, ReorderingBeyondTheWindowIsSpuriousAndWidensIt) {
  send(3, ms(1000));
  ack(ms(1100), 0, {range(1, 2)});
  EXPECT_EQ(recovery_.reorder_window(rtt_), milliseconds(25));
  ASSERT_TRUE(fire().loss.has_entered_recovery);  // 1125
  EXPECT_EQ(resend(ms(1125)), kSmss);
  EXPECT_FALSE(ack(ms(1130), 3).is_spurious);  // the original arrived after all
  EXPECT_EQ(recovery_.phase(), RecoveryPhase::kOpen);
  send(1, ms(1131));
  const LossVerdict verdict = ack(ms(1225), 3, {range(0, 1)});
  EXPECT_TRUE(verdict.is_spurious);
  EXPECT_FALSE(verdict.has_left);
  EXPECT_EQ(recovery_.reorder_window(rtt_), milliseconds(50));
  EXPECT_FALSE(ack(ms(1226), 3, {range(0, 1)}).is_spurious);    // once
  EXPECT_EQ(recovery_.reorder_window(rtt_), milliseconds(50));  // once a round
}

TEST_P(LossRecoveryTest, WindowGrowsOncePerRoundWithDsackAndIsBoundedBySrtt) {
  send(2, ms(0));
  for (std::uint32_t round = 1; round <= 6; ++round) {
    const std::int64_t now = 1000 * round;
    // Every segment arrives twice; a round ends when what was outstanding at its DSACK is
    // acknowledged.
    send(1, ms(now));
    ack(ms(now + 100), round, {range(round - 1, round)});
    const Duration grown = recovery_.reorder_window(rtt_);
    ack(ms(now + 101), round, {range(round - 1, round)});
    EXPECT_EQ(recovery_.reorder_window(rtt_), grown) << round;
    const std::uint32_t dsack_rounds = (round + 1) / 2;  // two segments were outstanding each time
    const Duration expected = std::min<Duration>(milliseconds(25) * (dsack_rounds + 1), kRtt);
    EXPECT_EQ(grown, expected) << round;
  }
}

TEST_P(LossRecoveryTest, WindowFallsBackAfterSixteenRecoveriesWithoutDsack) {
  send(2, ms(1000));
  ack(ms(1100), 0, {range(1, 2)});
  ack(ms(1110), 2);  // reordering seen: the window does not fall to 0
  ack(ms(1111), 2, {range(0, 1)});
  std::int64_t now = 2000;
  for (int episode = 1; episode <= 16; ++episode, now += 1000) {
    EXPECT_EQ(recovery_.reorder_window(rtt_), milliseconds(50)) << episode;
    const std::uint32_t hole = nxt_;
    send(2, ms(now));
    ack(ms(now + 100), hole, {range(hole + 1, hole + 2)});
    ASSERT_TRUE(fire().loss.has_entered_recovery);
    resend(ms(now + 150));
    ASSERT_TRUE(ack(ms(now + 250), hole + 2).has_left);
  }
  EXPECT_EQ(recovery_.reorder_window(rtt_), milliseconds(25));
}

TEST_P(LossRecoveryTest, ABurstOfLossesIsOneEpisode) {
  send(10, ms(1000));
  ack(ms(1100), 1);
  EXPECT_EQ(ack(ms(1101), 1, {range(6, 9)}).newly_lost_bytes, 5 * kSmss);
  EXPECT_EQ(board_.pipe(), 1 * kSmss);
  EXPECT_EQ(resend(ms(1101)), 5 * kSmss);
  EXPECT_FALSE(ack(ms(1102), 1, {range(6, 10)}).has_entered_recovery);
  EXPECT_FALSE(ack(ms(1201), 4, {range(6, 10)}).has_left);
  EXPECT_TRUE(ack(ms(1202), 10).has_left);
}

TEST_P(LossRecoveryTest, ALostRetransmissionIsSentAgainWithoutATimeout) {
  send(4, ms(1000));
  ack(ms(1100), 0, {range(1, 4)});
  ASSERT_EQ(resend(ms(1101)), kSmss);
  send(1, ms(1102));
  const LossVerdict verdict = ack(ms(1202), 0, {range(1, 5)});
  EXPECT_EQ(verdict.newly_lost_bytes, kSmss);  // sent at 1101, before what was sacked, RTT 100
  EXPECT_FALSE(verdict.has_entered_recovery);
  EXPECT_EQ(board_.next_lost(9000), range(0, 1));
}

TEST_P(LossRecoveryTest, AnAckTooSoonForARetransmissionDoesNotMoveRack) {
  send(3, ms(1000));
  ack(ms(1100), 0, {range(2, 3)});
  ASSERT_EQ(fire().loss.newly_lost_bytes, 2 * kSmss);  // 1125
  board_.on_retransmitted(range(0, 1), ms(1125), {});
  send(1, ms(1126));
  // The original of 0 after all: were it the retransmission, RTT would be 5 ms.
  EXPECT_EQ(ack(ms(1130), 1, {range(2, 3)}).newly_lost_bytes, 0u);
  EXPECT_EQ(recovery_.phase(), RecoveryPhase::kRecovery);
}

// --- tail loss probe

TEST_P(LossRecoveryTest, ProbeTimeIsTwoSrttPlusTheAckDelayForOneSegment) {
  limits_.rto_min = std::chrono::seconds(1);
  send(1, ms(1000));
  expect_timer(Timer::kTailLossProbe, ms(1400));
  send(1, ms(1010));
  expect_timer(Timer::kTailLossProbe, ms(1210));
}

TEST_P(LossRecoveryTest, ProbeComesAtTheRtoAtTheLatest) {
  send(1, ms(1000));
  expect_timer(Timer::kTailLossProbe, ms(1300));  // not 1400
  const auto verdict = fire();
  EXPECT_TRUE(verdict.wants_probe);
  recovery_.on_probe_sent(seq(1), true);
  rearm(ms(1300));
  expect_timer(Timer::kRto, ms(1600));
}

TEST_P(LossRecoveryTest, WithoutAnRttProbeComesWithTheFirstRto) {
  rtt_ = {};
  send(2, ms(1000));
  expect_timer(Timer::kTailLossProbe, ms(2000));
}

TEST_P(LossRecoveryTest, AProbeOfTheTailStartsRecoveryOfTheRest) {
  send(4, ms(1000));
  expect_timer(Timer::kTailLossProbe, ms(1200));
  ASSERT_TRUE(fire().wants_probe);
  board_.on_retransmitted(board_.last_segment(), ms(1200), {});
  recovery_.on_probe_sent(seq(4), true);
  rearm(ms(1200));
  expect_timer(Timer::kRto, ms(1500));
  const LossVerdict verdict = ack(ms(1300), 0, {range(3, 4)});
  EXPECT_EQ(verdict.newly_lost_bytes, 3 * kSmss);
  EXPECT_TRUE(verdict.has_entered_recovery);
}

TEST_P(LossRecoveryTest, ALossThatOnlyTheProbeRepairedIsToldOnce) {
  send(2, ms(1000));
  ack(ms(1100), 1);
  ASSERT_EQ(recovery_.armed(), Timer::kTailLossProbe);
  fire();
  board_.on_retransmitted(board_.last_segment(), ms(1400), {});
  recovery_.on_probe_sent(seq(2), true);
  rearm(ms(1400));
  EXPECT_FALSE(ack(ms(1500), 2).has_repaired_tail);  // may still be reported as a duplicate
  send(1, ms(1501));
  expect_timer(Timer::kRto, ms(1801));  // no second probe yet
  const LossVerdict verdict = ack(ms(1601), 3);
  EXPECT_TRUE(verdict.has_repaired_tail);
  EXPECT_FALSE(verdict.has_entered_recovery);
  EXPECT_EQ(recovery_.phase(), RecoveryPhase::kOpen);
  send(1, ms(1602));
  EXPECT_EQ(recovery_.armed(), Timer::kTailLossProbe);
}

TEST_P(LossRecoveryTest, AProbeReportedAsDuplicateIsNoLoss) {
  send(1, ms(1000));
  fire();
  board_.on_retransmitted(board_.last_segment(), ms(1300), {});
  recovery_.on_probe_sent(seq(1), true);
  const LossVerdict verdict = ack(ms(1301), 1);
  EXPECT_FALSE(verdict.has_repaired_tail);
  ack(ms(1400), 1, {range(0, 1)});
  EXPECT_EQ(recovery_.reorder_window(rtt_), milliseconds(25));  // not reordering either
  send(1, ms(1401));
  EXPECT_FALSE(ack(ms(1501), 2).has_repaired_tail);
}

TEST_P(LossRecoveryTest, AProbeWithNewDataNeverCountsAsRepair) {
  send(1, ms(1000));
  fire();
  send(1, ms(1300));
  recovery_.on_probe_sent(seq(2), false);
  EXPECT_FALSE(ack(ms(1400), 2).has_repaired_tail);
  send(1, ms(1401));
  EXPECT_FALSE(ack(ms(1501), 3).has_repaired_tail);
}

TEST_P(LossRecoveryTest, NoProbeOnceSomethingIsSackedOrWithoutSack) {
  send(3, ms(1000));
  ack(ms(1100), 0, {range(2, 3)});
  EXPECT_EQ(recovery_.armed(), Timer::kReorder);
  ack(ms(1110), 2);
  ack(ms(1110), 3);
  is_sack_ = false;
  send(2, ms(1200));
  ack(ms(1300), 4);
  expect_timer(Timer::kRto, ms(1600));
}

// --- retransmission time-out

TEST_P(LossRecoveryTest, NewDataDoesNotPutTheRtoOffAndProgressDoes) {
  is_sack_ = false;
  send(1, ms(1000));
  ack(ms(1001), 0);  // tells the peer's kind
  expect_timer(Timer::kRto, ms(1300));
  send(1, ms(1200));
  expect_timer(Timer::kRto, ms(1300));  // RFC 6298 5.1
  ack(ms(1250), 1);
  expect_timer(Timer::kRto, ms(1550));  // 5.3
  ack(ms(1260), 2);
  expect_timer(Timer::kNone, Instant::never());  // 5.2
  send(1, ms(5000));
  EXPECT_EQ(recovery_.deadline(), ms(5300));
}

TEST_P(LossRecoveryTest, RtoLosesEverythingUntilTheRecoveryPoint) {
  send(4, ms(1000));
  ASSERT_EQ(fire().fired, Timer::kTailLossProbe);  // 1200, and it is lost too
  recovery_.on_probe_sent(seq(4), true);
  board_.on_retransmitted(board_.last_segment(), ms(1200), {});
  rearm(ms(1200));
  const auto verdict = fire();
  EXPECT_EQ(verdict.fired, Timer::kRto);
  EXPECT_EQ(verdict.loss.newly_lost_bytes, 4 * kSmss);
  EXPECT_FALSE(verdict.loss.has_entered_recovery);
  EXPECT_EQ(recovery_.phase(), RecoveryPhase::kLoss);
  EXPECT_EQ(recovery_.recovery_point(), seq(4));
  EXPECT_EQ(board_.pipe(), 0u);
  board_.on_retransmitted(board_.next_lost(kSmss), ms(1500), {});
  rearm(ms(1500));
  expect_timer(Timer::kRto, ms(2100));  // doubled, RFC 6298 5.5 and 5.6
  ack(ms(1600), 1);
  EXPECT_EQ(recovery_.phase(), RecoveryPhase::kLoss);
  resend(ms(1600));
  EXPECT_FALSE(ack(ms(1700), 4).has_left);  // slow start goes on
  EXPECT_EQ(recovery_.phase(), RecoveryPhase::kOpen);
}

TEST_P(LossRecoveryTest, RtoForgetsSacksOfAPeerThatReneged) {
  send(4, ms(1000));
  ack(ms(1100), 0, {range(1, 3)});
  ack(ms(1101), 1);  // the ACK stops before what was sacked
  ASSERT_TRUE(board_.is_front_sacked());
  while (recovery_.armed() != Timer::kRto) {
    fire();
    rearm(ms(1200));
  }
  EXPECT_EQ(fire().fired, Timer::kRto);
  EXPECT_EQ(board_.sacked_bytes(), 0u);
  EXPECT_EQ(board_.next_lost(9000), range(1, 4));
}

TEST_P(LossRecoveryTest, SpuriousRtoIsSeenByTheEchoedTimestamp) {
  is_sack_ = false;
  send(3, ms(1000));
  ack(ms(1001), 0);
  ASSERT_EQ(fire().fired, Timer::kRto);  // 1300
  board_.on_retransmitted(range(0, 1), ms(1300), {});
  echoed_until_ = ms(1001);
  const LossVerdict verdict = ack(ms(1310), 1);
  EXPECT_TRUE(verdict.is_spurious);
  EXPECT_FALSE(verdict.has_left);
  EXPECT_EQ(recovery_.phase(), RecoveryPhase::kOpen);
  EXPECT_EQ(board_.lost_bytes(), 0u);  // the rest is on its way
  EXPECT_EQ(board_.pipe(), 2 * kSmss);
}

TEST_P(LossRecoveryTest, RtoWhoseRetransmissionWasNeededIsNotSpurious) {
  send(1, ms(1000));
  fire();
  rearm(ms(1300));
  ASSERT_EQ(fire().fired, Timer::kRto);  // 1600
  resend(ms(1600));
  echoed_until_ = ms(1600);
  EXPECT_FALSE(ack(ms(1700), 1).is_spurious);
}

TEST_P(LossRecoveryTest, AnEpisodeThatSentNothingAgainAndLostNothingIsSpurious) {
  send(5, ms(1000));
  ASSERT_TRUE(ack(ms(1100), 0, {range(1, 4)}).has_entered_recovery);
  const LossVerdict verdict = ack(ms(1101), 5);
  EXPECT_FALSE(verdict.has_left);
  EXPECT_TRUE(verdict.is_spurious);
  EXPECT_EQ(recovery_.phase(), RecoveryPhase::kOpen);
}

// --- without SACK

TEST_P(LossRecoveryTest, RenoRetransmitsOnTheThirdDuplicateAndOnPartialAcks) {
  is_sack_ = false;
  send(8, ms(1000));
  EXPECT_FALSE(ack(ms(1100), 1).has_entered_recovery);
  for (int i = 1; i <= 2; ++i) {
    const LossVerdict verdict = ack(ms(1100 + i), 1);
    EXPECT_FALSE(verdict.has_entered_recovery);
    EXPECT_EQ(verdict.prr_delivered_bytes, kSmss);
  }
  LossVerdict verdict = ack(ms(1103), 1);
  EXPECT_TRUE(verdict.has_entered_recovery);
  EXPECT_EQ(verdict.newly_lost_bytes, kSmss);
  EXPECT_EQ(board_.next_lost(9000), range(1, 2));
  resend(ms(1103));
  EXPECT_EQ(ack(ms(1104), 1).prr_delivered_bytes, kSmss);
  verdict = ack(ms(1203), 4);  // partial: 1..3 arrived, 4 is missing
  EXPECT_FALSE(verdict.has_left);
  EXPECT_EQ(verdict.newly_lost_bytes, kSmss);
  EXPECT_EQ(board_.next_lost(9000), range(4, 5));
  EXPECT_EQ(verdict.prr_delivered_bytes, 0u);  // four were counted as duplicates came
  resend(ms(1203));
  verdict = ack(ms(1303), 8);
  EXPECT_TRUE(verdict.has_left);
  EXPECT_EQ(verdict.prr_delivered_bytes, 3 * kSmss);
  send(4, ms(1304));
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(ack(ms(1305), 8).has_entered_recovery);  // RFC 6582 3.2
  ack(ms(1400), 9);
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(ack(ms(1401), 9).has_entered_recovery);
  EXPECT_TRUE(ack(ms(1402), 9).has_entered_recovery);
}

TEST_P(LossRecoveryTest, RenoCreditIsBoundedByWhatIsOutstanding) {
  is_sack_ = false;
  send(2, ms(1000));
  std::uint32_t delivered = 0;
  for (int i = 0; i < 1000; ++i) delivered += ack(ms(1001), 0).prr_delivered_bytes;
  EXPECT_EQ(delivered, 2 * kSmss);
}

// --- proportional rate reduction

TEST(Prr, LetsOutHalfOfWhatArrivesWhilePipeIsAboveSsthresh) {
  LossRecovery recovery;
  std::uint32_t pipe = 19 * kSmss;
  recovery.prr_start(20 * kSmss);
  std::uint32_t sent = 0;
  for (int i = 0; i < 10; ++i) {
    pipe -= kSmss;
    recovery.prr_on_ack(kSmss, pipe, 10 * kSmss, kSmss, false);
    while (recovery.prr_cwnd() >= pipe + kSmss) {
      recovery.prr_on_sent(kSmss);
      pipe += kSmss;
      sent += 1;
    }
  }
  EXPECT_EQ(sent, 5u);
}

TEST(Prr, TableOfBounds) {
  struct Row {
    std::uint32_t delivered, pipe, ssthresh;
    bool is_safe;
    std::uint32_t cwnd;
  };
  const Row rows[] = {
      {0, 15, 10, false, 16},  // the first retransmission leaves in any case
      {0, 2, 10, false, 3},    //
      {4, 2, 10, false, 6},    // conservative bound: as much as arrived
      {4, 2, 10, true, 7},     // and one more while nothing is newly lost
      {9, 8, 10, true, 10},    // never beyond ssthresh
      {1, 0, 10, false, 1},
  };
  for (const Row& row : rows) {
    LossRecovery recovery;
    recovery.prr_start(20 * kSmss);
    recovery.prr_on_ack(row.delivered * kSmss, row.pipe * kSmss, row.ssthresh * kSmss, kSmss,
                        row.is_safe);
    EXPECT_EQ(recovery.prr_cwnd(), row.cwnd * kSmss) << row.delivered << " " << row.pipe;
  }
}

TEST(Prr, SurvivesExtremes) {
  LossRecovery recovery;
  recovery.prr_start(0);
  recovery.prr_on_ack(0xFFFFFFFFu, 0xFFFFFFF0u, 1, 1460, true);
  EXPECT_GE(recovery.prr_cwnd(), 0xFFFFFFF0u);
  recovery.prr_on_ack(0xFFFFFFFFu, 0, 0xFFFFFFFFu, 65535, true);
  EXPECT_LE(recovery.prr_cwnd(), 0xFFFFFFFFu);
}

}  // namespace
}  // namespace oriel::tcp
