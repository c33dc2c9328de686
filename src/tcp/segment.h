// A TCP segment on its way into and out of a connection: no addresses, no bytes of headers.
//
// In both directions one object may stand for many wire segments (GRO in, TSO out): then `mss` says
// how the payload is or was cut.
#pragma once

#include <array>
#include <cstdint>

#include "base/buffer.h"
#include "base/seq_num.h"
#include "wire/tcp_options.h"
#include "wire/tcp_segment.h"

namespace oriel::tcp {

struct SegmentIn {
  SeqNum seq;
  SeqNum ack;
  std::uint8_t flags = 0;
  std::uint16_t window = 0;  ///< field as received
  std::uint16_t urgent = 0;
  std::uint16_t mss = 0;  ///< unit of a merged segment; 0: it was one segment
  wire::TcpOptions options;
  Slice payload;  ///< moved from when the connection keeps it

  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
  std::uint32_t text_bytes() const { return static_cast<std::uint32_t>(payload.size()); }
  /// SEG.LEN of RFC 9293: text plus SYN and FIN.
  std::uint32_t seg_len() const {
    return text_bytes() + (has(wire::tcp_flag::kSyn) ? 1u : 0u) +
           (has(wire::tcp_flag::kFin) ? 1u : 0u);
  }
};

struct SegmentOut {
  static constexpr std::size_t kPiecesMax = 16;

  SeqNum seq;
  SeqNum ack;
  std::uint8_t flags = 0;
  std::uint16_t window = 0;  ///< field as sent
  std::uint16_t urgent = 0;
  std::uint16_t mss = 0;  ///< payload is to be cut in units of this; 0: one segment
  std::uint32_t payload_bytes = 0;
  std::uint8_t piece_count = 0;
  wire::TcpOptions options;
  /// Payload where it lies; good until the connection is called again.
  std::array<ByteView, kPiecesMax> pieces;
};

}  // namespace oriel::tcp
