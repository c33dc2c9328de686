// The rules, one function each; sentences carry the numbers that a person needs to look into a
// capture.
#include "sim/checkers.h"

#include <fmt/format.h>

#include <algorithm>

namespace oriel::sim {
namespace {

using wire::tcp_flag::kAck;
using wire::tcp_flag::kFin;
using wire::tcp_flag::kRst;
using wire::tcp_flag::kSyn;

constexpr std::int8_t kWindowScaleMax = 14;  // RFC 7323 2.3

std::uint32_t scaled(std::uint16_t field, std::int8_t shift) {
  return std::uint32_t{field} << std::clamp<std::int8_t>(shift, 0, kWindowScaleMax);
}

}  // namespace

TcpEndChecker::Flow& TcpEndChecker::flow_of(const FlowKey& key) {
  if (last_key_ != nullptr && *last_key_ == key) return *last_flow_;
  auto& entry = *flows_.try_emplace(key).first;
  last_key_ = &entry.first;
  last_flow_ = &entry.second;
  return *last_flow_;
}

void TcpEndChecker::report(const SeenSegment& s, const std::string& what) {
  report_(fmt::format("{} > {}: {}", Endpoint{s.source, s.header.source_port}.to_string(),
                      Endpoint{s.destination, s.header.destination_port}.to_string(), what));
}

void TcpEndChecker::adopt_peer(Flow& f) {
  if (f.peer.is_known && f.peer.irs == f.heard.irs) return;
  f.peer = f.heard;
  f.rcv_max = f.peer.irs + 1;
  f.has_peer_fin = false;
  f.edge_granted = f.iss + 1 + f.peer.window;  // a SYN's window is never scaled (RFC 7323 2.2)
  f.has_sent_ack = false;
}

void TcpEndChecker::on_sent_syn(const SeenSegment& s, Flow& f) {
  if (!f.has_sent_syn || f.iss != s.header.seq) {  // a new incarnation
    const PeerSyn heard = f.heard;
    f = Flow{};
    f.heard = heard;
    f.has_sent_syn = true;
    f.iss = s.header.seq;
    f.snd_max = s.header.seq + 1;
  }
  f.window_scale_sent = s.window_scale;
  if (!s.header.has(kAck) || !f.heard.is_known || s.header.ack != f.heard.irs + 1) return;
  adopt_peer(f);
  if (f.has_sent_ack) return;
  f.has_sent_ack = true;
  f.ack_max = s.header.ack;
  f.edge_promised = s.header.ack + s.header.window;
}

void TcpEndChecker::on_sent(const SeenSegment& s) {
  if (s.header.has(kRst)) return;
  Flow& f = flow_of({s.source, s.destination, s.header.source_port, s.header.destination_port});
  if (s.header.has(kSyn)) {
    on_sent_syn(s, f);
    return;
  }
  if (!f.has_sent_syn || !f.peer.is_known) return;
  check_sequence(s, f);
  check_window(s, f);
  if (s.header.has(kAck)) check_ack(s, f);
}

void TcpEndChecker::check_sequence(const SeenSegment& s, Flow& f) {
  const SeqNum end = s.data_end();
  if (seq_gt(s.header.seq, f.snd_max)) {
    report(s, fmt::format("sequence {} leaves a gap of {} bytes after all that was sent",
                          s.header.seq.value(), seq_span(f.snd_max, s.header.seq)));
  }
  if (f.has_sent_fin && s.payload_bytes > 0 && seq_gt(end, f.fin_sent)) {
    report(s,
           fmt::format("data up to {} is beyond the FIN at {}", end.value(), f.fin_sent.value()));
  }
  const bool is_fin = s.header.has(kFin);
  if (is_fin && f.has_sent_fin && end != f.fin_sent) {
    report(s, fmt::format("FIN moved from {} to {}", f.fin_sent.value(), end.value()));
  }
  if (is_fin && !f.has_sent_fin && seq_lt(end, f.snd_max)) {
    report(s,
           fmt::format("FIN at {} is before data sent up to {}", end.value(), f.snd_max.value()));
  }
  if (is_fin && !f.has_sent_fin) {
    f.has_sent_fin = true;
    f.fin_sent = end;
  }
  f.snd_max = seq_max(f.snd_max, end + (is_fin ? 1u : 0u));
}

void TcpEndChecker::check_window(const SeenSegment& s, const Flow& f) {
  if (s.payload_bytes == 0 || seq_leq(s.data_end(), f.edge_granted)) return;
  const std::uint32_t beyond = seq_span(f.edge_granted, s.data_end());
  if (s.payload_bytes == 1 && beyond == 1) return;  // a probe of a closed window
  report(s, fmt::format("data up to {} is {} bytes beyond the window that the peer offered",
                        s.data_end().value(), beyond));
}

void TcpEndChecker::check_ack(const SeenSegment& s, Flow& f) {
  const SeqNum ack = s.header.ack;
  const std::uint32_t window = scaled(s.header.window, f.is_scaled() ? f.window_scale_sent : 0);
  const SeqNum edge = ack + window;
  if (seq_gt(ack, f.rcv_max)) {
    report(s, fmt::format("ACK {} passes all that arrived by {} bytes", ack.value(),
                          seq_span(f.rcv_max, ack)));
  }
  if (f.has_sent_ack && seq_lt(ack, f.ack_max)) {
    report(s, fmt::format("ACK moved left from {} to {}", f.ack_max.value(), ack.value()));
  }
  const bool is_fin_acked = f.has_peer_fin && seq_gt(ack, f.peer_fin);  // the window is over
  // A field may fall short of what was promised by less than its unit (RFC 7323 2.4).
  const std::uint32_t slack = scaled(1, f.is_scaled() ? f.window_scale_sent : 0) - 1;
  if (f.has_sent_ack && !is_fin_acked && seq_lt(edge + slack, f.edge_promised)) {
    report(s, fmt::format("right window edge moved left by {} bytes (ACK {}, window {}, bytes {})",
                          seq_span(edge, f.edge_promised), ack.value(), s.header.window, window));
  }
  f.ack_max = f.has_sent_ack ? seq_max(f.ack_max, ack) : ack;
  f.edge_promised = f.has_sent_ack ? seq_max(f.edge_promised, edge) : edge;
  f.has_sent_ack = true;
}

void TcpEndChecker::on_received(const SeenSegment& s) {
  if (s.header.has(kRst)) return;
  Flow& f = flow_of({s.destination, s.source, s.header.destination_port, s.header.source_port});
  if (s.header.has(kSyn)) {
    const bool is_answer = s.header.has(kAck);
    if (is_answer && !(f.has_sent_syn && s.header.ack == f.iss + 1)) return;
    f.heard = {true, s.header.seq, s.window_scale, s.header.window};
    if (is_answer) adopt_peer(f);
    return;
  }
  if (!f.peer.is_known) return;
  const SeqNum end = s.data_end() + (s.header.has(kFin) ? 1u : 0u);
  f.rcv_max = seq_max(f.rcv_max, end);
  if (s.header.has(kFin)) {
    f.has_peer_fin = true;
    f.peer_fin = s.data_end();
  }
  if (!s.header.has(kAck) || seq_gt(s.header.ack, f.snd_max)) return;
  const SeqNum edge =
      s.header.ack + scaled(s.header.window, f.is_scaled() ? f.peer.window_scale : std::int8_t{0});
  f.edge_granted = seq_max(f.edge_granted, edge);
}

}  // namespace oriel::sim
