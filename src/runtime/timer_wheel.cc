// The wheel's arithmetic. See the header for the picture.
//
// Invariants. tick_ never moves back. A node at level L > 0 has the same digits as tick_ above L
// and a larger digit at L, so the lowest level in use, and in it the lowest slot, holds the
// earliest nodes.
#include "runtime/timer_wheel.h"

#include <algorithm>
#include <bit>

namespace oriel::runtime {
namespace {

void link_before(TimerHook& at, TimerHook& node) {
  node.prev = at.prev;
  node.next = &at;
  at.prev->next = &node;
  at.prev = &node;
}

void unhook(TimerHook& node) {
  node.prev->next = node.next;
  node.next->prev = node.prev;
  node.next = node.prev = nullptr;
}

}  // namespace

TimerNode* TimerList::pop_front() {
  if (empty()) return nullptr;
  auto* node = static_cast<TimerNode*>(head_.next);
  unhook(*node);
  return node;
}

TimerList::~TimerList() {
  while (pop_front() != nullptr) {
  }
}

TimerWheel::TimerWheel(Instant start) : tick_(std::max<std::int64_t>(start.ns, 0) >> kTickShift) {
  for (TimerHook& head : slots_) head.next = head.prev = &head;
}

TimerWheel::~TimerWheel() {
  for (TimerHook& head : slots_) {
    while (head.next != &head) unhook(*head.next);
  }
}

void TimerWheel::schedule(TimerNode& node, Instant deadline) {
  cancel(node);
  if (deadline.is_never()) return;
  node.deadline = deadline;
  place(node);
  ++size_;
  if (is_earliest_known_) earliest_ = earlier(earliest_, deadline);
}

void TimerWheel::cancel(TimerNode& node) {
  if (!node.is_scheduled()) return;
  if (node.slot == kDueSlot) {
    unhook(node);
    return;
  }
  unlink(node);
  --size_;
  if (node.deadline == earliest_) is_earliest_known_ = false;
  if (size_ == 0) {
    earliest_ = Instant::never();
    is_earliest_known_ = true;
  }
}

void TimerWheel::place(TimerNode& node) {
  const std::int64_t tick = std::max(node.deadline.ns >> kTickShift, tick_);
  const auto differing = static_cast<std::uint64_t>(tick ^ tick_) | (kSlots - 1);
  const int level = (static_cast<int>(std::bit_width(differing)) - 1) / kSlotBits;
  const int digit = static_cast<int>(tick >> (level * kSlotBits)) & (kSlots - 1);
  const int slot = level * kSlots + digit;
  node.slot = static_cast<std::uint16_t>(slot);
  used_[level] |= std::uint64_t{1} << digit;
  link_before(slots_[slot], node);
}

void TimerWheel::unlink(TimerNode& node) {
  const int slot = node.slot;
  unhook(node);
  if (slots_[slot].next == &slots_[slot]) {
    used_[slot / kSlots] &= ~(std::uint64_t{1} << (slot % kSlots));
  }
}

int TimerWheel::first_slot() const {
  for (int level = 0; level < kLevels; ++level) {
    if (used_[level] != 0) return level * kSlots + std::countr_zero(used_[level]);
  }
  return -1;
}

std::int64_t TimerWheel::slot_start_tick(int slot) const {
  const int shift = slot / kSlots * kSlotBits;
  const std::int64_t above = tick_ >> (shift + kSlotBits) << (shift + kSlotBits);
  return above | (static_cast<std::int64_t>(slot % kSlots) << shift);
}

Instant TimerWheel::earliest_in(int slot) const {
  Instant least = Instant::never();
  const TimerHook& head = slots_[slot];
  for (const TimerHook* hook = head.next; hook != &head; hook = hook->next) {
    least = earlier(least, static_cast<const TimerNode*>(hook)->deadline);
  }
  return least;
}

Instant TimerWheel::next_deadline() const {
  if (!is_earliest_known_) {
    earliest_ = earliest_in(first_slot());
    is_earliest_known_ = true;
  }
  return earliest_;
}

Instant TimerWheel::next_wakeup() const {
  if (is_earliest_known_) return earliest_;
  const int slot = first_slot();
  if (slot < kSlots) return next_deadline();
  return Instant{slot_start_tick(slot) << kTickShift};
}

void TimerWheel::advance(Instant now, TimerList& due) {
  if (is_earliest_known_ && now < earliest_) return;
  const std::int64_t now_tick = std::max(now.ns >> kTickShift, tick_);
  for (int slot = first_slot(); slot >= 0; slot = first_slot()) {
    const std::int64_t start = slot_start_tick(slot);
    if (start > now_tick) break;
    tick_ = start;
    if (slot >= kSlots) {
      cascade(slot);
      continue;
    }
    expire(slot, now, due);
    if (start == now_tick) break;
  }
  tick_ = now_tick;
  is_earliest_known_ = size_ == 0;
  earliest_ = Instant::never();
}

void TimerWheel::cascade(int slot) {
  TimerHook& head = slots_[slot];
  while (head.next != &head) {
    auto& node = static_cast<TimerNode&>(*head.next);
    unlink(node);
    place(node);
  }
}

void TimerWheel::expire(int slot, Instant now, TimerList& due) {
  TimerHook& head = slots_[slot];
  for (TimerHook* hook = head.next; hook != &head;) {
    auto& node = static_cast<TimerNode&>(*hook);
    hook = hook->next;
    if (node.deadline > now) continue;
    unlink(node);
    node.slot = kDueSlot;
    link_before(due.head_, node);
    --size_;
  }
}

}  // namespace oriel::runtime
