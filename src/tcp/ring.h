// A growing ring: push at the back, pop at the front, look anywhere; one allocation, none while
// empty.
//
//   slots:  | . . | head: T T T | . . . |      index i lives in slot (head + i) mod capacity
//
// Capacity is a power of two and doubles; `release_if_empty` gives the memory back, so that an idle
// connection holds none. Free slots are raw memory: a reader that keeps up empties the ring with
// every burst, and must not pay for slots that nothing came into. 20 bytes of state, so that a few
// members fit beside it in 32.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace oriel::tcp {

template <class T>
class Ring {
  static_assert(std::is_nothrow_move_constructible_v<T>);

 public:
  Ring() = default;
  Ring(Ring&& o) noexcept
      : slots_(std::exchange(o.slots_, nullptr)),
        head_(std::exchange(o.head_, 0)),
        count_(std::exchange(o.count_, 0)),
        capacity_(std::exchange(o.capacity_, 0)) {}
  Ring& operator=(Ring&& o) noexcept {
    if (this == &o) return *this;
    clear();
    slots_ = std::exchange(o.slots_, nullptr);
    head_ = std::exchange(o.head_, 0);
    count_ = std::exchange(o.count_, 0);
    capacity_ = std::exchange(o.capacity_, 0);
    return *this;
  }
  ~Ring() { clear(); }

  std::uint32_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  T& operator[](std::uint32_t i) { return slots_[(head_ + i) & (capacity_ - 1)]; }
  const T& operator[](std::uint32_t i) const { return slots_[(head_ + i) & (capacity_ - 1)]; }
  T& front() { return (*this)[0]; }
  T& back() { return (*this)[count_ - 1]; }
  const T& back() const { return (*this)[count_ - 1]; }

  /// Requires: `value` is not in the ring.
  void push_back(T&& value) {
    if (count_ == capacity_) grow();
    std::construct_at(&slots_[(head_ + count_) & (capacity_ - 1)], std::move(value));
    ++count_;
  }
  void push_back(const T& value) { push_back(T(value)); }
  /// Requires: not empty.
  T pop_front() {
    T* slot = &slots_[head_];
    T value(std::move(*slot));
    std::destroy_at(slot);
    head_ = (head_ + 1) & (capacity_ - 1);
    --count_;
    return value;
  }
  void release_if_empty() {
    if (count_ != 0 || slots_ == nullptr) return;
    std::allocator<T>().deallocate(slots_, capacity_);
    slots_ = nullptr;
    head_ = capacity_ = 0;
  }

 private:
  static constexpr std::uint32_t kFirstCapacity = 4;

  void clear() {
    while (count_ != 0) pop_front();
    release_if_empty();
  }
  // Apart, so that pushing stays small.
  [[gnu::noinline]] void grow() {
    const std::uint32_t wanted = capacity_ == 0 ? kFirstCapacity : capacity_ * 2;
    T* bigger = std::allocator<T>().allocate(wanted);
    for (std::uint32_t i = 0; i < count_; ++i) {
      T& slot = (*this)[i];
      std::construct_at(&bigger[i], std::move(slot));
      std::destroy_at(&slot);
    }
    if (slots_ != nullptr) std::allocator<T>().deallocate(slots_, capacity_);
    slots_ = bigger;
    head_ = 0;
    capacity_ = wanted;
  }

  T* slots_ = nullptr;
  std::uint32_t head_ = 0;
  std::uint32_t count_ = 0;
  std::uint32_t capacity_ = 0;
};

}  // namespace oriel::tcp
