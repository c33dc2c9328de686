// Where does a packet go, and from which address: the routing table and source address selection.
//
// Longest prefix first, then lowest metric, then oldest. On-link prefixes come with addresses.
// Source selection follows RFC 6724 section 5 in the rules that matter without temporary or home
// addresses (1 same address, 2 scope, 5 outgoing interface, 8 longest match); for IPv4 the address
// whose network holds the next hop comes first. Multicast and limited broadcast use the default
// interface.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "ip/interfaces.h"
#include "oriel/address.h"
#include "oriel/error.h"

namespace oriel::ip {

inline constexpr std::size_t kRoutesMax = 4096;

struct Route {
  Prefix destination;                ///< {v4_any(), 0} or {v6_any(), 0}: default
  std::optional<IpAddress> gateway;  ///< nullopt: on-link
  std::uint32_t interface_index = 0;
  std::uint32_t metric = 256;    ///< smaller wins
  bool is_from_address = false;  ///< on-link route that lives and dies with its address
};

class Routes {
 public:
  /// Errors: kNoBuffers (kRoutesMax), kInvalidArgument (gateway of another family, bits out of
  /// range), kAlreadyConnected when the same destination, gateway and interface are there already.
  Result<void> add(const Route& route);
  /// Removes the route with this destination, gateway and interface. False: there is none.
  bool remove(const Route& route);
  void remove_interface(std::uint32_t index);
  /// Best route on an interface that is up; only through `interface_index` unless kAnyInterface.
  /// nullptr: no route. Cost: linear in the number of routes (paths cache the answer).
  const Route* find(const Interfaces& interfaces, const IpAddress& destination,
                    std::uint32_t interface_index = kAnyInterface) const;
  const std::vector<Route>& all() const { return routes_; }

 private:
  std::vector<Route> routes_;  ///< sorted: longest prefix, then metric, then age
};

/// RFC 6724 3.1 scope of an address (multicast scope values; IPv4 by 3.2).
std::uint8_t scope_of(const IpAddress& a);
/// Number of equal leading bits within the family; 0 across families.
std::uint8_t common_prefix_bits(const IpAddress& a, const IpAddress& b);

/// The source address for packets to `destination` out of `outgoing` by `next_hop`.
/// nullopt: the interface has no address of the family.
std::optional<IpAddress> select_source(const Interface& outgoing, const IpAddress& destination,
                                       const IpAddress& next_hop);

}  // namespace oriel::ip
