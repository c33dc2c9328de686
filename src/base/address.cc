// IP addresses: classes of them, and their text both ways (RFC 4291 2.2, RFC 5952 for writing).
//
// Surprise: an IPv4 address is its IPv4-mapped form, so "::ffff:10.0.0.1" parses to 10.0.0.1 and is
// written as such.
#include "oriel/address.h"

#include <charconv>
#include <optional>

#include "base/parse_number.h"
#include "base/shown_text.h"

namespace oriel {
namespace {

constexpr std::size_t kGroups = 8;  // 16-bit groups of an IPv6 address

std::optional<IpAddress> parse_v4(std::string_view text) {
  std::array<std::uint8_t, 4> bytes{};
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t dot = i < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos) return std::nullopt;
    const auto octet = parse_decimal(text.substr(0, dot), 255);
    if (!octet) return std::nullopt;
    bytes[i] = static_cast<std::uint8_t>(*octet);
    if (i < 3) text.remove_prefix(dot + 1);
  }
  return IpAddress::v4(bytes.data());
}

struct Groups {
  std::array<std::uint16_t, kGroups> value{};
  std::size_t count = 0;
  std::optional<std::size_t> gap;  // groups before "::"
};

// One token between colons; false when it is neither a group nor a dotted quad at the end.
bool add_token(Groups& groups, std::string_view token, bool is_last) {
  if (token.find('.') != std::string_view::npos) {
    const auto v4 = is_last && groups.count <= kGroups - 2 ? parse_v4(token) : std::nullopt;
    if (!v4) return false;
    groups.value[groups.count++] = static_cast<std::uint16_t>(v4->v4_value() >> 16);
    groups.value[groups.count++] = static_cast<std::uint16_t>(v4->v4_value());
    return true;
  }
  const auto group = groups.count < kGroups ? parse_hex(token, 4) : std::nullopt;
  if (!group) return false;
  groups.value[groups.count++] = static_cast<std::uint16_t>(*group);
  return true;
}

std::optional<Groups> split_v6(std::string_view text) {
  Groups groups;
  if (text.starts_with("::")) {
    groups.gap = 0;
    text.remove_prefix(2);
  }
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    const bool is_last = colon == std::string_view::npos;
    if (!add_token(groups, text.substr(0, colon), is_last)) return std::nullopt;
    if (is_last) break;
    text.remove_prefix(colon + 1);
    if (text.empty()) return std::nullopt;  // a single colon at the end
    if (text[0] != ':') continue;
    if (groups.gap) return std::nullopt;
    groups.gap = groups.count;
    text.remove_prefix(1);
  }
  const bool is_whole = groups.gap ? groups.count < kGroups : groups.count == kGroups;
  return is_whole ? std::optional(groups) : std::nullopt;
}

std::optional<IpAddress> parse_v6(std::string_view text) {
  const auto groups = split_v6(text);
  if (!groups) return std::nullopt;
  std::array<std::uint8_t, 16> bytes{};
  const std::size_t before = groups->gap.value_or(groups->count);
  const std::size_t zeros = kGroups - groups->count;
  for (std::size_t i = 0; i < groups->count; ++i) {
    const std::size_t at = 2 * (i < before ? i : i + zeros);
    bytes[at] = static_cast<std::uint8_t>(groups->value[i] >> 8);
    bytes[at + 1] = static_cast<std::uint8_t>(groups->value[i]);
  }
  return IpAddress::v6(bytes.data());
}

struct Run {
  std::size_t begin = kGroups;
  std::size_t size = 0;
};

// The first of the longest runs of zero groups, if it is two or more (RFC 5952 4.2).
Run longest_zero_run(const std::array<std::uint16_t, kGroups>& groups) {
  Run best;
  Run current;
  for (std::size_t i = 0; i < kGroups; ++i) {
    if (groups[i] != 0) {
      current = {};
      continue;
    }
    if (current.size++ == 0) current.begin = i;
    if (current.size > best.size) best = current;
  }
  return best.size >= 2 ? best : Run{};
}

}  // namespace

Result<IpAddress> IpAddress::parse(std::string_view text) {
  const bool is_colon = text.find(':') != std::string_view::npos;
  if (const auto address = is_colon ? parse_v6(text) : parse_v4(text)) return *address;
  return fail(ErrorCode::kInvalidArgument, "not an IP address: '" + shown(text) + "'");
}

std::string IpAddress::to_string() const {
  if (is_v4()) {
    const std::uint8_t* p = v4_bytes();
    return std::to_string(p[0]) + '.' + std::to_string(p[1]) + '.' + std::to_string(p[2]) + '.' +
           std::to_string(p[3]);
  }
  std::array<std::uint16_t, kGroups> groups{};
  for (std::size_t i = 0; i < kGroups; ++i) {
    groups[i] = static_cast<std::uint16_t>(bytes_[2 * i] << 8 | bytes_[2 * i + 1]);
  }
  const Run gap = longest_zero_run(groups);
  std::string text;
  for (std::size_t i = 0; i < kGroups;) {
    if (i == gap.begin) {
      text += "::";
      i += gap.size;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    char hex[4];
    text.append(hex, std::to_chars(hex, hex + sizeof hex, groups[i++], 16).ptr);
  }
  return text;
}

bool IpAddress::is_unspecified() const {
  return *this == v6_any() || *this == v4_any();
}

bool IpAddress::is_loopback() const {
  if (is_v4()) return v4_bytes()[0] == 127;
  static constexpr std::array<std::uint8_t, 16> kOne = {0, 0, 0, 0, 0, 0, 0, 0,
                                                        0, 0, 0, 0, 0, 0, 0, 1};
  return bytes_ == kOne;
}

bool IpAddress::is_multicast() const {
  return is_v4() ? (v4_bytes()[0] & 0xf0) == 0xe0 : bytes_[0] == 0xff;
}

bool IpAddress::is_link_local() const {
  if (is_v4()) return v4_bytes()[0] == 169 && v4_bytes()[1] == 254;
  return bytes_[0] == 0xfe && (bytes_[1] & 0xc0) == 0x80;
}

}  // namespace oriel
