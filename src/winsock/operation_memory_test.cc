// Blocks come back, sizes do not mix, and what is kept is bounded.
#include "winsock/operation_memory.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace oriel::winsock {
namespace {

TEST(OperationMemory, GivesABlockOfTheSameSizeAgain) {
  OperationMemory memory;
  void* const small = memory.take(100);
  void* const large = memory.take(300);
  std::memset(small, 1, 100);
  std::memset(large, 2, 300);
  memory.give_back(small, 100);
  memory.give_back(large, 300);
  EXPECT_EQ(memory.take(290), large);
  EXPECT_EQ(memory.take(1), small);
  void* const other = memory.take(100);
  EXPECT_NE(other, small);
  memory.give_back(other, 100);
  memory.give_back(small, 1);
  memory.give_back(large, 290);
}

TEST(OperationMemory, KeepsNoMoreThanItsLimit) {
  OperationMemory memory;
  constexpr std::size_t kBeyond = OperationMemory::kKeptMax + 10;
  std::vector<void*> blocks;
  for (std::size_t i = 0; i < kBeyond; ++i) blocks.push_back(memory.take(64));
  for (void* block : blocks) memory.give_back(block, 64);
  void* const huge = memory.take(1 << 20);
  std::memset(huge, 3, 1 << 20);
  memory.give_back(huge, 1 << 20);
}

}  // namespace
}  // namespace oriel::winsock
