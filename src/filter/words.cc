// Names of layers, and ranges from prefixes.
#include <algorithm>

#include "oriel/filter.h"

namespace oriel {

std::string_view to_string(FilterLayer layer) {
  switch (layer) {
    case FilterLayer::kConnect:
      return "connect";
    case FilterLayer::kAccept:
      return "accept";
    case FilterLayer::kInboundTransport:
      return "inbound-transport";
    case FilterLayer::kOutboundTransport:
      return "outbound-transport";
    case FilterLayer::kStream:
      return "stream";
  }
  return "?";
}

AddressRange AddressRange::of(const Prefix& prefix) {
  const std::size_t fixed = prefix.bits + (prefix.address.is_v4() ? 96u : 0u);
  std::array<std::uint8_t, 16> first = prefix.address.bytes();
  std::array<std::uint8_t, 16> last = first;
  for (std::size_t i = 0; i < first.size(); ++i) {
    const std::size_t kept = fixed <= 8 * i ? 0 : std::min<std::size_t>(8, fixed - 8 * i);
    const auto mask = static_cast<std::uint8_t>(0xff00u >> kept);
    first[i] &= mask;
    last[i] |= static_cast<std::uint8_t>(~mask);
  }
  return {IpAddress::v6(first.data()), IpAddress::v6(last.data())};
}

}  // namespace oriel
