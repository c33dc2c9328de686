// Status words, events and packets, in the order in which programs rely on them.
#include "win32/io_completion.h"

#include <ioapiset.h>

#include <atomic>

#include "runtime/thread_record.h"
#include "win32/handle_table.h"
#include "win32/sync_objects.h"

namespace oriel::win32 {
namespace {

constexpr std::uintptr_t kNoPacketBit = 1;

Ref<EventObject> event_of(const OVERLAPPED& overlapped) {
  const auto value = reinterpret_cast<std::uintptr_t>(overlapped.hEvent) & ~kNoPacketBit;
  if (value == 0) return nullptr;
  return handles().find_as<EventObject>(reinterpret_cast<HANDLE>(value));
}

void cancel_if_of(HANDLE /*handle*/, Object& object, void* context) {
  if (!FileObject::is_kind(object.kind())) return;
  auto& file = static_cast<FileObject&>(object);
  // A request whose end goes to a port outlives its thread.
  if (file.port() == nullptr) file.cancel_io(nullptr, *static_cast<std::uint32_t*>(context));
}

void cancel_requests_of(runtime::ThreadRecord& thread) {
  if (!thread.has_issued_requests()) return;
  std::uint32_t id = thread.id();
  handles().for_each(cancel_if_of, &id);
}

void note_issuer() {
  runtime::ThreadRecord& thread = runtime::ThreadRecord::current();
  if (thread.has_issued_requests()) return;
  runtime::add_thread_end_hook(cancel_requests_of);
  thread.note_request();
}

}  // namespace

void begin_overlapped(OVERLAPPED& overlapped) {
  note_issuer();
  overlapped.InternalHigh = 0;
  std::atomic_ref(overlapped.Internal).store(STATUS_PENDING, std::memory_order_release);
  if (const Ref<EventObject> event = event_of(overlapped)) event->it.reset();
}

void complete_overlapped(FileObject& file, OVERLAPPED& overlapped, NTSTATUS status,
                         std::size_t bytes, bool was_immediate) {
  // Read first: once the status is not pending, a program may free or reuse it.
  const Ref<EventObject> event = event_of(overlapped);
  const auto low_bit = reinterpret_cast<std::uintptr_t>(overlapped.hEvent) & kNoPacketBit;
  const bool is_skipped = was_immediate && NT_SUCCESS(status) &&
                          (file.modes() & FILE_SKIP_COMPLETION_PORT_ON_SUCCESS) != 0;
  overlapped.InternalHigh = bytes;
  std::atomic_ref(overlapped.Internal)
      .store(static_cast<std::uint32_t>(status), std::memory_order_release);
  if (event) event->it.set();
  file.note_completion();
  runtime::CompletionPort* port = file.port();
  if (port == nullptr || low_bit != 0 || is_skipped) return;
  port->post({file.key(), &overlapped, static_cast<std::uint32_t>(status), bytes});
}

NTSTATUS status_of(const OVERLAPPED& overlapped) {
  auto& word = const_cast<ULONG_PTR&>(overlapped.Internal);  // atomic_ref takes no const in C++20
  return static_cast<NTSTATUS>(std::atomic_ref(word).load(std::memory_order_acquire));
}

bool is_pending(const OVERLAPPED& overlapped) {
  return status_of(overlapped) == STATUS_PENDING;
}

DWORD win32_error_of(NTSTATUS status) {
  struct Row {
    NTSTATUS status;
    DWORD error;
  };
  constexpr DWORD kMrMidNotFound = 317;
  // Pairs as Windows' own RtlNtStatusToDosError gives them.
  static constexpr Row kRows[] = {
      {STATUS_PENDING, ERROR_IO_PENDING},
      {STATUS_BUFFER_OVERFLOW, ERROR_MORE_DATA},
      {STATUS_CANCELLED, ERROR_OPERATION_ABORTED},
      {STATUS_LOCAL_DISCONNECT, ERROR_NETNAME_DELETED},
      {STATUS_REMOTE_DISCONNECT, ERROR_NETNAME_DELETED},
      {STATUS_ADDRESS_CLOSED, ERROR_NETNAME_DELETED},
      {STATUS_CONNECTION_DISCONNECTED, ERROR_NETNAME_DELETED},
      {STATUS_CONNECTION_RESET, ERROR_NETNAME_DELETED},
      {STATUS_NETWORK_NAME_DELETED, ERROR_NETNAME_DELETED},
      {STATUS_CONNECTION_REFUSED, ERROR_CONNECTION_REFUSED},
      {STATUS_CONNECTION_ABORTED, ERROR_CONNECTION_ABORTED},
      {STATUS_CONNECTION_INVALID, ERROR_CONNECTION_INVALID},
      {STATUS_CONNECTION_ACTIVE, ERROR_CONNECTION_ACTIVE},
      {STATUS_GRACEFUL_DISCONNECT, ERROR_GRACEFUL_DISCONNECT},
      {STATUS_REQUEST_ABORTED, ERROR_REQUEST_ABORTED},
      {STATUS_DEVICE_DOES_NOT_EXIST, ERROR_DEV_NOT_EXIST},
      {STATUS_NETWORK_UNREACHABLE, ERROR_NETWORK_UNREACHABLE},
      {STATUS_HOST_UNREACHABLE, ERROR_HOST_UNREACHABLE},
      {STATUS_PROTOCOL_UNREACHABLE, ERROR_PROTOCOL_UNREACHABLE},
      {STATUS_PORT_UNREACHABLE, ERROR_PORT_UNREACHABLE},
      {STATUS_IO_TIMEOUT, ERROR_SEM_TIMEOUT},
      {STATUS_LINK_TIMEOUT, ERROR_UNEXP_NET_ERR},
      {STATUS_UNEXPECTED_NETWORK_ERROR, ERROR_UNEXP_NET_ERR},
      {STATUS_BAD_NETWORK_PATH, ERROR_BAD_NETPATH},
      {STATUS_INVALID_PARAMETER, ERROR_INVALID_PARAMETER},
      {STATUS_INVALID_HANDLE, ERROR_INVALID_HANDLE},
      {STATUS_OBJECT_TYPE_MISMATCH, ERROR_INVALID_HANDLE},
      {STATUS_ACCESS_VIOLATION, ERROR_NOACCESS},
      {STATUS_ACCESS_DENIED, ERROR_ACCESS_DENIED},
      {STATUS_NO_MEMORY, ERROR_NOT_ENOUGH_MEMORY},
      {STATUS_INSUFFICIENT_RESOURCES, ERROR_NO_SYSTEM_RESOURCES},
      {STATUS_QUOTA_EXCEEDED, 1816 /* ERROR_NOT_ENOUGH_QUOTA */},
      {STATUS_NOT_SUPPORTED, ERROR_NOT_SUPPORTED},
      {STATUS_NOT_IMPLEMENTED, ERROR_INVALID_FUNCTION},
      {STATUS_INVALID_DEVICE_REQUEST, ERROR_INVALID_FUNCTION},
      {STATUS_INVALID_DEVICE_STATE, 22 /* ERROR_BAD_COMMAND */},
      {STATUS_DEVICE_NOT_READY, ERROR_NOT_READY},
      {STATUS_BUFFER_TOO_SMALL, ERROR_INSUFFICIENT_BUFFER},
      {STATUS_INVALID_BUFFER_SIZE, 1784 /* ERROR_INVALID_USER_BUFFER */},
      {STATUS_END_OF_FILE, ERROR_HANDLE_EOF},
      {STATUS_PIPE_BROKEN, ERROR_BROKEN_PIPE},
      {STATUS_NOT_FOUND, ERROR_NOT_FOUND},
      {STATUS_SHARING_VIOLATION, ERROR_SHARING_VIOLATION},
      {STATUS_TOO_MANY_OPENED_FILES, ERROR_TOO_MANY_OPEN_FILES},
      {STATUS_UNSUCCESSFUL, ERROR_GEN_FAILURE},
      {STATUS_FILE_FORCED_CLOSED, ERROR_HANDLE_EOF},
      {STATUS_RETRY, ERROR_RETRY},
  };
  if (NT_SUCCESS(status) && status != STATUS_PENDING) return ERROR_SUCCESS;
  for (const Row& row : kRows) {
    if (row.status == status) return row.error;
  }
  return kMrMidNotFound;
}

}  // namespace oriel::win32
