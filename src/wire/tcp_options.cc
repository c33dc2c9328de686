// Reading and writing TCP options (RFC 9293 3.2; 7323 for scale and timestamps, 2018 for SACK).
//
// Two layouts make up nearly all segments and skip the general loop: no options, and NOP NOP
// Timestamps. Options are written in the order in which Windows sends them, each group padded in
// front so that every option lies at its natural alignment:
//
//   MSS(4) | NOP WS(3) | SACK-permitted(2) TS(10) or NOP NOP TS(10) | NOP NOP SACK(2 + 8n)
#include "wire/tcp_options.h"

#include <algorithm>
#include <cassert>

namespace oriel::wire {
namespace {

constexpr std::uint8_t kEnd = 0;
constexpr std::uint8_t kNop = 1;
constexpr std::uint8_t kMss = 2;
constexpr std::uint8_t kWindowScale = 3;
constexpr std::uint8_t kSackPermitted = 4;
constexpr std::uint8_t kSack = 5;
constexpr std::uint8_t kTimestamps = 8;

constexpr std::uint32_t kNopNopTimestamps = 0x0101080a;
constexpr std::size_t kTimestampsGroupBytes = 12;
constexpr int kWindowScaleKeptMax = 127;  // what the field of TcpOptions holds; 14 and up mean 14

void read_timestamps(const std::uint8_t* p, TcpOptions& options) {
  options.has_timestamps = true;
  options.timestamps = {load_be32(p), load_be32(p + 4)};
}

// SACK blocks as they stand; whether they make sense is the scoreboard's question.
bool read_sack(ByteView value, TcpOptions& options) {
  const std::size_t count = value.size() / 8;
  if (value.size() % 8 != 0 || count == 0 || count > kSackBlocksMax) return false;
  options.sack_count = static_cast<std::uint8_t>(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* p = value.data() + 8 * i;
    options.sack[i] = {SeqNum(load_be32(p)), SeqNum(load_be32(p + 4))};
  }
  return true;
}

// One option with a length; false when a known kind has the wrong one.
bool read_option(std::uint8_t kind, ByteView value, TcpOptions& options) {
  switch (kind) {
    case kMss:
      if (value.size() != 2) return false;
      options.mss = load_be16(value.data());
      return true;
    case kWindowScale:
      if (value.size() != 1) return false;
      options.window_scale = static_cast<std::int8_t>(std::min<int>(value[0], kWindowScaleKeptMax));
      return true;
    case kSackPermitted:
      if (!value.empty()) return false;
      options.is_sack_permitted = true;
      return true;
    case kSack:
      return read_sack(value, options);
    case kTimestamps:
      if (value.size() != 8) return false;
      read_timestamps(value.data(), options);
      return true;
    default:  // REQ RFC9293-MUST-6: an option that is not known is passed over by its length
      return true;
  }
}

// SACK blocks that fit beside `used` bytes of other options.
std::size_t sack_blocks_fitting(const TcpOptions& options, std::size_t used) {
  const std::size_t room = (kTcpOptionsBytesMax - used - 4) / 8;
  return std::min({std::size_t{options.sack_count}, kSackBlocksMax, room});
}

// Bytes of everything but SACK blocks; at most 20.
std::size_t fixed_bytes(const TcpOptions& options) {
  return (options.mss != 0 ? 4u : 0u) + (options.window_scale >= 0 ? 4u : 0u) +
         (options.has_timestamps      ? kTimestampsGroupBytes
          : options.is_sack_permitted ? 4u
                                      : 0u);
}

}  // namespace

bool read_tcp_options(ByteView bytes, TcpOptions& options) {
  std::size_t at = 0;
  if (bytes.size() >= kTimestampsGroupBytes && load_be32(bytes.data()) == kNopNopTimestamps) {
    read_timestamps(bytes.data() + 4, options);
    at = kTimestampsGroupBytes;
  }
  while (at < bytes.size()) {
    const std::uint8_t kind = bytes[at];
    if (kind == kEnd) break;
    if (kind == kNop) {
      ++at;
      continue;
    }
    if (bytes.size() - at < 2) return false;
    const std::size_t length = bytes[at + 1];
    if (length < 2 || length > bytes.size() - at) return false;  // REQ RFC9293-MUST-7
    if (!read_option(kind, bytes.subspan(at + 2, length - 2), options)) return false;
    at += length;
  }
  return true;
}

std::optional<TcpOptions> parse_tcp_options(ByteView bytes) {
  std::optional<TcpOptions> options(std::in_place);
  if (!read_tcp_options(bytes, *options)) options.reset();
  return options;
}

std::size_t tcp_options_bytes(const TcpOptions& options) {
  const std::size_t fixed = fixed_bytes(options);
  if (options.sack_count == 0) return fixed;
  return fixed + 4 + 8 * sack_blocks_fitting(options, fixed);
}

std::size_t emit_tcp_options(const TcpOptions& options, ByteSpan out) {
  assert(out.size() >= tcp_options_bytes(options));
  std::uint8_t* p = out.data();
  if (options.mss != 0) {
    store_be32(p, 0x02040000u | options.mss);
    p += 4;
  }
  if (options.window_scale >= 0) {
    store_be32(p, 0x01030300u | static_cast<std::uint8_t>(options.window_scale));
    p += 4;
  }
  if (options.has_timestamps) {
    store_be32(p, options.is_sack_permitted ? 0x0402080au : kNopNopTimestamps);
    store_be32(p + 4, options.timestamps.value);
    store_be32(p + 8, options.timestamps.echo);
    p += kTimestampsGroupBytes;
  } else if (options.is_sack_permitted) {
    store_be32(p, 0x01010402u);
    p += 4;
  }
  if (options.sack_count != 0) {
    const auto used = static_cast<std::size_t>(p - out.data());
    const std::size_t blocks = sack_blocks_fitting(options, used);
    store_be32(p, 0x01010500u | static_cast<std::uint32_t>(2 + 8 * blocks));
    p += 4;
    for (std::size_t i = 0; i < blocks; ++i, p += 8) {
      store_be32(p, options.sack[i].begin.value());
      store_be32(p + 4, options.sack[i].end.value());
    }
  }
  return static_cast<std::size_t>(p - out.data());
}

}  // namespace oriel::wire
