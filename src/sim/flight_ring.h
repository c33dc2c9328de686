// Where packets that keep their order lie while they are under way: one ring of bytes, records
// inside.
//
// A record is a fixed header and the packet behind it, contiguous; what does not fit before the end
// of the storage starts again at 0 and leaves a gap. The storage doubles when full and never
// shrinks.
//
//   storage: | ... free ... | head -> record | record | record | tail ... gap |
//                                                      wrap_at_ marks the gap's start once tail is
//                                                      at 0
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "oriel/link.h"

namespace oriel::sim {

/// What is known of a packet under way beside its bytes.
struct Flight {
  std::int64_t due_ns = 0;
  std::uint64_t order = 0;  ///< ties of due_ns: first in, first out
  std::uint32_t bytes = 0;
  std::uint32_t wire_bytes = 0;  ///< of all its pieces; a super-segment's headers count once each
  std::uint16_t wire_packets = 1;
  Offload offload;
  bool is_corrupted = false;
};

class FlightRing {
 public:
  /// Appends a packet; the caller fills the `flight.bytes` bytes it gets. Views of earlier packets
  /// become invalid (the storage may move).
  std::uint8_t* push(const Flight& flight);
  bool empty() const { return count_ == 0; }
  const Flight& front() const { return *reinterpret_cast<const Flight*>(storage_.data() + head_); }
  ByteView front_bytes() const { return {storage_.data() + head_ + kHeaderBytes, front().bytes}; }
  void pop();

 private:
  static constexpr std::size_t kAlign = 16;
  static constexpr std::size_t kHeaderBytes = (sizeof(Flight) + kAlign - 1) & ~(kAlign - 1);
  static constexpr std::size_t kStartBytes = 64u << 10;
  static std::size_t span_of(std::size_t bytes) {
    return (kHeaderBytes + bytes + kAlign - 1) & ~(kAlign - 1);
  }
  bool has_room(std::size_t span);
  void grow(std::size_t span);

  std::vector<std::uint8_t> storage_;
  std::size_t head_ = 0;
  std::size_t tail_ = 0;
  std::size_t wrap_at_ = 0;  ///< meaningful while tail_ <= head_ and count_ > 0
  std::size_t count_ = 0;
};

}  // namespace oriel::sim
