// Waiting for handles, and sleeping.
#include <handleapi.h>
#include <synchapi.h>

#include <array>

#include "runtime/thread.h"
#include "runtime/wait_many.h"
#include "win32/arguments.h"
#include "win32/last_error.h"
#include "win32/sync_objects.h"

using namespace oriel;
using namespace oriel::win32;

namespace {

DWORD outcome(const runtime::WaitResult& result) {
  switch (result.end) {
    case runtime::WaitResult::End::kObject:
      return WAIT_OBJECT_0 + result.index;
    case runtime::WaitResult::End::kAbandoned:
      return WAIT_ABANDONED_0 + result.index;
    case runtime::WaitResult::End::kTimeout:
      return WAIT_TIMEOUT;
    case runtime::WaitResult::End::kCalls:
      return WAIT_IO_COMPLETION;
    case runtime::WaitResult::End::kInvalid:
      break;
  }
  return fail_with(ERROR_INVALID_PARAMETER, WAIT_FAILED);
}

runtime::Waitable* waitable_of(Object& object) {
  runtime::Waitable* waitable = object.waitable();
  if (waitable == nullptr) set_last_error(ERROR_INVALID_HANDLE);
  return waitable;
}

}  // namespace

DWORD WaitForSingleObjectEx(HANDLE handle, DWORD ms, BOOL alertable) {
  const Ref<Object> object = object_of(handle);
  runtime::Waitable* waitable = object ? waitable_of(*object) : nullptr;
  if (waitable == nullptr) return WAIT_FAILED;
  return outcome(runtime::wait_one(*waitable, deadline_of(ms), alertable != FALSE));
}

DWORD WaitForSingleObject(HANDLE handle, DWORD ms) {
  return WaitForSingleObjectEx(handle, ms, FALSE);
}

DWORD WaitForMultipleObjectsEx(DWORD count, const HANDLE* handles, BOOL all, DWORD ms,
                               BOOL alertable) {
  if (count == 0 || count > MAXIMUM_WAIT_OBJECTS || handles == nullptr) {
    return fail_with(ERROR_INVALID_PARAMETER, WAIT_FAILED);
  }
  std::array<Ref<Object>, MAXIMUM_WAIT_OBJECTS> objects;
  std::array<runtime::Waitable*, MAXIMUM_WAIT_OBJECTS> waitables;
  for (DWORD i = 0; i < count; ++i) {
    objects[i] = object_of(handles[i]);
    waitables[i] = objects[i] ? waitable_of(*objects[i]) : nullptr;
    if (waitables[i] == nullptr) return WAIT_FAILED;
  }
  return outcome(runtime::wait_many({waitables.data(), count}, all != FALSE, deadline_of(ms),
                                    alertable != FALSE));
}

DWORD WaitForMultipleObjects(DWORD count, const HANDLE* handles, BOOL all, DWORD ms) {
  return WaitForMultipleObjectsEx(count, handles, all, ms, FALSE);
}

// Not one step, as it is not on Windows either for who looks from outside.
DWORD SignalObjectAndWait(HANDLE signal, HANDLE wait, DWORD ms, BOOL alertable) {
  const Ref<Object> object = object_of(signal);
  const Ref<Object> other = object_of(wait);
  if (!object || !other) return WAIT_FAILED;
  BOOL is_signalled = FALSE;
  if (object->kind() == ObjectKind::kEvent) {
    is_signalled = SetEvent(signal);
  } else if (object->kind() == ObjectKind::kMutex) {
    is_signalled = ReleaseMutex(signal);
  } else if (object->kind() == ObjectKind::kSemaphore) {
    is_signalled = ReleaseSemaphore(signal, 1, nullptr);
  } else {
    set_last_error(ERROR_INVALID_HANDLE);
  }
  return is_signalled ? WaitForSingleObjectEx(wait, ms, alertable) : WAIT_FAILED;
}

DWORD SleepEx(DWORD ms, BOOL alertable) {
  if (ms == 0 && !alertable) {
    runtime::yield_thread();
    return 0;
  }
  return runtime::sleep_thread(deadline_of(ms), alertable != FALSE) ? WAIT_IO_COMPLETION : 0;
}

VOID Sleep(DWORD ms) {
  SleepEx(ms, FALSE);
}
