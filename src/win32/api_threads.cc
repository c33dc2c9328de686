// Threads, their numbers, their storage and their APCs.
//
// Priorities and affinities are remembered and told back; the system schedules as it likes.
#include <processthreadsapi.h>

#include "runtime/thread.h"
#include "runtime/thread_slots.h"
#include "win32/arguments.h"
#include "win32/handle_table.h"
#include "win32/last_error.h"
#include "win32/sync_objects.h"

using namespace oriel;
using namespace oriel::win32;

HANDLE CreateThread(LPSECURITY_ATTRIBUTES, SIZE_T stack, LPTHREAD_START_ROUTINE start,
                    LPVOID parameter, DWORD flags, LPDWORD id) {
  if (start == nullptr) return fail_with<HANDLE>(ERROR_INVALID_PARAMETER, nullptr);
  runtime::StartedThread thread =
      runtime::start_thread({start, parameter, stack, (flags & CREATE_SUSPENDED) != 0});
  if (!thread.record) return fail_with<HANDLE>(ERROR_NOT_ENOUGH_MEMORY, nullptr);
  if (id != nullptr) *id = thread.record->id();
  return handle_to(make_ref<ThreadObject>(thread.record, thread.gate));
}

VOID ExitThread(DWORD code) {
  runtime::exit_thread(code);
}

BOOL TerminateThread(HANDLE handle, DWORD) {
  if (!object_of<ThreadObject>(handle)) return FALSE;
  return fail_with(ERROR_CALL_NOT_IMPLEMENTED, FALSE);  // would leave locks behind
}

BOOL GetExitCodeThread(HANDLE handle, LPDWORD code) {
  const auto thread = object_of<ThreadObject>(handle);
  if (!thread) return FALSE;
  if (code == nullptr) return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  *code = thread->record->has_ended() ? thread->record->exit_code() : STILL_ACTIVE;
  return TRUE;
}

DWORD ResumeThread(HANDLE handle) {
  const auto thread = object_of<ThreadObject>(handle);
  if (!thread) return ~DWORD{0};
  return thread->gate && thread->gate->open() ? 1 : 0;
}

DWORD SuspendThread(HANDLE handle) {
  if (!object_of<ThreadObject>(handle)) return ~DWORD{0};
  return fail_with(ERROR_CALL_NOT_IMPLEMENTED, ~DWORD{0});
}

HANDLE OpenThread(DWORD, BOOL, DWORD id) {
  struct Search {
    DWORD id;
    Ref<Object> found;
  } search{id, nullptr};
  if (id == GetCurrentThreadId()) search.found = object_of(GetCurrentThread());
  handles().for_each(
      [](HANDLE, Object& object, void* context) {
        auto& s = *static_cast<Search*>(context);
        if (!ThreadObject::is_kind(object.kind())) return;
        auto& thread = static_cast<ThreadObject&>(object);
        if (thread.record->id() == s.id && !thread.record->has_ended()) s.found = Ref(&object);
      },
      &search);
  if (!search.found) return fail_with<HANDLE>(ERROR_INVALID_PARAMETER, nullptr);
  return handle_to(search.found);
}

HANDLE GetCurrentThread(VOID) {
  return reinterpret_cast<HANDLE>(std::intptr_t{-2});
}

DWORD GetCurrentThreadId(VOID) {
  return runtime::ThreadRecord::current().id();
}

DWORD GetThreadId(HANDLE handle) {
  const auto thread = object_of<ThreadObject>(handle);
  return thread ? thread->record->id() : 0;
}

BOOL SetThreadPriority(HANDLE handle, int priority) {
  const auto thread = object_of<ThreadObject>(handle);
  if (!thread) return FALSE;
  const bool is_known =
      (priority >= THREAD_PRIORITY_LOWEST && priority <= THREAD_PRIORITY_HIGHEST) ||
      priority == THREAD_PRIORITY_IDLE || priority == THREAD_PRIORITY_TIME_CRITICAL;
  if (!is_known) return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  thread->record->set_priority(priority);
  return TRUE;
}

int GetThreadPriority(HANDLE handle) {
  const auto thread = object_of<ThreadObject>(handle);
  return thread ? thread->record->priority() : THREAD_PRIORITY_ERROR_RETURN;
}

DWORD_PTR SetThreadAffinityMask(HANDLE handle, DWORD_PTR mask) {
  if (!object_of<ThreadObject>(handle)) return 0;
  if (mask == 0) return fail_with(ERROR_INVALID_PARAMETER, DWORD_PTR{0});
  return ~DWORD_PTR{0};
}

HRESULT SetThreadDescription(HANDLE handle, PCWSTR) {
  return object_of<ThreadObject>(handle) ? S_OK : E_INVALIDARG;
}

BOOL SwitchToThread(VOID) {
  return runtime::yield_thread() ? TRUE : FALSE;
}

DWORD QueueUserAPC(PAPCFUNC routine, HANDLE handle, ULONG_PTR parameter) {
  const auto thread = object_of<ThreadObject>(handle);
  if (!thread) return 0;
  if (routine == nullptr) return fail_with(ERROR_INVALID_PARAMETER, DWORD{0});
  if (thread->record->queue_call({routine, parameter})) return 1;
  return fail_with(ERROR_GEN_FAILURE, DWORD{0});
}

DWORD TlsAlloc(VOID) {
  const std::uint32_t slot = runtime::allocate_thread_slot();
  if (slot != runtime::kNoThreadSlot) return slot;
  return fail_with(ERROR_NO_MORE_ITEMS, TLS_OUT_OF_INDEXES);
}

BOOL TlsFree(DWORD index) {
  return runtime::free_thread_slot(index) ? TRUE : fail_with(ERROR_INVALID_PARAMETER, FALSE);
}

// A null that is a value has the last error 0 beside it.
LPVOID TlsGetValue(DWORD index) {
  if (index >= runtime::kThreadSlotsMax) return fail_with<LPVOID>(ERROR_INVALID_PARAMETER, nullptr);
  set_last_error(ERROR_SUCCESS);
  return runtime::thread_slot(index);
}

BOOL TlsSetValue(DWORD index, LPVOID value) {
  if (!runtime::is_thread_slot(index)) return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  if (runtime::set_thread_slot(index, value)) return TRUE;
  return fail_with(ERROR_NOT_ENOUGH_MEMORY, FALSE);
}
