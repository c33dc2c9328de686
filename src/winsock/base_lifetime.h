// What the base provider takes and gives back with its first startup and its last cleanup.
#pragma once

#include <winsock2.h>

namespace oriel::winsock {

/// Acquires the process's host. The error of WSPStartup: WSASYSNOTREADY. Thread: under the
/// provider's lock.
INT open_base_provider();
/// Do sockets live on the process's host (not on one that a test gave)? Thread: any.
bool has_process_host();
/// Ends every socket that is still open, then releases the host.
void close_base_provider();

}  // namespace oriel::winsock
