#include "tcp/reassembly.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "base/random.h"

namespace oriel::tcp {
namespace {

ByteView view(std::string_view s) {
  return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}
SeqRange range(std::uint32_t a, std::uint32_t b) {
  return {SeqNum(a), SeqNum(b)};
}

// One store and its pool; sequence numbers start shortly before the wrap.
class ReassemblyTest : public ::testing::Test {
 protected:
  std::uint32_t put(std::uint32_t seq, std::string_view s) {
    return store_.insert(pool_, SeqNum(seq), pool_.copy_of(view(s)));
  }
  std::string pop(std::uint32_t rcv_nxt) {
    std::string out;
    SeqNum at(rcv_nxt);
    for (Slice s = store_.pop_ready(at); !s.empty(); s = store_.pop_ready(at)) {
      out.append(s.view().begin(), s.view().end());
      at += static_cast<std::uint32_t>(s.size());
    }
    return out;
  }
  std::vector<SeqRange> sacks(std::size_t n = 4) {
    std::vector<SeqRange> out(n);
    out.resize(store_.sack_blocks(out));
    return out;
  }

  BufferPool pool_;
  Reassembly store_;
};

TEST_F(ReassemblyTest, HoldsNothingWhileEmpty) {
  EXPECT_LE(sizeof(Reassembly), 16u);
  EXPECT_TRUE(store_.empty());
  EXPECT_EQ(store_.size(), 0u);
  EXPECT_EQ(store_.memory_bytes(), 0u);
  EXPECT_EQ(pop(0), "");
  EXPECT_TRUE(sacks().empty());
}

TEST_F(ReassemblyTest, HandsOutWhatTheFilledHoleReleases) {
  put(110, "klm");
  put(105, "fgh");
  EXPECT_EQ(pop(100), "");
  EXPECT_EQ(pop(105), "fgh");
  EXPECT_EQ(store_.size(), 3u);
  EXPECT_EQ(pop(110), "klm");
  EXPECT_TRUE(store_.empty());
  EXPECT_EQ(pool_.bytes_in_use(), 0u);
}

TEST_F(ReassemblyTest, JoinsAcrossTheWrap) {
  put(0xffff'fffeu, "ab");
  put(2, "ef");
  EXPECT_EQ(store_.range_count(), 2u);
  put(0, "cd");
  EXPECT_EQ(store_.range_count(), 1u);
  EXPECT_EQ(sacks(), std::vector<SeqRange>{range(0xffff'fffeu, 4)});
  EXPECT_EQ(store_.highest(), SeqNum(4));
  EXPECT_EQ(pop(0xffff'fffeu), "abcdef");
}

TEST_F(ReassemblyTest, BytesAlreadyHeldWin) {
  put(105, "OLD");
  EXPECT_EQ(put(103, "newnewnew"), 6u);
  EXPECT_EQ(pop(103), "neOLDwnew" + std::string());
}

TEST_F(ReassemblyTest, DeliveredBytesAreTrimmedAway) {
  put(105, "abcdef");
  EXPECT_EQ(pop(108), "def");
  put(205, "abc");
  EXPECT_EQ(pop(300), "");
  EXPECT_TRUE(store_.empty());
}

// RFC 2018 4: the block of the segment that caused the ACK comes first.
TEST_F(ReassemblyTest, SackReportsTheLatestChangeFirst) {
  put(10, "a");
  put(20, "b");
  put(30, "c");
  EXPECT_EQ(sacks(), (std::vector<SeqRange>{range(30, 31), range(20, 21), range(10, 11)}));
  put(11, "a");
  EXPECT_EQ(sacks(2), (std::vector<SeqRange>{range(10, 12), range(30, 31)}));
  put(40, "d");
  put(50, "e");
  EXPECT_EQ(sacks(),
            (std::vector<SeqRange>{range(50, 51), range(40, 41), range(10, 12), range(30, 31)}));
}

TEST_F(ReassemblyTest, SackDoesNotReportWhatWasDelivered) {
  put(10, "a");
  put(20, "b");
  EXPECT_EQ(pop(10), "a");
  EXPECT_EQ(sacks(), std::vector<SeqRange>{range(20, 21)});
}

// RFC 2883 4: the duplicate first, once, then the range that holds it.
TEST_F(ReassemblyTest, DuplicateIsReportedOnceAndFirst) {
  put(10, "abcd");
  EXPECT_EQ(put(11, "bc"), 0u);
  EXPECT_EQ(sacks(), (std::vector<SeqRange>{range(11, 13), range(10, 14)}));
  EXPECT_EQ(sacks(), std::vector<SeqRange>{range(10, 14)});
}

TEST_F(ReassemblyTest, DuplicateBelowRcvNxtNeedsNoStore) {
  store_.note_duplicate(range(5, 9));
  EXPECT_TRUE(store_.empty());
  EXPECT_EQ(sacks(), std::vector<SeqRange>{range(5, 9)});
  EXPECT_TRUE(sacks().empty());
}

TEST_F(ReassemblyTest, PartlyDuplicateSegmentReportsItsFirstDuplicateRun) {
  put(10, "abcd");
  EXPECT_EQ(put(8, "xxabcdyy"), 4u);
  EXPECT_EQ(sacks(), (std::vector<SeqRange>{range(10, 14), range(8, 16)}));
}

TEST_F(ReassemblyTest, SmallPayloadsDoNotKeepLargeBlocks) {
  for (std::uint32_t i = 0; i < 1000; ++i) {
    Block* block = pool_.allocate(66'000);
    block->bytes()[0] = 'x';
    store_.insert(pool_, SeqNum(100 + i), Slice::adopt(block, 0, 1));
  }
  EXPECT_EQ(store_.range_count(), 1u);
  EXPECT_LE(store_.memory_bytes(), 2 * 512u);
  EXPECT_EQ(pop(100), std::string(1000, 'x'));
}

TEST_F(ReassemblyTest, RangesAreBounded) {
  for (std::uint32_t i = 0; i < 2 * Reassembly::kRangesMax; ++i) put(10 + 2 * i, "x");
  EXPECT_EQ(store_.range_count(), Reassembly::kRangesMax);
  EXPECT_EQ(store_.size(), Reassembly::kRangesMax);
  EXPECT_EQ(put(11, "y"), 1u) << "filling a hole needs no new range";
  EXPECT_EQ(store_.range_count(), Reassembly::kRangesMax - 1);
}

TEST_F(ReassemblyTest, ClearGivesAllMemoryBack) {
  for (std::uint32_t i = 0; i < 50; ++i) put(10 + 20 * i, "some bytes");
  store_.clear();
  EXPECT_TRUE(store_.empty());
  EXPECT_EQ(pool_.bytes_in_use(), 0u);
}

// Segments of a known stream in any order, overlapping, duplicated, some withheld; the model is the
// stream.
TEST(Reassembly, AgreesWithAModelForRandomArrivals) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Random random(seed);
    BufferPool pool;
    Reassembly store;
    const std::uint32_t base = 0xffff'fff0u - static_cast<std::uint32_t>(random.below(4000));
    std::string stream(6000, '\0');
    for (char& c : stream) c = static_cast<char>(random.next());
    std::vector<bool> held(stream.size());
    std::size_t nxt = 0;
    for (int i = 0; i < 600; ++i) {
      const std::size_t at = nxt + random.below(stream.size() - nxt + 1);
      const std::size_t n = std::min<std::size_t>(1 + random.below(120), stream.size() - at);
      std::uint32_t fresh = 0;
      if (n != 0) {
        for (std::size_t k = at; k < at + n; ++k) fresh += held[k] ? 0 : 1;
        const std::uint32_t got =
            store.insert(pool, SeqNum(base) + static_cast<std::uint32_t>(at),
                         pool.copy_of(view(std::string_view(stream).substr(at, n))));
        ASSERT_EQ(got, fresh) << seed << " " << i;
        for (std::size_t k = at; k < at + n; ++k) held[k] = true;
      }
      if (random.chance(0.05) && nxt < stream.size() && !held[nxt]) ++nxt;  // a byte came in order
      for (;;) {
        const Slice s = store.pop_ready(SeqNum(base) + static_cast<std::uint32_t>(nxt));
        if (s.empty()) break;
        ASSERT_EQ(std::string(s.view().begin(), s.view().end()), stream.substr(nxt, s.size()));
        nxt += s.size();
      }
      std::size_t expected = 0, ranges = 0;
      for (std::size_t k = nxt; k < stream.size(); ++k) {
        expected += held[k] ? 1 : 0;
        ranges += held[k] && (k == nxt || !held[k - 1]) ? 1 : 0;
      }
      ASSERT_TRUE(nxt == stream.size() || !held[nxt]);
      ASSERT_EQ(store.size(), expected) << seed << " " << i;
      ASSERT_EQ(store.range_count(), ranges);
      std::array<SeqRange, 4> blocks;
      const std::size_t count = store.sack_blocks(blocks);
      ASSERT_GE(count, std::min<std::size_t>(ranges, 4));
      for (std::size_t k = 0; k < count; ++k) ASSERT_FALSE(blocks[k].is_empty());
    }
    store.clear();
    EXPECT_EQ(pool.bytes_in_use(), 0u);
  }
}

}  // namespace
}  // namespace oriel::tcp
