// System threads, and the little of the object manager that drivers use on them.
//
// Devices and drivers are counted by hand here: nothing frees them but IoDeleteDevice.
#include <unistd.h>
#include <wdm.h>

#include "runtime/thread.h"
#include "wdm/irql.h"
#include "wdm/system_thread.h"
#include "win32/handle_table.h"

using namespace oriel;
using namespace oriel::wdm;

namespace {

// Only their addresses mean something.
struct Named {
  const char* name;
};
Named thread_type{"Thread"};
Named process{"System"};
POBJECT_TYPE thread_type_pointer = reinterpret_cast<POBJECT_TYPE>(&thread_type);

std::uint32_t run_thread(void* argument) {
  const auto thread = runtime::Ref<SystemThread>::adopt(static_cast<SystemThread*>(argument));
  return static_cast<std::uint32_t>(thread->run());
}

HANDLE handle_of_number(std::uintptr_t number) {
  return reinterpret_cast<HANDLE>(number);
}

bool is_thread(PVOID object) {
  const auto kind = static_cast<CSHORT>(*static_cast<CSHORT*>(object));
  return kind != IO_TYPE_DEVICE && kind != IO_TYPE_DRIVER;
}

}  // namespace

POBJECT_TYPE* PsThreadType = &thread_type_pointer;

NTSTATUS NTAPI PsCreateSystemThread(PHANDLE handle, ULONG, POBJECT_ATTRIBUTES, HANDLE,
                                    PCLIENT_ID id, PKSTART_ROUTINE start, PVOID context) {
  check_irql("PsCreateSystemThread", PASSIVE_LEVEL);
  if (handle == nullptr || start == nullptr) return STATUS_INVALID_PARAMETER;
  const auto thread = runtime::make_ref<SystemThread>(start, context);
  *handle = win32::handles().insert(thread);
  if (*handle == nullptr) return STATUS_INSUFFICIENT_RESOURCES;
  thread->retain();  // run_thread's
  const runtime::StartedThread started =
      runtime::start_thread({run_thread, thread.get(), 0, false});
  if (!started.record) {
    thread->release();
    win32::handles().close(*handle);
    return STATUS_INSUFFICIENT_RESOURCES;
  }
  if (id != nullptr) *id = {PsGetCurrentProcessId(), handle_of_number(started.record->id())};
  return STATUS_SUCCESS;
}

NTSTATUS NTAPI PsTerminateSystemThread(NTSTATUS status) {
  check_irql("PsTerminateSystemThread", PASSIVE_LEVEL);
  if (!SystemThread::current().is_started()) return STATUS_INVALID_PARAMETER;
  runtime::exit_thread(static_cast<std::uint32_t>(status));
}

PETHREAD NTAPI PsGetCurrentThread(VOID) {
  return reinterpret_cast<PETHREAD>(SystemThread::current().body());
}

HANDLE NTAPI PsGetCurrentThreadId(VOID) {
  return handle_of_number(runtime::ThreadRecord::current().id());
}

PEPROCESS NTAPI PsGetCurrentProcess(VOID) {
  return reinterpret_cast<PEPROCESS>(&process);
}

HANDLE NTAPI PsGetCurrentProcessId(VOID) {
  return handle_of_number(static_cast<std::uintptr_t>(::getpid()));
}

KPRIORITY NTAPI KeSetPriorityThread(PKTHREAD, KPRIORITY) {
  constexpr KPRIORITY kUsual = 8;  // nobody's priority is ever another one
  return kUsual;
}

NTSTATUS NTAPI ObReferenceObjectByHandle(HANDLE handle, ACCESS_MASK access, POBJECT_TYPE type,
                                         KPROCESSOR_MODE, PVOID object,
                                         POBJECT_HANDLE_INFORMATION information) {
  const auto found = win32::handles().find(handle);
  if (!found) return STATUS_INVALID_HANDLE;
  if (!SystemThread::is_kind(found->kind())) return STATUS_OBJECT_TYPE_MISMATCH;
  if (type != nullptr && type != *PsThreadType) return STATUS_OBJECT_TYPE_MISMATCH;
  auto* thread = static_cast<SystemThread*>(found.get());
  thread->retain();
  *static_cast<PVOID*>(object) = thread->body();
  if (information != nullptr) *information = {0, access};
  return STATUS_SUCCESS;
}

LONG_PTR NTAPI ObfReferenceObject(PVOID object) {
  if (is_thread(object)) SystemThread::of(object).retain();
  return 1;
}

LONG_PTR NTAPI ObfDereferenceObject(PVOID object) {
  if (is_thread(object)) SystemThread::of(object).release();
  return 1;
}

NTSTATUS NTAPI ZwClose(HANDLE handle) {
  check_irql("ZwClose", PASSIVE_LEVEL);
  const bool is_closed = win32::handles().close(handle) == win32::HandleTable::Closed::kClosed;
  return is_closed ? STATUS_SUCCESS : STATUS_INVALID_HANDLE;
}
