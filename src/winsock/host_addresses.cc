// What the environment gave the process's host. Links say nothing yet about addresses that came
// later.
#include "winsock/host_addresses.h"

#include "stack/process_host.h"
#include "winsock/base_lifetime.h"

namespace oriel::winsock {

std::vector<runtime::NamedAddress> host_addresses() {
  std::vector<runtime::NamedAddress> out;
  if (!has_process_host()) return out;
  for (const Prefix& prefix : stack::ProcessHost::config().addresses) {
    out.push_back({prefix.address, 0});
  }
  return out;
}

}  // namespace oriel::winsock
