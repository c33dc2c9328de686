#include "tcp/super_segment.h"

#include <gtest/gtest.h>

namespace oriel::tcp {
namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t kSmss = 1460;

TEST(SuperSegment, IsTheLargestOnAShortOrUnknownPath) {
  EXPECT_EQ(super_segment_bytes(10 * kSmss, Duration{0}, kSmss), 64 * kSmss);
  EXPECT_EQ(super_segment_bytes(10 * kSmss, milliseconds(1), kSmss), 64 * kSmss);
}

TEST(SuperSegment, CarriesAMillisecondOfTheRate) {
  // 20 segments a millisecond: 400 segments in 20 ms.
  EXPECT_EQ(super_segment_bytes(400 * kSmss, milliseconds(20), kSmss), 20 * kSmss);
}

TEST(SuperSegment, KeepsBetweenTwoSegmentsAndTheLargest) {
  EXPECT_EQ(super_segment_bytes(10 * kSmss, milliseconds(100), kSmss), 2 * kSmss);
  EXPECT_EQ(super_segment_bytes(UINT32_MAX, milliseconds(2), kSmss), 64 * kSmss);
  EXPECT_EQ(super_segment_bytes(UINT32_MAX, milliseconds(2), 65495), 64u * 65495);
}

}  // namespace
}  // namespace oriel::tcp
