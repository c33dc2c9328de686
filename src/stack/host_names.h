// Whom the process's programs ask for names: its host, with the name servers of ORIEL_DNS over the
// host's own UDP sockets.
#pragma once

#include "runtime/name_order.h"

namespace oriel::stack {

/// With the addresses and the name servers that the environment gave. Its questions block; never on
/// the host's own thread. Links say nothing yet about addresses that came later. Requires:
/// ProcessHost is acquired. Thread: any.
runtime::NameOrder names_of_process();

}  // namespace oriel::stack
