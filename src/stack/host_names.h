// Whom the process's programs ask for names: the name servers of its host (ORIEL_DNS), over the
// host's own UDP sockets.
#pragma once

#include <optional>

#include "runtime/dns_client.h"

namespace oriel::stack {

/// nullopt: the process has no name servers of its own, so the machine's resolver is the one to
/// ask. Its questions block; never on the host's own thread. Requires: ProcessHost is acquired.
/// Thread: any.
std::optional<runtime::DnsClient> dns_client_of_process();

}  // namespace oriel::stack
