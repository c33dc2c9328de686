// The walk along the extension headers: one step a header, each of bounded work (RFC 8200 4).
//
//   fixed(next) -> [hop-by-hop(next)] -> [destination(next)] -> [routing(next)] -> [fragment(next)]
//   -> [destination(next)] -> upper.   Any order is taken but hop-by-hop, which must come first
//   (4.1).
#include <algorithm>

#include "wire/ipv6.h"

namespace oriel::wire {
namespace {

using Answer = Ipv6Problem::Answer;

enum class Step : std::uint8_t { kNext, kStop, kTruncated };

constexpr std::uint8_t kCodeField = 0;       // erroneous header field
constexpr std::uint8_t kCodeNextHeader = 1;  // unrecognised next header
constexpr std::uint8_t kCodeOption = 2;      // unrecognised option

constexpr std::uint8_t kPad1 = 0;
constexpr std::uint8_t kPadN = 1;
constexpr std::uint8_t kRouterAlert = 5;

Step stop_with(Ipv6Extensions& walk, Answer answer, std::uint8_t code, std::size_t pointer) {
  walk.problem = Ipv6Problem{answer, code, static_cast<std::uint32_t>(pointer)};
  return Step::kStop;
}

// What the two highest bits of an option that is not known ask for (RFC 8200 4.2).
Step on_unknown_option(std::uint8_t type, std::size_t at, Ipv6Extensions& walk) {
  switch (type >> 6) {
    case 0:
      return Step::kNext;
    case 1:
      return stop_with(walk, Answer::kSilence, kCodeOption, at);
    case 2:
      return stop_with(walk, Answer::kParameterProblem, kCodeOption, at);
    default:
      return stop_with(walk, Answer::kParameterProblemIfUnicast, kCodeOption, at);
  }
}

// The options in packet[at, end).
Step walk_options(ByteView packet, std::size_t at, std::size_t end, Ipv6Extensions& walk) {
  for (std::size_t count = 0; at < end; ++count) {
    if (count == kIpv6OptionsPerHeaderMax) return Step::kTruncated;
    const std::uint8_t type = packet[at];
    if (type == kPad1) {
      ++at;
      continue;
    }
    if (end - at < 2 || end - at - 2 < packet[at + 1]) return Step::kTruncated;
    if (type != kPadN && type != kRouterAlert) {
      const Step step = on_unknown_option(type, at, walk);
      if (step != Step::kNext) return step;
    }
    at += 2u + packet[at + 1];
  }
  return Step::kNext;
}

Step walk_fragment(ByteView packet, Ipv6Extensions& walk) {
  const std::size_t at = walk.upper_offset;
  if (packet.size() - at < kIpv6FragmentHeaderBytes) return Step::kTruncated;
  const std::uint16_t field = load_be16(packet.data() + at + 2);
  Ipv6Fragment fragment;
  fragment.offset_bytes = field & 0xfff8;
  fragment.more = (field & 1) != 0;
  fragment.id = load_be32(packet.data() + at + 4);
  fragment.header_offset = static_cast<std::uint16_t>(at);
  fragment.next_header_offset = walk.next_header_offset;
  walk.fragment = fragment;
  walk.protocol = packet[at];
  walk.next_header_offset = static_cast<std::uint16_t>(at);
  walk.upper_offset = static_cast<std::uint16_t>(at + kIpv6FragmentHeaderBytes);
  return fragment.is_atomic() ? Step::kNext : Step::kStop;
}

// A header of the common shape: next header, length in 8 bytes beyond the first 8.
Step walk_sized(ByteView packet, Ipv6Extensions& walk) {
  const std::size_t at = walk.upper_offset;
  if (packet.size() - at < 8) return Step::kTruncated;
  const std::size_t end = at + 8 + std::size_t{packet[at + 1]} * 8;
  if (end > packet.size()) return Step::kTruncated;
  Step step = Step::kNext;
  if (walk.protocol != ip_protocol::kRouting) {
    step = walk_options(packet, at + 2, end, walk);
  } else if (packet[at + 3] != 0) {  // segments left, of a routing type that nobody here follows
    step = stop_with(walk, Answer::kParameterProblem, kCodeField, at + 2);
  }
  if (step != Step::kNext) return step;
  walk.protocol = packet[at];
  walk.next_header_offset = static_cast<std::uint16_t>(at);
  walk.upper_offset = static_cast<std::uint16_t>(end);
  return Step::kNext;
}

}  // namespace

std::optional<Ipv6Extensions> walk_ipv6_extensions(ByteView packet) {
  if (packet.size() < kIpv6HeaderBytes) return std::nullopt;
  const std::size_t payload_bytes = load_be16(packet.data() + 4);
  packet = packet.first(std::min(packet.size(), kIpv6HeaderBytes + payload_bytes));
  std::optional<Ipv6Extensions> walk(std::in_place);
  walk->protocol = packet[kIpv6NextHeaderOffset];
  walk->upper_offset = kIpv6HeaderBytes;
  for (std::size_t count = 0;; ++count) {
    Step step = Step::kStop;
    switch (walk->protocol) {
      case ip_protocol::kHopByHop:
        step = count == 0 ? walk_sized(packet, *walk)
                          : stop_with(*walk, Answer::kParameterProblem, kCodeNextHeader,
                                      walk->next_header_offset);
        break;
      case ip_protocol::kRouting:
      case ip_protocol::kDestinationOptions:
        step = count < kIpv6ExtensionHeadersMax ? walk_sized(packet, *walk) : Step::kTruncated;
        break;
      case ip_protocol::kFragment:
        step = count < kIpv6ExtensionHeadersMax ? walk_fragment(packet, *walk) : Step::kTruncated;
        break;
      default:
        break;
    }
    if (step == Step::kTruncated) return std::nullopt;
    if (step == Step::kStop) return walk;
  }
}

}  // namespace oriel::wire
