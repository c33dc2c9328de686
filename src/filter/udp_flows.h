// Who began a flow of datagrams? The answers to what this host asked are not somebody's attempt to
// reach it: a datagram is decided at the layer of whoever sent the first one, in both directions.
//
// A table of one entry a slot: a new flow may push an old one out, whose next datagram then begins
// it anew. It is kept only while some rule is asked at the connect or accept layer.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "oriel/address.h"
#include "oriel/filter.h"
#include "oriel/time.h"

namespace oriel::filter {

inline constexpr std::size_t kUdpFlowSlots = 4096;
/// A flow is over after this much silence (ours).
inline constexpr Duration kUdpFlowIdle = std::chrono::seconds(60);

class UdpFlows {
 public:
  /// kOutbound: this host began the flow between the two; kInbound: the peer did; nullopt: there
  /// is none. Keeps it alive.
  std::optional<FilterDirection> opener(Instant now, const Endpoint& local, const Endpoint& remote);
  /// A flow begins with a datagram in that direction, which was permitted.
  void begin(Instant now, const Endpoint& local, const Endpoint& remote, FilterDirection opener);

 private:
  struct Slot {
    Endpoint local;
    Endpoint remote;
    Instant last;
    FilterDirection opener = FilterDirection::kOutbound;
    bool is_used = false;
  };
  Slot& slot(const Endpoint& local, const Endpoint& remote);

  std::vector<Slot> slots_;
};

}  // namespace oriel::filter
