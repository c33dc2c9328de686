// Equality of TCP options as the fuzz targets mean it: the SACK blocks that count, and no others.
#pragma once

#include "wire/tcp_options.h"

namespace oriel::fuzz {

inline bool is_equal_but_for_sack(const wire::TcpOptions& a, const wire::TcpOptions& b) {
  return a.mss == b.mss && a.window_scale == b.window_scale &&
         a.is_sack_permitted == b.is_sack_permitted && a.has_timestamps == b.has_timestamps &&
         a.timestamps.value == b.timestamps.value && a.timestamps.echo == b.timestamps.echo;
}

/// `written` are the options after emit and parse: equal, or with fewer SACK blocks for want of
/// room.
inline bool is_written_form(const wire::TcpOptions& original, const wire::TcpOptions& written) {
  if (!is_equal_but_for_sack(original, written)) return false;
  if (written.sack_count > original.sack_count) return false;
  for (std::size_t i = 0; i < written.sack_count; ++i) {
    if (!(written.sack[i] == original.sack[i])) return false;
  }
  const std::size_t other_bytes_max = wire::kTcpOptionsBytesMax - 4 - 8 * original.sack_count;
  wire::TcpOptions rest = original;
  rest.sack_count = 0;
  const bool has_room =
      original.sack_count == 0 || wire::tcp_options_bytes(rest) <= other_bytes_max;
  return !has_room || written.sack_count == original.sack_count;
}

}  // namespace oriel::fuzz
