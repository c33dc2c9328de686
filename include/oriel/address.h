// Addresses as values: IPv4 and IPv6 in one type, endpoints, prefixes, hardware addresses.
//
// An IPv4 address is kept as its IPv4-mapped IPv6 form (RFC 4291 2.5.5.2), so that tables, hashes
// and comparisons have one shape. Bytes are in network order.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "oriel/error.h"
#include "oriel/export.h"

namespace oriel {

class ORIEL_API IpAddress {
 public:
  constexpr IpAddress() = default;  ///< the IPv6 unspecified address `::`

  static constexpr IpAddress v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
    IpAddress r;
    r.bytes_ = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d};
    return r;
  }
  /// From four bytes in network order.
  static IpAddress v4(const std::uint8_t* four) { return v4(four[0], four[1], four[2], four[3]); }
  /// From sixteen bytes in network order.
  static IpAddress v6(const std::uint8_t* sixteen) {
    IpAddress r;
    std::memcpy(r.bytes_.data(), sixteen, 16);
    return r;
  }
  static constexpr IpAddress v4_any() { return v4(0, 0, 0, 0); }
  static constexpr IpAddress v4_broadcast() { return v4(255, 255, 255, 255); }
  static constexpr IpAddress v6_any() { return {}; }

  /// "10.0.0.1" or "fd00::1"; no zone, no prefix length.
  static Result<IpAddress> parse(std::string_view text);
  std::string to_string() const;

  bool is_v4() const {
    static constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return std::memcmp(bytes_.data(), kMapped, 12) == 0;
  }
  bool is_v6() const { return !is_v4(); }
  bool is_unspecified() const;  ///< 0.0.0.0 or ::
  bool is_loopback() const;     ///< 127.0.0.0/8 or ::1
  bool is_multicast() const;    ///< 224.0.0.0/4 or ff00::/8
  bool is_link_local() const;   ///< 169.254.0.0/16 or fe80::/10
  bool is_broadcast() const { return *this == v4_broadcast(); }

  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
  const std::uint8_t* v4_bytes() const { return bytes_.data() + 12; }
  std::uint32_t v4_value() const {  ///< host order
    const std::uint8_t* p = v4_bytes();
    return std::uint32_t{p[0]} << 24 | std::uint32_t{p[1]} << 16 | std::uint32_t{p[2]} << 8 | p[3];
  }
  static constexpr IpAddress v4_from_value(std::uint32_t v) {
    return v4(static_cast<std::uint8_t>(v >> 24), static_cast<std::uint8_t>(v >> 16),
              static_cast<std::uint8_t>(v >> 8), static_cast<std::uint8_t>(v));
  }

  friend constexpr auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

/// An address and the length of its network part: "10.0.0.2/24". `bits` counts within the family
/// (0..32 for IPv4, 0..128 for IPv6).
struct ORIEL_API Prefix {
  IpAddress address;
  std::uint8_t bits = 0;

  static Result<Prefix> parse(std::string_view text);
  std::string to_string() const;
  bool contains(const IpAddress& a) const;  ///< same family and equal in the first `bits`
  /// The IPv4 directed broadcast address of the network; only for IPv4 with bits <= 30.
  IpAddress v4_directed_broadcast() const;
  friend constexpr auto operator<=>(const Prefix&, const Prefix&) = default;
};

/// An address and a port (host order).
struct ORIEL_API Endpoint {
  IpAddress address;
  std::uint16_t port = 0;

  /// "10.0.0.1:80", "[fd00::1]:80".
  static Result<Endpoint> parse(std::string_view text);
  std::string to_string() const;
  friend constexpr auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

/// 48-bit hardware address.
struct ORIEL_API MacAddress {
  std::array<std::uint8_t, 6> bytes{};

  static Result<MacAddress> parse(std::string_view text);  ///< "02:00:00:00:00:01"
  std::string to_string() const;
  bool is_multicast() const { return (bytes[0] & 1) != 0; }
  static constexpr MacAddress broadcast() { return {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}; }
  friend constexpr auto operator<=>(const MacAddress&, const MacAddress&) = default;
};

}  // namespace oriel
