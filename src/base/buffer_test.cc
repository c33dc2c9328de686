#include "base/buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

namespace oriel {
namespace {

TEST(BufferPool, GivesTheSmallestSizeThatSuffices) {
  struct Row {
    std::size_t asked, capacity;
  };
  static constexpr Row kRows[] = {{0, 512},       {1, 512},        {512, 512},     {513, 2048},
                                  {2048, 2048},   {16384, 16384},  {16385, 66048}, {66048, 66048},
                                  {66049, 66049}, {200000, 200000}};
  BufferPool pool;
  for (const Row& row : kRows) {
    const Slice s = pool.make(row.asked);
    EXPECT_EQ(s.size(), row.asked);
    EXPECT_EQ(s.footprint(), row.capacity);
    EXPECT_EQ(pool.bytes_in_use(), row.capacity);
  }
  EXPECT_EQ(pool.bytes_in_use(), 0u);
}

TEST(BufferPool, RecyclesTheNewestFreeBlock) {
  BufferPool pool;
  const Block* first = pool.make(100).block();
  const Slice again = pool.make(500);
  EXPECT_EQ(again.block(), first);
}

TEST(BufferPool, KeepsAsMuchAsIsInUseAndGoesDownWithIt) {
  BufferPool pool;
  std::vector<Slice> held;
  const std::size_t total = 4 * BufferPool::kKeptBytesMax;
  while (pool.bytes_in_use() < total) held.push_back(pool.make(BufferPool::kSizes[3]));
  const std::size_t slack = 2 * BufferPool::kSizes[3];
  while (!held.empty()) {
    held.pop_back();
    const std::size_t kept_max = std::max(BufferPool::kKeptBytesMax, pool.bytes_in_use());
    ASSERT_LE(pool.bytes_kept(), kept_max + slack);
    if (pool.bytes_in_use() > total / 2) {
      ASSERT_GE(pool.bytes_kept() + pool.bytes_in_use() + slack, total);
    }
  }
  EXPECT_GE(pool.bytes_kept() + slack, BufferPool::kKeptBytesMax);
}

TEST(BufferPool, CopiesBytes) {
  BufferPool pool;
  const std::array<std::uint8_t, 3> bytes = {1, 2, 3};
  const Slice s = pool.copy_of(bytes);
  EXPECT_NE(s.data(), bytes.data());
  EXPECT_TRUE(std::equal(s.view().begin(), s.view().end(), bytes.begin(), bytes.end()));
  EXPECT_TRUE(pool.copy_of({}).empty());
}

TEST(Slice, SharesTheBlockUntilTheLastOneGoes) {
  BufferPool pool;
  {
    Slice outer;
    {
      Slice s = pool.make(100);
      s.mutable_data()[10] = 77;
      outer = s.subslice(10, 20);
      EXPECT_EQ(s.block()->references, 2u);
    }
    EXPECT_EQ(outer.block()->references, 1u);
    EXPECT_EQ(outer.size(), 20u);
    EXPECT_EQ(outer.data()[0], 77);
    EXPECT_EQ(pool.bytes_in_use(), 512u);
  }
  EXPECT_EQ(pool.bytes_in_use(), 0u);
}

TEST(Slice, MovesWithoutCounting) {
  BufferPool pool;
  Slice a = pool.make(10);
  Slice b = std::move(a);
  EXPECT_EQ(b.block()->references, 1u);
  EXPECT_FALSE(a.is_owning());  // NOLINT(bugprone-use-after-move): the state is documented
  b = Slice();
  EXPECT_EQ(pool.bytes_in_use(), 0u);
}

TEST(Slice, TrimsAtBothEnds) {
  const std::array<std::uint8_t, 5> bytes = {0, 1, 2, 3, 4};
  Slice s = Slice::borrow(bytes);
  EXPECT_FALSE(s.is_owning());
  EXPECT_EQ(s.footprint(), 0u);
  s.remove_prefix(2);
  s.truncate(2);
  EXPECT_EQ(s.size(), 2u);
  EXPECT_EQ(s.data(), bytes.data() + 2);
}

}  // namespace
}  // namespace oriel
