// Association, and waiting for a request that has no event.
#include "win32/file_object.h"

#include "runtime/park.h"
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

bool FileObject::wait_for_completion(const OVERLAPPED& overlapped, Instant deadline) {
  waiting_.fetch_add(1);
  bool is_in_time = true;
  for (;;) {
    const std::uint32_t seen = completions_.load();
    if (!is_pending(overlapped) || !is_in_time) break;
    is_in_time = runtime::park(completions_, seen, deadline);
  }
  waiting_.fetch_sub(1);
  return !is_pending(overlapped);
}

void FileObject::note_completion() {
  completions_.fetch_add(1);
  if (waiting_.load() != 0) runtime::unpark(&completions_, 0x7fffffff);
}

}  // namespace oriel::win32
