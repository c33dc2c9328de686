// On which host the provider's sockets are made: between the first WSPStartup and the last
// WSPCleanup the process's, else none. A test may give its own.
#pragma once

#include <memory>

#include "stack/host_impl.h"

namespace oriel::winsock {

/// nullptr: not started. Thread: any.
std::shared_ptr<stack::HostImpl> provider_host();
/// Sockets that exist keep the host they were made on.
void set_provider_host(std::shared_ptr<stack::HostImpl> host);

}  // namespace oriel::winsock
