// Association, and waiting for a request that has no event.
#include "win32/file_object.h"

#include "runtime/clock.h"
#include "runtime/park.h"
#include "runtime/park_driver.h"
#include "runtime/thread_record.h"
#include "win32/io_completion.h"
#include "win32/last_error.h"

namespace oriel::win32 {

FileObject::~FileObject() {
  if (runtime::CompletionPort* port = port_.load()) port->release();
}

bool FileObject::associate(Ref<runtime::CompletionPort> port, ULONG_PTR key) {
  runtime::LockHold hold(lock_);
  if (port_.load(std::memory_order_relaxed) != nullptr) return false;
  key_ = key;
  port_.store(port.detach(), std::memory_order_release);
  return true;
}

bool FileObject::cancel_io(OVERLAPPED*, std::uint32_t) {
  return false;
}

BOOL FileObject::read(void*, DWORD, DWORD*, OVERLAPPED*) {
  return fail_with(ERROR_INVALID_FUNCTION, FALSE);
}

BOOL FileObject::write(const void*, DWORD, DWORD*, OVERLAPPED*) {
  return fail_with(ERROR_INVALID_FUNCTION, FALSE);
}

bool FileObject::wait_for_completion(const OVERLAPPED& overlapped, Instant deadline,
                                     bool is_alertable) {
  struct Hearer final : runtime::CallHearer {
    explicit Hearer(FileObject& of) : file(of) {}
    void on_queued_call(runtime::WakeList&) override { file.note_completion(); }
    FileObject& file;
  } hearer(*this);
  runtime::ThreadRecord& self = runtime::ThreadRecord::current();
  waiting_.fetch_add(1);
  if (is_alertable) self.set_alertable(&hearer);
  bool is_in_time = true;
  for (;;) {
    const std::uint32_t seen = completions_.load();
    if (!is_pending(overlapped) || !is_in_time) break;
    if (is_alertable && self.has_calls(runtime::real_now())) break;
    const Instant until = is_alertable ? earlier(deadline, self.next_timer_due()) : deadline;
    is_in_time = runtime::park_or_drive(completions_, seen, until) || until < deadline;
  }
  if (is_alertable) self.set_alertable(nullptr);
  waiting_.fetch_sub(1);
  return !is_pending(overlapped);
}

void FileObject::note_completion() {
  completions_.fetch_add(1);
  if (waiting_.load() != 0) runtime::unpark(&completions_, 0x7fffffff);
}

}  // namespace oriel::win32
