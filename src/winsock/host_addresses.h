// The addresses of the process's host: what a program gets for its own name.
#pragma once

#include <vector>

#include "runtime/name_service.h"

namespace oriel::winsock {

/// Without loopback, in the order of the links. Requires: started.
std::vector<runtime::NamedAddress> host_addresses();

}  // namespace oriel::winsock
