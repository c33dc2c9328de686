// A hash of the four values picks the slot.
#include "filter/udp_flows.h"

namespace oriel::filter {
namespace {

constexpr std::uint64_t kFnvOffset = 14695981039346656037u;
constexpr std::uint64_t kFnvPrime = 1099511628211u;

std::uint64_t mix(std::uint64_t hash, const Endpoint& e) {
  for (const std::uint8_t byte : e.address.bytes()) hash = (hash ^ byte) * kFnvPrime;
  return (hash ^ e.port) * kFnvPrime;
}

}  // namespace

UdpFlows::Slot& UdpFlows::slot(const Endpoint& local, const Endpoint& remote) {
  if (slots_.empty()) slots_.resize(kUdpFlowSlots);
  const std::uint64_t hash = mix(mix(kFnvOffset, local), remote);
  return slots_[(hash ^ (hash >> 32)) % kUdpFlowSlots];
}

std::optional<FilterDirection> UdpFlows::opener(Instant now, const Endpoint& local,
                                                const Endpoint& remote) {
  Slot& s = slot(local, remote);
  if (!s.is_used || s.local != local || s.remote != remote) return std::nullopt;
  if (now - s.last > kUdpFlowIdle) return std::nullopt;
  s.last = now;
  return s.opener;
}

void UdpFlows::begin(Instant now, const Endpoint& local, const Endpoint& remote,
                     FilterDirection opener) {
  slot(local, remote) = {local, remote, now, opener, true};
}

}  // namespace oriel::filter
