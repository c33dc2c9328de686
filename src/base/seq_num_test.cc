#include "base/seq_num.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace oriel {
namespace {

TEST(SeqNum, OrdersAcrossTheWrap) {
  struct Row {
    std::uint32_t a, b;
    std::int32_t distance;  // a - b
  };
  static constexpr Row kRows[] = {
      {0, 0, 0},
      {1, 0, 1},
      {0, 1, -1},
      {0, 0xffffffff, 1},
      {0xffffffff, 0, -1},
      {100, 0xffffff00, 356},
      {0x7fffffff, 0, 0x7fffffff},
      {0x80000001, 0, -0x7fffffff},
      {0x40000000, 0xc0000001, 0x7fffffff},
  };
  for (const Row& row : kRows) {
    const SeqNum a(row.a);
    const SeqNum b(row.b);
    EXPECT_EQ(a - b, row.distance);
    EXPECT_EQ(seq_lt(a, b), row.distance < 0);
    EXPECT_EQ(seq_leq(a, b), row.distance <= 0);
    EXPECT_EQ(seq_gt(a, b), row.distance > 0);
    EXPECT_EQ(seq_geq(a, b), row.distance >= 0);
    EXPECT_EQ(seq_max(a, b), row.distance < 0 ? b : a);
    EXPECT_EQ(seq_min(a, b), row.distance < 0 ? a : b);
  }
}

TEST(SeqNum, AddsModulo2To32) {
  SeqNum s(0xfffffffe);
  s += 3;
  EXPECT_EQ(s, SeqNum(1));
  EXPECT_EQ(s - 2u, SeqNum(0xffffffff));
  EXPECT_EQ(SeqNum(0xffffffff) + 1u, SeqNum(0));
  EXPECT_EQ(seq_span(SeqNum(0xfffffff0), SeqNum(0x10)), 0x20u);
}

TEST(SeqRange, ContainsItsBeginAndNotItsEndAcrossTheWrap) {
  constexpr SeqRange range{SeqNum(0xfffffffe), SeqNum(2)};
  EXPECT_EQ(range.size(), 4u);
  EXPECT_FALSE(range.is_empty());
  EXPECT_FALSE(range.contains(SeqNum(0xfffffffd)));
  EXPECT_TRUE(range.contains(SeqNum(0xfffffffe)));
  EXPECT_TRUE(range.contains(SeqNum(0)));
  EXPECT_TRUE(range.contains(SeqNum(1)));
  EXPECT_FALSE(range.contains(SeqNum(2)));
  EXPECT_TRUE((SeqRange{SeqNum(5), SeqNum(5)}).is_empty());
  EXPECT_FALSE((SeqRange{SeqNum(5), SeqNum(5)}).contains(SeqNum(5)));
}

TEST(Bytes, LoadsAndStoresBigEndian) {
  std::uint8_t bytes[6] = {};
  store_be16(bytes, 0x0102);
  store_be32(bytes + 2, 0x03040506);
  for (std::uint8_t i = 0; i < 6; ++i) EXPECT_EQ(bytes[i], i + 1);
  EXPECT_EQ(load_be16(bytes + 1), 0x0203);
  EXPECT_EQ(load_be32(bytes + 1), 0x02030405u);
}

}  // namespace
}  // namespace oriel
