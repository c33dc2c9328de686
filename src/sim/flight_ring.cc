// The byte ring of packets under way. Positions, not pointers: the storage may move when it grows.
#include "sim/flight_ring.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace oriel::sim {

std::uint8_t* FlightRing::push(const Flight& flight) {
  const std::size_t span = span_of(flight.bytes);
  if (!has_room(span)) grow(span);
  std::uint8_t* at = storage_.data() + tail_;
  new (at) Flight(flight);
  tail_ += span;
  ++count_;
  return at + kHeaderBytes;
}

// Leaves tail_ at a place with `span` free bytes, if there is one.
bool FlightRing::has_room(std::size_t span) {
  if (count_ == 0) {
    head_ = tail_ = 0;
    return span <= storage_.size();
  }
  if (tail_ <= head_) return tail_ + span <= head_;
  if (tail_ + span <= storage_.size()) return true;
  if (span > head_) return false;
  wrap_at_ = tail_;
  tail_ = 0;
  return true;
}

void FlightRing::grow(std::size_t span) {
  const std::size_t size = std::max({kStartBytes, storage_.size() * 2, span * 2});
  std::vector<std::uint8_t> next(size);
  std::size_t filled = 0;
  if (count_ > 0 && tail_ <= head_) {
    filled = wrap_at_ - head_;
    std::memcpy(next.data(), storage_.data() + head_, filled);
    std::memcpy(next.data() + filled, storage_.data(), tail_);
    filled += tail_;
  } else if (count_ > 0) {
    filled = tail_ - head_;
    std::memcpy(next.data(), storage_.data() + head_, filled);
  }
  storage_.swap(next);
  head_ = 0;
  tail_ = filled;
}

void FlightRing::pop() {
  const bool is_wrapped = tail_ <= head_;
  head_ += span_of(front().bytes);
  --count_;
  if (is_wrapped && head_ == wrap_at_) head_ = 0;
}

}  // namespace oriel::sim
