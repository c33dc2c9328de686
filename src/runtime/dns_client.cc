// The client's loop: each round asks each server once; the first that knows, or knows that there is
// no such name, ends it.
#include "runtime/dns_client.h"

namespace oriel::runtime {

NameResult<DnsAnswer> DnsClient::ask_server(const Endpoint& server, const std::string& name,
                                            DnsType type) {
  const DnsQuestion question{next_id_(), name, type};
  const auto query = build_dns_query(question);
  if (!query) return tl::unexpected(NameError::kNoName);
  DnsAnswer answer;
  const bool is_answered = exchange_(server, *query, options_.patience, [&](ByteView datagram) {
    auto parsed = parse_dns_answer(datagram, question);
    if (!parsed) return false;  // late, or not the server's: wait on (RFC 5452)
    answer = std::move(*parsed);
    return true;
  });
  if (!is_answered) return tl::unexpected(NameError::kTryAgain);
  switch (answer.code) {
    case DnsCode::kNoError:
      return answer;
    case DnsCode::kNoSuchName:
      return tl::unexpected(NameError::kNoName);
    case DnsCode::kServerFailure:
      return tl::unexpected(NameError::kTryAgain);
    case DnsCode::kFormat:
    case DnsCode::kOther:
      return tl::unexpected(NameError::kFailed);
  }
  return tl::unexpected(NameError::kFailed);
}

NameResult<DnsAnswer> DnsClient::ask(const std::string& name, DnsType type) {
  NameError error = NameError::kFailed;
  for (int round = 0; round < options_.rounds; ++round) {
    for (const Endpoint& server : options_.servers) {
      auto answer = ask_server(server, name, type);
      if (answer || answer.error() == NameError::kNoName) return answer;
      error = answer.error();
    }
  }
  return tl::unexpected(error);
}

NameResult<ResolvedHost> DnsClient::resolve(const std::string& name, NameFamily family) {
  ResolvedHost host;
  NameError error = NameError::kNoData;
  for (const DnsType type : {DnsType::kAaaa, DnsType::kA}) {
    const NameFamily other = type == DnsType::kA ? NameFamily::kV6 : NameFamily::kV4;
    if (family == other) continue;
    const auto answer = ask(name, type);
    if (!answer) {
      error = answer.error();
      continue;
    }
    for (const IpAddress& address : answer->addresses) host.addresses.push_back({address, 0});
    if (host.canonical.empty() || !answer->addresses.empty()) host.canonical = answer->canonical;
  }
  if (host.addresses.empty()) return tl::unexpected(error);
  return host;
}

NameResult<std::string> DnsClient::name_of(const IpAddress& address) {
  const auto answer = ask(dns_reverse_name(address), DnsType::kPtr);
  if (!answer) return tl::unexpected(answer.error());
  if (answer->names.empty()) return tl::unexpected(NameError::kNoName);
  return answer->names.front();
}

}  // namespace oriel::runtime
