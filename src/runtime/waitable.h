// What a thread can wait for: a state that is signalled or not, and who waits for it.
//
// Each Waitable has its own lock. A signal hands the object over to its waiters in the order in
// which they came: it claims the waiter and consumes the state on its behalf, so a newcomer cannot
// take what a sleeper was woken for. A waiter for several at once ("all") is only told to look
// again, since it takes all of them or none.
#pragma once

#include <cstdint>

#include "base/intrusive_list.h"
#include "runtime/lock.h"
#include "runtime/waiter.h"

namespace oriel::runtime {

class Waitable;

/// One waiter's place in one object's queue. Linked and unlinked under the object's lock.
struct WaitNode : ListHook<> {
  Waiter* waiter = nullptr;
  std::uint32_t index = 0;  ///< of the object among those waited for
  bool is_for_all = false;
};

/// In a claim's value: the mutex was abandoned. The rest is the index.
inline constexpr std::uint32_t kClaimAbandoned = 1u << 16;

/// Requires: it outlives every wait for it and every call that signals it.
class Waitable {
 public:
  Waitable() = default;
  virtual ~Waitable() = default;
  Waitable(const Waitable&) = delete;
  Waitable& operator=(const Waitable&) = delete;

  /// Signalled now, for this thread? Only a hint unless the caller alone changes it. Thread: any.
  bool is_set();

 protected:
  friend class WaitMany;
  /// All four under the lock.
  virtual bool is_signalled(const ThreadRecord& thread) const = 0;
  /// Takes it for `thread`, as a satisfied wait does. Requires: is_signalled.
  virtual void consume(ThreadRecord& thread) = 0;
  virtual bool is_abandoned() const { return false; }
  /// When to look again without being told (timers).
  virtual Instant next_due() const { return Instant::never(); }

  /// Gives what is signalled to those who wait. Requires: the lock.
  void serve(WakeList& wakes);
  /// Everybody looks again. Requires: the lock.
  void hint_all(WakeList& wakes);

  Lock& lock() const { return lock_; }

 private:
  mutable Lock lock_;
  IntrusiveList<WaitNode> waiters_;
};

}  // namespace oriel::runtime
