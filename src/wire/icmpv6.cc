// ICMPv6 messages both ways.
#include "wire/icmpv6.h"

#include <cassert>
#include <cstring>

#include "wire/checksum.h"
#include "wire/ipv4.h"

namespace oriel::wire {
namespace {

std::uint32_t pseudo_sum(const IpAddress& source, const IpAddress& destination, std::size_t size) {
  return pseudo_header_sum(source, destination, ip_protocol::kIcmpv6,
                           static_cast<std::uint32_t>(size));
}

}  // namespace

std::optional<Icmpv6Message> parse_icmpv6(const IpAddress& source, const IpAddress& destination,
                                          ByteView bytes) {
  if (bytes.size() < kIcmpHeaderBytes) return std::nullopt;
  if (!is_checksum_ok(pseudo_sum(source, destination, bytes.size()), bytes)) return std::nullopt;
  return Icmpv6Message{bytes[0], bytes[1], load_be32(bytes.data() + 4),
                       bytes.subspan(kIcmpHeaderBytes)};
}

std::size_t emit_icmpv6(const Icmpv6Message& message, const IpAddress& source,
                        const IpAddress& destination, ByteSpan out) {
  const std::size_t size = kIcmpHeaderBytes + message.body.size();
  assert(out.size() >= size);
  std::uint8_t* p = out.data();
  if (!message.body.empty()) {
    std::memmove(p + kIcmpHeaderBytes, message.body.data(), message.body.size());
  }
  p[0] = message.type;
  p[1] = message.code;
  store_be16(p + 2, 0);
  store_be32(p + 4, message.rest_of_header);
  const std::uint32_t sum = checksum_add(pseudo_sum(source, destination, size), out.first(size));
  store_be16(p + 2, static_cast<std::uint16_t>(~checksum_fold(sum)));
  return size;
}

}  // namespace oriel::wire
