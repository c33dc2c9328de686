// Handing a signalled object to those who wait.
#include "runtime/waitable.h"

#include "runtime/thread_record.h"

namespace oriel::runtime {

bool Waitable::is_set() {
  LockHold hold(lock_);
  return is_signalled(ThreadRecord::current());
}

void Waitable::serve(WakeList& wakes) {
  for (auto at = waiters_.begin(); at != waiters_.end();) {
    WaitNode& node = *at;
    ++at;
    ThreadRecord& thread = node.waiter->thread();
    if (!is_signalled(thread)) return;
    if (node.is_for_all) {
      node.waiter->hint(wakes);
      continue;
    }
    const std::uint32_t what = node.index | (is_abandoned() ? kClaimAbandoned : 0);
    IntrusiveList<WaitNode>::remove(node);
    // A claimed waiter takes this lock before it returns, so the thread is still there.
    if (node.waiter->claim(what, wakes)) consume(thread);
  }
}

void Waitable::hint_all(WakeList& wakes) {
  for (WaitNode& node : waiters_) node.waiter->hint(wakes);
}

}  // namespace oriel::runtime
