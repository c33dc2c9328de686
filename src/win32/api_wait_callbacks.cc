// RegisterWaitForSingleObject and its end.
#include <handleapi.h>
#include <threadpoollegacyapiset.h>

#include "runtime/wait_many.h"
#include "win32/arguments.h"
#include "win32/handle_table.h"
#include "win32/last_error.h"
#include "win32/sync_objects.h"
#include "win32/wait_registration.h"

using namespace oriel;
using namespace oriel::win32;

BOOL RegisterWaitForSingleObject(PHANDLE wait, HANDLE handle, WAITORTIMERCALLBACK callback,
                                 PVOID context, ULONG ms, ULONG flags) {
  if (wait == nullptr || callback == nullptr) return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  const Ref<Object> object = object_of(handle);
  if (!object) return FALSE;
  if (object->waitable() == nullptr) return fail_with(ERROR_INVALID_HANDLE, FALSE);
  const bool is_once = (flags & WT_EXECUTEONLYONCE) != 0;
  const auto registration = make_ref<WaitRegistration>(object, callback, context, ms, is_once);
  const HANDLE made = handle_to(registration);
  if (made == nullptr) return FALSE;
  *wait = made;  // before the first callback, which may use it
  if (registration->start()) return TRUE;
  handles().close(made);
  return fail_with(ERROR_NOT_ENOUGH_MEMORY, FALSE);
}

// completion: null returns at once, INVALID_HANDLE_VALUE waits for callbacks, an event is set then.
BOOL UnregisterWaitEx(HANDLE wait, HANDLE completion) {
  const auto registration = handles().find_as<WaitRegistration>(wait);
  if (!registration) return fail_with(ERROR_INVALID_HANDLE, FALSE);
  const bool is_for_event = completion != nullptr && completion != INVALID_HANDLE_VALUE;
  if (is_for_event) {
    const auto event = object_of<EventObject>(completion);
    if (!event) return FALSE;
    registration->tell(event);
  }
  registration->cancel();
  handles().close(wait);
  // From inside the callback the wait would be for itself.
  if (completion == INVALID_HANDLE_VALUE && !registration->is_own_thread()) {
    runtime::wait_one(registration->end(), Instant::never());
  }
  return TRUE;
}

BOOL UnregisterWait(HANDLE wait) {
  return UnregisterWaitEx(wait, nullptr);
}
