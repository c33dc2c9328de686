#include "tcp/ack_policy.h"

#include <gtest/gtest.h>

#include "support/req.h"

namespace oriel::tcp {
namespace {

using Verdict = AckPolicy::Verdict;
constexpr std::uint32_t kWnd = 16'000'000;
constexpr Instant kNow{1'000'000'000};

AckPolicy::Arrival data(std::uint32_t segments) {
  AckPolicy::Arrival a;
  a.segments = segments;
  a.bytes = segments * 1460;
  return a;
}

// A policy past its quick start.
AckPolicy warm(const AckLimits& limits) {
  AckPolicy p;
  p.on_segment(kNow, data(limits.quick_segments), kWnd, limits);
  p.on_ack_sent();
  return p;
}

TEST(AckPolicy, FirstSegmentsAreAcknowledgedAtOnce) {
  const AckLimits limits;
  AckPolicy p;
  for (std::uint32_t i = 0; i < limits.quick_segments; ++i) {
    EXPECT_EQ(p.on_segment(kNow, data(1), kWnd, limits), Verdict::kNone);
    EXPECT_EQ(p.on_burst_end(kNow, limits), Verdict::kImmediate) << i;
    p.on_ack_sent();
  }
  p.on_segment(kNow, data(1), kWnd, limits);
  EXPECT_EQ(p.on_burst_end(kNow, limits), Verdict::kDelayed);
  p.on_idle();
  EXPECT_EQ(p.on_burst_end(kNow, limits), Verdict::kImmediate);
}

// At least every second segment, never later than the delay.
TEST(AckPolicy, OneSegmentWaitsAtMostTheDelay) {
  REQ("RFC9293-MUST-40");
  REQ("RFC9293-MUST-58");
  REQ("RFC9293-MUST-59");
  const AckLimits limits;
  AckPolicy p = warm(limits);
  p.on_segment(kNow, data(1), kWnd, limits);
  EXPECT_EQ(p.on_burst_end(kNow, limits), Verdict::kDelayed);
  EXPECT_EQ(p.deadline(), kNow + std::chrono::milliseconds(40));
  EXPECT_FALSE(p.is_due(kNow + std::chrono::milliseconds(39)));
  EXPECT_TRUE(p.is_due(kNow + std::chrono::milliseconds(40)));
  p.on_ack_sent();
  EXPECT_TRUE(p.deadline().is_never());
  EXPECT_FALSE(p.is_pending());
}

TEST(AckPolicy, SecondSegmentIsAcknowledgedAtItsBurstEnd) {
  const AckLimits limits;
  AckPolicy p = warm(limits);
  p.on_segment(kNow, data(1), kWnd, limits);
  ASSERT_EQ(p.on_burst_end(kNow, limits), Verdict::kDelayed);
  const Instant later = kNow + std::chrono::milliseconds(10);
  p.on_segment(later, data(1), kWnd, limits);
  EXPECT_EQ(p.deadline(), kNow + std::chrono::milliseconds(40)) << "the first one set the deadline";
  EXPECT_EQ(p.on_burst_end(later, limits), Verdict::kImmediate);
}

TEST(AckPolicy, ABurstSharesOneAck) {
  const AckLimits limits;
  AckPolicy p = warm(limits);
  for (int i = 0; i < 40; ++i) EXPECT_EQ(p.on_segment(kNow, data(1), kWnd, limits), Verdict::kNone);
  EXPECT_EQ(p.on_burst_end(kNow, limits), Verdict::kImmediate);
  p.on_ack_sent();
  EXPECT_EQ(p.on_burst_end(kNow, limits), Verdict::kNone);
}

TEST(AckPolicy, OneAckCoversAtMostTheDecimationBound) {
  const AckLimits limits;
  AckPolicy p = warm(limits);
  std::uint32_t acks = 0;
  for (int i = 0; i < 256; ++i) {
    if (p.on_segment(kNow, data(1), kWnd, limits) == Verdict::kImmediate) {
      ++acks;
      p.on_ack_sent();
    }
  }
  EXPECT_EQ(acks, 256 / AckPolicy::kDecimationSegmentsMax);
  EXPECT_EQ(p.on_segment(kNow, data(64), kWnd, limits), Verdict::kImmediate) << "merged ones count";
}

TEST(AckPolicy, ASmallWindowIsAcknowledgedInQuarters) {
  const AckLimits limits;
  AckPolicy p = warm(limits);
  EXPECT_EQ(p.on_segment(kNow, data(4), 32'768, limits), Verdict::kNone);
  EXPECT_EQ(p.on_segment(kNow, data(2), 32'768, limits), Verdict::kImmediate);
}

// RFC 5681 4.2.
TEST(AckPolicy, DisorderIsReportedAtOnce) {
  REQ("RFC9293-SHLD-18");
  const AckLimits limits;
  AckPolicy p = warm(limits);
  AckPolicy::Arrival a;
  a.is_out_of_order = true;
  EXPECT_EQ(p.on_segment(kNow, a, kWnd, limits), Verdict::kImmediate);
  AckPolicy::Arrival b = data(1);
  b.is_gap_filled = true;
  EXPECT_EQ(p.on_segment(kNow, b, kWnd, limits), Verdict::kImmediate);
}

TEST(AckPolicy, FinAndWindowUpdateGoAtOnce) {
  const AckLimits limits;
  AckPolicy p = warm(limits);
  AckPolicy::Arrival fin;
  fin.is_fin = true;
  EXPECT_EQ(p.on_segment(kNow, fin, kWnd, limits), Verdict::kImmediate);
  p.on_ack_sent();
  AckPolicy::Arrival update;
  update.is_window_update_wanted = true;
  EXPECT_EQ(p.on_segment(kNow, update, kWnd, limits), Verdict::kImmediate);
}

TEST(AckPolicy, PureAcksOweNothing) {
  const AckLimits limits;
  AckPolicy p;
  EXPECT_EQ(p.on_segment(kNow, {}, kWnd, limits), Verdict::kNone);
  EXPECT_EQ(p.on_burst_end(kNow, limits), Verdict::kNone);
  EXPECT_TRUE(p.deadline().is_never());
}

TEST(AckPolicy, FrequencyOneAcknowledgesEachSegment) {
  AckLimits limits;
  limits.segments = 1;
  AckPolicy p = warm(limits);
  p.on_segment(kNow, data(1), kWnd, limits);
  EXPECT_EQ(p.on_burst_end(kNow, limits), Verdict::kImmediate);
}

}  // namespace
}  // namespace oriel::tcp
