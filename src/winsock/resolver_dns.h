// The DNS client of a process whose host has name servers of its own (ORIEL_DNS).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "runtime/dns_client.h"

namespace oriel::winsock {

/// Servers from "10.0.0.1,[fd00::1]:5353"; what is no address is left out. Port 53 unless it says
/// otherwise.
std::vector<Endpoint> parse_name_servers(std::string_view text);

/// A client over the base provider's UDP sockets; nullopt: the process has no name servers.
/// Requires: started.
std::optional<runtime::DnsClient> dns_client();

}  // namespace oriel::winsock
