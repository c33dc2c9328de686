// Waits for the process's host (process_host.h): no addresses yet.
#include "winsock/host_addresses.h"

namespace oriel::winsock {

std::vector<runtime::NamedAddress> host_addresses() {
  return {};
}

}  // namespace oriel::winsock
