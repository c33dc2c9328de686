// One direction of a path: when does a packet come out, in what shape, or why not?
//
// In order: down, MTU, drop-tail queue, rate (exact: the part of a nanosecond left over is
// carried), then the losses of the line, so that a lost packet has used its share of the rate.
// Delay, jitter and reordering follow. `PathModel` wraps this; the world calls it directly to spare
// a copy.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "oriel/sim.h"
#include "sim/flight_ring.h"

namespace oriel::sim {

/// The queue and the rate in front of a line. The queue is a fluid: what the rate has not served
/// yet, the packet in service included. A packet that finds the line idle is always taken. When the
/// rate changes, what waits already leaves at the rate it came under: nothing overtakes it.
class RateQueue {
 public:
  void set(std::uint64_t bits_per_second, std::uint64_t queue_bytes);
  /// When the last bit of `bytes` has left; -1: the queue is full.
  std::int64_t pass(std::int64_t now_ns, std::size_t bytes);
  std::uint64_t bytes_max() const { return std::max(bytes_max_, bytes_of(backlog_ns_max_)); }

 private:
  struct Earlier {
    std::int64_t until_ns;
    std::uint64_t rate;
  };
  std::uint64_t bytes_of(std::int64_t ns) const;
  std::int64_t waiting_ns(std::int64_t now_ns, std::int64_t departure_ns);
  std::vector<Earlier> earlier_;     // rates at which the queue's head still leaves, in order
  std::uint64_t rate_ = 0;           // bits per second; 0: unlimited
  std::int64_t queue_ns_ = 0;        // the queue's bytes as time at this rate
  std::int64_t free_ns_ = 0;         // when the line is idle again
  std::uint64_t free_fraction_ = 0;  // and this many 1/rate_ of a nanosecond later
  std::int64_t backlog_ns_max_ = 0;  // at this rate
  std::uint64_t bytes_max_ = 0;      // at earlier rates
};

class PathCore {
 public:
  PathCore(const PathOptions& options, std::uint64_t seed);

  void set_options(const PathOptions& options);
  const PathOptions& options() const { return options_; }
  /// Super-segments stay whole where nothing acts on single packets (no loss, reordering,
  /// duplication, corruption, jitter; pieces within the MTU; room in the queue). They cost the rate
  /// what their pieces would.
  void set_keeps_super_segments(bool keeps) { keeps_super_segments_ = keeps; }
  const PathStatistics& statistics() const;

  /// `pieces` together are the packet, the first holds its headers. False: too big; `icmp_reply`,
  /// when given, holds the answer (empty if none may be sent).
  bool enqueue(Instant now, std::span<const ByteView> pieces, const Offload& offload,
               std::vector<std::uint8_t>* icmp_reply);
  Instant next_deadline() const { return Instant{std::min(ring_due(), late_due())}; }
  /// False: nothing is due.
  bool dequeue(Instant now, Delivery* out);

 private:
  // A packet that left the order; its bytes are its own.
  struct Late {
    Flight flight;
    std::vector<std::uint8_t> bytes;
  };
  static bool is_later(const Late& a, const Late& b) {
    if (a.flight.due_ns != b.flight.due_ns) return a.flight.due_ns > b.flight.due_ns;
    return a.flight.order > b.flight.order;
  }
  struct Packet {
    std::span<const ByteView> pieces;
    std::size_t bytes;
    const Offload& offload;
  };

  bool enqueue_wire(Instant now, const Packet& packet, std::vector<std::uint8_t>* icmp_reply);
  bool enqueue_super(Instant now, const Packet& packet, std::vector<std::uint8_t>* icmp_reply);
  bool refuse_too_big(Instant now, const Packet& packet, std::size_t mtu,
                      std::vector<std::uint8_t>* icmp_reply);
  bool acts_on_single_packets() const;
  void send(Instant now, const Packet& packet, std::size_t wire_bytes);
  bool is_lost(Instant now);
  void launch(Flight flight, bool is_reordered, const Packet& packet);
  void fill(std::uint8_t* out, const Flight& flight, const Packet& packet);
  std::int64_t ring_due() const {
    return ring_.empty() ? Instant::never().ns : ring_.front().due_ns;
  }
  std::int64_t late_due() const {
    return late_.empty() ? Instant::never().ns : late_.front().flight.due_ns;
  }

  PathOptions options_;
  mutable PathStatistics statistics_;
  Random random_;
  RateQueue queue_;
  FlightRing ring_;
  std::vector<Late> late_;               // a heap by due time: reordered packets only
  std::vector<std::uint8_t> late_held_;  // bytes of the last delivery that came from late_
  std::vector<std::uint8_t> scratch_;    // a super-segment put together, a piece of one
  std::int64_t due_ns_last_ = 0;         // of the packets that keep their order
  std::uint64_t order_next_ = 0;
  bool is_in_burst_ = false;  // Gilbert-Elliott: the bad state
  Instant burst_seen_at_;     // its last packet
  bool keeps_super_segments_ = false;
};

}  // namespace oriel::sim
