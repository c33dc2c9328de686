// The host's own addresses, as the environment gave them.
#pragma once

#include <vector>

#include "runtime/name_service.h"

namespace oriel::winsock {

/// Without loopback, in the order of the links. Requires: started.
std::vector<runtime::NamedAddress> host_addresses();

}  // namespace oriel::winsock
