// May this data pass, says a gateway that watches windows: did the receiver allow so much?
//
// It remembers for each end of each connection the right edge that this end last advertised, and
// drops data beyond it. A gateway that tracks the factor negotiated in the SYNs (RFC 7323 2.2) is
// never in the way of a right sender. One that is blind to it takes the field for the window: data
// of a sender that believes in a factor is beyond 256 bytes at once.
//
//   edge = ack + (field << shift)    shift: 0 in SYNs, without WSopt in both SYNs, or when blind
#pragma once

#include <unordered_map>

#include "oriel/sim.h"
#include "sim/seen_segment.h"

namespace oriel::sim {

class WindowGateway final : public Middlebox {
 public:
  explicit WindowGateway(bool is_scale_aware) : is_scale_aware_(is_scale_aware) {}
  std::string name() const override;
  bool on_packet(Instant now, Direction direction, std::vector<std::uint8_t>& packet,
                 std::vector<std::vector<std::uint8_t>>& reply) override;

 private:
  // What one end has said.
  struct End {
    bool has_syn = false;
    SeqNum iss;
    std::int8_t window_scale = -1;  // in its SYN
    bool is_edge_known = false;
    SeqNum ack;
    SeqNum edge;  // right end of what it is ready to take
  };

  void make_room(const FlowKey& one, const FlowKey& other);
  static void note_syn(const SeenSegment& s, End& from, End& to);
  void note_window(const SeenSegment& s, End& from, const End& to) const;
  static bool is_allowed(const SeenSegment& s, const End& to);

  bool is_scale_aware_;
  std::unordered_map<FlowKey, End, FlowHash> ends_;
};

}  // namespace oriel::sim
