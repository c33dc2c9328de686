// Whose turn is it with this host? One owner at a time, passed between the loop thread and callers.
//
// A host is not locked in pieces: whoever holds its baton runs all of it. Taking a free baton is
// one compare-and-swap. Waiters spin shortly, then sleep. Ordinarily a newcomer may overtake a
// waiter that is still waking (no convoys); a waiter that lost twice asks for hand-off, and the
// next release gives it the baton directly, so a loop that reacquires at once cannot starve
// anybody.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace oriel::runtime {

/// Not recursive: debug builds abort when the owner acquires again or another thread releases.
class Baton {
 public:
  Baton() = default;
  Baton(const Baton&) = delete;
  Baton& operator=(const Baton&) = delete;

  /// Blocks until this thread owns the baton. Thread: any that does not own it.
  void acquire() {
    if (!try_acquire()) acquire_slow();
  }
  /// Never blocks; false also while somebody waits for it.
  bool try_acquire() {
    check_not_owner();
    std::uint32_t free = 0;
    if (!state_.compare_exchange_strong(free, kHeld, std::memory_order_acquire,
                                        std::memory_order_relaxed)) {
      return false;
    }
    count_turn();
    note_owner();
    return true;
  }
  /// Requires: this thread owns the baton.
  void release() {
    forget_owner();
    std::uint32_t held = kHeld;
    if (!state_.compare_exchange_strong(held, 0, std::memory_order_release,
                                        std::memory_order_relaxed)) {
      release_slow();
    }
  }
  /// Changes with each owner. It may outlive the baton. Thread: any may load it.
  const std::shared_ptr<std::atomic<std::uint64_t>>& turns() const { return turns_; }
  /// A hint for long work: somebody waits, so let go at the next good place. Thread: any.
  bool has_waiters() const { return state_.load(std::memory_order_relaxed) > kHeld; }

 private:
  // state_: | waiters (30 bits) | hand-off wanted | held |
  static constexpr std::uint32_t kHeld = 1;
  static constexpr std::uint32_t kHandOff = 2;
  static constexpr std::uint32_t kWaiter = 4;

  void count_turn() {
    turns_->store(turns_->load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }
  void acquire_slow();
  void release_slow();
  bool spin_for_it();
  bool take_as_waiter(std::uint32_t entered);
  void hand_off();
#ifdef NDEBUG
  void check_not_owner() const {}
  void note_owner() {}
  void forget_owner() {}
#else
  void check_not_owner() const;
  void note_owner();
  void forget_owner();
#endif

  std::atomic<std::uint32_t> state_{0};
  std::atomic<std::uint32_t> wakes_{1};  ///< sleepers wait for this to change; always odd
  std::atomic<std::uint32_t> granted_{
      0};  ///< a wakes_: the baton is for a waiter from before it; 0: none
  std::atomic<const void*> owner_{nullptr};  ///< debug builds only
  const std::shared_ptr<std::atomic<std::uint64_t>> turns_ =
      std::make_shared<std::atomic<std::uint64_t>>(0);
};

/// Owns a baton for a scope.
class BatonHold {
 public:
  explicit BatonHold(Baton& baton) : baton_(baton) { baton_.acquire(); }
  ~BatonHold() { baton_.release(); }
  BatonHold(const BatonHold&) = delete;
  BatonHold& operator=(const BatonHold&) = delete;

 private:
  Baton& baton_;
};

}  // namespace oriel::runtime
