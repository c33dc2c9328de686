// Completion ports, and the state of overlapped requests.
#include <handleapi.h>
#include <ioapiset.h>
#include <synchapi.h>

#include <algorithm>
#include <array>

#include "runtime/thread_record.h"
#include "runtime/wait_many.h"
#include "win32/arguments.h"
#include "win32/file_object.h"
#include "win32/handle_table.h"
#include "win32/io_completion.h"
#include "win32/last_error.h"
#include "win32/sync_objects.h"

using namespace oriel;
using namespace oriel::win32;
using runtime::CompletionPacket;
using runtime::CompletionPort;

namespace {

/// The last error of a wait that gave no packet.
DWORD error_of(CompletionPort::End end) {
  switch (end) {
    case CompletionPort::End::kPackets:
      return ERROR_SUCCESS;
    case CompletionPort::End::kTimeout:
      return WAIT_TIMEOUT;
    case CompletionPort::End::kCalls:
      return WAIT_IO_COMPLETION;
    case CompletionPort::End::kClosed:
      break;
  }
  return ERROR_ABANDONED_WAIT_0;
}

/// The state of a finished request as GetOverlappedResult tells it.
BOOL tell_result(const OVERLAPPED& overlapped, DWORD* bytes) {
  const NTSTATUS status = status_of(overlapped);
  if (status == STATUS_PENDING) return fail_with(ERROR_IO_INCOMPLETE, FALSE);
  *bytes = static_cast<DWORD>(overlapped.InternalHigh);
  if (NT_SUCCESS(status)) return TRUE;
  return fail_with(win32_error_of(status), FALSE);
}

/// WAIT_OBJECT_0, or the error with which the wait ended.
DWORD wait_for_request(HANDLE handle, const OVERLAPPED& overlapped, DWORD ms, BOOL alertable) {
  const auto event_value = reinterpret_cast<std::uintptr_t>(overlapped.hEvent) & ~std::uintptr_t{1};
  if (event_value != 0) {
    const DWORD ended = WaitForSingleObjectEx(reinterpret_cast<HANDLE>(event_value), ms, alertable);
    return ended == WAIT_FAILED ? last_error() : ended;
  }
  const auto file = object_of<FileObject>(handle);
  if (!file) return ERROR_INVALID_HANDLE;
  if (file->wait_for_completion(overlapped, deadline_of(ms), alertable != FALSE)) {
    return WAIT_OBJECT_0;
  }
  if (alertable && runtime::ThreadRecord::current().run_calls()) return WAIT_IO_COMPLETION;
  return WAIT_TIMEOUT;
}

}  // namespace

HANDLE CreateIoCompletionPort(HANDLE file, HANDLE port, ULONG_PTR key, DWORD concurrency) {
  if (file == INVALID_HANDLE_VALUE) {
    if (port != nullptr) return fail_with<HANDLE>(ERROR_INVALID_PARAMETER, nullptr);
    return handle_to(make_ref<PortObject>(concurrency));
  }
  const auto object = object_of<FileObject>(file);
  if (!object) return nullptr;
  HANDLE made = nullptr;
  if (port == nullptr) port = made = handle_to(make_ref<PortObject>(concurrency));
  const auto port_object = object_of<PortObject>(port);
  if (!port_object) return nullptr;
  if (object->associate(port_object->port, key)) return port;
  if (made != nullptr) CloseHandle(made);
  return fail_with<HANDLE>(ERROR_INVALID_PARAMETER, nullptr);
}

BOOL GetQueuedCompletionStatus(HANDLE port, LPDWORD bytes, PULONG_PTR key, LPOVERLAPPED* overlapped,
                               DWORD ms) {
  if (overlapped == nullptr || bytes == nullptr || key == nullptr) {
    return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  }
  *overlapped = nullptr;
  const auto object = object_of<PortObject>(port);
  if (!object) return FALSE;
  CompletionPacket packet;
  const auto got = object->port->get({&packet, 1}, deadline_of(ms));
  if (got.count == 0) return fail_with(error_of(got.end), FALSE);
  *bytes = static_cast<DWORD>(packet.bytes);
  *key = packet.key;
  *overlapped = static_cast<LPOVERLAPPED>(packet.context);
  const auto status = static_cast<NTSTATUS>(packet.status);
  if (NT_SUCCESS(status)) return TRUE;
  return fail_with(win32_error_of(status), FALSE);
}

BOOL GetQueuedCompletionStatusEx(HANDLE port, LPOVERLAPPED_ENTRY entries, ULONG count,
                                 PULONG removed, DWORD ms, BOOL alertable) {
  if (entries == nullptr || removed == nullptr || count == 0) {
    return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  }
  *removed = 0;
  const auto object = object_of<PortObject>(port);
  if (!object) return FALSE;
  constexpr std::size_t kAtOnce = 64;  // fewer than asked for is allowed
  std::array<CompletionPacket, kAtOnce> packets;
  const auto room = std::min<std::size_t>(count, kAtOnce);
  const auto got =
      object->port->get(std::span(packets).first(room), deadline_of(ms), alertable != FALSE);
  if (got.count == 0) return fail_with(error_of(got.end), FALSE);
  for (std::size_t i = 0; i < got.count; ++i) {
    entries[i].lpCompletionKey = packets[i].key;
    entries[i].lpOverlapped = static_cast<LPOVERLAPPED>(packets[i].context);
    entries[i].Internal = packets[i].status;
    entries[i].dwNumberOfBytesTransferred = static_cast<DWORD>(packets[i].bytes);
  }
  *removed = static_cast<ULONG>(got.count);
  return TRUE;
}

BOOL PostQueuedCompletionStatus(HANDLE port, DWORD bytes, ULONG_PTR key, LPOVERLAPPED overlapped) {
  const auto object = object_of<PortObject>(port);
  if (!object) return FALSE;
  if (object->port->post({key, overlapped, 0, bytes})) return TRUE;
  return fail_with(ERROR_NOT_ENOUGH_MEMORY, FALSE);
}

BOOL GetOverlappedResult(HANDLE handle, LPOVERLAPPED overlapped, LPDWORD bytes, BOOL wait) {
  if (overlapped == nullptr || bytes == nullptr) return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  if (wait && is_pending(*overlapped)) {
    const DWORD ended = wait_for_request(handle, *overlapped, INFINITE, FALSE);
    if (ended != WAIT_OBJECT_0) return fail_with(ended, FALSE);
  }
  return tell_result(*overlapped, bytes);
}

BOOL GetOverlappedResultEx(HANDLE handle, LPOVERLAPPED overlapped, LPDWORD bytes, DWORD ms,
                           BOOL alertable) {
  if (overlapped == nullptr || bytes == nullptr) return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  if (ms != 0 && is_pending(*overlapped)) {
    const DWORD ended = wait_for_request(handle, *overlapped, ms, alertable);
    if (ended != WAIT_OBJECT_0) return fail_with(ended, FALSE);
  }
  return tell_result(*overlapped, bytes);
}

BOOL CancelIo(HANDLE handle) {
  const auto file = object_of<FileObject>(handle);
  if (!file) return FALSE;
  file->cancel_io(nullptr, runtime::ThreadRecord::current().id());
  return TRUE;
}

BOOL CancelIoEx(HANDLE handle, LPOVERLAPPED overlapped) {
  const auto file = object_of<FileObject>(handle);
  if (!file) return FALSE;
  return file->cancel_io(overlapped, 0) ? TRUE : fail_with(ERROR_NOT_FOUND, FALSE);
}

BOOL CancelSynchronousIo(HANDLE thread) {
  if (!object_of<ThreadObject>(thread)) return FALSE;
  return fail_with(ERROR_NOT_FOUND, FALSE);
}

BOOL SetFileCompletionNotificationModes(HANDLE handle, UCHAR flags) {
  const auto file = object_of<FileObject>(handle);
  if (!file) return FALSE;
  const UCHAR known = FILE_SKIP_COMPLETION_PORT_ON_SUCCESS | FILE_SKIP_SET_EVENT_ON_HANDLE;
  if ((flags & ~known) != 0) return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  file->add_modes(flags);
  return TRUE;
}

BOOL BindIoCompletionCallback(HANDLE, LPOVERLAPPED_COMPLETION_ROUTINE, ULONG) {
  return fail_with(ERROR_CALL_NOT_IMPLEMENTED, FALSE);  // no thread pool of the system's
}
