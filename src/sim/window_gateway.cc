// Nothing is learned from a packet that is dropped: the other end will not see it either.
#include "sim/window_gateway.h"

#include <algorithm>

namespace oriel::sim {
namespace {

using wire::tcp_flag::kAck;
using wire::tcp_flag::kRst;
using wire::tcp_flag::kSyn;

constexpr std::size_t kEndsMax = 65'536;
constexpr std::int8_t kWindowScaleMax = 14;  // RFC 7323 2.3

}  // namespace

std::string WindowGateway::name() const {
  return is_scale_aware_ ? "scale-aware-gateway" : "scale-blind-gateway";
}

// Forgets others where two ends more would be too many.
void WindowGateway::make_room(const FlowKey& one, const FlowKey& other) {
  if (ends_.size() + 2 <= kEndsMax || (ends_.contains(one) && ends_.contains(other))) return;
  for (int i = 0; i < 2; ++i) ends_.erase(ends_.begin());
}

// A first SYN with a new number is a new connection on old ports; its answer is not.
void WindowGateway::note_syn(const SeenSegment& s, End& from, End& to) {
  if (from.has_syn && from.iss == s.header.seq) return;
  from = End{};
  if (!s.header.has(kAck)) to = End{};
  from.has_syn = true;
  from.iss = s.header.seq;
  from.window_scale = s.window_scale;
}

void WindowGateway::note_window(const SeenSegment& s, End& from, const End& to) const {
  if (!s.header.has(kAck)) return;
  if (from.is_edge_known && seq_lt(s.header.ack, from.ack)) return;  // overtaken by a newer one
  const bool is_scaled =
      is_scale_aware_ && !s.header.has(kSyn) && from.window_scale >= 0 && to.window_scale >= 0;
  const int shift = is_scaled ? std::min(from.window_scale, kWindowScaleMax) : 0;
  const SeqNum edge = s.header.ack + (std::uint32_t{s.header.window} << shift);
  // Who knows the factor also knows that a right edge stays where it was (RFC 9293 3.8.6).
  const bool keeps_edge = is_scale_aware_ && from.is_edge_known;
  from.edge = keeps_edge ? seq_max(from.edge, edge) : edge;
  from.ack = s.header.ack;
  from.is_edge_known = true;
}

bool WindowGateway::is_allowed(const SeenSegment& s, const End& to) {
  if (s.payload_bytes == 0 || !to.is_edge_known) return true;
  const bool is_probe = s.payload_bytes == 1 && s.header.seq == to.edge;  // RFC 9293 3.8.6.1
  return is_probe || seq_leq(s.data_end(), to.edge);
}

bool WindowGateway::on_packet(Instant, Direction, std::vector<std::uint8_t>& packet,
                              std::vector<std::vector<std::uint8_t>>&) {
  SeenSegment s;
  if (!see_segment(packet, packet.size(), &s)) return true;
  const FlowKey from_key{s.source, s.destination, s.header.source_port, s.header.destination_port};
  const FlowKey to_key{s.destination, s.source, s.header.destination_port, s.header.source_port};
  if (s.header.has(kRst)) {
    ends_.erase(from_key);
    ends_.erase(to_key);
    return true;
  }
  make_room(from_key, to_key);
  End& to = ends_[to_key];
  End& from = ends_[from_key];
  if (!s.header.has(kSyn) && !is_allowed(s, to)) return false;
  if (s.header.has(kSyn)) note_syn(s, from, to);
  note_window(s, from, to);
  return true;
}

}  // namespace oriel::sim
