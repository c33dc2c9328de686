// IPv4 headers both ways. The reserved flag bit is ignored on the way in and zero on the way out.
#include "wire/ipv4.h"

#include <cassert>
#include <cstring>

#include "wire/checksum.h"

namespace oriel::wire {
namespace {

constexpr std::uint16_t kDf = 0x4000;
constexpr std::uint16_t kMf = 0x2000;
constexpr std::uint16_t kOffsetMask = 0x1fff;  // in units of 8 bytes

// Checksum of a header that is a multiple of 4 long, whose own field is zero; 0 when it verifies.
std::uint16_t header_checksum(const std::uint8_t* p, std::size_t header_bytes) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < header_bytes; i += 4) sum += load_be32(p + i);
  sum = (sum & 0xffffffffu) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~checksum_fold(static_cast<std::uint32_t>(sum)));
}

// Length of the header if the bytes start with a whole one of version 4, else 0.
std::size_t whole_header_bytes(ByteView packet) {
  if (packet.size() < kIpv4HeaderBytesMin || packet[0] >> 4 != 4) return 0;
  const std::size_t header_bytes = (packet[0] & 0x0fu) * 4;
  const bool is_whole = header_bytes >= kIpv4HeaderBytesMin && header_bytes <= packet.size();
  return is_whole ? header_bytes : 0;
}

// Requires: a whole header at p.
void read_fields(const std::uint8_t* p, std::size_t header_bytes, Ipv4Header& header) {
  const std::uint16_t fragment = load_be16(p + 6);
  header.dscp_ecn = p[1];
  header.total_bytes = load_be16(p + 2);
  header.header_bytes = static_cast<std::uint16_t>(header_bytes);
  header.id = load_be16(p + 4);
  header.fragment_offset_bytes = static_cast<std::uint16_t>((fragment & kOffsetMask) << 3);
  header.df = (fragment & kDf) != 0;
  header.mf = (fragment & kMf) != 0;
  header.ttl = p[8];
  header.protocol = p[9];
  header.source = IpAddress::v4(p + 12);
  header.destination = IpAddress::v4(p + 16);
  header.options = {p + kIpv4HeaderBytesMin, header_bytes - kIpv4HeaderBytesMin};
}

}  // namespace

std::optional<Ipv4Header> parse_ipv4(ByteView packet) {
  std::optional<Ipv4Header> header;
  const std::size_t header_bytes = whole_header_bytes(packet);
  if (header_bytes == 0) return header;
  const std::uint8_t* p = packet.data();
  const std::size_t total_bytes = load_be16(p + 2);
  if (total_bytes < header_bytes || total_bytes > packet.size()) return header;
  if (header_checksum(p, header_bytes) != 0) return header;  // RFC 1122 3.2.1.2
  header.emplace();
  read_fields(p, header_bytes, *header);
  return header;
}

std::optional<Ipv4Header> parse_quoted_ipv4(ByteView packet) {
  const std::size_t header_bytes = whole_header_bytes(packet);
  if (header_bytes == 0) return std::nullopt;
  std::optional<Ipv4Header> header(std::in_place);
  read_fields(packet.data(), header_bytes, *header);
  return header;
}

std::size_t emit_ipv4(const Ipv4Header& header, ByteSpan out) {
  const std::size_t header_bytes = kIpv4HeaderBytesMin + ((header.options.size() + 3) & ~3u);
  assert(header.options.size() <= kIpv4OptionsBytesMax && out.size() >= header_bytes);
  assert(header.fragment_offset_bytes % 8 == 0);
  std::uint8_t* p = out.data();
  p[0] = static_cast<std::uint8_t>(0x40 | header_bytes >> 2);
  p[1] = header.dscp_ecn;
  store_be16(p + 2, header.total_bytes);
  store_be16(p + 4, header.id);
  store_be16(p + 6, static_cast<std::uint16_t>((header.df ? kDf : 0) | (header.mf ? kMf : 0) |
                                               header.fragment_offset_bytes >> 3));
  p[8] = header.ttl;
  p[9] = header.protocol;
  store_be16(p + 10, 0);
  std::memcpy(p + 12, header.source.v4_bytes(), 4);
  std::memcpy(p + 16, header.destination.v4_bytes(), 4);
  if (header_bytes != kIpv4HeaderBytesMin) {
    std::memset(p + kIpv4HeaderBytesMin, 0, header_bytes - kIpv4HeaderBytesMin);
    std::memcpy(p + kIpv4HeaderBytesMin, header.options.data(), header.options.size());
  }
  store_be16(p + 10, header_checksum(p, header_bytes));
  return header_bytes;
}

}  // namespace oriel::wire
