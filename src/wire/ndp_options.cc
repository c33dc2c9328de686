// Every option is | type | length in units of 8 bytes | value |.
#include "wire/ndp_options.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace oriel::wire {
namespace {

constexpr std::uint8_t kSourceLinkAddress = 1;
constexpr std::uint8_t kTargetLinkAddress = 2;
constexpr std::uint8_t kPrefixInformation = 3;
constexpr std::uint8_t kRedirectedHeader = 4;
constexpr std::uint8_t kMtu = 5;

constexpr std::uint8_t kOnLink = 0x80;
constexpr std::uint8_t kAutonomous = 0x40;

constexpr std::size_t kLinkAddressBytes = 8;
constexpr std::size_t kMtuBytes = 8;
constexpr std::size_t kPrefixBytes = 32;
constexpr std::size_t kRedirectedFixedBytes = 8;
constexpr std::size_t kRedirectedBytesMax = 254 * 8;  // what the length byte leaves

MacAddress read_mac(const std::uint8_t* p) {
  MacAddress mac;
  std::memcpy(mac.bytes.data(), p, 6);
  return mac;
}

// A prefix that cannot be one (too long, IPv4-mapped, beyond the limit) is passed over.
void read_prefix(const std::uint8_t* p, NdpOptions& options) {
  const IpAddress address = IpAddress::v6(p + 16);
  if (options.prefix_count == kNdpPrefixesMax || p[2] > 128 || address.is_v4()) return;
  NdpPrefix& prefix = options.prefixes[options.prefix_count++];
  prefix.prefix = {address, p[2]};
  prefix.is_on_link = (p[3] & kOnLink) != 0;
  prefix.is_autonomous = (p[3] & kAutonomous) != 0;
  prefix.valid_lifetime_s = load_be32(p + 4);
  prefix.preferred_lifetime_s = load_be32(p + 8);
}

void read_option(ByteView option, NdpOptions& options) {
  const std::uint8_t* p = option.data();
  switch (p[0]) {
    case kSourceLinkAddress:
      if (option.size() == kLinkAddressBytes) options.source_link_address = read_mac(p + 2);
      return;
    case kTargetLinkAddress:
      if (option.size() == kLinkAddressBytes) options.target_link_address = read_mac(p + 2);
      return;
    case kPrefixInformation:
      if (option.size() == kPrefixBytes) read_prefix(p, options);
      return;
    case kRedirectedHeader:
      options.redirected = option.subspan(kRedirectedFixedBytes);
      return;
    case kMtu:
      if (option.size() == kMtuBytes) options.mtu = load_be32(p + 4);
      return;
    default:  // RFC 4861 4.6: ignored
      return;
  }
}

std::uint8_t* put_link_address(std::uint8_t* p, std::uint8_t type, const MacAddress& mac) {
  p[0] = type;
  p[1] = 1;
  std::memcpy(p + 2, mac.bytes.data(), 6);
  return p + kLinkAddressBytes;
}

std::uint8_t* put_prefix(std::uint8_t* p, const NdpPrefix& prefix) {
  p[0] = kPrefixInformation;
  p[1] = kPrefixBytes / 8;
  p[2] = prefix.prefix.bits;
  p[3] = static_cast<std::uint8_t>((prefix.is_on_link ? kOnLink : 0) |
                                   (prefix.is_autonomous ? kAutonomous : 0));
  store_be32(p + 4, prefix.valid_lifetime_s);
  store_be32(p + 8, prefix.preferred_lifetime_s);
  store_be32(p + 12, 0);
  std::memcpy(p + 16, prefix.prefix.address.bytes().data(), 16);
  return p + kPrefixBytes;
}

std::size_t redirected_bytes(const NdpOptions& options) {
  return std::min(options.redirected.size(), kRedirectedBytesMax) & ~std::size_t{7};
}

}  // namespace

std::optional<NdpOptions> parse_ndp_options(ByteView bytes) {
  std::optional<NdpOptions> options(std::in_place);
  for (std::size_t count = 0; !bytes.empty(); ++count) {
    if (count == kNdpOptionsMax || bytes.size() < 8) return std::nullopt;
    const std::size_t size = std::size_t{bytes[1]} * 8;
    if (size == 0 || size > bytes.size()) return std::nullopt;  // RFC 4861 4.6: silently discard
    read_option(bytes.first(size), *options);
    bytes = bytes.subspan(size);
  }
  return options;
}

std::size_t ndp_options_bytes(const NdpOptions& options) {
  const std::size_t redirected = redirected_bytes(options);
  return (options.source_link_address ? kLinkAddressBytes : 0) +
         (options.target_link_address ? kLinkAddressBytes : 0) + (options.mtu ? kMtuBytes : 0) +
         options.prefix_count * kPrefixBytes +
         (redirected != 0 ? kRedirectedFixedBytes + redirected : 0);
}

std::size_t emit_ndp_options(const NdpOptions& options, ByteSpan out) {
  assert(options.prefix_count <= kNdpPrefixesMax && out.size() >= ndp_options_bytes(options));
  std::uint8_t* p = out.data();
  if (options.source_link_address) {
    p = put_link_address(p, kSourceLinkAddress, *options.source_link_address);
  }
  if (options.target_link_address) {
    p = put_link_address(p, kTargetLinkAddress, *options.target_link_address);
  }
  if (options.mtu) {
    store_be32(p, std::uint32_t{kMtu} << 24 | 1u << 16);
    store_be32(p + 4, *options.mtu);
    p += kMtuBytes;
  }
  for (std::size_t i = 0; i < options.prefix_count; ++i) p = put_prefix(p, options.prefixes[i]);
  if (const std::size_t size = redirected_bytes(options); size != 0) {
    std::memset(p, 0, kRedirectedFixedBytes);
    p[0] = kRedirectedHeader;
    p[1] = static_cast<std::uint8_t>((kRedirectedFixedBytes + size) / 8);
    std::memcpy(p + kRedirectedFixedBytes, options.redirected.data(), size);
    p += kRedirectedFixedBytes + size;
  }
  return static_cast<std::size_t>(p - out.data());
}

}  // namespace oriel::wire
