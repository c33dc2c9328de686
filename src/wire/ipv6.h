// The IPv6 header and the chain of extension headers behind it (RFC 8200).
//
// Surprise: packets from or to IPv4-mapped addresses do not parse. Such addresses never belong on a
// wire (RFC 4291 2.5.5.2 gives them to the API only), and here they would turn into IPv4 addresses.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "oriel/address.h"
#include "wire/ipv4.h"

namespace oriel::wire {

inline constexpr std::size_t kIpv6HeaderBytes = 40;
inline constexpr std::size_t kIpv6FragmentHeaderBytes = 8;
inline constexpr std::uint16_t kIpv6NextHeaderOffset = 6;  // of the fixed header's own field
/// Extension headers walked before a packet is given up. RFC 8200 4.1 orders at most 7 of them.
inline constexpr std::size_t kIpv6ExtensionHeadersMax = 8;
/// Options walked in one hop-by-hop or destination options header, padding included.
inline constexpr std::size_t kIpv6OptionsPerHeaderMax = 32;

struct Ipv6Header {
  IpAddress source;
  IpAddress destination;
  std::uint32_t flow_label = 0;     ///< 20 bits
  std::uint16_t payload_bytes = 0;  ///< everything behind the fixed header
  std::uint8_t traffic_class = 0;
  std::uint8_t next_header = 0;
  std::uint8_t hop_limit = 64;
};

/// Parses the fixed header of a packet. nullopt: not version 6, shorter than its payload length
/// says, or an IPv4-mapped address.
std::optional<Ipv6Header> parse_ipv6(ByteView packet);

/// The same for a packet quoted in an ICMPv6 error, which may be cut behind the fixed header.
std::optional<Ipv6Header> parse_quoted_ipv6(ByteView packet);

/// Writes the fixed header; returns 40. Requires: out.size() >= 40.
std::size_t emit_ipv6(const Ipv6Header& header, ByteSpan out);

struct Ipv6Fragment {
  std::uint16_t offset_bytes = 0;  ///< multiple of 8
  bool more = false;
  std::uint32_t id = 0;
  std::uint16_t header_offset = 0;       ///< of the fragment header, from the start of the packet
  std::uint16_t next_header_offset = 0;  ///< of the field that names the fragment header

  /// Neither first nor last missing: a whole packet that carries a fragment header (RFC 6946).
  bool is_atomic() const { return offset_bytes == 0 && !more; }
};

/// Why a chain cannot be accepted, and what RFC 8200 4.2 wants sent back.
struct Ipv6Problem {
  enum class Answer : std::uint8_t {
    kSilence,                    ///< discard
    kParameterProblem,           ///< ICMPv6 Parameter Problem, multicast destination or not
    kParameterProblemIfUnicast,  ///< only if the destination was not multicast
  };
  Answer answer = Answer::kSilence;
  std::uint8_t code = 0;      ///< of the Parameter Problem: 0 field, 1 next header, 2 option
  std::uint32_t pointer = 0;  ///< offset of the offending byte from the start of the packet
};

struct Ipv6Extensions {
  std::uint8_t protocol = 0;       ///< first header that is not an extension walked here
  std::uint16_t upper_offset = 0;  ///< where it starts, from the start of the packet
  std::uint16_t next_header_offset = kIpv6NextHeaderOffset;  ///< field that names it
  std::optional<Ipv6Fragment> fragment;
  std::optional<Ipv6Problem> problem;  ///< set: the packet must not go further
};

/// Walks hop-by-hop, routing, fragment and destination options headers. Stops behind the header of
/// a fragment that is not atomic: what follows it is payload of the reassembled packet, which is
/// walked again. A protocol that nobody knows is the caller's to answer, with `next_header_offset`
/// as pointer. nullopt: a header is cut off, or kIpv6ExtensionHeadersMax or
/// kIpv6OptionsPerHeaderMax is passed. `packet` starts with the fixed header; bytes behind its
/// payload length are not looked at.
std::optional<Ipv6Extensions> walk_ipv6_extensions(ByteView packet);

}  // namespace oriel::wire
