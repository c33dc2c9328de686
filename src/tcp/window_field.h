// Window field arithmetic: from bytes to the 16 bits in the header and back (RFC 7323 2.2, 2.3;
// spec CM-4 to CM-6). Pure functions. The surprise: 65,536 is one more than an unscaled field can
// say and must never wrap to 0, and rounding down may not take back what was promised.
#pragma once

#include <algorithm>
#include <cstdint>

namespace oriel::tcp {

inline constexpr std::uint32_t kWindowFieldMax = 65535;
inline constexpr std::uint8_t kWindowShiftMax = 14;  ///< RFC 7323 2.3

/// The largest window that a field can say at `shift`: 65,535 unscaled, 16,776,960 at 8.
constexpr std::uint32_t window_ceiling_bytes(std::uint8_t shift) {
  return kWindowFieldMax << std::min(shift, kWindowShiftMax);
}

/// The field of a SYN or SYN-ACK: never scaled (RFC 7323 2.2).
constexpr std::uint16_t syn_window_field(std::uint32_t window_bytes) {
  return static_cast<std::uint16_t>(std::min(window_bytes, kWindowFieldMax));
}

/// The field that offers `window_bytes` at `shift`, rounded down, but up where rounding down would
/// fall short of `promised_bytes` (the distance from RCV.NXT to the right edge offered before).
constexpr std::uint16_t window_field(std::uint32_t window_bytes, std::uint8_t shift,
                                     std::uint32_t promised_bytes = 0) {
  const std::uint8_t s = std::min(shift, kWindowShiftMax);
  const std::uint32_t unit = 1u << s;
  std::uint32_t field = std::min(window_bytes >> s, kWindowFieldMax);
  const std::uint32_t owed = (promised_bytes >> s) + ((promised_bytes & (unit - 1)) != 0 ? 1 : 0);
  field = std::max(field, std::min(owed, kWindowFieldMax));
  return static_cast<std::uint16_t>(field);
}

/// What a received field stands for.
constexpr std::uint32_t window_bytes(std::uint16_t field, std::uint8_t shift) {
  return std::uint32_t{field} << std::min(shift, kWindowShiftMax);
}

/// The smallest shift whose ceiling covers `bytes`, at most `shift_max` (CM-9).
constexpr std::uint8_t smallest_shift_for(std::uint32_t bytes, std::uint8_t shift_max) {
  std::uint8_t shift = 0;
  while (shift < std::min(shift_max, kWindowShiftMax) && window_ceiling_bytes(shift) < bytes)
    ++shift;
  return shift;
}

}  // namespace oriel::tcp
