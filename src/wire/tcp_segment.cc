// The fixed TCP header both ways (RFC 9293 3.1). The four reserved bits are ignored and sent as zero.
#include "wire/tcp_segment.h"

#include <cassert>

namespace oriel::wire {

std::optional<ParsedTcp> parse_tcp(ByteView segment) {
  if (segment.size() < kTcpHeaderBytesMin) return std::nullopt;
  const std::uint8_t* p = segment.data();
  const std::size_t header_bytes = std::size_t{p[12]} >> 4 << 2;
  if (header_bytes < kTcpHeaderBytesMin || header_bytes > segment.size()) return std::nullopt;
  const auto options =
      parse_tcp_options(segment.subspan(kTcpHeaderBytesMin, header_bytes - kTcpHeaderBytesMin));
  if (!options) return std::nullopt;
  std::optional<ParsedTcp> result(std::in_place);
  result->header.source_port = load_be16(p);
  result->header.destination_port = load_be16(p + 2);
  result->header.seq = SeqNum(load_be32(p + 4));
  result->header.ack = SeqNum(load_be32(p + 8));
  result->header.flags = p[13];
  result->header.window = load_be16(p + 14);
  result->header.checksum = load_be16(p + 16);
  result->header.urgent = load_be16(p + 18);
  result->options = *options;
  result->header_bytes = header_bytes;
  return result;
}

std::size_t emit_tcp(const TcpHeader& header, const TcpOptions& options, ByteSpan out) {
  assert(out.size() >= kTcpHeaderBytesMax);
  std::uint8_t* p = out.data();
  const std::size_t header_bytes =
      kTcpHeaderBytesMin + emit_tcp_options(options, out.subspan(kTcpHeaderBytesMin));
  store_be16(p, header.source_port);
  store_be16(p + 2, header.destination_port);
  store_be32(p + 4, header.seq.value());
  store_be32(p + 8, header.ack.value());
  p[12] = static_cast<std::uint8_t>(header_bytes >> 2 << 4);
  p[13] = header.flags;
  store_be16(p + 14, header.window);
  store_be16(p + 16, header.checksum);
  store_be16(p + 18, header.urgent);
  return header_bytes;
}

}  // namespace oriel::wire
