// The stack's ErrorCode as the NTSTATUS that an OVERLAPPED or an IRP holds.
#pragma once

#include <minwindef.h>
#include <ntstatus.h>

#include "oriel/error.h"

namespace oriel::win32 {

/// What an operation that ended so leaves behind; unknown ones: STATUS_UNSUCCESSFUL. Thread: any.
NTSTATUS status_of(ErrorCode code);

}  // namespace oriel::win32
