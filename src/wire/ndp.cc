// The five messages: fixed part here, options in ndp_options.cc, checksum in icmpv6.cc.
//
// The writers lay out the body in place behind the ICMPv6 header and let emit_icmpv6 finish it.
#include "wire/ndp.h"

#include <cassert>
#include <cstring>

#include "wire/ndp_options.h"

namespace oriel::wire {
namespace {

constexpr std::uint32_t kRouterFlag = 0x80000000u;
constexpr std::uint32_t kSolicitedFlag = 0x40000000u;
constexpr std::uint32_t kOverrideFlag = 0x20000000u;
constexpr std::uint32_t kManagedFlag = 0x00800000u;
constexpr std::uint32_t kOtherConfigFlag = 0x00400000u;

constexpr std::size_t kAddressBytes = 16;
constexpr std::size_t kTimersBytes = 8;  // reachable time and retrans timer

// The options behind `fixed_bytes` of body; nullopt unless the message is of this type and whole.
std::optional<NdpOptions> options_of(const Icmpv6Message& message, std::uint8_t type,
                                     std::size_t fixed_bytes) {
  if (message.type != type || message.code != 0) return std::nullopt;
  if (message.body.size() < fixed_bytes) return std::nullopt;
  return parse_ndp_options(message.body.subspan(fixed_bytes));
}

bool is_unicast(const IpAddress& address) {
  return address.is_v6() && !address.is_multicast();
}

std::uint8_t* put_address(std::uint8_t* p, const IpAddress& address) {
  std::memcpy(p, address.bytes().data(), kAddressBytes);
  return p + kAddressBytes;
}

// Options behind the fixed part that ends at `p`, then header and checksum around both.
std::size_t finish(std::uint8_t type, std::uint32_t rest_of_header, const NdpOptions& options,
                   const IpAddress& source, const IpAddress& destination, std::size_t fixed_bytes,
                   ByteSpan out) {
  const ByteSpan body = out.subspan(kIcmpHeaderBytes);
  const std::size_t body_bytes = fixed_bytes + emit_ndp_options(options, body.subspan(fixed_bytes));
  return emit_icmpv6({type, 0, rest_of_header, body.first(body_bytes)}, source, destination, out);
}

}  // namespace

std::optional<NeighbourSolicitation> parse_neighbour_solicitation(const Icmpv6Message& message) {
  const auto options = options_of(message, icmpv6_type::kNeighbourSolicitation, kAddressBytes);
  if (!options) return std::nullopt;
  const IpAddress target = IpAddress::v6(message.body.data());
  if (!is_unicast(target)) return std::nullopt;
  return NeighbourSolicitation{target, options->source_link_address};
}

std::optional<NeighbourAdvertisement> parse_neighbour_advertisement(const Icmpv6Message& message) {
  const auto options = options_of(message, icmpv6_type::kNeighbourAdvertisement, kAddressBytes);
  if (!options) return std::nullopt;
  const IpAddress target = IpAddress::v6(message.body.data());
  if (!is_unicast(target)) return std::nullopt;
  const std::uint32_t flags = message.rest_of_header;
  return NeighbourAdvertisement{target, (flags & kRouterFlag) != 0, (flags & kSolicitedFlag) != 0,
                                (flags & kOverrideFlag) != 0, options->target_link_address};
}

std::optional<RouterSolicitation> parse_router_solicitation(const Icmpv6Message& message) {
  const auto options = options_of(message, icmpv6_type::kRouterSolicitation, 0);
  if (!options) return std::nullopt;
  return RouterSolicitation{options->source_link_address};
}

std::optional<RouterAdvertisement> parse_router_advertisement(const Icmpv6Message& message) {
  const auto options = options_of(message, icmpv6_type::kRouterAdvertisement, kTimersBytes);
  if (!options) return std::nullopt;
  const std::uint32_t first = message.rest_of_header;
  RouterAdvertisement advertisement;
  advertisement.hop_limit = static_cast<std::uint8_t>(first >> 24);
  advertisement.is_managed = (first & kManagedFlag) != 0;
  advertisement.is_other_config = (first & kOtherConfigFlag) != 0;
  advertisement.router_lifetime_s = static_cast<std::uint16_t>(first);
  advertisement.reachable_time_ms = load_be32(message.body.data());
  advertisement.retrans_timer_ms = load_be32(message.body.data() + 4);
  advertisement.options = *options;
  return advertisement;
}

std::optional<NdpRedirect> parse_ndp_redirect(const Icmpv6Message& message) {
  const auto options = options_of(message, icmpv6_type::kRedirect, 2 * kAddressBytes);
  if (!options) return std::nullopt;
  const IpAddress target = IpAddress::v6(message.body.data());
  const IpAddress destination = IpAddress::v6(message.body.data() + kAddressBytes);
  if (!is_unicast(target) || !is_unicast(destination)) return std::nullopt;
  return NdpRedirect{target, destination, options->target_link_address, options->redirected};
}

std::size_t emit_neighbour_solicitation(const NeighbourSolicitation& message,
                                        const IpAddress& source, const IpAddress& destination,
                                        ByteSpan out) {
  assert(out.size() >= kNdpMessageBytesMax);
  put_address(out.data() + kIcmpHeaderBytes, message.target);
  NdpOptions options;
  options.source_link_address = message.source_link_address;
  return finish(icmpv6_type::kNeighbourSolicitation, 0, options, source, destination, kAddressBytes,
                out);
}

std::size_t emit_neighbour_advertisement(const NeighbourAdvertisement& message,
                                         const IpAddress& source, const IpAddress& destination,
                                         ByteSpan out) {
  assert(out.size() >= kNdpMessageBytesMax);
  put_address(out.data() + kIcmpHeaderBytes, message.target);
  const std::uint32_t flags = (message.is_router ? kRouterFlag : 0) |
                              (message.is_solicited ? kSolicitedFlag : 0) |
                              (message.is_override ? kOverrideFlag : 0);
  NdpOptions options;
  options.target_link_address = message.target_link_address;
  return finish(icmpv6_type::kNeighbourAdvertisement, flags, options, source, destination,
                kAddressBytes, out);
}

std::size_t emit_router_solicitation(const RouterSolicitation& message, const IpAddress& source,
                                     const IpAddress& destination, ByteSpan out) {
  assert(out.size() >= kNdpMessageBytesMax);
  NdpOptions options;
  options.source_link_address = message.source_link_address;
  return finish(icmpv6_type::kRouterSolicitation, 0, options, source, destination, 0, out);
}

std::size_t emit_router_advertisement(const RouterAdvertisement& message, const IpAddress& source,
                                      const IpAddress& destination, ByteSpan out) {
  NdpOptions options = message.options;
  options.redirected = {};
  assert(out.size() >= kIcmpHeaderBytes + kTimersBytes + ndp_options_bytes(options));
  const std::uint32_t first =
      std::uint32_t{message.hop_limit} << 24 | (message.is_managed ? kManagedFlag : 0) |
      (message.is_other_config ? kOtherConfigFlag : 0) | message.router_lifetime_s;
  store_be32(out.data() + kIcmpHeaderBytes, message.reachable_time_ms);
  store_be32(out.data() + kIcmpHeaderBytes + 4, message.retrans_timer_ms);
  return finish(icmpv6_type::kRouterAdvertisement, first, options, source, destination,
                kTimersBytes, out);
}

std::size_t emit_ndp_redirect(const NdpRedirect& message, const IpAddress& source,
                              const IpAddress& destination, ByteSpan out) {
  NdpOptions options;
  options.target_link_address = message.target_link_address;
  options.redirected = message.redirected;
  assert(out.size() >= kIcmpHeaderBytes + 2 * kAddressBytes + ndp_options_bytes(options));
  put_address(put_address(out.data() + kIcmpHeaderBytes, message.target), message.destination);
  return finish(icmpv6_type::kRedirect, 0, options, source, destination, 2 * kAddressBytes, out);
}

}  // namespace oriel::wire
