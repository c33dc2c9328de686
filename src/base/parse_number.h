// Strict numbers out of text: digits only, no sign, no blanks, no leading zeros in decimals.
//
// Strict because "010.0.0.1" means 8.0.0.1 to some programs and 10.0.0.1 to others (RFC
// 6943 3.1.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace oriel {

inline constexpr std::uint32_t kPortMax = 65535;

/// Decimal in [0, max]; nullopt for anything else. Requires: max < 2^28.
inline std::optional<std::uint32_t> parse_decimal(std::string_view text, std::uint32_t max) {
  if (text.empty() || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
    if (value > max) return std::nullopt;
  }
  return value;
}

/// One to `digits_max` (at most 8) hexadecimal digits of either case.
inline std::optional<std::uint32_t> parse_hex(std::string_view text, std::size_t digits_max) {
  if (text.empty() || text.size() > digits_max) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : text) {
    std::uint32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<std::uint32_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<std::uint32_t>(c - 'a' + 10);
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<std::uint32_t>(c - 'A' + 10);
    } else {
      return std::nullopt;
    }
    value = value << 4 | digit;
  }
  return value;
}

}  // namespace oriel
