// The arithmetic of wake points; wake.pml is the proof of the protocol around it.
#include "loopback/wake.h"

#include <gtest/gtest.h>

namespace oriel::loopback {
namespace {

std::uint32_t due(std::uint64_t at, std::uint32_t kinds, std::uint64_t before,
                  std::uint64_t after) {
  return WakePoint::due(at << WakePoint::kKindBits | kinds, before, after);
}

TEST(WakePoint, OnlyTheMoveThatPassesItWakes) {
  constexpr std::uint32_t kThread = WakePoint::kThread;
  EXPECT_EQ(due(100, kThread, 90, 100), 0u);  // up to it is not past it
  EXPECT_EQ(due(100, kThread, 100, 101), kThread);
  EXPECT_EQ(due(100, kThread, 90, 200), kThread);
  EXPECT_EQ(due(100, kThread, 101, 200), 0u);  // passed before: whoever slept there was woken
  EXPECT_EQ(due(100, kThread, 100, 100), 0u);  // nothing moved
}

TEST(WakePoint, TellsWhomToWake) {
  EXPECT_EQ(due(5, WakePoint::kHost, 5, 6), WakePoint::kHost);
  EXPECT_EQ(due(5, 7, 5, 6), 7u);
  EXPECT_EQ(due(5, 0, 5, 6), 0u);
}

TEST(WakePoint, ArmsAndDisarms) {
  WakePoint point;
  EXPECT_EQ(point.due(0, 1), 0u);
  point.arm(0, WakePoint::kHost);
  EXPECT_EQ(point.due(0, 1), WakePoint::kHost);
  point.disarm();
  EXPECT_EQ(point.due(0, 1), 0u);
}

TEST(WakePoint, WildValuesOnlyCostAWakeUp) {
  EXPECT_EQ(WakePoint::due(~0ull, 0, 1), 0u);
  EXPECT_LE(WakePoint::due(0x123456789abcdef3, 0, 100), 3u);
}

}  // namespace
}  // namespace oriel::loopback
