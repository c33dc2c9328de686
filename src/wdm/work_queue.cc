// The queue, its workers and the work items in front of it.
#include "wdm/work_queue.h"

#include <wdm.h>

#include <cstdlib>
#include <deque>
#include <new>
#include <utility>

#include "runtime/lock.h"
#include "runtime/semaphore.h"
#include "runtime/thread.h"
#include "runtime/wait_many.h"
#include "wdm/irql.h"

namespace oriel::wdm {
namespace {

class WorkQueue {
 public:
  bool push(std::function<void()> work) {
    bool wants_worker = false;
    {
      const runtime::LockHold hold(lock_);
      try {
        queue_.push_back(std::move(work));
      } catch (const std::bad_alloc&) {
        return false;
      }
      wants_worker = queue_.size() > idle_ && workers_ < kWorkersMax;
      if (wants_worker) ++workers_;
    }
    count_.release(1);
    return !wants_worker || start_worker();
  }

 private:
  bool start_worker() {
    const auto run = [](void* queue) -> std::uint32_t {
      static_cast<WorkQueue*>(queue)->serve();
      return 0;
    };
    if (runtime::start_thread({run, this, 0, false}).record) return true;
    const runtime::LockHold hold(lock_);
    return --workers_ > 0;  // the others will come to it
  }

  [[noreturn]] void serve() {
    for (;;) {
      take()();
      check(irql() == PASSIVE_LEVEL, "IoQueueWorkItem",
            "the routine came back above PASSIVE_LEVEL");
    }
  }

  std::function<void()> take() {
    change_idle(1);
    runtime::wait_one(count_, Instant::never());
    const runtime::LockHold hold(lock_);
    --idle_;
    auto work = std::move(queue_.front());
    queue_.pop_front();
    return work;
  }

  void change_idle(std::size_t by) {
    const runtime::LockHold hold(lock_);
    idle_ += by;
  }

  runtime::Lock lock_;
  std::deque<std::function<void()>> queue_;
  std::size_t idle_ = 0;
  int workers_ = 0;
  runtime::Semaphore count_{0, 0x7fffffff};
};

WorkQueue& queue() {
  static WorkQueue* const the = new WorkQueue;  // outlives every thread
  return *the;
}

}  // namespace

bool queue_work(std::function<void()> work) {
  return queue().push(std::move(work));
}

}  // namespace oriel::wdm

using namespace oriel::wdm;

struct _IO_WORKITEM {
  PDEVICE_OBJECT device;
};

PIO_WORKITEM NTAPI IoAllocateWorkItem(PDEVICE_OBJECT device) {
  auto* item = static_cast<PIO_WORKITEM>(std::malloc(sizeof(_IO_WORKITEM)));
  if (item != nullptr) item->device = device;
  return item;
}

VOID NTAPI IoFreeWorkItem(PIO_WORKITEM item) {
  std::free(item);
}

// The routine may free the item.
VOID NTAPI IoQueueWorkItem(PIO_WORKITEM item, PIO_WORKITEM_ROUTINE routine, WORK_QUEUE_TYPE,
                           PVOID context) {
  const bool is_queued =
      queue_work([routine, context, device = item->device] { routine(device, context); });
  if (!is_queued) stop("IoQueueWorkItem", "no memory or no thread for it");
}

VOID NTAPI IoQueueWorkItemEx(PIO_WORKITEM item, PIO_WORKITEM_ROUTINE_EX routine, WORK_QUEUE_TYPE,
                             PVOID context) {
  const bool is_queued = queue_work(
      [routine, context, item, device = item->device] { routine(device, context, item); });
  if (!is_queued) stop("IoQueueWorkItemEx", "no memory or no thread for it");
}
