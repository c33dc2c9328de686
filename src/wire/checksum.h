// The Internet checksum (RFC 1071): whole, in pieces, updated in place (RFC 1624), and half done
// for devices that finish it.
//
// A "sum" here is a 32-bit running total of big-endian 16-bit words, in host order, not
// complemented; adding a fold() of it to another sum is adding its words. A "checksum" is the
// 16-bit complement that stands in a header, in host order. Surprise: one formula serves both
// pseudo-headers. An IPv4 address is kept IPv4-mapped, its extra words are 0x0000 and 0xffff, and
// both are zero in ones' complement.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "oriel/address.h"

namespace oriel::wire {

/// Folds the carries of a sum into 16 bits.
constexpr std::uint16_t checksum_fold(std::uint32_t sum) {
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum + (sum >> 16));
}

/// Adds bytes that start at an even offset of the message; an odd last byte counts as if a zero
/// followed (so only the last piece may be odd; else use ChecksumAccumulator). Bound: the result is
/// at most 0x1fffe, whatever `sum` was.
std::uint32_t checksum_add(std::uint32_t sum, ByteView bytes);

/// Checksum of a message on its own.
std::uint16_t checksum(ByteView bytes);

/// True when bytes that contain their own checksum, on top of `sum`, are as they were sent.
inline bool is_checksum_ok(std::uint32_t sum, ByteView bytes) {
  return checksum_fold(checksum_add(sum, bytes)) == 0xffff;
}

/// Adds pieces of any length, odd ones in the middle too.
class ChecksumAccumulator {
 public:
  ChecksumAccumulator() = default;
  explicit ChecksumAccumulator(std::uint32_t sum) : sum_(sum) {}

  void add(ByteView bytes);
  void add_be16(std::uint16_t v) { add_word(v); }
  void add_be32(std::uint32_t v) { add_word((v >> 16) + (v & 0xffff)); }
  /// Folded, not complemented: what a partial checksum field holds.
  std::uint16_t folded() const { return checksum_fold(sum_); }
  /// The checksum for the header field.
  std::uint16_t finish() const { return static_cast<std::uint16_t>(~folded()); }

 private:
  void add_word(std::uint32_t v);
  std::uint32_t sum_ = 0;
  bool is_odd_ = false;
};

/// Sum of the pseudo-header (RFC 9293 3.1 for IPv4, RFC 8200 8.1 for IPv6); `length` of the
/// transport header and payload, bytes. Requires: both addresses of one family.
std::uint32_t pseudo_header_sum(const IpAddress& source, const IpAddress& destination,
                                std::uint8_t protocol, std::uint32_t length);

/// The checksum after one 16-bit word of the message changed from `before` to `after` (RFC 1624 eq.
/// 3).
constexpr std::uint16_t checksum_update(std::uint16_t check, std::uint16_t before,
                                        std::uint16_t after) {
  const std::uint32_t sum = static_cast<std::uint16_t>(~check) +
                            std::uint32_t{static_cast<std::uint16_t>(~before)} + after;
  return static_cast<std::uint16_t>(~checksum_fold(sum));
}

/// The same for a 32-bit field at an even offset.
constexpr std::uint16_t checksum_update32(std::uint16_t check, std::uint32_t before,
                                          std::uint32_t after) {
  check = checksum_update(check, static_cast<std::uint16_t>(before >> 16),
                          static_cast<std::uint16_t>(after >> 16));
  return checksum_update(check, static_cast<std::uint16_t>(before),
                         static_cast<std::uint16_t>(after));
}

/// What stands in the checksum field of a packet whose checksum somebody below completes
/// (Offload::Checksum::kPartial): the folded pseudo-header sum.
std::uint16_t partial_checksum(const IpAddress& source, const IpAddress& destination,
                               std::uint8_t protocol, std::uint32_t length);

/// Finishes a partial checksum in place: sums from `start` to the end of `packet`, the field with
/// its partial sum included, and stores the complement at `start + offset`. A result of zero is
/// stored as 0xffff when `is_zero_avoided` (UDP, where zero means "none"). False: the field lies
/// outside.
bool complete_checksum(ByteSpan packet, std::size_t start, std::size_t offset,
                       bool is_zero_avoided = false);

}  // namespace oriel::wire
