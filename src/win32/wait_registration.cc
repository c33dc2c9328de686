// The registration's thread: wait for the object or the cancel, call, again.
#include "win32/wait_registration.h"

#include "runtime/thread.h"
#include "runtime/wait_many.h"
#include "win32/arguments.h"
#include "win32/sync_objects.h"

namespace oriel::win32 {

bool WaitRegistration::start() {
  retain();  // the thread's
  const auto thread = runtime::start_thread({[](void* self) {
                                               auto* registration =
                                                   static_cast<WaitRegistration*>(self);
                                               registration->run();
                                               registration->release();
                                               return std::uint32_t{0};
                                             },
                                             this, 0, false});
  if (!thread.record) release();
  return static_cast<bool>(thread.record);
}

bool WaitRegistration::is_own_thread() const {
  return thread_id_ == runtime::ThreadRecord::current().id();
}

void WaitRegistration::run() {
  thread_id_ = runtime::ThreadRecord::current().id();
  runtime::Waitable* const both[] = {&cancelled_, object_->waitable()};
  for (;;) {
    const auto result = runtime::wait_many(both, false, deadline_of(ms_));
    const bool is_timeout = result.end == runtime::WaitResult::End::kTimeout;
    if (!is_timeout && result.index == 0) break;
    callback_(context_, is_timeout ? TRUE : FALSE);
    if (!is_once_) continue;
    runtime::wait_one(cancelled_, Instant::never());
    break;
  }
  end_.set();
  if (told_) static_cast<EventObject&>(*told_).it.set();
}

}  // namespace oriel::win32
