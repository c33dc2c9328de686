// A writer and a reader over plain memory, honest and hostile.
#include "loopback/byte_ring.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "support/req.h"

namespace oriel::loopback {
namespace {

struct Memory {
  std::vector<std::uint64_t> words =
      std::vector<std::uint64_t>((kFileHeadBytes + kEndBytes) / 8 + 8);
  OwnEnd end() {
    void* at = words.data();
    std::size_t space = words.size() * 8;
    return OwnEnd::at(static_cast<std::uint8_t*>(std::align(64, kEndBytes, at, space)), 0);
  }
};

std::vector<std::uint8_t> pattern(std::size_t n, std::uint32_t x) {
  std::vector<std::uint8_t> out(n);
  for (auto& b : out) b = static_cast<std::uint8_t>((x = x * 1664525 + 1013904223) >> 24);
  return out;
}

class ByteRing : public ::testing::Test {
 protected:
  ByteRing() {
    reset_end(writer_memory.end(), 1, kRingBytes);
    reset_end(reader_memory.end(), 1, kRingBytes);
    EXPECT_TRUE(writer.refresh());
  }
  EndControl& of_writer() { return *writer_memory.end().control; }
  EndControl& of_reader() { return *reader_memory.end().control; }
  std::size_t write_all(ByteView bytes) {
    std::size_t n = 0;
    while (const std::size_t k = writer.write(bytes.subspan(n))) n += k;
    return n;
  }

  Memory writer_memory;
  Memory reader_memory;
  RingWriter writer{writer_memory.end(), PeerEnd::of(reader_memory.end())};
  RingReader reader{reader_memory.end(), PeerEnd::of(writer_memory.end())};
};

TEST_F(ByteRing, CarriesBytesInOrderAcrossTheWrap) {
  std::size_t sent = 0;
  std::size_t got = 0;
  const auto bytes = pattern(5 * kRingBytes, 3);
  std::vector<std::uint8_t> out(bytes.size());
  for (std::size_t step = 1; got < bytes.size(); step = step * 7 % 100003) {
    ASSERT_TRUE(writer.refresh());
    sent += write_all(ByteView(bytes).subspan(sent, std::min(step, bytes.size() - sent)));
    ASSERT_TRUE(reader.refresh());
    got += reader.read(ByteSpan(out).subspan(got, std::min(step / 2 + 1, out.size() - got)));
  }
  EXPECT_EQ(out, bytes);
}

TEST_F(ByteRing, TakesNoMoreThanTheWindow) {
  REQ("LFP-8");
  of_reader().window.store(1000);
  ASSERT_TRUE(writer.refresh());
  const auto bytes = pattern(5000, 1);
  EXPECT_EQ(write_all(bytes), 1000u);
  EXPECT_EQ(writer.room(), 0u);
  std::uint8_t out[300];
  ASSERT_TRUE(reader.refresh());
  EXPECT_EQ(reader.read(out), 300u);
  ASSERT_TRUE(writer.refresh());
  EXPECT_EQ(writer.room(), 300u);
}

TEST_F(ByteRing, PublishesALongWriteInPieces) {
  const auto bytes = pattern(kRingBytes, 1);
  EXPECT_EQ(writer.write(bytes), kPublishBytes);
  EXPECT_EQ(of_writer().written.load(), kPublishBytes);
}

TEST_F(ByteRing, PeekLeavesTheBytes) {
  const std::string text = "abcdef";
  write_all({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  ASSERT_TRUE(reader.refresh());
  std::uint8_t out[8] = {};
  EXPECT_EQ(reader.peek(ByteSpan(out, 8), 2), 4u);
  EXPECT_EQ(out[0], 'c');
  EXPECT_EQ(reader.peek(ByteSpan(out, 8), 6), 0u);
  EXPECT_EQ(reader.readable(), 6u);
}

TEST_F(ByteRing, UrgentMarkIsBehindItsByteAndPasses) {
  write_all(pattern(10, 1));
  writer.write_urgent('!');
  write_all(pattern(5, 1));
  ASSERT_TRUE(reader.refresh());
  EXPECT_EQ(reader.urgent_left(), 11u);
  std::uint8_t out[16];
  reader.read(ByteSpan(out, 10));
  EXPECT_EQ(reader.urgent_left(), 1u);
  reader.read(ByteSpan(out, 1));
  EXPECT_EQ(out[0], '!');
  EXPECT_EQ(reader.urgent_left(), 0u);
  EXPECT_EQ(reader.readable(), 5u);
}

// REQ LFP-12: what the other side says is checked on every look.
TEST_F(ByteRing, ReaderRefusesPositionsThatCannotBe) {
  REQ("LFP-12");
  write_all(pattern(100, 1));
  ASSERT_TRUE(reader.refresh());
  for (const unsigned long long wild : {99ull, kRingBytes + 1ull, ~0ull, 1ull << 63}) {
    of_writer().written.store(wild);
    EXPECT_FALSE(reader.refresh()) << wild;
    EXPECT_EQ(reader.readable(), 100u);
  }
  of_writer().written.store(100);
  of_writer().urgent_end.store(101 + kRingBytes);
  EXPECT_FALSE(reader.refresh());
  of_writer().urgent_end.store(50);
  EXPECT_TRUE(reader.refresh());
  of_writer().urgent_end.store(49);  // back
  EXPECT_FALSE(reader.refresh());
}

TEST_F(ByteRing, WriterRefusesPositionsThatCannotBe) {
  REQ("LFP-12");
  write_all(pattern(100, 1));
  of_reader().consumed.store(60);
  ASSERT_TRUE(writer.refresh());
  for (const unsigned long long wild : {59ull, 101ull, ~0ull}) {
    of_reader().consumed.store(wild);
    EXPECT_FALSE(writer.refresh()) << wild;
  }
  of_reader().consumed.store(100);
  of_reader().window.store(~0ull);
  ASSERT_TRUE(writer.refresh());
  EXPECT_EQ(writer.room(), kRingBytes);
}

// Nothing is read twice: the writer's own position is not the one in the memory that it shares.
TEST_F(ByteRing, OwnPositionsAreNotReadBack) {
  REQ("LFP-12");
  write_all(pattern(100, 1));
  of_writer().written.store(7);
  write_all(pattern(1, 1));
  EXPECT_EQ(of_writer().written.load(), 101u);
}

}  // namespace
}  // namespace oriel::loopback
