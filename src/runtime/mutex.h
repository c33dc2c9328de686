// A mutex that threads wait for: owner, recursion, and what happens when the owner ends.
//
// A thread that ends with mutexes abandons them: the next to take one is told so. For that the
// process keeps a list of all mutexes, read only by the end of a thread that owns some. Lock order:
// list, mutex.
#pragma once

#include <cstdint>

#include "base/intrusive_list.h"
#include "runtime/ref.h"
#include "runtime/thread_record.h"
#include "runtime/waitable.h"

namespace oriel::runtime {

class Mutex final : public Waitable, public ListHook<class MutexList> {
 public:
  /// `is_owned`: the calling thread owns it from the start.
  explicit Mutex(bool is_owned);
  ~Mutex() override;

  /// Gives one level of ownership back. False: this thread does not own it.
  bool release();

  /// Abandons all that `thread` owns. Thread: `thread`, while it ends.
  static void abandon_all_of(ThreadRecord& thread);

 private:
  bool is_signalled(const ThreadRecord& thread) const override {
    return owner_.get() == nullptr || owner_.get() == &thread;
  }
  void consume(ThreadRecord& thread) override;
  bool is_abandoned() const override { return is_abandoned_; }
  void disown();

  Ref<ThreadRecord> owner_;
  std::uint32_t depth_ = 0;
  bool is_abandoned_ = false;
};

}  // namespace oriel::runtime
