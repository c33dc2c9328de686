// The calling thread's object, and its end when the thread ends, however it does.
#include "wdm/system_thread.h"

#include "wdm/dispatcher.h"
#include "wdm/irql.h"

namespace oriel::wdm {
namespace {

struct Holder {
  runtime::Ref<SystemThread> thread;
  ~Holder() {
    if (thread) thread->finish();
  }
};
thread_local Holder holder_of_this_thread;

}  // namespace

SystemThread::SystemThread(PKSTART_ROUTINE start, PVOID context)
    : Object(win32::ObjectKind::kKernelThread), start_(start), context_(context) {
  initialize(body_.Header, DispatcherKind::kThread, 0, sizeof body_);
  body_.owner = this;
}

SystemThread& SystemThread::current() {
  Holder& holder = holder_of_this_thread;
  if (!holder.thread) holder.thread = runtime::make_ref<SystemThread>(nullptr, nullptr);
  return *holder.thread;
}

NTSTATUS SystemThread::run() {
  holder_of_this_thread.thread = runtime::Ref<SystemThread>(this);
  start_(context_);
  check(irql() == PASSIVE_LEVEL, "PsCreateSystemThread",
        "the thread's routine came back above PASSIVE_LEVEL");
  return STATUS_SUCCESS;
}

void SystemThread::finish() {
  set_state(body_.Header, 1);
}

}  // namespace oriel::wdm
