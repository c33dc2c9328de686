// The wheel against a sorted map: nothing early, nothing late, exact next deadlines, at any
// distance.
#include "runtime/timer_wheel.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "base/random.h"

namespace oriel::runtime {
namespace {

constexpr std::int64_t kTickNs = TimerWheel::kTick.count();

std::vector<std::uint32_t> fire(TimerWheel& wheel, std::int64_t now_ns) {
  TimerList due;
  wheel.advance(Instant{now_ns}, due);
  std::vector<std::uint32_t> tags;
  while (TimerNode* node = due.pop_front()) tags.push_back(node->tag);
  return tags;
}

TEST(TimerWheel, EmptyWheelHasNoDeadline) {
  TimerWheel wheel;
  EXPECT_TRUE(wheel.next_deadline().is_never());
  EXPECT_TRUE(wheel.next_wakeup().is_never());
  EXPECT_TRUE(fire(wheel, 1'000'000'000).empty());
}

TEST(TimerWheel, FiresAtItsNanosecondAndNotBefore) {
  for (std::int64_t at :
       {std::int64_t{1}, kTickNs - 1, kTickNs, 63 * kTickNs + 5, 64 * kTickNs, 4096 * kTickNs + 17,
        std::int64_t{86'400'000'000'000}, std::int64_t{1} << 61, (std::int64_t{1} << 62) + 12345}) {
    TimerWheel wheel;
    TimerNode node;
    node.tag = 7;
    wheel.schedule(node, Instant{at});
    EXPECT_EQ(wheel.next_deadline().ns, at);
    EXPECT_TRUE(fire(wheel, at - 1).empty()) << at;
    EXPECT_EQ(wheel.next_deadline().ns, at);
    EXPECT_EQ(fire(wheel, at), std::vector<std::uint32_t>{7}) << at;
    EXPECT_FALSE(node.is_scheduled());
    EXPECT_EQ(wheel.size(), 0u);
    EXPECT_TRUE(wheel.next_deadline().is_never());
  }
}

TEST(TimerWheel, DeadlineInThePastFiresAtTheNextAdvance) {
  TimerNode node;
  TimerWheel wheel(Instant{1'000'000'000});
  wheel.schedule(node, Instant{5});
  EXPECT_EQ(wheel.next_deadline().ns, 5);
  EXPECT_EQ(fire(wheel, 1'000'000'000).size(), 1u);
}

TEST(TimerWheel, SchedulingAgainMovesTheNode) {
  TimerNode node;
  TimerWheel wheel;
  wheel.schedule(node, Instant{1'000'000});
  wheel.schedule(node, Instant{900'000'000});
  EXPECT_EQ(wheel.size(), 1u);
  EXPECT_TRUE(fire(wheel, 1'000'000).empty());
  EXPECT_EQ(fire(wheel, 900'000'000).size(), 1u);
}

TEST(TimerWheel, NeverCancels) {
  TimerNode node;
  TimerWheel wheel;
  wheel.schedule(node, Instant{1'000'000});
  wheel.schedule(node, Instant::never());
  EXPECT_FALSE(node.is_scheduled());
  EXPECT_EQ(wheel.size(), 0u);
}

TEST(TimerWheel, DueNodeMayBeCancelledOrScheduledByAnEarlierOne) {
  TimerNode nodes[3];
  TimerWheel wheel;
  for (std::uint32_t i = 0; i < 3; ++i) {
    nodes[i].tag = i;
    wheel.schedule(nodes[i], Instant{10 + i});
  }
  TimerList due;
  wheel.advance(Instant{100}, due);
  EXPECT_EQ(due.pop_front()->tag, 0u);
  wheel.cancel(nodes[1]);
  wheel.schedule(nodes[2], Instant{200});
  EXPECT_TRUE(due.empty());
  EXPECT_EQ(wheel.size(), 1u);
  EXPECT_EQ(fire(wheel, 200), std::vector<std::uint32_t>{2});
}

TEST(TimerWheel, CancellingTheEarliestShowsTheNext) {
  TimerNode a, b;
  TimerWheel wheel;
  wheel.schedule(a, Instant{50'000'000});
  wheel.schedule(b, Instant{50'000'100});
  wheel.cancel(a);
  EXPECT_LE(wheel.next_wakeup(), Instant{50'000'100});
  EXPECT_EQ(wheel.next_deadline().ns, 50'000'100);
}

TEST(TimerWheel, SleepingByNextWakeupAlwaysEnds) {
  TimerNode near, far;
  TimerWheel wheel;
  wheel.schedule(near, Instant{1'000'000});
  wheel.schedule(far, Instant{3'600'000'000'123});
  wheel.cancel(near);
  int wakeups = 0;
  while (fire(wheel, wheel.next_wakeup().ns).empty()) {
    ASSERT_LT(++wakeups, 8) << "at most one wake-up a level";
  }
  EXPECT_EQ(wheel.size(), 0u);
}

TEST(TimerWheel, ClockThatStepsBackIsHarmless) {
  TimerNode a;
  TimerWheel wheel;
  EXPECT_TRUE(fire(wheel, 10'000'000'000).empty());
  wheel.schedule(a, Instant{10'000'000'500});
  EXPECT_TRUE(fire(wheel, 1'000).empty());
  EXPECT_EQ(fire(wheel, 10'000'000'500).size(), 1u);
}

TEST(TimerWheel, AgreesWithASortedMapOverRandomRuns) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Random random(seed);
    std::vector<TimerNode> nodes(64);
    TimerWheel wheel;
    for (std::uint32_t i = 0; i < nodes.size(); ++i) nodes[i].tag = i;
    std::map<std::uint32_t, std::int64_t> model;
    std::int64_t now = 0;
    for (int step = 0; step < 4000; ++step) {
      const auto i = static_cast<std::uint32_t>(random.below(nodes.size()));
      switch (random.below(4)) {
        case 0:
        case 1: {
          const auto reach = std::uint64_t{1} << random.below(44);
          const std::int64_t at = now + static_cast<std::int64_t>(random.below(reach));
          wheel.schedule(nodes[i], Instant{at});
          model[i] = at;
          break;
        }
        case 2:
          wheel.cancel(nodes[i]);
          model.erase(i);
          break;
        case 3: {
          std::int64_t least = Instant::never().ns;
          for (auto& [tag, at] : model) least = std::min(least, at);
          ASSERT_LE(wheel.next_wakeup().ns, least) << "seed " << seed;
          ASSERT_EQ(wheel.next_deadline().ns, least) << "seed " << seed;
          if (random.chance(0.5) && !model.empty()) {
            now = std::max(now, least);
          } else {
            now += static_cast<std::int64_t>(random.below(std::uint64_t{1} << random.below(36)));
          }
          std::size_t due = 0;
          for (auto& [tag, at] : model) due += at <= now ? 1 : 0;
          const auto fired = fire(wheel, now);
          ASSERT_EQ(fired.size(), due) << "seed " << seed;
          for (std::uint32_t tag : fired) {
            ASSERT_LE(model.at(tag), now) << "seed " << seed;
            model.erase(tag);
          }
          break;
        }
      }
      ASSERT_EQ(wheel.size(), model.size()) << "seed " << seed;
    }
  }
}

TEST(TimerWheel, HundredThousandTimersAllFireOnce) {
  std::vector<TimerNode> nodes(100'000);
  TimerWheel wheel;
  Random random(9);
  for (auto& node : nodes) {
    wheel.schedule(node, Instant{static_cast<std::int64_t>(random.below(10'000'000'000))});
  }
  std::size_t fired = 0;
  while (wheel.size() != 0) fired += fire(wheel, wheel.next_deadline().ns).size();
  EXPECT_EQ(fired, nodes.size());
}

}  // namespace
}  // namespace oriel::runtime
