// Rounds by the clock of ACKs: what counts as a round, what counts as evidence.
#include "tcp/delivery_rounds.h"

#include <gtest/gtest.h>

namespace oriel::tcp {
namespace {

using std::chrono::milliseconds;

class DeliveryRoundsTest : public ::testing::Test {
 protected:
  /// An ACK each millisecond for `length`; returns how many rounds ended.
  int run(std::int64_t ms, std::uint32_t bytes_per_ms, bool is_full = true) {
    int ended = 0;
    for (std::int64_t i = 0; i < ms; ++i) {
      now = now + milliseconds(1);
      ended += rounds.on_ack({now, srtt, bytes_per_ms, 100'000, 50'000, is_full}) ? 1 : 0;
    }
    return ended;
  }
  bool probe_answer(std::uint32_t window) {
    now = now + milliseconds(1);
    return rounds.on_ack({now, srtt, 0, 0, window, true});
  }

  DeliveryRounds rounds;
  Duration srtt = milliseconds(10);
  Instant now{0};
};

TEST_F(DeliveryRoundsTest, ARoundLastsASmoothedRoundTrip) {
  EXPECT_EQ(rounds.rate(), 0u);
  EXPECT_EQ(run(1, 1000), 0) << "begins it";
  EXPECT_EQ(run(9, 1000), 0);
  EXPECT_EQ(run(1, 1000), 1);
  EXPECT_EQ(rounds.rate(), 1'000'000u);
  EXPECT_EQ(rounds.flight_max(), 100'000u);
  srtt = Duration(1000);
  EXPECT_EQ(run(2, 1000), 2) << "a millisecond at least";
}

TEST_F(DeliveryRoundsTest, MoreIsBelievedAtOnceLessWhenThreeRoundsAgree) {
  run(41, 1000);
  EXPECT_TRUE(rounds.is_steady());
  run(10, 5000);
  EXPECT_EQ(rounds.rate(), 5'000'000u);
  EXPECT_FALSE(rounds.is_steady());
  run(20, 1000);
  EXPECT_EQ(rounds.rate(), 5'000'000u);
  run(10, 1000);
  EXPECT_EQ(rounds.rate(), 1'000'000u);
  EXPECT_TRUE(rounds.is_steady());
}

TEST_F(DeliveryRoundsTest, ASenderThatKeptTooLittleProvesOnlyMore) {
  run(41, 1000);
  run(100, 100, false);
  EXPECT_EQ(rounds.rate(), 1'000'000u);
  EXPECT_FALSE(rounds.is_steady());
  run(10, 3000, false);
  EXPECT_EQ(rounds.rate(), 3'000'000u);
}

TEST_F(DeliveryRoundsTest, PausesDoNotCount) {
  run(41, 1000);
  rounds.pause();
  now = now + std::chrono::seconds(5);
  run(21, 1000);
  EXPECT_TRUE(rounds.is_steady());
  EXPECT_EQ(rounds.rate(), 1'000'000u);
  rounds.forget();
  EXPECT_EQ(rounds.rate(), 0u);
}

TEST_F(DeliveryRoundsTest, AWindowCountsForTwoRounds) {
  run(21, 1000);
  EXPECT_EQ(rounds.window_max(), 50'000u);
  EXPECT_TRUE(probe_answer(0));
  EXPECT_FALSE(rounds.is_last_full());
  EXPECT_EQ(rounds.window_max(), 50'000u);
  EXPECT_TRUE(probe_answer(0));
  EXPECT_EQ(rounds.window_max(), 0u);
  probe_answer(7000);
  EXPECT_EQ(rounds.window_max(), 7000u);
}

}  // namespace
}  // namespace oriel::tcp
