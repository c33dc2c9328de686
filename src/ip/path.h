// How packets get from one of our addresses to one destination: worked out once, shared by its
// users.
//
// A connection or datagram socket holds a `Path*` from `acquire` to `release`; equal requests share
// one. `destination` and `source` never change while it lives (they are half of a connection's
// identity); the rest is worked out again when routes, addresses, interfaces, neighbours or PMTU
// estimates have changed, which the hot path sees by comparing one number.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "ip/interfaces.h"
#include "ip/neighbours.h"
#include "ip/pmtu.h"
#include "ip/routes.h"
#include "oriel/address.h"
#include "oriel/error.h"
#include "oriel/time.h"

namespace oriel::ip {

inline constexpr std::size_t kPathsMax = 1u << 20;
inline constexpr std::size_t kLinkHeaderBytesMax = 14;
inline constexpr std::size_t kIpv4HeaderBytes = 20;
inline constexpr std::size_t kIpv6HeaderBytes = 40;
/// How often transport progress is passed on to the neighbour cache.
inline constexpr Duration kConfirmInterval = std::chrono::seconds(1);

struct Path {
  IpAddress destination;
  IpAddress source;
  std::uint32_t interface_index = 0;
  std::uint32_t mtu = 0;            ///< of the interface, bytes
  std::uint32_t pmtu = 0;           ///< <= mtu: largest IP packet that is believed to get through
  std::uint32_t tso_bytes_max = 0;  ///< largest super-segment packet; 0: cut segments yourself
  bool has_tx_checksum = false;     ///< Checksum::kPartial may be used
  bool is_v4 = false;
  bool is_loopback = false;          ///< packets come back through poll_transmit and input
  bool is_multicast = false;         ///< destination is multicast or broadcast
  bool is_ready = false;             ///< link_header is right: write straight to the device
  ErrorCode error = ErrorCode::kOk;  ///< why it cannot be used now (kNetworkUnreachable, ...)
  std::uint8_t link_header_bytes = 0;
  std::array<std::uint8_t, kLinkHeaderBytesMax> link_header{};
  IpAddress next_hop;

  /// Link and IP header together.
  std::size_t header_bytes() const {
    return link_header_bytes + (is_v4 ? kIpv4HeaderBytes : kIpv6HeaderBytes);
  }
  /// Transport bytes (TCP header included) that fit one packet of `pmtu`.
  std::uint32_t transport_bytes_max() const {
    return pmtu - static_cast<std::uint32_t>(is_v4 ? kIpv4HeaderBytes : kIpv6HeaderBytes);
  }

  // Kept by PathTable.
  std::uint64_t generation = 0;
  std::uint32_t references = 0;
  std::uint32_t bound_interface = kAnyInterface;
  Instant confirm_again;
};

class PathTable {
 public:
  PathTable(const Interfaces& interfaces, const Routes& routes, Neighbours& neighbours,
            const PmtuCache& pmtu);

  /// The path to `destination`, from `source` or (unspecified or nullopt) from a selected address,
  /// by `interface_index` or any. One `release` for each success. Errors: kNetworkUnreachable (no
  /// route), kAddressNotAvailable (source is not ours, or none fits), kInvalidArgument (unspecified
  /// destination, families differ), kNoBuffers (kPathsMax).
  Result<Path*> acquire(const IpAddress& destination, const std::optional<IpAddress>& source = {},
                        std::uint32_t interface_index = kAnyInterface);
  void release(Path* path);

  /// Brings `path` up to date; one comparison when nothing has changed. Look at pmtu, mtu and error
  /// after it.
  void refresh(Path& path) {
    if (path.generation != generation()) evaluate(path);
  }
  /// Whether a packet may be written straight to the device now, with emit_headers. Otherwise it
  /// goes through Layer::output (which copies) when path.error is kOk, or not at all.
  bool is_ready(Instant now, Path& path) {
    if (path.generation == generation() && path.is_ready) return true;
    return prepare(now, path);
  }
  /// Forward progress on the path (a new acknowledgement): keeps its neighbour REACHABLE.
  void confirm(Instant now, Path& path) {
    if (now >= path.confirm_again) confirm_slow(now, path);
  }
  /// Routes, addresses, interfaces or PMTU estimates have changed.
  void invalidate() { ++own_generation_; }
  std::size_t size() const { return paths_.size(); }

 private:
  struct Key {
    IpAddress destination;
    IpAddress source;
    std::uint32_t bound_interface;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  std::uint64_t generation() const { return own_generation_ + neighbours_.generation(); }
  bool prepare(Instant now, Path& path);
  void evaluate(Path& path);
  void confirm_slow(Instant now, Path& path);
  void build_link_header(Path& path, const Interface& out);

  const Interfaces& interfaces_;
  const Routes& routes_;
  Neighbours& neighbours_;
  const PmtuCache& pmtu_;
  std::map<Key, std::unique_ptr<Path>> paths_;
  std::uint64_t own_generation_ = 1;
};

}  // namespace oriel::ip
