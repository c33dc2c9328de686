// A queue whose elements keep their number for life: what may a cursor hold on to while both ends
// move?
//
// Elements are numbered 0, 1, 2... as they are pushed and live in a power-of-two ring at number
// modulo capacity. Nothing is allocated until the first push; the ring doubles when it is full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace oriel::tcp {

template <class T>
class IdRing {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  bool is_empty() const { return first_ == end_; }
  bool is_full() const { return end_ - first_ == capacity_; }
  std::uint64_t first() const { return first_; }
  std::uint64_t end() const { return end_; }
  std::size_t capacity() const { return capacity_; }
  /// Slot of `id`; Requires capacity() > 0.
  std::size_t slot(std::uint64_t id) const {
    return static_cast<std::size_t>(id & (capacity_ - 1));
  }

  T& operator[](std::uint64_t id) { return slots_[slot(id)]; }
  const T& operator[](std::uint64_t id) const { return slots_[slot(id)]; }

  /// A new last element with unspecified content. May throw bad_alloc, and then nothing has
  /// changed.
  T& push() {
    if (is_full()) grow();
    return slots_[slot(end_++)];
  }
  void pop_front() { ++first_; }
  /// Drops all elements and keeps the memory; numbers go on.
  void clear() { first_ = end_; }
  /// Gives the memory back. Requires is_empty().
  void release() {
    slots_.reset();
    capacity_ = 0;
  }
  void grow() {
    constexpr std::uint64_t kCapacityFirst = 8;
    const std::uint64_t capacity = capacity_ == 0 ? kCapacityFirst : capacity_ * 2;
    std::unique_ptr<T[]> slots(new T[capacity]);
    for (std::uint64_t id = first_; id != end_; ++id) slots[id & (capacity - 1)] = (*this)[id];
    slots_ = std::move(slots);
    capacity_ = capacity;
  }

 private:
  std::unique_ptr<T[]> slots_;
  std::uint64_t first_ = 0;
  std::uint64_t end_ = 0;
  std::uint64_t capacity_ = 0;
};

}  // namespace oriel::tcp
