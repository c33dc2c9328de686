// Events, mutexes, semaphores and waitable timers as kernel32 exports them.
//
// Security attributes and access masks mean nothing here: one process, one user.
#include <synchapi.h>

#include "runtime/clock.h"
#include "win32/arguments.h"
#include "win32/last_error.h"
#include "win32/named_objects.h"
#include "win32/sync_objects.h"
#include "win32/system_time.h"
#include "win32/utf8.h"

using namespace oriel;
using namespace oriel::win32;

namespace {

HANDLE handle_or_name(Ref<Object> object, const char* name) {
  if (name != nullptr && *name != 0) return open_or_name(name, std::move(object));
  const HANDLE handle = handle_to(std::move(object));
  if (handle != nullptr) set_last_error(ERROR_SUCCESS);
  return handle;
}

/// A name that lives as long as a call, or none.
struct Name {
  explicit Name(LPCWSTR wide) : text(wide == nullptr ? std::string() : narrow(wide)) {}
  const char* get() const { return text.c_str(); }
  std::string text;
};

void run_timer_routine(void* routine, void* argument, Instant due) {
  const std::uint64_t time = file_time_of(due);
  reinterpret_cast<PTIMERAPCROUTINE>(routine)(argument, static_cast<DWORD>(time),
                                              static_cast<DWORD>(time >> 32));
}

}  // namespace

HANDLE CreateEventA(LPSECURITY_ATTRIBUTES, BOOL manual_reset, BOOL initial, LPCSTR name) {
  return handle_or_name(make_ref<EventObject>(manual_reset != FALSE, initial != FALSE), name);
}

HANDLE CreateEventW(LPSECURITY_ATTRIBUTES security, BOOL manual_reset, BOOL initial, LPCWSTR name) {
  return CreateEventA(security, manual_reset, initial, Name(name).get());
}

HANDLE CreateEventExA(LPSECURITY_ATTRIBUTES security, LPCSTR name, DWORD flags, DWORD) {
  return CreateEventA(security, (flags & CREATE_EVENT_MANUAL_RESET) != 0,
                      (flags & CREATE_EVENT_INITIAL_SET) != 0, name);
}

HANDLE CreateEventExW(LPSECURITY_ATTRIBUTES security, LPCWSTR name, DWORD flags, DWORD access) {
  return CreateEventExA(security, Name(name).get(), flags, access);
}

HANDLE OpenEventA(DWORD, BOOL, LPCSTR name) {
  if (name == nullptr) return fail_with<HANDLE>(ERROR_INVALID_PARAMETER, nullptr);
  return open_named(name, ObjectKind::kEvent);
}

HANDLE OpenEventW(DWORD access, BOOL inherit, LPCWSTR name) {
  return OpenEventA(access, inherit, name == nullptr ? nullptr : Name(name).get());
}

BOOL SetEvent(HANDLE handle) {
  const auto event = object_of<EventObject>(handle);
  if (!event) return FALSE;
  event->it.set();
  return TRUE;
}

BOOL ResetEvent(HANDLE handle) {
  const auto event = object_of<EventObject>(handle);
  if (!event) return FALSE;
  event->it.reset();
  return TRUE;
}

BOOL PulseEvent(HANDLE handle) {
  const auto event = object_of<EventObject>(handle);
  if (!event) return FALSE;
  event->it.pulse();
  return TRUE;
}

HANDLE CreateMutexA(LPSECURITY_ATTRIBUTES, BOOL owned, LPCSTR name) {
  return handle_or_name(make_ref<MutexObject>(owned != FALSE), name);
}

HANDLE CreateMutexW(LPSECURITY_ATTRIBUTES security, BOOL owned, LPCWSTR name) {
  return CreateMutexA(security, owned, Name(name).get());
}

HANDLE CreateMutexExA(LPSECURITY_ATTRIBUTES security, LPCSTR name, DWORD flags, DWORD) {
  return CreateMutexA(security, (flags & CREATE_MUTEX_INITIAL_OWNER) != 0, name);
}

HANDLE CreateMutexExW(LPSECURITY_ATTRIBUTES security, LPCWSTR name, DWORD flags, DWORD access) {
  return CreateMutexExA(security, Name(name).get(), flags, access);
}

HANDLE OpenMutexA(DWORD, BOOL, LPCSTR name) {
  if (name == nullptr) return fail_with<HANDLE>(ERROR_INVALID_PARAMETER, nullptr);
  return open_named(name, ObjectKind::kMutex);
}

HANDLE OpenMutexW(DWORD access, BOOL inherit, LPCWSTR name) {
  return OpenMutexA(access, inherit, name == nullptr ? nullptr : Name(name).get());
}

BOOL ReleaseMutex(HANDLE handle) {
  const auto mutex = object_of<MutexObject>(handle);
  if (!mutex) return FALSE;
  return mutex->it.release() ? TRUE : fail_with(ERROR_NOT_OWNER, FALSE);
}

HANDLE CreateSemaphoreA(LPSECURITY_ATTRIBUTES, LONG initial, LONG maximum, LPCSTR name) {
  if (maximum <= 0 || initial < 0 || initial > maximum) {
    return fail_with<HANDLE>(ERROR_INVALID_PARAMETER, nullptr);
  }
  return handle_or_name(make_ref<SemaphoreObject>(initial, maximum), name);
}

HANDLE CreateSemaphoreW(LPSECURITY_ATTRIBUTES security, LONG initial, LONG maximum, LPCWSTR name) {
  return CreateSemaphoreA(security, initial, maximum, Name(name).get());
}

HANDLE CreateSemaphoreExA(LPSECURITY_ATTRIBUTES security, LONG initial, LONG maximum, LPCSTR name,
                          DWORD, DWORD) {
  return CreateSemaphoreA(security, initial, maximum, name);
}

HANDLE CreateSemaphoreExW(LPSECURITY_ATTRIBUTES security, LONG initial, LONG maximum, LPCWSTR name,
                          DWORD, DWORD) {
  return CreateSemaphoreA(security, initial, maximum, Name(name).get());
}

BOOL ReleaseSemaphore(HANDLE handle, LONG count, LPLONG previous) {
  const auto semaphore = object_of<SemaphoreObject>(handle);
  if (!semaphore) return FALSE;
  if (count <= 0) return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  const auto before = semaphore->it.release(count);
  if (!before) return fail_with(ERROR_TOO_MANY_POSTS, FALSE);
  if (previous != nullptr) *previous = *before;
  return TRUE;
}

HANDLE CreateWaitableTimerA(LPSECURITY_ATTRIBUTES, BOOL manual_reset, LPCSTR name) {
  return handle_or_name(make_ref<TimerObject>(manual_reset != FALSE), name);
}

HANDLE CreateWaitableTimerW(LPSECURITY_ATTRIBUTES security, BOOL manual_reset, LPCWSTR name) {
  return CreateWaitableTimerA(security, manual_reset, Name(name).get());
}

HANDLE CreateWaitableTimerExA(LPSECURITY_ATTRIBUTES security, LPCSTR name, DWORD flags, DWORD) {
  return CreateWaitableTimerA(security, (flags & CREATE_WAITABLE_TIMER_MANUAL_RESET) != 0, name);
}

HANDLE CreateWaitableTimerExW(LPSECURITY_ATTRIBUTES security, LPCWSTR name, DWORD flags,
                              DWORD access) {
  return CreateWaitableTimerExA(security, Name(name).get(), flags, access);
}

// Due: 100 ns units, negative relative to now, positive a system time.
BOOL SetWaitableTimer(HANDLE handle, const LARGE_INTEGER* due, LONG period_ms,
                      PTIMERAPCROUTINE routine, LPVOID argument, BOOL) {
  const auto timer = object_of<TimerObject>(handle);
  if (!timer) return FALSE;
  if (due == nullptr || period_ms < 0) return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  const Instant at = due->QuadPart <= 0
                         ? runtime::real_now() + Duration(-due->QuadPart * 100)
                         : instant_of_file_time(static_cast<std::uint64_t>(due->QuadPart));
  runtime::TimerRoutine call;
  if (routine != nullptr) {
    call = {run_timer_routine, reinterpret_cast<void*>(routine), argument};
  }
  timer->it.arm(at, std::chrono::milliseconds(period_ms), call);
  return TRUE;
}

BOOL CancelWaitableTimer(HANDLE handle) {
  const auto timer = object_of<TimerObject>(handle);
  if (!timer) return FALSE;
  timer->it.cancel();
  return TRUE;
}
