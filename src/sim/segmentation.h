// How does a super-segment look on the wire? Cuts one into ordinary TCP packets, headers
// replicated.
//
// Pure bytes. Sequence numbers, IPv4 ID and total length, IPv6 payload length and checksums are
// right in every piece; FIN and PSH stand only in the last, CWR only in the first (RFC 3168 6.1.2).
// Surprise: a super-segment's own lengths are not read (65,535 may not hold them); sizes come from
// the buffer.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "oriel/link.h"

namespace oriel::sim {

class SuperSegment {
 public:
  /// Looks at a super-segment with IP framing. nullopt: `offload` does not describe TCP over
  /// IPv4 or IPv6 in these bytes, or gso_size is 0. The view must outlive the object.
  static std::optional<SuperSegment> parse(ByteView packet, const Offload& offload);

  std::size_t count() const { return count_; }
  std::size_t header_bytes() const { return header_bytes_; }
  /// Size of piece `index`, headers included.
  std::size_t size(std::size_t index) const;
  /// Bytes of all pieces.
  std::size_t wire_bytes() const { return packet_.size() + (count_ - 1) * header_bytes_; }
  /// Writes piece `index` to `out`, `size(index)` bytes. The checksum is complete, or partial
  /// (pseudo-header sum only) when `is_partial`.
  void emit(std::size_t index, std::uint8_t* out, bool is_partial) const;
  /// What a partial piece needs.
  Offload partial_offload() const;

 private:
  ByteView packet_;
  std::size_t tcp_offset_ = 0;
  std::size_t header_bytes_ = 0;
  std::size_t gso_size_ = 0;
  std::size_t count_ = 0;
  bool is_ipv6_ = false;
};

}  // namespace oriel::sim
