#include "wire/tcp_segment.h"

#include <gtest/gtest.h>

#include <vector>

#include "support/req.h"

namespace oriel::wire {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes emitted(const TcpOptions& options) {
  Bytes out(kTcpOptionsBytesMax);
  const std::size_t n = emit_tcp_options(options, out);
  EXPECT_EQ(n, tcp_options_bytes(options));
  out.resize(n);
  return out;
}

void expect_same(const TcpOptions& a, const TcpOptions& b) {
  EXPECT_EQ(a.mss, b.mss);
  EXPECT_EQ(a.window_scale, b.window_scale);
  EXPECT_EQ(a.is_sack_permitted, b.is_sack_permitted);
  EXPECT_EQ(a.has_timestamps, b.has_timestamps);
  EXPECT_EQ(a.timestamps.value, b.timestamps.value);
  EXPECT_EQ(a.timestamps.echo, b.timestamps.echo);
  ASSERT_EQ(a.sack_count, b.sack_count);
  for (std::size_t i = 0; i < a.sack_count; ++i) EXPECT_EQ(a.sack[i], b.sack[i]);
}

TcpOptions sack_of(std::uint8_t count) {
  TcpOptions options;
  options.sack_count = count;
  for (std::uint32_t i = 0; i < count; ++i) {
    options.sack[i] = {SeqNum(0xfffffff0u + 100 * i), SeqNum(0xfffffff0u + 100 * i + 50)};
  }
  return options;
}

TEST(TcpOptions, NoneAreEmpty) {
  const auto options = parse_tcp_options({});
  ASSERT_TRUE(options);
  expect_same(*options, TcpOptions{});
  EXPECT_EQ(tcp_options_bytes(TcpOptions{}), 0u);
}

TEST(TcpOptions, TimestampsInTheCustomaryLayout) {
  const Bytes bytes = {1, 1, 8, 10, 0, 0, 0x03, 0xe8, 0xff, 0xff, 0xff, 0xfe};
  const auto options = parse_tcp_options(bytes);
  ASSERT_TRUE(options);
  EXPECT_TRUE(options->has_timestamps);
  EXPECT_EQ(options->timestamps.value, 1000u);
  EXPECT_EQ(options->timestamps.echo, 0xfffffffeu);
  EXPECT_EQ(emitted(*options), bytes);
}

TEST(TcpOptions, SynLooksLikeWindows) {
  TcpOptions options;
  options.mss = 1460;
  options.window_scale = 8;
  options.is_sack_permitted = true;
  EXPECT_EQ(emitted(options), (Bytes{2, 4, 5, 0xb4, 1, 3, 3, 8, 1, 1, 4, 2}));
  options.has_timestamps = true;
  options.timestamps = {1, 2};
  EXPECT_EQ(emitted(options),
            (Bytes{2, 4, 5, 0xb4, 1, 3, 3, 8, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2}));
}

TEST(TcpOptions, EveryCombinationComesBack) {
  REQ("RFC9293-MUST-4");
  for (unsigned bits = 0; bits < 16; ++bits) {
    for (std::uint8_t sacks = 0; sacks <= kSackBlocksMax; ++sacks) {
      TcpOptions options = sack_of(sacks);
      if (bits & 1) options.mss = 536;
      if (bits & 2) options.window_scale = 0;
      if (bits & 4) options.is_sack_permitted = true;
      if (bits & 8) {
        options.has_timestamps = true;
        options.timestamps = {0xffffffff, 7};
      }
      const Bytes bytes = emitted(options);
      EXPECT_LE(bytes.size(), kTcpOptionsBytesMax);
      EXPECT_EQ(bytes.size() % 4, 0u);
      const auto again = parse_tcp_options(bytes);
      ASSERT_TRUE(again);
      // Blocks that do not fit are left away, from the end.
      TcpOptions others = options;
      others.sack_count = 0;
      const std::size_t room = (kTcpOptionsBytesMax - tcp_options_bytes(others) - 4) / 8;
      options.sack_count = static_cast<std::uint8_t>(std::min<std::size_t>(sacks, room));
      expect_same(*again, options);
    }
  }
}

TEST(TcpOptions, ThreeBlocksFitBesideTimestamps) {
  TcpOptions options = sack_of(4);
  options.has_timestamps = true;
  EXPECT_EQ(tcp_options_bytes(options), 40u);
  EXPECT_EQ(parse_tcp_options(emitted(options))->sack_count, 3);
}

TEST(TcpOptions, UnknownKindsArePassedOver) {
  REQ("RFC9293-MUST-6");
  const Bytes bytes = {253, 6, 1, 2, 3, 4, 30, 2, 2, 4, 0x02, 0x18};
  const auto options = parse_tcp_options(bytes);
  ASSERT_TRUE(options);
  EXPECT_EQ(options->mss, 536);
}

TEST(TcpOptions, EndOfOptionsEnds) {
  const Bytes bytes = {2, 4, 5, 0xb4, 0, 2, 0, 0};
  const auto options = parse_tcp_options(bytes);
  ASSERT_TRUE(options);
  EXPECT_EQ(options->mss, 1460);
}

TEST(TcpOptions, TheLastOfTwoCounts) {
  const Bytes bytes = {2, 4, 5, 0xb4, 2, 4, 1, 0};
  EXPECT_EQ(parse_tcp_options(bytes)->mss, 256);
}

TEST(TcpOptions, AScaleThatDoesNotFitStaysPresent) {
  const Bytes bytes = {3, 3, 200, 1};
  EXPECT_EQ(parse_tcp_options(bytes)->window_scale, 127);
  const Bytes fifteen = {3, 3, 15, 1};
  EXPECT_EQ(parse_tcp_options(fifteen)->window_scale, 15);
}

TEST(TcpOptions, WrongLengthsAreMalformed) {
  REQ("RFC9293-MUST-7");
  const Bytes rows[] = {
      {2},                          // no length
      {2, 0, 0, 0},                 // length zero
      {2, 1, 0, 0},                 // length one
      {30, 0},                      // of an unknown kind too
      {30, 9, 0, 0},                // past the end
      {2, 3, 5, 1},                 // MSS of one byte
      {2, 5, 5, 0xb4, 0},           // MSS of three
      {3, 2, 1, 1},                 // scale of none
      {4, 3, 0, 1},                 // SACK-permitted with a value
      {5, 2, 1, 1},                 // SACK without a block
      {5, 9, 0, 0, 0, 0, 0, 0, 0},  // SACK with seven eighths of one
      {8, 9, 0, 0, 0, 0, 0, 0, 0},  // timestamps of seven bytes
      {1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0},
  };
  for (const Bytes& row : rows) EXPECT_FALSE(parse_tcp_options(row)) << int{row[0]} << row.size();
  Bytes five_blocks(42);
  five_blocks[0] = 5;
  five_blocks[1] = 42;
  EXPECT_FALSE(parse_tcp_options(five_blocks));
}

const Bytes kSegment = {0x9c, 0x40, 0x00, 0x50, 0xff, 0xff, 0xff, 0xf0, 0x00, 0x00, 0x00, 0x01,
                        0x80, 0x19, 0x20, 0x00, 0xab, 0xcd, 0x00, 0x05, 0x01, 0x01, 0x08, 0x0a,
                        0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02, 'h',  'i'};

TEST(TcpSegment, ReadsEveryField) {
  const auto tcp = parse_tcp(kSegment);
  ASSERT_TRUE(tcp);
  EXPECT_EQ(tcp->header.source_port, 40000);
  EXPECT_EQ(tcp->header.destination_port, 80);
  EXPECT_EQ(tcp->header.seq, SeqNum(0xfffffff0));
  EXPECT_EQ(tcp->header.ack, SeqNum(1));
  EXPECT_EQ(tcp->header.flags, tcp_flag::kFin | tcp_flag::kPsh | tcp_flag::kAck);
  EXPECT_TRUE(tcp->header.has(tcp_flag::kFin));
  EXPECT_FALSE(tcp->header.has(tcp_flag::kSyn));
  EXPECT_EQ(tcp->header.window, 0x2000);
  EXPECT_EQ(tcp->header.checksum, 0xabcd);
  EXPECT_EQ(tcp->header.urgent, 5);
  EXPECT_TRUE(tcp->options.has_timestamps);
  EXPECT_EQ(tcp->header_bytes, 32u);
}

TEST(TcpSegment, WritesWhatItReads) {
  const auto tcp = parse_tcp(kSegment);
  Bytes out(kTcpHeaderBytesMax);
  out.resize(emit_tcp(tcp->header, tcp->options, out));
  EXPECT_EQ(out, Bytes(kSegment.begin(), kSegment.begin() + 32));
}

TEST(TcpSegment, RefusesEveryTruncationOfTheHeader) {
  for (std::size_t n = 0; n <= kSegment.size(); ++n) {
    const Bytes cut(kSegment.begin(), kSegment.begin() + static_cast<std::ptrdiff_t>(n));
    EXPECT_EQ(parse_tcp(cut).has_value(), n >= 32) << n;
  }
}

TEST(TcpSegment, RefusesADataOffsetBelowTheHeader) {
  Bytes segment = kSegment;
  for (std::uint8_t words = 0; words < 5; ++words) {
    segment[12] = static_cast<std::uint8_t>(words << 4);
    EXPECT_FALSE(parse_tcp(segment)) << int{words};
  }
}

TEST(TcpSegment, IgnoresReservedBits) {
  Bytes segment = kSegment;
  segment[12] |= 0x0f;
  ASSERT_TRUE(parse_tcp(segment));
  EXPECT_EQ(parse_tcp(segment)->header_bytes, 32u);
}

}  // namespace
}  // namespace oriel::wire
