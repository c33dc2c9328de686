// The machine's resolver through libc. Surprise: getaddrinfo gives an address once for each kind
// of socket unless one is named, so one is.
#include "runtime/name_service.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <memory>

#include "runtime/service_table.h"

namespace oriel::runtime {
namespace {

constexpr std::size_t kAddressesMax = 1024;   // of one name
constexpr std::size_t kAliasesMax = 32;       // of one service or protocol
constexpr std::size_t kScratchBytes = 16384;  // libc's strings of one row

int libc_family(NameFamily family) {
  switch (family) {
    case NameFamily::kAny:
      return AF_UNSPEC;
    case NameFamily::kV4:
      return AF_INET;
    case NameFamily::kV6:
      return AF_INET6;
  }
  return AF_UNSPEC;
}

NameError error_of(int code) {
  switch (code) {
    case EAI_AGAIN:
      return NameError::kTryAgain;
    case EAI_NONAME:
      return NameError::kNoName;
    case EAI_NODATA:
    case EAI_ADDRFAMILY:
      return NameError::kNoData;
    case EAI_MEMORY:
      return NameError::kNoMemory;
    default:
      return NameError::kFailed;
  }
}

std::optional<NamedAddress> address_of(const addrinfo& info) {
  if (info.ai_family == AF_INET && info.ai_addrlen >= sizeof(sockaddr_in)) {
    sockaddr_in in{};
    std::memcpy(&in, info.ai_addr, sizeof in);
    return NamedAddress{IpAddress::v4(reinterpret_cast<const std::uint8_t*>(&in.sin_addr)), 0};
  }
  if (info.ai_family == AF_INET6 && info.ai_addrlen >= sizeof(sockaddr_in6)) {
    sockaddr_in6 in{};
    std::memcpy(&in, info.ai_addr, sizeof in);
    return NamedAddress{IpAddress::v6(in.sin6_addr.s6_addr), in.sin6_scope_id};
  }
  return std::nullopt;
}

NamedNumber row(const char* name, char* const* aliases, int number, const char* protocol) {
  NamedNumber out{name, {}, static_cast<std::uint16_t>(number), protocol};
  for (std::size_t i = 0; i < kAliasesMax && aliases[i] != nullptr; ++i) {
    out.aliases.emplace_back(aliases[i]);
  }
  return out;
}

const char* or_null(const std::string& protocol) {
  return protocol.empty() ? nullptr : protocol.c_str();
}

}  // namespace

NameResult<ResolvedHost> resolve_host(const std::string& name, NameFamily family) {
  if (name.find('\0') != std::string::npos) return tl::unexpected(NameError::kNoName);
  addrinfo hints{};
  hints.ai_family = libc_family(family);
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_CANONNAME;
  addrinfo* list = nullptr;
  const int code = ::getaddrinfo(name.c_str(), nullptr, &hints, &list);
  if (code != 0) return tl::unexpected(error_of(code));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(list, ::freeaddrinfo);
  ResolvedHost host;
  host.canonical = list->ai_canonname != nullptr ? list->ai_canonname : name;
  for (const addrinfo* i = list; i != nullptr && host.addresses.size() < kAddressesMax;
       i = i->ai_next) {
    if (const auto address = address_of(*i)) host.addresses.push_back(*address);
  }
  if (host.addresses.empty()) return tl::unexpected(NameError::kNoData);
  return host;
}

NameResult<std::string> host_name_of(const NamedAddress& named) {
  sockaddr_storage storage{};
  socklen_t bytes = 0;
  if (named.address.is_v4()) {
    auto& in = reinterpret_cast<sockaddr_in&>(storage);
    in.sin_family = AF_INET;
    std::memcpy(&in.sin_addr, named.address.v4_bytes(), 4);
    bytes = sizeof in;
  } else {
    auto& in = reinterpret_cast<sockaddr_in6&>(storage);
    in.sin6_family = AF_INET6;
    std::memcpy(&in.sin6_addr, named.address.bytes().data(), 16);
    in.sin6_scope_id = named.scope_id;
    bytes = sizeof in;
  }
  std::array<char, NI_MAXHOST> text{};
  const int code = ::getnameinfo(reinterpret_cast<const sockaddr*>(&storage), bytes, text.data(),
                                 text.size(), nullptr, 0, NI_NAMEREQD);
  if (code != 0) return tl::unexpected(error_of(code));
  return std::string(text.data());
}

std::optional<NamedNumber> find_service(std::string_view name, std::string_view protocol) {
  const std::string key(name);
  const std::string over(protocol);
  servent entry{};
  servent* found = nullptr;
  std::array<char, kScratchBytes> scratch{};
  ::getservbyname_r(key.c_str(), or_null(over), &entry, scratch.data(), scratch.size(), &found);
  if (found == nullptr) return service_table_row(name, protocol);
  return row(found->s_name, found->s_aliases, ntohs(static_cast<std::uint16_t>(found->s_port)),
             found->s_proto);
}

std::optional<NamedNumber> find_service(std::uint16_t port, std::string_view protocol) {
  const std::string over(protocol);
  servent entry{};
  servent* found = nullptr;
  std::array<char, kScratchBytes> scratch{};
  ::getservbyport_r(htons(port), or_null(over), &entry, scratch.data(), scratch.size(), &found);
  if (found == nullptr) return service_table_row(port, protocol);
  return row(found->s_name, found->s_aliases, port, found->s_proto);
}

std::optional<NamedNumber> find_protocol(std::string_view name) {
  const std::string key(name);
  protoent entry{};
  protoent* found = nullptr;
  std::array<char, kScratchBytes> scratch{};
  ::getprotobyname_r(key.c_str(), &entry, scratch.data(), scratch.size(), &found);
  if (found == nullptr) return protocol_table_row(name);
  return row(found->p_name, found->p_aliases, found->p_proto, "");
}

std::optional<NamedNumber> find_protocol(int number) {
  protoent entry{};
  protoent* found = nullptr;
  std::array<char, kScratchBytes> scratch{};
  ::getprotobynumber_r(number, &entry, scratch.data(), scratch.size(), &found);
  if (found == nullptr) return protocol_table_row(number);
  return row(found->p_name, found->p_aliases, found->p_proto, "");
}

std::string own_host_name() {
  std::array<char, 256> text{};
  if (::gethostname(text.data(), text.size() - 1) != 0) return "localhost";
  return text.data();
}

}  // namespace oriel::runtime
