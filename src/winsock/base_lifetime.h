// What the base provider takes and gives back with its first startup and its last cleanup.
#pragma once

#include <winsock2.h>

namespace oriel::winsock {

/// Acquires the process's host. The error of WSPStartup: WSASYSNOTREADY. Thread: under the
/// provider's lock.
INT open_base_provider();
/// Ends every socket that is still open, then releases the host.
void close_base_provider();

}  // namespace oriel::winsock
