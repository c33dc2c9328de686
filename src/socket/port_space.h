// Which local ports are taken, and which one does a new flow get (RFC 6056)?
//
// Ephemeral ports are Windows' range 49152-65535. The choice is RFC 6056 3.3.3 (simple hash): a
// keyed hash of the flow gives the place to start, a counter moves it on, so that ports cannot be
// guessed from other flows and come back as late as possible. One space for each protocol.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/random.h"
#include "oriel/address.h"
#include "oriel/error.h"

namespace oriel::socket {

inline constexpr std::uint16_t kEphemeralPortMin = 49152;
inline constexpr std::uint32_t kEphemeralPorts = 65536 - kEphemeralPortMin;

/// What a holder of a port allows others, and claims against them.
enum class PortSharing : std::uint8_t {
  kNone,       ///< nobody beside it, neither on the same address nor on or under the wildcard
  kUsual,      ///< the wildcard and one address may have different holders
  kReuse,      ///< also the same address twice, if both holders say so
  kExclusive,  ///< the wildcard leaves no address to others
};

class PortSpace {
 public:
  explicit PortSpace(const SipKey& key) : key_(key) {}

  /// Reserves port and address for a listener, a UDP socket or a socket that will connect.
  /// `is_dual`: `local` is `::` and stands for the wildcard of both families. Errors:
  /// kAddressInUse; kPermissionDenied when only the holder's PortSharing forbids it.
  Result<void> bind(const Endpoint& local, PortSharing sharing = PortSharing::kNone,
                    bool is_dual = false);
  /// Requires: bound so.
  void unbind(const Endpoint& local, PortSharing sharing = PortSharing::kNone,
              bool is_dual = false);
  bool is_bound(const Endpoint& local) const;

  /// A port for a flow from `local` to `remote` (port 0 if there is none yet) for which `is_free`
  /// says yes. Never `remote` itself: where nobody is there any more, the flow would meet itself.
  /// Errors: kAddressNotAvailable (all are taken). Bound: kEphemeralPorts questions.
  template <class IsFree>
  Result<std::uint16_t> pick(const IpAddress& local, const Endpoint& remote, IsFree&& is_free) {
    const std::uint32_t offset = start_of(local, remote);
    for (std::uint32_t i = 0; i < kEphemeralPorts; ++i) {
      const auto port =
          static_cast<std::uint16_t>(kEphemeralPortMin + (offset + next_++) % kEphemeralPorts);
      if (is_pickable({local, port}, remote) && is_free(port)) return port;
    }
    return no_port_left();
  }

  /// The same within `blocks`, first ports of `block_ports` each, such as a process has that shares
  /// a port space with others; nullopt: all are taken. Bound: their ports.
  template <class IsFree>
  std::optional<std::uint16_t> pick_among(std::span<const std::uint16_t> blocks,
                                          std::uint16_t block_ports, const IpAddress& local,
                                          const Endpoint& remote, IsFree&& is_free) {
    const auto ports = static_cast<std::uint32_t>(blocks.size() * block_ports);
    const std::uint32_t offset = start_of(local, remote);
    for (std::uint32_t i = 0; i < ports; ++i) {
      const std::uint32_t at = (offset + next_++) % ports;
      const auto port = static_cast<std::uint16_t>(blocks[at / block_ports] + at % block_ports);
      if (is_pickable({local, port}, remote) && is_free(port)) return port;
    }
    return std::nullopt;
  }

 private:
  bool is_pickable(const Endpoint& local, const Endpoint& remote) const {
    return local != remote && !is_bound(local);
  }
  std::uint32_t start_of(const IpAddress& local, const Endpoint& remote) const;
  static Failure no_port_left();

  SipKey key_;
  std::uint32_t next_ = 0;
  struct Holder {
    IpAddress address;
    PortSharing sharing = PortSharing::kNone;
    bool is_dual = false;
    bool operator==(const Holder&) const = default;
  };
  static ErrorCode verdict(const Holder& first, const Holder& second);

  boost::unordered_flat_map<std::uint16_t, std::vector<Holder>> bound_;
};

}  // namespace oriel::socket
