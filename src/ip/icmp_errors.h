// ICMP errors both ways: when one may be sent, what it says, and what a received one means to a
// flow.
//
// RFC 1122 3.2.2 and RFC 4443 2.4(e) decide when to keep silent: about ICMP errors, about fragments
// other than the first, about broadcasts and multicasts, to sources that are no single host. The
// rate is limited for the whole host (RFC 4443 2.4(f)).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "ip/packet.h"
#include "oriel/address.h"
#include "oriel/time.h"
#include "wire/icmpv4.h"
#include "wire/icmpv6.h"

namespace oriel::ip {

/// IPv4: as much as fits 576 bytes (RFC 1812 4.3.2.3); IPv6: 1280 (RFC 4443 2.4(c)). IP header
/// included.
inline constexpr std::size_t kIcmpv4ErrorBytesMax = 576;
inline constexpr std::size_t kIcmpv6ErrorBytesMax = 1280;

enum class IcmpError : std::uint8_t {
  kPortUnreachable,
  kProtocolUnreachable,  ///< IPv6: parameter problem, unrecognised next header
  kReassemblyTimeout,    ///< time exceeded, code 1
  kParameterProblem,     ///< `value`: pointer
  kUnknownOption,        ///< IPv6 parameter problem code 2; `value`: pointer
};

/// Whether an error about `packet` (from its IP header) may be sent at all. `is_link_multicast`: it
/// came in a link-layer broadcast or multicast.
bool may_answer_with_error(ByteView packet, bool is_link_multicast);

/// An ICMP message (no IP header) with its checksum, quoting `packet`. Returns its length, 0 when
/// the packet is too short to quote. Requires: out.size() >= kIcmpv6ErrorBytesMax.
std::size_t build_icmp_error(IcmpError error, std::uint32_t value, const IpAddress& source,
                             const IpAddress& destination, ByteView packet, ByteSpan out);

/// What a received ICMP error says about one of our packets; nullopt: it is no error that concerns
/// a transport, it quotes fewer than eight transport bytes, or its MTU is none (below 68, below
/// 1280). Nothing is checked against a flow here (RFC 5927): that is for the one who knows the
/// flow.
std::optional<IcmpEvent> parse_icmpv4_error(const wire::Icmpv4Message& message);
std::optional<IcmpEvent> parse_icmpv6_error(const wire::Icmpv6Message& message);
/// Fills source, destination, protocol and transport of `event` from a packet (or the beginning of
/// one) of ours. False: not enough of it.
bool quote_packet(ByteView packet, IcmpEvent& event);

/// Token bucket for errors of one host.
class IcmpRateLimit {
 public:
  IcmpRateLimit(std::uint32_t per_second, std::uint32_t burst)
      : per_second_(per_second), burst_(burst), tokens_(burst) {}
  /// Takes a token. False: none is left.
  bool take(Instant now);

 private:
  std::uint32_t per_second_;
  std::uint32_t burst_;
  std::uint32_t tokens_;
  Instant refilled_;
};

}  // namespace oriel::ip
