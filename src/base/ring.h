// A double-ended queue in one power-of-two array that doubles when full; elements by index.
//
// Indexes count from the front. Growing moves elements: pointers into the ring die with any push.
//
//   | c | d | . | . | a | b |      front_ = 4, size = 4, element i at (front_ + i) mod capacity
#pragma once

#include <cassert>
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace oriel {

/// Queue of T; T moves without throwing. Bound: the caller's, on size().
template <class T>
class Ring {
  static_assert(std::is_nothrow_move_constructible_v<T>, "growing must not lose elements");

 public:
  static constexpr std::size_t kCapacityMin = 8;

  Ring() = default;
  ~Ring() { release(); }
  Ring(Ring&& o) noexcept
      : cells_(std::exchange(o.cells_, nullptr)),
        capacity_(std::exchange(o.capacity_, 0)),
        front_(std::exchange(o.front_, 0)),
        size_(std::exchange(o.size_, 0)) {}
  Ring& operator=(Ring&& o) noexcept {
    std::swap(cells_, o.cells_);
    std::swap(capacity_, o.capacity_);
    std::swap(front_, o.front_);
    std::swap(size_, o.size_);
    return *this;
  }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }

  /// Requires: i < size().
  T& operator[](std::size_t i) {
    assert(i < size_);
    return *slot(i);
  }
  const T& operator[](std::size_t i) const {
    assert(i < size_);
    return *slot(i);
  }
  /// Requires: !empty().
  T& front() { return (*this)[0]; }
  const T& front() const { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1]; }
  const T& back() const { return (*this)[size_ - 1]; }

  template <class... Args>
  T& emplace_back(Args&&... args) {
    if (size_ == capacity_) return grow_and_emplace(false, T(std::forward<Args>(args)...));
    T* made = new (slot(size_)) T(std::forward<Args>(args)...);
    ++size_;
    return *made;
  }
  template <class... Args>
  T& emplace_front(Args&&... args) {
    if (size_ == capacity_) return grow_and_emplace(true, T(std::forward<Args>(args)...));
    T* made = new (slot(capacity_ - 1)) T(std::forward<Args>(args)...);
    front_ = (front_ - 1) & (capacity_ - 1);
    ++size_;
    return *made;
  }
  void push_back(T value) { emplace_back(std::move(value)); }
  void push_front(T value) { emplace_front(std::move(value)); }

  /// Requires: !empty().
  T pop_front() {
    assert(size_ != 0);
    T* cell = slot(0);
    T value = std::move(*cell);
    cell->~T();
    front_ = (front_ + 1) & (capacity_ - 1);
    --size_;
    return value;
  }
  T pop_back() {
    assert(size_ != 0);
    T* cell = slot(size_ - 1);
    T value = std::move(*cell);
    cell->~T();
    --size_;
    return value;
  }

  /// Room for `count` elements without growing again.
  void reserve(std::size_t count) {
    std::size_t capacity = capacity_ == 0 ? kCapacityMin : capacity_;
    while (capacity < count) capacity *= 2;
    if (capacity != capacity_) move_to(capacity);
  }
  /// Destroys the elements, keeps the memory.
  void clear() {
    for (std::size_t i = 0; i < size_; ++i) slot(i)->~T();
    size_ = 0;
    front_ = 0;
  }
  /// Destroys the elements and gives the memory back.
  void release() {
    clear();
    if (cells_ != nullptr) std::allocator<T>().deallocate(cells_, capacity_);
    cells_ = nullptr;
    capacity_ = 0;
  }

 private:
  T* slot(std::size_t i) const { return cells_ + ((front_ + i) & (capacity_ - 1)); }

  // By value: the argument may be an element that moving would take away.
  T& grow_and_emplace(bool is_front, T value) {
    move_to(capacity_ == 0 ? kCapacityMin : capacity_ * 2);
    return is_front ? emplace_front(std::move(value)) : emplace_back(std::move(value));
  }
  void move_to(std::size_t capacity) {
    T* cells = std::allocator<T>().allocate(capacity);
    for (std::size_t i = 0; i < size_; ++i) {
      new (cells + i) T(std::move(*slot(i)));
      slot(i)->~T();
    }
    if (cells_ != nullptr) std::allocator<T>().deallocate(cells_, capacity_);
    cells_ = cells;
    capacity_ = capacity;
    front_ = 0;
  }

  T* cells_ = nullptr;
  std::size_t capacity_ = 0;  // zero or a power of two
  std::size_t front_ = 0;
  std::size_t size_ = 0;
};

}  // namespace oriel
