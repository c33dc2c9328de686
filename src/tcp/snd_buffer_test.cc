#include "tcp/snd_buffer.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "base/random.h"

namespace oriel::tcp {
namespace {

ByteView view(const std::string& s) {
  return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}

std::string gathered(SndBuffer& b, std::uint64_t offset, std::uint32_t bytes,
                     std::size_t pieces_max = 16) {
  std::vector<ByteView> out(pieces_max);
  const SndBuffer::Gathered g = b.gather(offset, bytes, out);
  std::string s;
  for (std::size_t i = 0; i < g.pieces; ++i) s.append(out[i].begin(), out[i].end());
  EXPECT_EQ(s.size(), g.bytes);
  return s;
}

TEST(SndBuffer, IsSmallAndEmptyAtFirst) {
  EXPECT_LE(sizeof(SndBuffer), 32u);
  SndBuffer b;
  EXPECT_EQ(b.size(), 0u);
  EXPECT_EQ(b.memory_bytes(), 0u);
  EXPECT_EQ(gathered(b, 0, 100), "");
  b.release_front(0);
}

TEST(SndBuffer, SmallWritesShareABlock) {
  BufferPool pool;
  SndBuffer b;
  for (int i = 0; i < 100; ++i) b.append_copy(pool, view("0123456789"));
  EXPECT_EQ(b.size(), 1000u);
  EXPECT_EQ(b.memory_bytes(), 2048u);
  std::array<ByteView, 16> out;
  EXPECT_EQ(b.gather(0, 1000, out).pieces, 1u);
}

TEST(SndBuffer, BlocksGrowWithWhatIsQueued) {
  BufferPool pool;
  SndBuffer b;
  const std::string mib(1 << 20, 'x');
  b.append_copy(pool, view(mib));
  EXPECT_LE(b.memory_bytes(), mib.size() + 70'000);
  std::array<ByteView, 16> out;
  const SndBuffer::Gathered g = b.gather(100'000, 65'536, out);
  EXPECT_EQ(g.bytes, 65'536u);
  EXPECT_LE(g.pieces, 2u);
}

TEST(SndBuffer, BorrowedBytesAreNotCopiedAndCostNothing) {
  SndBuffer b;
  const std::string mine = "borrowed";
  b.append_borrowed(view(mine));
  EXPECT_EQ(b.memory_bytes(), 0u);
  std::array<ByteView, 1> out;
  ASSERT_EQ(b.gather(0, 8, out).bytes, 8u);
  EXPECT_EQ(out[0].data(), reinterpret_cast<const std::uint8_t*>(mine.data()));
}

TEST(SndBuffer, CopyAfterBorrowedDoesNotWriteIntoTheCallersMemory) {
  BufferPool pool;
  SndBuffer b;
  std::string mine = "abcdefgh";
  b.append_borrowed(view(mine).first(4));
  b.append_copy(pool, view("XY"));
  EXPECT_EQ(mine, "abcdefgh");
  EXPECT_EQ(gathered(b, 0, 100), "abcdXY");
}

TEST(SndBuffer, GatherStopsAtThePiecesThatFit) {
  SndBuffer b;
  const std::string s = "aabbcc";
  for (int i = 0; i < 3; ++i)
    b.append_borrowed(view(s).subspan(static_cast<std::size_t>(2 * i), 2));
  EXPECT_EQ(gathered(b, 1, 5, 2), "abb");
  EXPECT_EQ(gathered(b, 0, 3), "aab");
  EXPECT_EQ(gathered(b, 6, 1), "");
}

TEST(SndBuffer, ReleasingEverythingGivesAllMemoryBack) {
  BufferPool pool;
  SndBuffer b;
  b.append_copy(pool, view(std::string(300'000, 'a')));
  b.release_front(300'000);
  EXPECT_EQ(b.memory_bytes(), 0u);
  EXPECT_EQ(pool.bytes_in_use(), 0u);
}

TEST(SndBuffer, AgreesWithAString) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    BufferPool pool;
    Random random(seed);
    const std::string source(100'000, 's');
    SndBuffer b;
    std::string model;
    for (int i = 0; i < 1500; ++i) {
      const std::uint64_t what = random.below(10);
      if (what < 3) {
        std::string s(random.below(what == 0 ? 40'000 : 3000), '\0');
        for (char& c : s) c = static_cast<char>(random.next());
        b.append_copy(pool, view(s));
        model += s;
      } else if (what == 3) {
        const std::string_view part = std::string_view(source).substr(0, random.below(5000));
        b.append_borrowed(view(source).first(part.size()));
        model += part;
      } else if (what < 8) {
        const std::uint64_t at = random.below(model.size() + 2);
        const auto n = static_cast<std::uint32_t>(random.below(70'000));
        const std::string got = gathered(b, at, n, 4096);
        ASSERT_EQ(got, at < model.size() ? model.substr(at, n) : "") << seed << " " << i;
      } else {
        const std::uint64_t n = random.below(model.size() + 1);
        b.release_front(n);
        model.erase(0, n);
      }
      ASSERT_EQ(b.size(), model.size());
    }
    b.clear();
    EXPECT_EQ(pool.bytes_in_use(), 0u);
  }
}

}  // namespace
}  // namespace oriel::tcp
