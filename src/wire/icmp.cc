// ICMP messages of both families, both ways.
#include "wire/icmp.h"

#include <cassert>
#include <cstring>

#include "wire/checksum.h"

namespace oriel::wire {

std::optional<IcmpMessage> parse_icmp(std::uint32_t pseudo_sum, ByteView bytes) {
  if (bytes.size() < kIcmpHeaderBytes || !is_checksum_ok(pseudo_sum, bytes)) return std::nullopt;
  return IcmpMessage{bytes[0], bytes[1], load_be32(bytes.data() + 4),
                     bytes.subspan(kIcmpHeaderBytes)};
}

std::size_t emit_icmp(const IcmpMessage& message, std::uint32_t pseudo_sum, ByteSpan out) {
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
  const std::uint32_t sum = checksum_add(pseudo_sum, out.first(size));
  store_be16(p + 2, static_cast<std::uint16_t>(~checksum_fold(sum)));
  return size;
}

}  // namespace oriel::wire
