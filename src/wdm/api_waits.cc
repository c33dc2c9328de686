// Events, semaphores and waits, as kernel code calls them.
#include <wdm.h>

#include <array>

#include "wdm/dispatcher.h"
#include "wdm/irql.h"
#include "wdm/timeout.h"

using namespace oriel;
using namespace oriel::wdm;

namespace {

// At DISPATCH_LEVEL a wait may look (a timeout of zero), but not block. REQ WSK-2
void check_wait(const char* call, const LARGE_INTEGER* timeout) {
  if (timeout == nullptr || timeout->QuadPart != 0) check_irql(call, APC_LEVEL);
}

}  // namespace

VOID NTAPI KeInitializeEvent(PRKEVENT event, EVENT_TYPE type, BOOLEAN is_set) {
  const DispatcherKind kind = type == NotificationEvent ? DispatcherKind::kNotificationEvent
                                                        : DispatcherKind::kSynchronizationEvent;
  initialize(event->Header, kind, is_set ? 1 : 0, sizeof *event);
}

LONG NTAPI KeSetEvent(PRKEVENT event, KPRIORITY, BOOLEAN) {
  return set_state(event->Header, 1);
}

LONG NTAPI KeResetEvent(PRKEVENT event) {
  return set_state(event->Header, 0);
}

VOID NTAPI KeClearEvent(PRKEVENT event) {
  set_state(event->Header, 0);
}

LONG NTAPI KeReadStateEvent(PRKEVENT event) {
  return state_of(event->Header);
}

VOID NTAPI KeInitializeSemaphore(PRKSEMAPHORE semaphore, LONG count, LONG limit) {
  initialize(semaphore->Header, DispatcherKind::kSemaphore, count, sizeof *semaphore);
  semaphore->Limit = limit;
}

LONG NTAPI KeReleaseSemaphore(PRKSEMAPHORE semaphore, KPRIORITY, LONG adjustment, BOOLEAN) {
  LONG before = 0;
  const bool is_released = add_to_state(semaphore->Header, adjustment, semaphore->Limit, before);
  check(is_released, "KeReleaseSemaphore", "the count would pass the semaphore's limit");
  return before;
}

LONG NTAPI KeReadStateSemaphore(PRKSEMAPHORE semaphore) {
  return state_of(semaphore->Header);
}

NTSTATUS NTAPI KeWaitForSingleObject(PVOID object, KWAIT_REASON, KPROCESSOR_MODE, BOOLEAN,
                                     PLARGE_INTEGER timeout) {
  check_wait("KeWaitForSingleObject", timeout);
  DISPATCHER_HEADER* const objects[] = {static_cast<DISPATCHER_HEADER*>(object)};
  return wait_for(objects, false, deadline_of(timeout));
}

NTSTATUS NTAPI KeWaitForMultipleObjects(ULONG count, PVOID objects[], WAIT_TYPE type, KWAIT_REASON,
                                        KPROCESSOR_MODE, BOOLEAN, PLARGE_INTEGER timeout,
                                        PKWAIT_BLOCK) {
  check_wait("KeWaitForMultipleObjects", timeout);
  if (count == 0 || count > MAXIMUM_WAIT_OBJECTS) return STATUS_INVALID_PARAMETER_1;
  std::array<DISPATCHER_HEADER*, MAXIMUM_WAIT_OBJECTS> headers;
  for (ULONG i = 0; i < count; ++i) headers[i] = static_cast<DISPATCHER_HEADER*>(objects[i]);
  return wait_for(std::span(headers).first(count), type == WaitAll, deadline_of(timeout));
}
