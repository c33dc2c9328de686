#include "tcp/window_field.h"

#include <gtest/gtest.h>

#include "support/req.h"

namespace oriel::tcp {
namespace {

// CM-4 to CM-6: scale + buffer gives the first field of the data phase, and its ceiling.
struct FieldRow {
  std::uint8_t shift;
  std::uint32_t window_bytes;
  std::uint16_t field;
  std::uint32_t ceiling_bytes;
};
constexpr FieldRow kFieldRows[] = {
    {8, 65536, 256, 16'776'960},        {2, 65536, 16384, 262'140},  {0, 65535, 65535, 65'535},
    {0, 65536, 65535, 65'535},          {4, 65536, 4096, 1'048'560}, {14, 65536, 4, 1'073'725'440},
    {8, 20'000'000, 65535, 16'776'960}, {8, 255, 0, 16'776'960},     {15, 65536, 4, 1'073'725'440},
};

TEST(WindowField, FirstFieldAndCeiling) {
  for (const FieldRow& row : kFieldRows) {
    EXPECT_EQ(window_field(row.window_bytes, row.shift), row.field) << int{row.shift};
    EXPECT_EQ(window_ceiling_bytes(row.shift), row.ceiling_bytes) << int{row.shift};
  }
}

TEST(WindowField, SynIsNeverScaledAndNeverWraps) {
  EXPECT_EQ(syn_window_field(65536), 65535);
  EXPECT_EQ(syn_window_field(65535), 65535);
  EXPECT_EQ(syn_window_field(16384), 16384);
  EXPECT_EQ(syn_window_field(16'776'960), 65535);
}

// The right edge does not move left by rounding.
TEST(WindowField, RoundsUpWhereRoundingDownWouldTakeBackAPromise) {
  REQ("RFC9293-SHLD-14");
  EXPECT_EQ(window_field(65536 - 100, 8, 0), 255);
  EXPECT_EQ(window_field(65536 - 100, 8, 65536 - 100), 256);
  EXPECT_EQ(window_field(1000, 8, 65536), 256);
  EXPECT_EQ(window_field(65536, 8, 1000), 256);
}

TEST(WindowField, ReceivedFieldScalesBack) {
  REQ("RFC9293-MUST-1");
  EXPECT_EQ(window_bytes(256, 8), 65536u);
  EXPECT_EQ(window_bytes(65535, 14), 1'073'725'440u);
  EXPECT_EQ(window_bytes(65535, 200), 1'073'725'440u);
}

TEST(WindowField, SmallestShiftThatCovers) {
  EXPECT_EQ(smallest_shift_for(65535, 8), 0);
  EXPECT_EQ(smallest_shift_for(65536, 8), 1);
  EXPECT_EQ(smallest_shift_for(262'140, 8), 2);
  EXPECT_EQ(smallest_shift_for(262'141, 8), 3);
  EXPECT_EQ(smallest_shift_for(UINT32_MAX, 8), 8);
  EXPECT_EQ(smallest_shift_for(UINT32_MAX, 200), 14);
}

}  // namespace
}  // namespace oriel::tcp
