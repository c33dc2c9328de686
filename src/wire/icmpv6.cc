// ICMPv6 messages: the pseudo-header; the shape is icmp.cc's.
#include "wire/icmpv6.h"

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
  const auto message = parse_icmp(pseudo_sum(source, destination, bytes.size()), bytes);
  if (!message) return std::nullopt;
  return Icmpv6Message{*message};
}

std::size_t emit_icmpv6(const IcmpMessage& message, const IpAddress& source,
                        const IpAddress& destination, ByteSpan out) {
  const std::size_t size = kIcmpHeaderBytes + message.body.size();
  return emit_icmp(message, pseudo_sum(source, destination, size), out);
}

}  // namespace oriel::wire
