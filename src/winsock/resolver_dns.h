// The DNS client of a process whose host has name servers of its own (ORIEL_DNS).
#pragma once

#include <optional>

#include "runtime/dns_client.h"

namespace oriel::winsock {

/// A client over the base provider's UDP sockets; nullopt: the process has no name servers.
/// Requires: started.
std::optional<runtime::DnsClient> dns_client();

}  // namespace oriel::winsock
