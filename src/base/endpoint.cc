// Prefixes, endpoints and hardware addresses: their text both ways, and what a prefix contains.
#include <algorithm>
#include <cstring>

#include "base/parse_number.h"
#include "base/shown_text.h"
#include "oriel/address.h"

namespace oriel {
namespace {

Failure bad_text(std::string_view what, std::string_view text) {
  std::string sentence = "not ";
  sentence += what;
  sentence += ": '";
  sentence += shown(text);
  sentence += "'";
  return fail(ErrorCode::kInvalidArgument, std::move(sentence));
}

}  // namespace

Result<Prefix> Prefix::parse(std::string_view text) {
  static constexpr std::string_view kWhat = "an address with a prefix length such as 10.0.0.2/24";
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return bad_text(kWhat, text);
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return bad_text(kWhat, text);
  const auto bits = parse_decimal(text.substr(slash + 1), address->is_v4() ? 32 : 128);
  if (!bits) return bad_text(kWhat, text);
  return Prefix{*address, static_cast<std::uint8_t>(*bits)};
}

std::string Prefix::to_string() const {
  return address.to_string() + '/' + std::to_string(bits);
}

bool Prefix::contains(const IpAddress& a) const {
  if (a.is_v4() != address.is_v4()) return false;
  const std::size_t significant = std::min<std::size_t>(bits + (a.is_v4() ? 96u : 0u), 128);
  const std::size_t whole = significant / 8;
  if (std::memcmp(a.bytes().data(), address.bytes().data(), whole) != 0) return false;
  const std::size_t rest = significant % 8;
  if (rest == 0) return true;
  return ((a.bytes()[whole] ^ address.bytes()[whole]) >> (8 - rest)) == 0;
}

IpAddress Prefix::v4_directed_broadcast() const {
  const std::uint32_t host_mask = bits >= 32 ? 0 : 0xffffffffu >> bits;
  return IpAddress::v4_from_value(address.v4_value() | host_mask);
}

Result<Endpoint> Endpoint::parse(std::string_view text) {
  static constexpr std::string_view kWhat = "an address with a port such as 10.0.0.1:80";
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad_text(kWhat, text);
  std::string_view host = text.substr(0, colon);
  const bool is_bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  // Brackets go with colons in the address, and only with them: "fd00::1:80" would be ambiguous.
  if ((host.find(':') != std::string_view::npos) != is_bracketed) return bad_text(kWhat, text);
  const auto address = IpAddress::parse(host);
  const auto port = parse_decimal(text.substr(colon + 1), 65535);
  if (!address || !port) return bad_text(kWhat, text);
  return Endpoint{*address, static_cast<std::uint16_t>(*port)};
}

std::string Endpoint::to_string() const {
  const std::string host = address.to_string();
  return (address.is_v4() ? host : '[' + host + ']') + ':' + std::to_string(port);
}

Result<MacAddress> MacAddress::parse(std::string_view text) {
  static constexpr std::string_view kWhat = "a hardware address such as 02:00:00:00:00:01";
  MacAddress mac;
  if (text.size() != 17) return bad_text(kWhat, text);
  for (std::size_t i = 0; i < 6; ++i) {
    const auto byte = parse_hex(text.substr(3 * i, 2), 2);
    if (!byte || (i < 5 && text[3 * i + 2] != ':')) return bad_text(kWhat, text);
    mac.bytes[i] = static_cast<std::uint8_t>(*byte);
  }
  return mac;
}

std::string MacAddress::to_string() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    if (!text.empty()) text += ':';
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace oriel
