// Doubly linked lists whose links live in the elements: no allocation, removal in O(1) from
// anywhere.
//
// An element derives from ListHook<Tag> once for each list it may be on, and leaves that list when
// it is destroyed. Elements neither move nor copy. Lists do not know their length.
//
//   head <-> element <-> element <-> head      (a ring through the list's own hook)
#pragma once

#include <cassert>
#include <cstddef>
#include <iterator>

namespace oriel {

/// Link of one element. `Tag` tells several hooks of one type apart.
template <class Tag = void>
class ListHook {
 public:
  ListHook() = default;
  ~ListHook() { unlink(); }
  ListHook(const ListHook&) = delete;
  ListHook& operator=(const ListHook&) = delete;

  bool is_linked() const { return next_ != this; }
  /// Leaves the list, if on one.
  void unlink() {
    prev_->next_ = next_;
    next_->prev_ = prev_;
    prev_ = next_ = this;
  }

 private:
  template <class, class>
  friend class IntrusiveList;
  void link_before(ListHook& at) {
    assert(!is_linked());
    prev_ = at.prev_;
    next_ = &at;
    prev_->next_ = this;
    at.prev_ = this;
  }
  ListHook* prev_ = this;
  ListHook* next_ = this;
};

/// List of T, which derives from ListHook<Tag>. Does not own its elements; a list that dies lets
/// them go. Thread: whoever owns the elements.
template <class T, class Tag = void>
class IntrusiveList {
  using Hook = ListHook<Tag>;

 public:
  class iterator {
   public:
    using iterator_category = std::bidirectional_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = T*;
    using reference = T&;
    iterator() = default;
    explicit iterator(Hook* hook) : hook_(hook) {}
    T& operator*() const { return static_cast<T&>(*hook_); }
    T* operator->() const { return &**this; }
    iterator& operator++() {
      hook_ = hook_->next_;
      return *this;
    }
    iterator operator++(int) {
      iterator before = *this;
      ++*this;
      return before;
    }
    iterator& operator--() {
      hook_ = hook_->prev_;
      return *this;
    }
    iterator operator--(int) {
      iterator before = *this;
      --*this;
      return before;
    }
    friend bool operator==(iterator, iterator) = default;

   private:
    friend class IntrusiveList;
    Hook* hook_ = nullptr;
  };

  IntrusiveList() = default;
  ~IntrusiveList() { clear(); }
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;

  bool empty() const { return !head_.is_linked(); }
  /// Requires: !empty().
  T& front() { return static_cast<T&>(*head_.next_); }
  T& back() { return static_cast<T&>(*head_.prev_); }

  /// Requires: the element is on no list of this Tag.
  void push_front(T& element) { hook(element).link_before(*head_.next_); }
  void push_back(T& element) { hook(element).link_before(head_); }
  void insert_before(T& at, T& element) { hook(element).link_before(hook(at)); }

  /// First or last element, taken off; nullptr when empty.
  T* pop_front() { return empty() ? nullptr : take(front()); }
  T* pop_back() { return empty() ? nullptr : take(back()); }

  static void remove(T& element) { hook(element).unlink(); }
  /// Takes the element off and returns the place behind it, to go on walking.
  static iterator erase(iterator at) {
    iterator next = at;
    ++next;
    at.hook_->unlink();
    return next;
  }
  /// To the other end, wherever on this list it is: least recently used order.
  void move_to_back(T& element) {
    hook(element).unlink();
    push_back(element);
  }
  /// Lets all elements go. Bound: their number.
  void clear() {
    while (!empty()) head_.next_->unlink();
  }

  iterator begin() { return iterator(head_.next_); }
  iterator end() { return iterator(&head_); }

 private:
  static Hook& hook(T& element) { return element; }
  static T* take(T& element) {
    hook(element).unlink();
    return &element;
  }
  Hook head_;
};

}  // namespace oriel
