// Which hardware address belongs to a next hop: one cache for ARP and NDP (RFC 826, RFC 4861 7.3).
//
// It keeps the states, the timers and the packets that wait; it builds no messages. What it wants
// sent comes out of `poll_solicit`, what may go now out of `poll_released`, what never will out of
// `poll_failed`. ARP uses the same states as NDP: a unicast probe is an ARP request to the known
// address.
//
//   (none) --resolve--> INCOMPLETE --answer--> REACHABLE --30 s--> STALE --send--> DELAY --5 s-->
//   PROBE
//                         | 3 x 1 s                ^------------- confirmed
//                         ----------+------------+ v failed 3 x 1 s: failed
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "ip/packet.h"
#include "oriel/address.h"
#include "oriel/time.h"

namespace oriel::ip {

inline constexpr std::size_t kNeighboursMax = 4096;
inline constexpr std::size_t kPendingPacketsMax =
    3;  ///< per unresolved neighbour; RFC 4861 7.2.2 asks one
inline constexpr std::uint8_t kMulticastSolicitMax = 3;  ///< RFC 4861 10 MAX_MULTICAST_SOLICIT
inline constexpr std::uint8_t kUnicastSolicitMax = 3;    ///< MAX_UNICAST_SOLICIT
inline constexpr Duration kRetransTimer = std::chrono::seconds(1);  ///< RETRANS_TIMER
inline constexpr Duration kReachableTime =
    std::chrono::seconds(30);  ///< REACHABLE_TIME, not randomised
inline constexpr Duration kDelayFirstProbe = std::chrono::seconds(5);  ///< DELAY_FIRST_PROBE_TIME
/// How long a failed resolution is remembered, so that a peer that is gone costs no flood of
/// requests.
inline constexpr Duration kUnreachableHold = std::chrono::seconds(1);

class Neighbours {
 public:
  enum class State : std::uint8_t { kIncomplete, kReachable, kStale, kDelay, kProbe, kPermanent };

  struct Key {
    std::uint32_t interface_index;
    IpAddress address;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  /// A request that the layer should build: multicast/broadcast when `is_unicast` is false.
  struct Solicit {
    Key target;
    bool is_unicast = false;
    MacAddress mac;  ///< with is_unicast
  };

  /// A packet is about to go to `key`. True: `mac` is filled and the packet may go (a STALE entry
  /// is DELAY now). False: not resolved; resolution is under way from now on.
  bool resolve(Instant now, const Key& key, MacAddress& mac);
  /// Keeps a whole frame until `key` is resolved; its first six bytes are filled in then. Beyond
  /// kPendingPacketsMax the oldest goes (kNeighbourPending); without an entry, because the table is
  /// full, this one (kNeighbourLimit). Requires: resolve just returned false. kNone: nothing
  /// dropped; for a neighbour that has just failed the packet comes out of `poll_failed`.
  DropReason queue(const Key& key, OwnedPacket packet);

  /// `key` answered a solicitation of ours (ARP reply, solicited NA). Ignored when there is no
  /// entry. `is_override`: may replace a different address (NA override flag; always for ARP).
  void on_answer(Instant now, const Key& key, const MacAddress& mac, bool is_override);
  /// `key` told its address without being asked (ARP request to us, NS source option, unsolicited
  /// NA): makes or updates an entry as STALE. `may_create` false: only updates.
  void on_hint(Instant now, const Key& key, const MacAddress& mac, bool may_create);
  /// An unsolicited advertisement: like `on_hint` without creating, but only with `is_override` may
  /// it replace a known address.
  void on_unsolicited(Instant now, const Key& key, const MacAddress& mac, bool is_override);
  /// Forward progress of a transport (RFC 4861 7.3.1).
  void confirm(Instant now, const Key& key);
  void set_permanent(const Key& key, const MacAddress& mac);
  void remove_interface(std::uint32_t index);

  bool poll_solicit(Solicit& out);
  bool poll_released(OwnedPacket& out);
  bool poll_failed(OwnedPacket& out);
  bool has_output() const { return !solicits_.empty() || !released_.empty() || !failed_.empty(); }

  void on_timeout(Instant now);
  Instant next_deadline() const;
  /// Moves with every change that a path's link header or readiness may depend on.
  std::uint64_t generation() const { return generation_; }
  std::size_t size() const { return entries_.size(); }
  const State* state_of(const Key& key) const;  ///< nullptr: no entry

 private:
  struct Entry {
    State state = State::kIncomplete;
    bool is_failed = false;  ///< held for kUnreachableHold, then removed
    std::uint8_t solicits = 0;
    MacAddress mac;
    Instant deadline = Instant::never();
    Instant used;
    std::vector<OwnedPacket> pending;
  };
  using Table = std::map<Key, Entry>;
  Entry* make(Instant now, const Key& key);
  bool evict();
  void set_deadline(const Key& key, Entry& entry, Instant deadline);
  void become_reachable(Instant now, const Key& key, Entry& entry);
  void release(Entry& entry);
  void fail(Instant now, const Key& key, Entry& entry);
  void expire(Instant now, const Key& key, Entry& entry);
  void erase(Table::iterator it);

  Table entries_;
  std::multimap<Instant, Key> deadlines_;
  std::deque<Solicit> solicits_;
  std::deque<OwnedPacket> released_;
  std::deque<OwnedPacket> failed_;
  std::uint64_t generation_ = 0;
};

}  // namespace oriel::ip
