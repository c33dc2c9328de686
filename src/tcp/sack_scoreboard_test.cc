// One behaviour of the scoreboard at a time, each from an ISN of 0 and from ISNs that wrap on the
// way. The model test beside it covers their combinations.
#include "tcp/sack_scoreboard.h"

#include <gtest/gtest.h>

#include <vector>

#include "support/req.h"

namespace oriel::tcp {
namespace {

using std::chrono::milliseconds;

constexpr std::uint16_t kMss = 100;

Instant ms(std::int64_t n) {
  return Instant{n * 1'000'000};
}

class SackScoreboardTest : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  SeqNum seq(std::uint32_t offset) const { return SeqNum(GetParam() + offset); }
  SeqRange range(std::uint32_t begin, std::uint32_t end) const { return {seq(begin), seq(end)}; }
  void send(std::uint32_t begin, std::uint32_t end, Instant now) {
    DeliveryStamp stamp;
    stamp.delivered_bytes = begin;
    stamp.is_app_limited = begin == 0;
    board_.on_sent(range(begin, end), kMss, now, stamp);
  }
  AckOutcome ack(std::uint32_t una, std::vector<SeqRange> blocks = {}) {
    return board_.on_ack(seq(una), blocks);
  }
  std::uint32_t rack(Instant now, Instant at, std::uint32_t end, Duration timeout) {
    return board_.mark_lost_by_rack(now, at, seq(end), timeout, &next_);
  }

  SackScoreboard board_;
  Instant next_;
};

INSTANTIATE_TEST_SUITE_P(Isn, SackScoreboardTest,
                         ::testing::Values(0u, 0xFFFFFFFFu, 0xFFFFFF9Cu, 0xFFFFFE00u, 0x7FFFFFB0u));

TEST_P(SackScoreboardTest, HoldsNoMemoryUntilTheFirstSendAndReleasesItAtRest) {
  EXPECT_EQ(board_.memory_bytes(), 0u);
  EXPECT_TRUE(board_.is_empty());
  EXPECT_EQ(board_.pipe(), 0u);
  EXPECT_EQ(ack(0).delivered_bytes, 0u);
  EXPECT_EQ(board_.memory_bytes(), 0u);
  send(0, 100, ms(1));
  EXPECT_EQ(board_.memory_bytes(), 8 * sizeof(SentRecord));
  board_.release_memory();  // not at rest
  EXPECT_EQ(board_.flight_size(), 100u);
  ack(100);
  board_.release_memory();
  EXPECT_EQ(board_.memory_bytes(), 0u);
}

TEST_P(SackScoreboardTest, ALargeRingIsReleasedWhenTheBoardEmpties) {
  for (std::uint32_t i = 0; i < 2000; ++i) send(i * 100, i * 100 + 100, ms(i));
  EXPECT_EQ(board_.memory_bytes(), 2048 * sizeof(SentRecord));
  EXPECT_EQ(ack(200'000).delivered_bytes, 200'000u);
  EXPECT_EQ(board_.memory_bytes(), 0u);
  send(200'000, 200'100, ms(3000));
  EXPECT_EQ(ack(200'100).delivered_bytes, 100u);
}

TEST_P(SackScoreboardTest, CumulativeAckDeliversEachByteOnceAndSamplesTheNewest) {
  send(0, 300, ms(1));
  send(300, 600, ms(2));
  AckOutcome out = ack(600);
  EXPECT_EQ(out.acked_bytes, 600u);
  EXPECT_EQ(out.delivered_bytes, 600u);
  EXPECT_EQ(out.newly_sacked_bytes, 0u);
  EXPECT_TRUE(out.has_rack_sample);
  EXPECT_EQ(out.rack_xmit_at, ms(2));
  EXPECT_EQ(out.rack_end_seq, seq(600));
  EXPECT_FALSE(out.is_rack_retransmitted);
  EXPECT_TRUE(out.has_rtt_sample);
  EXPECT_EQ(out.rtt_xmit_at, ms(2));
  EXPECT_EQ(out.stamp.delivered_bytes, 300u);
  EXPECT_FALSE(out.stamp.is_app_limited);
  EXPECT_FALSE(out.is_reordered);
  EXPECT_EQ(ack(600).delivered_bytes, 0u);
}

TEST_P(SackScoreboardTest, PartialAckInsideARecordCountsWholeSegmentsForSamplesAndAllBytes) {
  send(0, 6400, ms(1));
  AckOutcome out = ack(250);
  EXPECT_EQ(out.delivered_bytes, 250u);
  EXPECT_EQ(out.rack_end_seq, seq(200));
  EXPECT_EQ(board_.flight_size(), 6150u);
  out = ack(280);  // no further segment is whole
  EXPECT_EQ(out.delivered_bytes, 30u);
  EXPECT_FALSE(out.has_rack_sample);
  out = ack(280, {range(300, 500)});
  EXPECT_EQ(out.newly_sacked_bytes, 200u);
  EXPECT_EQ(board_.pipe(), 6120u - 200u);
  EXPECT_EQ(board_.mark_front_lost(), 20u);
  EXPECT_EQ(board_.next_lost(1000), range(280, 300));
  EXPECT_EQ(board_.next_lost(19), range(280, 280));
  out = ack(6400);
  EXPECT_EQ(out.delivered_bytes, 6120u - 200u);
  EXPECT_EQ(out.newly_acked_lost_bytes, 20u);
  EXPECT_EQ(board_.sacked_bytes() + board_.lost_bytes(), 0u);
}

TEST_P(SackScoreboardTest, BlocksSackWholeSegmentsOnceAndNothingOutside) {
  send(0, 1000, ms(1));
  struct Row {
    std::uint32_t begin, end, expected;
  };
  const Row rows[] = {
      {0, 100, 0},       // at SND.UNA: would have been acknowledged
      {200, 400, 200},   //
      {200, 400, 0},     // again
      {150, 550, 100},   // only 400..500 is whole and new
      {560, 590, 0},     // inside one segment
      {900, 1001, 0},    // beyond SND.NXT
      {600, 600, 0},     // empty
      {700, 600, 0},     // inverted
      {900, 1000, 100},  // the end
      {0x7FFFFFF0u, 0x80000010u, 0},
  };
  std::uint32_t sacked = 0;
  for (const Row& row : rows) {
    const AckOutcome out = ack(0, {range(row.begin, row.end)});
    sacked += row.expected;
    EXPECT_EQ(out.newly_sacked_bytes, row.expected) << row.begin << ".." << row.end;
    EXPECT_EQ(out.delivered_bytes, row.expected);
    EXPECT_FALSE(out.has_dsack);
    EXPECT_EQ(board_.sacked_bytes(), sacked);
  }
  EXPECT_EQ(board_.sacked_segments(), 4u);
  EXPECT_EQ(ack(1000).delivered_bytes, 600u);
}

TEST_P(SackScoreboardTest, OnlyFourBlocksOfAnAckCount) {
  send(0, 2000, ms(1));
  std::vector<SeqRange> blocks;
  for (std::uint32_t i = 0; i < 8; ++i) blocks.push_back(range(100 + 200 * i, 200 + 200 * i));
  EXPECT_EQ(ack(0, blocks).newly_sacked_bytes, 400u);
}

TEST_P(SackScoreboardTest, DsackTable) {
  send(0, 2000, ms(1));
  ack(1000);
  struct Row {
    const char* what;
    std::uint32_t ack;
    std::vector<SeqRange> blocks;
    bool has_dsack;
    std::uint32_t sacked;
  };
  const Row rows[] = {
      {"below the cumulative ACK", 1000, {range(500, 600)}, true, 0},
      {"below, with a block after it", 1000, {range(500, 600), range(1200, 1300)}, true, 100},
      {"inside the second block", 1000, {range(1200, 1300), range(1100, 1300)}, true, 100},
      {"equal to the second block", 1000, {range(1200, 1300), range(1200, 1300)}, true, 0},
      {"a plain block", 1000, {range(1100, 1200)}, false, 0},
      {"second block elsewhere", 1000, {range(1100, 1200), range(1500, 1600)}, false, 100},
      {"old ACK, block since acknowledged", 400, {range(500, 600)}, false, 0},
      {"old ACK, duplicate below it", 400, {range(300, 400)}, true, 0},
      {"straddles the ACK", 1000, {range(900, 1100)}, false, 0},
      {"inverted", 1000, {range(600, 500)}, false, 0},
      {"too far below", 1000, {range(0xB0000000u, 0xB0000100u)}, false, 0},
  };
  for (const Row& row : rows) {
    const AckOutcome out = ack(row.ack, row.blocks);
    EXPECT_EQ(out.has_dsack, row.has_dsack) << row.what;
    if (row.has_dsack) {
      EXPECT_EQ(out.dsack, row.blocks[0]) << row.what;
    }
    EXPECT_EQ(out.newly_sacked_bytes, row.sacked) << row.what;
    EXPECT_EQ(out.acked_bytes, 0u) << row.what;
  }
}

TEST_P(SackScoreboardTest, RackMarksWhatWasSentBeforeAndExpired) {
  send(0, 300, ms(10));
  send(300, 600, ms(20));
  send(600, 900, ms(30));
  ack(0, {range(600, 700)});
  EXPECT_EQ(rack(ms(40), ms(30), 700, milliseconds(25)), 300u);
  EXPECT_EQ(next_, ms(45));
  EXPECT_EQ(board_.lost_bytes(), 300u);
  EXPECT_EQ(board_.pipe(), 900u - 100u - 300u);
  EXPECT_EQ(rack(ms(45), ms(30), 700, milliseconds(25)), 300u);
  EXPECT_TRUE(next_.is_never());  // 700..900 were not sent before the sacked one
  EXPECT_EQ(rack(ms(999), ms(30), 700, milliseconds(25)), 0u);
}

TEST_P(SackScoreboardTest, SentTogetherMeansBeforeByTheEndOfTheSegment) {
  send(0, 500, ms(10));
  ack(0, {range(300, 400)});
  EXPECT_EQ(rack(ms(20), ms(10), 400, milliseconds(5)), 300u);
  EXPECT_EQ(board_.next_lost(5000), range(0, 300));
  ack(0, {range(400, 500)});
  EXPECT_EQ(rack(ms(20), ms(10), 500, milliseconds(5)), 0u);
}

TEST_P(SackScoreboardTest, LostRunsLeaveLowestFirstInWholeSegments) {
  send(0, 550, ms(10));
  send(550, 850, ms(10));
  ack(0, {range(200, 300)});
  EXPECT_EQ(board_.mark_all_lost(), 750u);
  EXPECT_EQ(board_.next_lost(150), range(0, 100));
  EXPECT_EQ(board_.next_lost(5000), range(0, 200));
  board_.on_retransmitted(range(0, 200), ms(20), {});
  EXPECT_EQ(board_.lost_bytes(), 550u);
  EXPECT_EQ(board_.next_lost(5000), range(300, 550));  // the record ends here
  board_.on_retransmitted(range(300, 550), ms(21), {});
  EXPECT_EQ(board_.next_lost(5000), range(550, 850));
  board_.on_retransmitted(range(550, 850), ms(22), {});
  EXPECT_TRUE(board_.next_lost(5000).is_empty());
  EXPECT_EQ(board_.pipe(), 750u);
  EXPECT_TRUE(board_.has_retransmitted_outstanding());
  EXPECT_EQ(board_.retransmitted_bytes(), 750u);
}

TEST_P(SackScoreboardTest, ALostRetransmissionIsFoundByWhatWasSentAfterIt) {
  send(0, 500, ms(10));
  ack(0, {range(100, 500)});
  EXPECT_EQ(rack(ms(20), ms(10), 500, milliseconds(5)), 100u);
  board_.on_retransmitted(range(0, 100), ms(20), {});
  EXPECT_EQ(board_.front_xmit_at(), ms(20));
  send(500, 600, ms(21));
  EXPECT_EQ(rack(ms(30), ms(10), 500, milliseconds(5)), 0u);  // nothing newer arrived
  const AckOutcome out = ack(0, {range(100, 600)});
  EXPECT_EQ(out.rack_xmit_at, ms(21));
  EXPECT_EQ(rack(ms(24), out.rack_xmit_at, 600, milliseconds(5)), 0u);
  EXPECT_EQ(next_, ms(25));
  EXPECT_EQ(rack(ms(25), out.rack_xmit_at, 600, milliseconds(5)), 100u);
  EXPECT_EQ(board_.next_lost(500), range(0, 100));
  EXPECT_FALSE(board_.has_retransmitted_outstanding());
}

TEST_P(SackScoreboardTest, RetransmittedSegmentsGiveNoRttSample) {
  REQ("RFC9293-MUST-18");
  send(0, 200, ms(10));
  board_.mark_all_lost();
  DeliveryStamp stamp;
  stamp.delivered_bytes = 77;
  board_.on_retransmitted(range(0, 100), ms(20), stamp);
  const AckOutcome out = ack(200);
  EXPECT_FALSE(out.has_rtt_sample);  // the second may have waited for the first
  EXPECT_TRUE(out.has_rack_sample);
  EXPECT_TRUE(out.is_rack_retransmitted);
  EXPECT_EQ(out.rack_xmit_at, ms(20));
  EXPECT_EQ(out.stamp.delivered_bytes, 77u);
  EXPECT_EQ(out.newly_acked_lost_bytes, 100u);
}

TEST_P(SackScoreboardTest, ALateOriginalBelowTheHighestDeliveredIsReordering) {
  send(0, 500, ms(10));
  EXPECT_FALSE(ack(0, {range(300, 400)}).is_reordered);
  EXPECT_TRUE(ack(0, {range(100, 200)}).is_reordered);
  board_.mark_front_lost();
  board_.on_retransmitted(range(0, 100), ms(20), {});
  EXPECT_FALSE(ack(200).is_reordered);
  EXPECT_FALSE(ack(200, {range(400, 500)}).is_reordered);
  EXPECT_TRUE(ack(500).is_reordered);
}

TEST_P(SackScoreboardTest, ForgottenSacksAreInFlightAgainAndNotDeliveredTwice) {
  send(0, 500, ms(10));
  ack(0, {range(100, 400)});
  EXPECT_FALSE(board_.is_front_sacked());
  ack(100);
  EXPECT_TRUE(board_.is_front_sacked());  // the receiver reneged
  board_.forget_sacks();
  EXPECT_FALSE(board_.is_front_sacked());
  EXPECT_EQ(board_.pipe(), 400u);
  EXPECT_EQ(board_.sacked_segments(), 0u);
  EXPECT_EQ(board_.mark_all_lost(), 400u);
  const AckOutcome out = ack(500);
  EXPECT_EQ(out.acked_bytes, 400u);
  EXPECT_EQ(out.delivered_bytes, 100u);
}

TEST_P(SackScoreboardTest, ResegmentKeepsWhatIsSackedAndLosesTheRest) {
  send(0, 500, ms(10));
  send(500, 750, ms(11));
  ack(50, {range(200, 300)});
  board_.resegment(40);
  EXPECT_EQ(board_.flight_size(), 700u);
  EXPECT_EQ(board_.sacked_bytes(), 100u);
  EXPECT_EQ(board_.sacked_segments(), 3u);
  EXPECT_EQ(board_.lost_bytes(), 600u);
  EXPECT_EQ(board_.pipe(), 0u);
  EXPECT_EQ(board_.next_lost(100), range(50, 130));
  EXPECT_EQ(board_.next_lost(5000), range(50, 200));
  EXPECT_EQ(board_.last_segment(), range(740, 750));
  board_.on_retransmitted(range(50, 200), ms(20), {});
  EXPECT_EQ(board_.next_lost(5000), range(300, 500));
  send(750, 800, ms(21));
  EXPECT_EQ(ack(800).delivered_bytes, 650u);
  EXPECT_TRUE(board_.is_empty());
}

TEST_P(SackScoreboardTest, ARangeBeyondSixtyFourSegmentsTakesSeveralRecords) {
  send(0, 6501, ms(10));  // a FIN after 65 full segments
  EXPECT_EQ(board_.last_segment(), range(6500, 6501));
  EXPECT_EQ(ack(0, {range(6300, 6501)}).newly_sacked_bytes, 201u);
  EXPECT_EQ(board_.sacked_segments(), 3u);
  EXPECT_EQ(board_.mark_all_lost(), 6300u);
  EXPECT_EQ(ack(6501).delivered_bytes, 6300u);
}

TEST_P(SackScoreboardTest, UnmarkedLossIsInFlightAgainAndMayBeFoundAgain) {
  send(0, 300, ms(10));
  board_.mark_all_lost();
  EXPECT_EQ(board_.pipe(), 0u);
  board_.unmark_lost();
  EXPECT_EQ(board_.pipe(), 300u);
  EXPECT_EQ(board_.oldest_xmit_at(), ms(10));
  EXPECT_EQ(rack(ms(20), ms(11), 300, milliseconds(5)), 300u);
}

TEST_P(SackScoreboardTest, AnAckBeyondWhatWasSentCountsAsAllOfIt) {
  send(0, 300, ms(10));
  EXPECT_EQ(ack(100'000).acked_bytes, 300u);
  EXPECT_TRUE(board_.is_empty());
  EXPECT_TRUE(board_.oldest_xmit_at().is_never());
  EXPECT_TRUE(board_.last_segment().is_empty());
}

}  // namespace
}  // namespace oriel::tcp
