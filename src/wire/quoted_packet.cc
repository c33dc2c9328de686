// Reading a quoted packet of either family.
#include "wire/quoted_packet.h"

#include <algorithm>

#include "wire/ipv4.h"
#include "wire/ipv6.h"

namespace oriel::wire {
namespace {

std::optional<QuotedPacket> parse_v4(ByteView body) {
  const auto header = parse_quoted_ipv4(body);
  if (!header || header->total_bytes < header->header_bytes) return std::nullopt;
  QuotedPacket quoted;
  quoted.source = header->source;
  quoted.destination = header->destination;
  quoted.protocol = header->protocol;
  quoted.total_bytes = header->total_bytes;
  if (header->fragment_offset_bytes == 0) {
    const std::size_t end = std::min<std::size_t>(body.size(), header->total_bytes);
    quoted.transport = body.subspan(header->header_bytes, end - header->header_bytes);
  }
  return quoted;
}

std::optional<QuotedPacket> parse_v6(ByteView body) {
  const auto header = parse_quoted_ipv6(body);
  const auto walk = header ? walk_ipv6_extensions(body) : std::nullopt;
  if (!walk || walk->problem) return std::nullopt;
  const std::size_t total_bytes = kIpv6HeaderBytes + header->payload_bytes;
  QuotedPacket quoted;
  quoted.source = header->source;
  quoted.destination = header->destination;
  quoted.protocol = walk->protocol;
  quoted.total_bytes = static_cast<std::uint16_t>(std::min<std::size_t>(total_bytes, 65535));
  if (!walk->fragment || walk->fragment->offset_bytes == 0) {
    const std::size_t end = std::min(body.size(), total_bytes);
    quoted.transport = body.subspan(walk->upper_offset, end - walk->upper_offset);
  }
  return quoted;
}

}  // namespace

std::optional<QuotedPacket> parse_quoted_packet(ByteView body) {
  if (body.empty()) return std::nullopt;
  return body[0] >> 4 == 4 ? parse_v4(body) : parse_v6(body);
}

}  // namespace oriel::wire
