// What a host's interfaces are, as values, and which of them leads to an address: for front-ends
// that list adapters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "oriel/address.h"
#include "oriel/link.h"
#include "stack/core.h"

namespace oriel::stack {

struct Adapter {
  std::uint32_t index = 0;  ///< the stack's; 0 is loopback
  std::string name;         ///< the device's
  DeviceInfo::Framing framing = DeviceInfo::Framing::kIp;
  MacAddress mac;  ///< Ethernet framing only
  std::uint32_t mtu = 0;
  std::uint64_t bits_per_second = 0;  ///< 0: unknown
  bool is_loopback = false;
  std::vector<Prefix> addresses;
  std::vector<IpAddress> gateways;  ///< of default routes, best first
};

/// Those that are up, loopback first, without links to other processes. Requires: inside a turn.
std::vector<Adapter> adapters_of(const Core& core);

/// The interface that a packet to `destination` leaves by; nothing: there is no route. Requires:
/// inside a turn.
std::optional<std::uint32_t> interface_towards(const Core& core, const IpAddress& destination);

}  // namespace oriel::stack
