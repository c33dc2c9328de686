// Reservations by port; conflicts by address, and by what the holders allow each other.
#include "socket/port_space.h"

#include <algorithm>
#include <cstring>

namespace oriel::socket {
// Is there an address that both would serve?
static bool is_overlap(const IpAddress& a, bool is_a_dual, const IpAddress& b, bool is_b_dual) {
  if (a == b) return true;
  if (a.is_unspecified() && (is_a_dual || a.is_v4() == b.is_v4())) return true;
  return b.is_unspecified() && (is_b_dual || a.is_v4() == b.is_v4());
}

bool PortSpace::is_bound(const Endpoint& local) const {
  const auto at = bound_.find(local.port);
  if (at == bound_.end()) return false;
  return std::any_of(at->second.begin(), at->second.end(), [&](const Holder& h) {
    return is_overlap(h.address, h.is_dual, local.address, false);
  });
}

// Windows' table of SO_REUSEADDR and SO_EXCLUSIVEADDRUSE (same user), in three questions.
ErrorCode PortSpace::verdict(const Holder& first, const Holder& second) {
  if (!is_overlap(first.address, first.is_dual, second.address, second.is_dual)) {
    return ErrorCode::kOk;
  }
  const bool is_strict =
      first.sharing == PortSharing::kNone || second.sharing == PortSharing::kNone;
  if (is_strict) return ErrorCode::kAddressInUse;
  const bool is_same_kind = first.address.is_unspecified() == second.address.is_unspecified();
  if (is_same_kind) {
    if (second.sharing != PortSharing::kReuse) return ErrorCode::kAddressInUse;
    return first.sharing == PortSharing::kReuse ? ErrorCode::kOk : ErrorCode::kPermissionDenied;
  }
  const bool is_refused =
      first.sharing == PortSharing::kExclusive && first.address.is_unspecified();
  return is_refused ? ErrorCode::kPermissionDenied : ErrorCode::kOk;
}

Result<void> PortSpace::bind(const Endpoint& local, PortSharing sharing, bool is_dual) {
  const Holder second{local.address, sharing, is_dual};
  if (const auto at = bound_.find(local.port); at != bound_.end()) {
    for (const Holder& first : at->second) {
      if (const ErrorCode e = verdict(first, second); e != ErrorCode::kOk) return fail(e);
    }
  }
  bound_[local.port].push_back(second);
  return {};
}

void PortSpace::unbind(const Endpoint& local, PortSharing sharing, bool is_dual) {
  const auto at = bound_.find(local.port);
  if (at == bound_.end()) return;
  const auto found =
      std::find(at->second.begin(), at->second.end(), Holder{local.address, sharing, is_dual});
  if (found == at->second.end()) return;
  at->second.erase(found);
  if (at->second.empty()) bound_.erase(at);
}

Failure PortSpace::no_port_left() {
  return fail(ErrorCode::kAddressNotAvailable, "every ephemeral port is taken");
}

std::uint32_t PortSpace::start_of(const IpAddress& local, const Endpoint& remote) const {
  std::uint8_t bytes[34];
  std::memcpy(bytes, local.bytes().data(), 16);
  std::memcpy(bytes + 16, remote.address.bytes().data(), 16);
  std::memcpy(bytes + 32, &remote.port, 2);
  return static_cast<std::uint32_t>(siphash(key_, bytes));
}

}  // namespace oriel::socket
