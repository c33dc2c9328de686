// How an overlapped request begins and ends, as the program sees it: the status words, the event,
// the packet.
#pragma once

#include <ntstatus.h>

#include <cstddef>

#include "win32/file_object.h"

namespace oriel::win32 {

/// The status word becomes STATUS_PENDING and the event, if any, is reset. Notes that the calling
/// thread has issued a request: it is cancelled when the thread ends, unless a port hears of it.
void begin_overlapped(OVERLAPPED& overlapped);

/// Writes the status words, then sets the event, then posts the packet: unless the low bit of
/// hEvent is set, no port is associated, or the call ended at once with success and the file skips
/// such packets. Afterwards `overlapped` is the program's again. Never blocks. Thread: any.
void complete_overlapped(FileObject& file, OVERLAPPED& overlapped, NTSTATUS status,
                         std::size_t bytes, bool was_immediate);

bool is_pending(const OVERLAPPED& overlapped);
NTSTATUS status_of(const OVERLAPPED& overlapped);

/// NTSTATUS to the codes of GetLastError; ERROR_MR_MID_NOT_FOUND for one that is not in the table.
DWORD win32_error_of(NTSTATUS status);

}  // namespace oriel::win32
