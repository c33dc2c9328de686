#include "tcp/rcv_buffer.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "base/random.h"

namespace oriel::tcp {
namespace {

ByteView view(const std::string& s) {
  return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}
std::string read_all(RcvBuffer& b) {
  std::string s(b.size(), '\0');
  EXPECT_EQ(b.read({reinterpret_cast<std::uint8_t*>(s.data()), s.size()}), s.size());
  return s;
}
// A packet as a device leaves it: `payload` somewhere in a block of `capacity`.
Slice packet(BufferPool& pool, const std::string& payload, std::size_t capacity) {
  Block* block = pool.allocate(capacity);
  Slice s = Slice::adopt(block, 40, payload.size());
  std::memcpy(s.mutable_data(), payload.data(), payload.size());
  return s;
}

TEST(RcvBuffer, IsSmallAndEmptyAtFirst) {
  EXPECT_LE(sizeof(RcvBuffer), 32u);
  RcvBuffer b;
  EXPECT_EQ(b.size(), 0u);
  EXPECT_TRUE(b.front_slice().empty());
  std::array<std::uint8_t, 4> out;
  EXPECT_EQ(b.read(ByteSpan(out)), 0u);
}

TEST(RcvBuffer, LargePayloadStaysWhereItArrived) {
  BufferPool pool;
  RcvBuffer b;
  Slice s = packet(pool, std::string(1460, 'a'), 2048);
  const std::uint8_t* where = s.data();
  b.append(pool, std::move(s));
  EXPECT_EQ(b.front_slice().data(), where);
  EXPECT_EQ(b.memory_bytes(), 2048u);
  EXPECT_EQ(b.pop_front_slice().data(), where);
  EXPECT_TRUE(b.empty());
  EXPECT_EQ(b.memory_bytes(), 0u);
}

TEST(RcvBuffer, SharedRunsOutliveTheBuffer) {
  BufferPool pool;
  std::array<Slice, 4> runs;
  {
    RcvBuffer b;
    b.append(pool, packet(pool, std::string(1000, 'a'), 2048));
    b.append(pool, packet(pool, std::string(1000, 'b'), 2048));
    EXPECT_EQ(b.share(runs, 0), 0u);
    EXPECT_EQ(b.share({runs.data(), 1}, 5000), 1u);
    ASSERT_EQ(b.share(runs, 1500), 2u);
    EXPECT_EQ(runs[0].data(), b.front_slice().data()) << "no byte is copied";
    EXPECT_EQ(runs[0].size(), 1000u);
    EXPECT_EQ(runs[1].size(), 500u) << "the last is cut";
    EXPECT_EQ(b.size(), 2000u) << "they stay readable";
    b.consume(1500);
    b.append(pool, packet(pool, "c", 2048));
    EXPECT_EQ(read_all(b), std::string(500, 'b') + "c")
        << "nothing was written behind a shared run";
  }
  EXPECT_EQ(runs[0].view()[999], 'a');
  EXPECT_EQ(runs[1].view()[499], 'b');
}

TEST(RcvBuffer, SmallPayloadsInLargeBlocksArePackedTogether) {
  BufferPool pool;
  RcvBuffer b;
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    const std::string s = std::to_string(i);
    expected += s;
    b.append(pool, packet(pool, s, 66'048));
  }
  EXPECT_LE(b.memory_bytes(), RcvBuffer::kCompactionFactor * b.size() + 512);
  EXPECT_EQ(b.memory_bytes(), pool.bytes_in_use());
  EXPECT_EQ(read_all(b), expected);
  EXPECT_EQ(pool.bytes_in_use(), 0u);
}

TEST(RcvBuffer, ScatterReadFillsSpansInOrder) {
  BufferPool pool;
  RcvBuffer b;
  b.append(pool, pool.copy_of(view("hello world")));
  std::string first(3, '.'), second(20, '.');
  const std::array<ByteSpan, 2> out = {
      ByteSpan(reinterpret_cast<std::uint8_t*>(first.data()), first.size()),
      ByteSpan(reinterpret_cast<std::uint8_t*>(second.data()), second.size())};
  EXPECT_EQ(b.read(std::span<const ByteSpan>(out)), 11u);
  EXPECT_EQ(first, "hel");
  EXPECT_EQ(second.substr(0, 8), "lo world");
}

TEST(RcvBuffer, PeekLeavesTheBytes) {
  BufferPool pool;
  RcvBuffer b;
  b.append(pool, pool.copy_of(view("abc")));
  const std::string borrowed = "def";
  b.append(pool, Slice::borrow(view(borrowed)));
  std::array<std::uint8_t, 4> out{};
  EXPECT_EQ(b.peek(out, 1), 4u);
  EXPECT_EQ(std::string(out.begin(), out.end()), "bcde");
  EXPECT_EQ(b.peek(out, 6), 0u);
  EXPECT_EQ(b.size(), 6u);
  b.clear();
}

TEST(RcvBuffer, AgreesWithAString) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    BufferPool pool;
    Random random(seed);
    RcvBuffer b;
    std::string model;
    for (int i = 0; i < 1500; ++i) {
      const std::uint64_t what = random.below(8);
      if (what < 4) {
        std::string s(random.below(what == 0 ? 9000 : 600), '\0');
        for (char& c : s) c = static_cast<char>(random.next());
        b.append(pool, packet(pool, s, s.size() + 40 + random.below(20'000)));
        model += s;
      } else if (what < 6) {
        std::string out(random.below(4000), '\0');
        const std::size_t n = b.read({reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
        ASSERT_EQ(out.substr(0, n), model.substr(0, out.size())) << seed << " " << i;
        model.erase(0, n);
      } else if (what == 6) {
        std::string out(random.below(4000), '\0');
        const std::size_t at = random.below(model.size() + 1);
        const std::size_t n = b.peek({reinterpret_cast<std::uint8_t*>(out.data()), out.size()}, at);
        ASSERT_EQ(out.substr(0, n), model.substr(at, out.size()));
      } else if (!b.empty()) {
        const Slice s = b.pop_front_slice();
        ASSERT_EQ(std::string(s.view().begin(), s.view().end()), model.substr(0, s.size()));
        model.erase(0, s.size());
      }
      ASSERT_EQ(b.size(), model.size());
      ASSERT_EQ(b.memory_bytes(), pool.bytes_in_use());
    }
    b.clear();
    EXPECT_EQ(pool.bytes_in_use(), 0u);
  }
}

}  // namespace
}  // namespace oriel::tcp
