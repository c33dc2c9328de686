// A growing ring: push at the back, pop at the front, look anywhere; one allocation, none while
// empty.
//
//   slots:  | . . | head: T T T | . . . |      index i lives in slot (head + i) mod capacity
//
// Capacity is a power of two and doubles; `release_if_empty` gives the memory back, so that an idle
// connection holds none. 20 bytes of state, so that a few members fit beside it in 32.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace oriel::tcp {

template <class T>
class Ring {
 public:
  Ring() = default;
  Ring(Ring&& o) noexcept
      : slots_(std::move(o.slots_)),
        head_(std::exchange(o.head_, 0)),
        count_(std::exchange(o.count_, 0)),
        capacity_(std::exchange(o.capacity_, 0)) {}
  Ring& operator=(Ring&& o) noexcept {
    slots_ = std::move(o.slots_);
    head_ = std::exchange(o.head_, 0);
    count_ = std::exchange(o.count_, 0);
    capacity_ = std::exchange(o.capacity_, 0);
    return *this;
  }

  std::uint32_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  T& operator[](std::uint32_t i) { return slots_[(head_ + i) & (capacity_ - 1)]; }
  const T& operator[](std::uint32_t i) const { return slots_[(head_ + i) & (capacity_ - 1)]; }
  T& front() { return (*this)[0]; }
  T& back() { return (*this)[count_ - 1]; }
  const T& back() const { return (*this)[count_ - 1]; }

  void push_back(T value) {
    if (count_ == capacity_) grow();
    slots_[(head_ + count_) & (capacity_ - 1)] = std::move(value);
    ++count_;
  }
  /// Requires: not empty.
  T pop_front() {
    T value = std::exchange(slots_[head_], T{});
    head_ = (head_ + 1) & (capacity_ - 1);
    --count_;
    return value;
  }
  void release_if_empty() {
    if (count_ != 0) return;
    slots_.reset();
    head_ = capacity_ = 0;
  }

 private:
  static constexpr std::uint32_t kFirstCapacity = 4;

  void grow() {
    const std::uint32_t wanted = capacity_ == 0 ? kFirstCapacity : capacity_ * 2;
    auto bigger = std::make_unique<T[]>(wanted);
    for (std::uint32_t i = 0; i < count_; ++i) bigger[i] = std::move((*this)[i]);
    slots_ = std::move(bigger);
    head_ = 0;
    capacity_ = wanted;
  }

  std::unique_ptr<T[]> slots_;
  std::uint32_t head_ = 0;
  std::uint32_t count_ = 0;
  std::uint32_t capacity_ = 0;
};

}  // namespace oriel::tcp
