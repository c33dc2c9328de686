// ICMPv4 messages: which are errors; the shape is icmp.cc's.
#include "wire/icmpv4.h"

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
  const auto message = parse_icmp(0, bytes);
  if (!message) return std::nullopt;
  return Icmpv4Message{*message};
}

std::size_t emit_icmpv4(const IcmpMessage& message, ByteSpan out) {
  return emit_icmp(message, 0, out);
}

}  // namespace oriel::wire
