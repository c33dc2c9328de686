// Asking name servers: which server, how often, and what the answers together mean.
//
// Brings no socket: the caller gives the exchange of datagrams, so the same client runs over a
// host of ours and in a test. Questions are asked one after the other (RFC 1035 7.2, RFC 8305 is
// the caller's matter). A truncated answer is used as far as it goes; there is no TCP fallback.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "oriel/time.h"
#include "runtime/dns_message.h"
#include "runtime/name_service.h"

namespace oriel::runtime {

/// Sends `query` to `server` and gives every datagram from that server to `accepts` until it says
/// true, or until `patience` is over: false.
using DnsExchange = std::function<bool(const Endpoint& server, ByteView query, Duration patience,
                                       const std::function<bool(ByteView)>& accepts)>;

struct DnsClientOptions {
  std::vector<Endpoint> servers;
  int rounds = 2;                               ///< over all servers, before giving up
  Duration patience = std::chrono::seconds(2);  ///< for one datagram
};

/// Thread: any, one at a time.
class DnsClient {
 public:
  DnsClient(DnsClientOptions options, DnsExchange exchange, std::function<std::uint16_t()> next_id)
      : options_(std::move(options)),
        exchange_(std::move(exchange)),
        next_id_(std::move(next_id)) {}

  /// Addresses of `name`, IPv6 before IPv4 when both are wanted.
  NameResult<ResolvedHost> resolve(const std::string& name, NameFamily family);
  /// The name of `address` (PTR).
  NameResult<std::string> name_of(const IpAddress& address);

 private:
  NameResult<DnsAnswer> ask(const std::string& name, DnsType type);
  NameResult<DnsAnswer> ask_server(const Endpoint& server, const std::string& name, DnsType type);

  DnsClientOptions options_;
  DnsExchange exchange_;
  std::function<std::uint16_t()> next_id_;
};

}  // namespace oriel::runtime
