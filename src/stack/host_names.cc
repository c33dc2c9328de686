// One connected UDP socket a question, so that only the server's datagrams come in and a fresh port
// is guessed anew (RFC 5452 9.2). The native API below the front-ends: no program's last error and
// no layered provider is involved.
#include "stack/host_names.h"

#include <algorithm>

#include "oriel/host.h"
#include "runtime/entropy.h"
#include "stack/process_host.h"

namespace oriel::stack {
namespace {

constexpr std::uint16_t kDnsPort = 53;
/// Wrong ones listened to before the question is asked again.
constexpr int kDatagramsPerQuestion = 8;

bool exchange(const Endpoint& server, ByteView query, Duration patience,
              const std::function<bool(ByteView)>& accepts) {
  auto host = Host::of_process();
  if (!host) return false;
  const IpAddress any = server.address.is_v4() ? IpAddress::v4_any() : IpAddress::v6_any();
  auto socket = host->open_udp({any, 0});
  if (!socket || !socket->connect(server) || !socket->send_to(server, query)) return false;
  std::uint8_t bytes[runtime::kDnsDatagramBytesMax];
  for (int i = 0; i < kDatagramsPerQuestion; ++i) {
    const auto datagram = socket->receive_from(bytes, patience);
    if (!datagram) return false;
    if (accepts({bytes, std::min(datagram->bytes, sizeof bytes)})) return true;
  }
  return false;
}

}  // namespace

runtime::NameOrder names_of_process() {
  const ProcessConfig& config = ProcessHost::config();
  std::vector<runtime::NamedAddress> own;
  for (const Prefix& prefix : config.addresses) own.push_back({prefix.address, 0});
  runtime::DnsClientOptions options;
  for (const IpAddress& server : config.dns) options.servers.push_back({server, kDnsPort});
  std::optional<runtime::DnsClient> servers;
  if (!options.servers.empty()) {
    servers.emplace(std::move(options), exchange,
                    [] { return static_cast<std::uint16_t>(runtime::real_entropy()); });
  }
  return {std::move(own), std::move(servers)};
}

}  // namespace oriel::stack
