// Conditions, from the cheapest to the longest.
#include "filter/match.h"

#include <algorithm>

namespace oriel::filter {
namespace {

template <class Ranges, class Value>
bool any_contains(const Ranges& ranges, const Value& value) {
  return ranges.empty() || std::any_of(ranges.begin(), ranges.end(),
                                       [&](const auto& range) { return range.contains(value); });
}

bool has_protocol(const FilterRule& rule, std::uint8_t protocol) {
  return rule.protocols.empty() ||
         std::find(rule.protocols.begin(), rule.protocols.end(), protocol) != rule.protocols.end();
}

bool is_of_family(const FilterRule& rule, const IpAddress& a) {
  return rule.family == FilterFamily::kAny || (rule.family == FilterFamily::kIpv4) == a.is_v4();
}

bool has_addresses(const FilterRule& rule, const IpAddress& local, const IpAddress& remote) {
  return is_of_family(rule, remote) && any_contains(rule.local_addresses, local) &&
         any_contains(rule.remote_addresses, remote);
}

bool may_have_port(const std::vector<PortRange>& ports, std::uint16_t port) {
  return port == 0 || any_contains(ports, port);
}

}  // namespace

bool holds(const FilterRule& rule, const FilterEvent& event) {
  if (rule.is_loopback && *rule.is_loopback != event.is_loopback) return false;
  if (rule.direction && *rule.direction != event.direction) return false;
  return has_protocol(rule, event.protocol) && any_contains(rule.remote_ports, event.remote.port) &&
         any_contains(rule.local_ports, event.local.port) &&
         has_addresses(rule, event.local.address, event.remote.address);
}

bool may_cover(const FilterRule& rule, const Endpoint& local, const Endpoint& remote,
               FilterDirection opened) {
  switch (rule.layer) {
    case FilterLayer::kConnect:
      if (opened != FilterDirection::kOutbound) return false;
      break;
    case FilterLayer::kAccept:
      if (opened != FilterDirection::kInbound) return false;
      break;
    case FilterLayer::kStream:
      if (rule.direction && *rule.direction != opened) return false;
      break;
    case FilterLayer::kInboundTransport:  // packets go both ways, whoever opened
    case FilterLayer::kOutboundTransport:
      break;
  }
  if (rule.is_loopback == false) return false;
  return has_protocol(rule, filter_protocol::kTcp) && may_have_port(rule.local_ports, local.port) &&
         may_have_port(rule.remote_ports, remote.port) &&
         has_addresses(rule, local.address, remote.address);
}

}  // namespace oriel::filter
