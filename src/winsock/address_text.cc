// Reading is strict about what follows the address: "1.2.3.4x" is none. Surprise: a leading zero
// means octal to inet_addr and nothing at all to inet_pton.
#include "winsock/address_text.h"

#include <charconv>
#include <cstring>

#include "base/bytes.h"
#include "base/parse_number.h"
#include "oriel/address.h"

namespace oriel::winsock {
namespace {

template <class T>
std::optional<T> number(std::string_view digits, int base) {
  T value{};
  const auto end = digits.data() + digits.size();
  const auto [at, error] = std::from_chars(digits.data(), end, value, base);
  if (error != std::errc{} || at != end || digits.empty()) return std::nullopt;
  return value;
}

// One number of inet_addr: C's three notations.
std::optional<std::uint32_t> c_number(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) {
    return number<std::uint32_t>(text.substr(2), 16);
  }
  return number<std::uint32_t>(text, text.size() > 1 && text[0] == '0' ? 8 : 10);
}

// ":80" at the end; nullopt: there is something else. No text is port 0.
std::optional<std::uint16_t> port_after_colon(std::string_view text) {
  if (text.empty()) return std::uint16_t{0};
  if (text[0] != ':') return std::nullopt;
  text.remove_prefix(1);
  const auto port = c_number(text);
  if (!port || *port > kPortMax) return std::nullopt;
  return static_cast<std::uint16_t>(*port);
}

bool is_zero(const std::uint8_t* bytes, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    if (bytes[i] != 0) return false;
  }
  return true;
}

std::string dotted(const std::uint8_t* four) {
  return IpAddress::v4(four).to_string();
}

// "::a.b.c.d" with more than 16 bits behind the zeros (RFC 4291 2.5.5.1).
bool is_v4_compatible(const std::uint8_t* b) {
  return is_zero(b, 12) && !is_zero(b + 12, 2);
}

// Interface identifier 0:5efe:a.b.c.d or 200:5efe:a.b.c.d (RFC 5214 6.1).
bool is_isatap(const std::uint8_t* b) {
  return (b[8] & 0xfd) == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe;
}

}  // namespace

std::optional<std::uint32_t> parse_ipv4_loose(std::string_view text) {
  std::uint32_t value = 0;
  for (int part = 0; part < 4; ++part) {
    const std::size_t dot = part < 3 ? text.find('.') : text.npos;
    const auto n = c_number(text.substr(0, dot));
    if (!n) return std::nullopt;
    if (dot == text.npos) {  // the last fills the bytes that are left
      const std::uint64_t limit = std::uint64_t{1} << (32 - 8 * part);
      if (*n >= limit) return std::nullopt;
      return value | *n;
    }
    if (*n > 255) return std::nullopt;
    value |= *n << (24 - 8 * part);
    text.remove_prefix(dot + 1);
  }
  return std::nullopt;
}

std::optional<std::uint32_t> parse_ipv4_strict(std::string_view text) {
  if (text.find(':') != text.npos) return std::nullopt;
  const auto address = IpAddress::parse(text);
  if (!address) return std::nullopt;
  return address->v4_value();
}

std::optional<Ipv6Bytes> parse_ipv6(std::string_view text) {
  if (text.find(':') == text.npos) return std::nullopt;
  const auto address = IpAddress::parse(text);
  if (!address) return std::nullopt;
  return address->bytes();
}

std::optional<ScopedIpv6> parse_scoped_ipv6(std::string_view text) {
  const std::size_t percent = text.find('%');
  const auto bytes = parse_ipv6(text.substr(0, percent));
  if (!bytes) return std::nullopt;
  if (percent == text.npos) return ScopedIpv6{*bytes, 0};
  const auto scope = number<ULONG>(text.substr(percent + 1), 10);
  if (!scope) return std::nullopt;
  return ScopedIpv6{*bytes, *scope};
}

std::string ipv4_text(const in_addr& address) {
  std::uint8_t four[4];
  std::memcpy(four, &address, 4);
  return dotted(four);
}

std::string ipv6_text(const std::uint8_t* sixteen) {
  const IpAddress address = IpAddress::v6(sixteen);
  if (address.is_v4()) return "::ffff:" + address.to_string();
  if (is_v4_compatible(sixteen)) return "::" + dotted(sixteen + 12);
  if (!is_isatap(sixteen)) return address.to_string();
  Ipv6Bytes head{};  // with ones for the last groups, so that no "::" reaches into them
  std::memcpy(head.data(), sixteen, 12);
  head[13] = head[15] = 1;
  const std::string text = IpAddress::v6(head.data()).to_string();
  return text.substr(0, text.size() - 3) + dotted(sixteen + 12);
}

std::size_t socket_address_bytes(int family) {
  if (family == AF_INET) return sizeof(sockaddr_in);
  return family == AF_INET6 ? sizeof(sockaddr_in6) : 0;
}

std::string socket_address_text(const sockaddr* address, std::size_t bytes) {
  const std::size_t needed = socket_address_bytes(address->sa_family);
  if (needed == 0 || bytes < needed) return {};
  SOCKADDR_INET any{};
  std::memcpy(&any, address, needed);
  const bool is_v4 = any.si_family == AF_INET;
  const unsigned port = __builtin_bswap16(is_v4 ? any.Ipv4.sin_port : any.Ipv6.sin6_port);
  const std::string port_text = port == 0 ? "" : ":" + std::to_string(port);
  if (is_v4) return ipv4_text(any.Ipv4.sin_addr) + port_text;
  std::uint8_t sixteen[16];
  std::memcpy(sixteen, &any.Ipv6.sin6_addr, sizeof sixteen);
  std::string text = ipv6_text(sixteen);
  if (any.Ipv6.sin6_scope_id != 0) text += '%' + std::to_string(any.Ipv6.sin6_scope_id);
  return port == 0 ? text : '[' + text + ']' + port_text;
}

namespace {

std::optional<SOCKADDR_INET> parse_v4(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto value = parse_ipv4_loose(text.substr(0, colon));
  const auto port = port_after_colon(colon == text.npos ? "" : text.substr(colon));
  if (!value || !port) return std::nullopt;
  SOCKADDR_INET out{};
  out.Ipv4.sin_family = AF_INET;
  out.Ipv4.sin_port = __builtin_bswap16(*port);
  const std::uint32_t wire = __builtin_bswap32(*value);
  std::memcpy(&out.Ipv4.sin_addr, &wire, sizeof wire);
  return out;
}

std::optional<SOCKADDR_INET> parse_v6(std::string_view text) {
  std::string_view tail;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == text.npos) return std::nullopt;
    tail = text.substr(end + 1);
    text = text.substr(1, end - 1);
  }
  const auto scoped = parse_scoped_ipv6(text);
  const auto port = port_after_colon(tail);
  if (!scoped || !port) return std::nullopt;
  SOCKADDR_INET out{};
  out.Ipv6.sin6_family = AF_INET6;
  out.Ipv6.sin6_port = __builtin_bswap16(*port);
  out.Ipv6.sin6_scope_id = scoped->scope_id;
  std::memcpy(&out.Ipv6.sin6_addr, scoped->bytes.data(), scoped->bytes.size());
  return out;
}

}  // namespace

std::optional<SOCKADDR_INET> parse_socket_address(std::string_view text, int family) {
  if (family == AF_INET) return parse_v4(text);
  return family == AF_INET6 ? parse_v6(text) : std::nullopt;
}

}  // namespace oriel::winsock
