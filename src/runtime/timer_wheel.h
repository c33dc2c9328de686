// Which timers are due? A hierarchical wheel of intrusive nodes, pure: time comes in as an
// argument.
//
// Eight levels of 64 slots; level 0 has slots of one tick (2^18 ns, 0.26 ms), each level above 64
// times as much, together all of Instant. A node lies at the level of the highest base-64 digit in
// which its tick differs from the wheel's, and moves down when that slot begins (at most 7 times in
// its life). Deadlines stay exact nanoseconds: nothing fires early, and nothing due is left after
// `advance`.
//
//   level 1   [ ][ ][x][ ]...      64 slots of 16.8 ms, bitmap says which are in use
//                   |  `-> cascades into level 0 when the wheel reaches it
//   level 0   [ ][n][n][ ]...      64 slots of 0.26 ms
#pragma once

#include <cstddef>
#include <cstdint>

#include "oriel/time.h"

namespace oriel::runtime {

struct TimerHook {
  TimerHook* next = nullptr;
  TimerHook* prev = nullptr;
};

/// Put one into each object that needs a timer. Not copyable while scheduled; cancel before
/// destroying.
struct TimerNode : TimerHook {
  Instant deadline;
  std::uint32_t tag = 0;   ///< the owner's: which object or which of its timers this is
  std::uint16_t slot = 0;  ///< the wheel's: where it lies
  bool is_scheduled() const { return next != nullptr; }
};
static_assert(sizeof(TimerNode) == 32, "one per connection: keep it small");

/// Nodes that `advance` found due, in order of tick; within a tick in no promised order, but the
/// same calls give the same order. A node in it may still be cancelled or scheduled anew.
class TimerList {
 public:
  TimerList() { head_.next = head_.prev = &head_; }
  ~TimerList();
  TimerList(const TimerList&) = delete;
  TimerList& operator=(const TimerList&) = delete;
  bool empty() const { return head_.next == &head_; }
  /// Unlinks and returns the first node; nullptr when empty.
  TimerNode* pop_front();

 private:
  friend class TimerWheel;
  TimerHook head_;
};

/// Thread: the host's owner. Bound: 8 KiB plus nothing per timer; schedule and cancel are O(1).
class TimerWheel {
 public:
  static constexpr int kTickShift = 18;  ///< 2^18 ns: a quarter of the shortest timer in use (1 ms)
  static constexpr Duration kTick{std::int64_t{1} << kTickShift};

  explicit TimerWheel(Instant start = Instant{0});
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;
  ~TimerWheel();  ///< unlinks what is still scheduled. Requires: those nodes still exist

  /// Sets or moves the node's deadline. One in the past fires at the next `advance`; `never()`
  /// cancels.
  void schedule(TimerNode& node, Instant deadline);
  /// No effect on a node that is not scheduled.
  void cancel(TimerNode& node);

  /// Moves every node with deadline <= now to the end of `due`. A `now` before an earlier one
  /// counts as that one. Cost: nodes due plus nodes that move down a level.
  void advance(Instant now, TimerList& due);

  /// The earliest deadline, exact; never() when empty. Cached; after the earliest node was
  /// cancelled it looks through one slot, which far from now may hold many nodes: use `next_wakeup`
  /// to sleep.
  Instant next_deadline() const;
  /// When to call `advance` next: at or before the earliest deadline, exact within the current 16.8
  /// ms, else perhaps the start of the slot that holds it. Cost: one level-0 slot.
  Instant next_wakeup() const;

  std::size_t size() const { return size_; }

 private:
  static constexpr int kSlotBits = 6;
  static constexpr int kSlots = 1 << kSlotBits;
  static constexpr int kLevels = 8;
  static constexpr std::uint16_t kDueSlot = 0xffff;

  void place(TimerNode& node);
  void unlink(TimerNode& node);
  /// Index of the earliest slot in use, or -1.
  int first_slot() const;
  std::int64_t slot_start_tick(int slot) const;
  Instant earliest_in(int slot) const;
  void cascade(int slot);
  void expire(int slot, Instant now, TimerList& due);

  std::int64_t tick_ = 0;  ///< every node of an earlier tick has been expired
  std::size_t size_ = 0;
  mutable Instant earliest_ = Instant::never();
  mutable bool is_earliest_known_ = true;
  std::uint64_t used_[kLevels] = {};
  TimerHook slots_[kLevels * kSlots];
};

}  // namespace oriel::runtime
