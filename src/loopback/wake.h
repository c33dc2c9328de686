// When must whoever moves a position wake whoever waits for it to move?
//
//   waiter                                 mover
//   publishes: "I sleep, having seen p"    publishes the new position: before -> after
//   looks at the position once more        looks at what the waiter published
//   sleeps if it is still p                wakes it if before <= p < after
//
// Both do a store and then a load of the other's word in one total order, so at least one of them
// sees the other. The surprise: the waiter publishes the *position* it sleeps at, not a flag. A
// flag (or one wake for each epoch of sleep) is seen set by a mover that has woken its owner
// before, and the wake-up is lost; a position that was passed can never ask again. wake.pml is the
// model of this, and fails without either rule. One word serves several kinds of waiters at once.
#pragma once

#include <atomic>
#include <cstdint>

namespace oriel::loopback {

/// What a waiter publishes: | position (61 bits) | kinds (3 bits) |. Written by the waiter alone;
/// the mover may not trust it, and only compares. A wild value costs a wake-up or saves one.
class WakePoint {
 public:
  /// Who waits. None: nobody.
  static constexpr std::uint32_t kThread = 1;  ///< a thread, on the mover's `signal` word
  static constexpr std::uint32_t kHost = 2;    ///< the host, which serves the connection
  static constexpr std::uint32_t kPoll = 4;    ///< whoever looks at the bell of the mover's file

  /// The waiter's: from now on, moving on from `position` wakes `kinds`. Then look once more.
  void arm(std::uint64_t position, std::uint32_t kinds) {
    word_.store(position << kKindBits | kinds, std::memory_order_seq_cst);
  }
  void disarm() { word_.store(0, std::memory_order_relaxed); }
  /// The waiter's: who is woken when that position is left.
  std::uint32_t kinds_at(std::uint64_t position) const {
    return due(word_.load(std::memory_order_relaxed), position, position + 1);
  }
  /// The mover's, after it published `after` with a seq_cst store: the kinds to wake, 0: none.
  std::uint32_t due(std::uint64_t before, std::uint64_t after) const {
    return due(word_.load(std::memory_order_seq_cst), before, after);
  }
  static constexpr unsigned kKindBits = 3;
  static constexpr std::uint32_t due(std::uint64_t word, std::uint64_t before,
                                     std::uint64_t after) {
    const std::uint64_t at = word >> kKindBits;
    return at - before < after - before ? static_cast<std::uint32_t>(word & kKindMask) : 0;
  }

 private:
  static constexpr std::uint64_t kKindMask = (1u << kKindBits) - 1;
  std::atomic<std::uint64_t> word_{0};
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
static_assert(sizeof(WakePoint) == 8);

}  // namespace oriel::loopback
