// Sequence numbers modulo 2^32 (RFC 9293 3.4): a type without `<`, so that nobody orders them by
// value.
//
// Comparison is by signed distance and means something only for numbers less than 2^31 apart, which
// the window limits (at most 65535 << 14 bytes, RFC 7323 2.3) guarantee for everything on one
// connection.
#pragma once

#include <cstdint>

namespace oriel {

class SeqNum {
 public:
  constexpr SeqNum() = default;
  constexpr explicit SeqNum(std::uint32_t v) : v_(v) {}
  constexpr std::uint32_t value() const { return v_; }

  friend constexpr bool operator==(SeqNum, SeqNum) = default;
  friend constexpr SeqNum operator+(SeqNum a, std::uint32_t n) { return SeqNum(a.v_ + n); }
  friend constexpr SeqNum operator-(SeqNum a, std::uint32_t n) { return SeqNum(a.v_ - n); }
  constexpr SeqNum& operator+=(std::uint32_t n) {
    v_ += n;
    return *this;
  }
  /// Signed distance from b to a, bytes.
  friend constexpr std::int32_t operator-(SeqNum a, SeqNum b) {
    return static_cast<std::int32_t>(a.v_ - b.v_);
  }

 private:
  std::uint32_t v_ = 0;
};

constexpr bool seq_lt(SeqNum a, SeqNum b) {
  return a - b < 0;
}
constexpr bool seq_leq(SeqNum a, SeqNum b) {
  return a - b <= 0;
}
constexpr bool seq_gt(SeqNum a, SeqNum b) {
  return a - b > 0;
}
constexpr bool seq_geq(SeqNum a, SeqNum b) {
  return a - b >= 0;
}
constexpr SeqNum seq_max(SeqNum a, SeqNum b) {
  return seq_lt(a, b) ? b : a;
}
constexpr SeqNum seq_min(SeqNum a, SeqNum b) {
  return seq_lt(a, b) ? a : b;
}
/// Bytes from `from` up to `to`; Requires: from <= to.
constexpr std::uint32_t seq_span(SeqNum from, SeqNum to) {
  return to.value() - from.value();
}

/// Half-open run of sequence space [begin, end).
struct SeqRange {
  SeqNum begin;
  SeqNum end;
  constexpr std::uint32_t size() const { return seq_span(begin, end); }
  constexpr bool is_empty() const { return begin == end; }
  constexpr bool contains(SeqNum s) const { return seq_leq(begin, s) && seq_lt(s, end); }
  friend constexpr bool operator==(SeqRange, SeqRange) = default;
};

}  // namespace oriel
