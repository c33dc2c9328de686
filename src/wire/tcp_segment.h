// The fixed TCP header (RFC 9293 3.1), parsed and written. Checksums are in checksum.h.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/seq_num.h"
#include "wire/tcp_options.h"

namespace oriel::wire {

inline constexpr std::size_t kTcpHeaderBytesMin = 20;
inline constexpr std::size_t kTcpHeaderBytesMax = 60;

namespace tcp_flag {
inline constexpr std::uint8_t kFin = 0x01;
inline constexpr std::uint8_t kSyn = 0x02;
inline constexpr std::uint8_t kRst = 0x04;
inline constexpr std::uint8_t kPsh = 0x08;
inline constexpr std::uint8_t kAck = 0x10;
inline constexpr std::uint8_t kUrg = 0x20;
inline constexpr std::uint8_t kEce = 0x40;
inline constexpr std::uint8_t kCwr = 0x80;
}  // namespace tcp_flag

struct TcpHeader {
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  SeqNum seq;
  SeqNum ack;
  std::uint8_t flags = 0;
  std::uint16_t window = 0;  ///< the field as it stands, unscaled
  std::uint16_t urgent = 0;
  std::uint16_t checksum = 0;
  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

struct ParsedTcp {
  TcpHeader header;
  TcpOptions options;
  std::size_t header_bytes = 0;  ///< payload starts here
};

/// Parses header and options of a segment. nullopt: shorter than its data offset says, or bad
/// options.
std::optional<ParsedTcp> parse_tcp(ByteView segment);

/// Writes header and options (checksum field as given in `header`); returns the header length.
/// Requires: out.size() >= kTcpHeaderBytesMax.
std::size_t emit_tcp(const TcpHeader& header, const TcpOptions& options, ByteSpan out);

}  // namespace oriel::wire
