// Reservations by port; conflicts by address within a family.
#include "socket/port_space.h"

#include <algorithm>
#include <cstring>

namespace oriel::socket {
namespace {

bool is_conflict(const IpAddress& a, const IpAddress& b) {
  if (a.is_v4() != b.is_v4()) return false;
  return a == b || a.is_unspecified() || b.is_unspecified();
}

}  // namespace

bool PortSpace::is_bound(const Endpoint& local) const {
  const auto at = bound_.find(local.port);
  if (at == bound_.end()) return false;
  return std::any_of(at->second.begin(), at->second.end(),
                     [&](const IpAddress& a) { return is_conflict(a, local.address); });
}

Result<void> PortSpace::bind(const Endpoint& local) {
  if (is_bound(local)) return fail(ErrorCode::kAddressInUse);
  bound_[local.port].push_back(local.address);
  return {};
}

void PortSpace::unbind(const Endpoint& local) {
  const auto at = bound_.find(local.port);
  if (at == bound_.end()) return;
  const auto found = std::find(at->second.begin(), at->second.end(), local.address);
  if (found == at->second.end()) return;
  at->second.erase(found);
  if (at->second.empty()) bound_.erase(at);
}

std::uint32_t PortSpace::start_of(const IpAddress& local, const Endpoint& remote) const {
  std::uint8_t bytes[34];
  std::memcpy(bytes, local.bytes().data(), 16);
  std::memcpy(bytes + 16, remote.address.bytes().data(), 16);
  std::memcpy(bytes + 32, &remote.port, 2);
  return static_cast<std::uint32_t>(siphash(key_, bytes));
}

}  // namespace oriel::socket
