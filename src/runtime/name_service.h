// What the machine knows about names: hosts, services, protocols, its own name.
//
// The machine's resolver (hosts file, DNS, whatever nsswitch.conf says) behind values of ours, so
// that no caller sees libc's types. Lookups may block for as long as that resolver does; never call
// them while holding a host.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "oriel/address.h"

namespace oriel::runtime {

/// Why a name has no answer (RFC 3493 6.1 without the caller's own mistakes).
enum class NameError : std::uint8_t {
  kTryAgain,  // nobody answered in time
  kFailed,    // the name servers cannot say
  kNoName,    // there is no such name
  kNoData,    // the name exists, but has no address of that family
  kNoMemory,
};
template <class T>
using NameResult = tl::expected<T, NameError>;

enum class NameFamily : std::uint8_t { kAny, kV4, kV6 };

struct NamedAddress {
  IpAddress address;
  std::uint32_t scope_id = 0;  ///< of a link-local IPv6 address, else 0
  friend bool operator==(const NamedAddress&, const NamedAddress&) = default;
};

struct ResolvedHost {
  std::string canonical;  ///< the name that the aliases lead to
  std::vector<NamedAddress> addresses;
};

/// A row of the services or protocols file.
struct NamedNumber {
  std::string name;
  std::vector<std::string> aliases;
  std::uint16_t number = 0;  ///< port or protocol, host order
  std::string protocol;      ///< "tcp" or "udp"; empty for protocols
};

/// Addresses of a host name, as the machine's resolver finds and sorts them. Numeric text is not
/// looked at by any server. Thread: any; may block.
NameResult<ResolvedHost> resolve_host(const std::string& name, NameFamily family);

/// The name of an address. Thread: any; may block.
NameResult<std::string> host_name_of(const NamedAddress& address);

/// A service by name or port over "tcp" or "udp"; an empty protocol takes either, TCP first. The
/// machine's file, then a table of ours for machines that have none. Thread: any.
std::optional<NamedNumber> find_service(std::string_view name, std::string_view protocol);
std::optional<NamedNumber> find_service(std::uint16_t port, std::string_view protocol);

/// A protocol by name or number, from the machine's file or a table of ours. Thread: any.
std::optional<NamedNumber> find_protocol(std::string_view name);
std::optional<NamedNumber> find_protocol(int number);

/// This machine's name without a domain, at most 255 bytes. Thread: any.
std::string own_host_name();

}  // namespace oriel::runtime
