// Who answers when a program asks for a name: the host itself, its name servers, or the machine.
//
//   localhost, any loopback address   the host: nothing leaves it (RFC 6761 6.3)
//   the machine's own name, no name   the host: its own addresses
//   every other                       its name servers (ORIEL_DNS); the machine if it has none
//
// Text that is an address is the caller's matter: front-ends read it by different rules.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/dns_client.h"
#include "runtime/name_service.h"

namespace oriel::runtime {

/// Thread: any, one at a time; both questions block for as long as the servers do.
class NameOrder {
 public:
  /// Without servers, addresses: the machine answers, and its own name is a loopback address.
  NameOrder() = default;
  NameOrder(std::vector<NamedAddress> own, std::optional<DnsClient> servers)
      : own_(std::move(own)), servers_(std::move(servers)) {}

  /// Addresses of `name` of that family. Errors: kNoData if it has others only, as DnsClient.
  NameResult<ResolvedHost> resolve(const std::string& name, NameFamily family);
  /// The name of an address; a loopback address has the machine's.
  NameResult<std::string> name_of(const NamedAddress& address);

 private:
  std::vector<NamedAddress> own_;  // without loopback
  std::optional<DnsClient> servers_;
};

/// Those of `host` that belong to the family. Errors: kNoData if none does.
NameResult<ResolvedHost> only_of(NameFamily family, ResolvedHost host);

}  // namespace oriel::runtime
