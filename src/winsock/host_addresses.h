// What the environment says about names: the host's own addresses, and whom it asks.
#pragma once

#include <vector>

#include "runtime/name_service.h"

namespace oriel::winsock {

/// Without loopback, in the order of the links. Requires: started.
std::vector<runtime::NamedAddress> host_addresses();
/// ORIEL_DNS: the name servers that its programs ask, best first.
std::vector<IpAddress> name_servers();

}  // namespace oriel::winsock
