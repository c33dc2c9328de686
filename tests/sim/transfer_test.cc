// Whole transfers over one kind of path: what the path does must cost what the rules say, no more.
#include "transfer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace oriel::sim {
namespace {

using std::chrono::milliseconds;

TEST(PathMtu, IsLearnedFromIcmpInBothFamilies) {
  for (const bool is_ipv6 : {false, true}) {
    TransferOptions o;
    o.is_ipv6 = is_ipv6;
    o.path.delay = milliseconds(5);
    o.path.rate_bits_per_second = 100'000'000;
    o.path.mtu = 1300;
    Transfer transfer(o);
    const TransferResult r = transfer.run();
    EXPECT_TRUE(r.is_complete);
    EXPECT_THAT(r.violations, testing::IsEmpty());
    EXPECT_EQ(r.client.smss, is_ipv6 ? 1240u : 1260u);
    const PathStatistics& s = transfer.statistics(Middlebox::Direction::kAToB);
    EXPECT_GE(s.too_big, 1u);
    EXPECT_LE(s.too_big, 10u) << "no more than the first window";
    EXPECT_EQ(r.client.timeouts, 0u) << "what was too big is sent again at once";
    EXPECT_LT(r.took, milliseconds(400));
  }
}

// 1% of random loss bounds CUBIC's window to that of Reno, 1.2 / sqrt(p) segments (RFC 9438 5.2):
// about 6 s for a megabyte, less what slow start won. Beyond that only timers could cost time.
TEST(LossyPath, IsRepairedWithoutTimeouts) {
  constexpr int kSeeds = 40;
  std::vector<Duration> times;
  std::uint32_t timeouts = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    TransferOptions o;
    o.seed = seed;
    o.path.delay = milliseconds(50);
    o.path.rate_bits_per_second = 1'000'000'000;
    o.path.queue_bytes = 16u << 20;
    o.path.loss = 0.01;
    const TransferResult r = Transfer(o).run();
    ASSERT_TRUE(r.is_complete) << seed;
    EXPECT_THAT(r.violations, testing::IsEmpty());
    times.push_back(r.took);
    timeouts += r.client.timeouts;
  }
  std::sort(times.begin(), times.end());
  EXPECT_LE(timeouts, 2u);
  EXPECT_LE(times[kSeeds / 2], milliseconds(3500));
  EXPECT_LE(times.back(), milliseconds(10'000));
}

}  // namespace
}  // namespace oriel::sim
