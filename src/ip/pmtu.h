// What path MTU discovery has learnt, by destination (RFC 1191, RFC 8201).
//
// Whoever calls `learn` has checked the ICMP message against a live flow (RFC 5927 7). Estimates
// only shrink here; they grow back by ageing, after kPmtuAge. Bounded: the entry that expires first
// makes room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "oriel/address.h"
#include "oriel/time.h"

namespace oriel::ip {

inline constexpr std::size_t kPmtuEntriesMax = 4096;
inline constexpr Duration kPmtuAge = std::chrono::minutes(10);  // RFC 8201 4
/// An ICMP message may not push the estimate below these. IPv4: RFC 1191 knows links down to 68,
/// but smaller than 552 is an attack far oftener than a link.
inline constexpr std::uint32_t kPmtuIpv4BytesMin = 552;
inline constexpr std::uint32_t kPmtuIpv6BytesMin = 1280;

class PmtuCache {
 public:
  /// Lowers the estimate for `destination` to `mtu` (raised to the family's minimum first), or only
  /// renews its age when it is as low already. Returns whether the estimate changed.
  bool learn(Instant now, const IpAddress& destination, std::uint32_t mtu);
  /// The estimate, or `interface_mtu` where nothing smaller is known.
  std::uint32_t lookup(const IpAddress& destination, std::uint32_t interface_mtu) const;
  /// Forgets estimates that are due. Returns whether any went.
  bool on_timeout(Instant now);
  Instant next_deadline() const { return deadline_; }
  std::size_t size() const { return entries_.size(); }
  void clear();

 private:
  struct Entry {
    std::uint32_t mtu;
    Instant expires;
  };
  void recompute_deadline();
  std::map<IpAddress, Entry> entries_;
  Instant deadline_ = Instant::never();
};

}  // namespace oriel::ip
