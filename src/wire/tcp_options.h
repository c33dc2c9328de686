// TCP options: parsed into one fixed struct, written from it (RFC 9293 3.1, 7323, 2018).
//
// Total: any bytes parse to options or to kMalformed. Unknown kinds are skipped, a known kind with
// a wrong length is an error, options after End-of-Options are not looked at. A kind that comes
// twice: the last one counts.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/seq_num.h"

namespace oriel::wire {

inline constexpr std::size_t kTcpOptionsBytesMax = 40;
inline constexpr std::size_t kSackBlocksMax = 4;

struct TcpTimestamps {
  std::uint32_t value = 0;  ///< TSval
  std::uint32_t echo = 0;   ///< TSecr
};

struct TcpOptions {
  std::uint16_t mss = 0;          ///< 0: absent
  std::int8_t window_scale = -1;  ///< -1: absent; values above 14 are kept as received
  bool is_sack_permitted = false;
  bool has_timestamps = false;
  std::uint8_t sack_count = 0;  ///< valid entries of sack
  TcpTimestamps timestamps;
  std::array<SeqRange, kSackBlocksMax> sack;
};

/// Parses the option bytes of a header. nullopt: malformed.
std::optional<TcpOptions> parse_tcp_options(ByteView bytes);

/// The same into a fresh `options`, which saves the hot path a copy. False: malformed, and
/// `options` holds what came before.
bool read_tcp_options(ByteView bytes, TcpOptions& options);

/// Length of `options` on the wire, padded to a multiple of 4; at most 40. SACK blocks that do not
/// fit beside the rest are not counted.
std::size_t tcp_options_bytes(const TcpOptions& options);

/// Writes them, padded with NOPs in the customary places; returns tcp_options_bytes(options).
/// Requires: out.size() >= that.
std::size_t emit_tcp_options(const TcpOptions& options, ByteSpan out);

}  // namespace oriel::wire
