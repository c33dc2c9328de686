// ICMPv4 messages both ways.
#include "wire/icmpv4.h"

#include <cassert>
#include <cstring>

#include "wire/checksum.h"

namespace oriel::wire {

bool Icmpv4Message::is_error() const {
  constexpr std::uint8_t kSourceQuench = 4;  // deprecated (RFC 6633), still an error
  switch (type) {
    case icmpv4_type::kDestinationUnreachable:
    case kSourceQuench:
    case icmpv4_type::kRedirect:
    case icmpv4_type::kTimeExceeded:
    case icmpv4_type::kParameterProblem:
      return true;
    default:
      return false;
  }
}

std::optional<Icmpv4Message> parse_icmpv4(ByteView bytes) {
  if (bytes.size() < kIcmpHeaderBytes || !is_checksum_ok(0, bytes)) return std::nullopt;
  return Icmpv4Message{bytes[0], bytes[1], load_be32(bytes.data() + 4),
                       bytes.subspan(kIcmpHeaderBytes)};
}

std::size_t emit_icmpv4(const Icmpv4Message& message, ByteSpan out) {
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
  store_be16(p + 2, checksum(out.first(size)));
  return size;
}

}  // namespace oriel::wire
