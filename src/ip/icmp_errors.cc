// The rules of silence, the messages, and the reading of what others send.
#include "ip/icmp_errors.h"

#include <algorithm>

#include "ip/pmtu.h"
#include "wire/ipv6.h"
#include "wire/quoted_packet.h"

namespace oriel::ip {
namespace {

bool is_single_host(const IpAddress& a) {
  if (a.is_unspecified() || a.is_multicast() || a.is_broadcast()) return false;
  return !a.is_v4() || a.v4_bytes()[0] < 240;
}

bool may_answer_v4(ByteView packet) {
  const auto h = wire::parse_quoted_ipv4(packet);
  if (!h || h->fragment_offset_bytes != 0) return false;
  if (!is_single_host(h->source) || !is_single_host(h->destination)) return false;
  if (h->protocol != protocol::kIcmp) return true;
  if (packet.size() <= h->header_bytes) return false;
  const wire::Icmpv4Message message{{.type = packet[h->header_bytes], .body = {}}};
  return !message.is_error();
}

bool may_answer_v6(ByteView packet) {
  const auto h = wire::parse_quoted_ipv6(packet);
  if (!h || !is_single_host(h->source)) return false;
  const auto chain = wire::walk_ipv6_extensions(packet);
  if (!chain) return true;  // a chain that breaks off is what the error is about
  if (chain->fragment && chain->fragment->offset_bytes != 0) return false;
  if (chain->protocol != protocol::kIcmpv6) return true;
  if (packet.size() <= chain->upper_offset) return false;
  const std::uint8_t type = packet[chain->upper_offset];
  return type >= 128 && type != wire::icmpv6_type::kRedirect;
}

wire::Icmpv4Message message_v4(IcmpError error, std::uint32_t value, ByteView quoted) {
  using wire::Icmpv4Message;
  switch (error) {
    case IcmpError::kPortUnreachable:
      return Icmpv4Message::unreachable(wire::icmpv4_unreachable::kPort, quoted);
    case IcmpError::kProtocolUnreachable:
      return Icmpv4Message::unreachable(wire::icmpv4_unreachable::kProtocol, quoted);
    case IcmpError::kReassemblyTimeout:
      return Icmpv4Message::time_exceeded(wire::icmp_time_exceeded::kReassembly, quoted);
    case IcmpError::kParameterProblem:
    case IcmpError::kUnknownOption:
      break;
  }
  return Icmpv4Message::parameter_problem(static_cast<std::uint8_t>(value), quoted);
}

wire::Icmpv6Message message_v6(IcmpError error, std::uint32_t value, ByteView quoted) {
  using wire::Icmpv6Message;
  namespace code = wire::icmpv6_parameter;
  switch (error) {
    case IcmpError::kPortUnreachable:
      return Icmpv6Message::unreachable(wire::icmpv6_unreachable::kPort, quoted);
    case IcmpError::kProtocolUnreachable:
      return Icmpv6Message::parameter_problem(code::kNextHeader, value, quoted);
    case IcmpError::kReassemblyTimeout:
      return Icmpv6Message::time_exceeded(wire::icmp_time_exceeded::kReassembly, quoted);
    case IcmpError::kParameterProblem:
      return Icmpv6Message::parameter_problem(code::kField, value, quoted);
    case IcmpError::kUnknownOption:
      break;
  }
  return Icmpv6Message::parameter_problem(code::kOption, value, quoted);
}

/// RFC 1191 5: the next plateau below the length of a packet that a router without MTU field
/// refused.
std::uint32_t plateau_below(std::uint32_t total_bytes) {
  constexpr std::uint32_t kPlateaus[] = {32000, 17914, 8166, 4352, 2002, 1492, 1006};
  for (std::uint32_t p : kPlateaus) {
    if (p < total_bytes) return p;
  }
  return kPmtuIpv4BytesMin;
}

std::optional<IcmpEvent::Kind> unreachable_kind_v4(std::uint8_t code) {
  using Kind = IcmpEvent::Kind;
  namespace c = wire::icmpv4_unreachable;
  switch (code) {  // RFC 1122 3.2.2.1 and RFC 1812 5.2.7.1
    case c::kProtocol:
      return Kind::kProtocolUnreachable;
    case c::kPort:
      return Kind::kPortUnreachable;
    case c::kFragmentationNeeded:
      return Kind::kPacketTooBig;
    case c::kNetProhibited:
    case c::kHostProhibited:
    case c::kAdministrativelyProhibited:
      return Kind::kAdminProhibited;
    case c::kNet:
    case c::kSourceRouteFailed:
    case 6:
    case 8:
    case 11:
      return Kind::kNetUnreachable;
    case c::kHost:
    case 7:
    case 12:
    case 14:
    case 15:
      return Kind::kHostUnreachable;
    default:
      return std::nullopt;
  }
}

std::optional<IcmpEvent::Kind> unreachable_kind_v6(std::uint8_t code) {
  using Kind = IcmpEvent::Kind;
  namespace c = wire::icmpv6_unreachable;
  switch (code) {
    case c::kNoRoute:
    case c::kBeyondScope:
      return Kind::kNetUnreachable;
    case c::kAddress:
      return Kind::kHostUnreachable;
    case c::kPort:
      return Kind::kPortUnreachable;
    case c::kProhibited:
    case c::kPolicy:
    case c::kRejectRoute:
      return Kind::kAdminProhibited;
    default:
      return std::nullopt;
  }
}

}  // namespace

bool may_answer_with_error(ByteView packet, bool is_link_multicast) {
  if (packet.empty() || is_link_multicast) return false;
  return packet[0] >> 4 == 4 ? may_answer_v4(packet) : may_answer_v6(packet);
}

std::size_t build_icmp_error(IcmpError error, std::uint32_t value, const IpAddress& source,
                             const IpAddress& destination, ByteView packet, ByteSpan out) {
  const std::size_t header_bytes = source.is_v4() ? 20 : 40;
  if (packet.size() < header_bytes) return 0;
  const std::size_t total_max = source.is_v4() ? kIcmpv4ErrorBytesMax : kIcmpv6ErrorBytesMax;
  const ByteView quoted =
      packet.first(std::min(packet.size(), total_max - header_bytes - wire::kIcmpHeaderBytes));
  if (source.is_v4()) return wire::emit_icmpv4(message_v4(error, value, quoted), out);
  return wire::emit_icmpv6(message_v6(error, value, quoted), source, destination, out);
}

bool quote_packet(ByteView packet, IcmpEvent& event) {
  const auto quoted = wire::parse_quoted_packet(packet);
  if (!quoted || quoted->transport.size() < event.transport.size()) return false;
  event.source = quoted->source;
  event.destination = quoted->destination;
  event.protocol = quoted->protocol;
  std::copy_n(quoted->transport.begin(), event.transport.size(), event.transport.begin());
  return true;
}

std::optional<IcmpEvent> parse_icmpv4_error(const wire::Icmpv4Message& message) {
  IcmpEvent event;
  namespace type = wire::icmpv4_type;
  if (message.type == type::kTimeExceeded) {
    event.kind = IcmpEvent::Kind::kTimeExceeded;
  } else if (message.type == type::kParameterProblem) {
    event.kind = IcmpEvent::Kind::kParameterProblem;
  } else if (message.type == type::kDestinationUnreachable) {
    const auto kind = unreachable_kind_v4(message.code);
    if (!kind) return std::nullopt;
    event.kind = *kind;
  } else {
    return std::nullopt;
  }
  if (!quote_packet(message.body, event) || !event.source.is_v4()) return std::nullopt;
  if (event.kind == IcmpEvent::Kind::kPacketTooBig) {
    event.mtu = message.next_hop_mtu();
    if (event.mtu == 0) event.mtu = plateau_below(load_be16(message.body.data() + 2));
    if (event.mtu < 68) return std::nullopt;  // RFC 791: no link is smaller
  }
  return event;
}

std::optional<IcmpEvent> parse_icmpv6_error(const wire::Icmpv6Message& message) {
  IcmpEvent event;
  namespace type = wire::icmpv6_type;
  if (message.type == type::kPacketTooBig) {
    event.kind = IcmpEvent::Kind::kPacketTooBig;
    event.mtu = message.mtu();
    if (event.mtu < kPmtuIpv6BytesMin) return std::nullopt;  // RFC 8201 4
  } else if (message.type == type::kTimeExceeded) {
    event.kind = IcmpEvent::Kind::kTimeExceeded;
  } else if (message.type == type::kParameterProblem) {
    event.kind = message.code == wire::icmpv6_parameter::kNextHeader
                     ? IcmpEvent::Kind::kProtocolUnreachable
                     : IcmpEvent::Kind::kParameterProblem;
  } else if (message.type == type::kDestinationUnreachable) {
    const auto kind = unreachable_kind_v6(message.code);
    if (!kind) return std::nullopt;
    event.kind = *kind;
  } else {
    return std::nullopt;
  }
  if (!quote_packet(message.body, event) || event.source.is_v4()) return std::nullopt;
  return event;
}

bool IcmpRateLimit::take(Instant now) {
  if (per_second_ == 0) return false;
  const std::int64_t interval_ns = 1'000'000'000 / per_second_;
  const std::int64_t refill = (now - refilled_).count() / std::max<std::int64_t>(interval_ns, 1);
  if (refill > 0) {
    const std::int64_t room = burst_ - tokens_;
    tokens_ += static_cast<std::uint32_t>(std::min(refill, room));
    refilled_ = refill >= room ? now : refilled_ + Duration(refill * interval_ns);
  }
  if (tokens_ == 0) return false;
  --tokens_;
  return true;
}

}  // namespace oriel::ip
