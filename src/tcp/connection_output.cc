// What leaves now (RFC 9293 3.7, 3.8.6; RFC 5681, 6675, 8985): reset, SYN, ACK with news of gaps,
// probes, lost text, new text, plain ACK, in this order.
//
// Every segment is asked for by poll_transmit and built here. How much may leave is asked from the
// pieces: loss_recovery (what is lost, PRR's cwnd), congestion_control (cwnd), snd_space (the
// peer's window), nagle. The surprise: SACK blocks travel only on segments without text, so that
// text segments keep their size.
#include <algorithm>

#include "tcp/connection.h"
#include "tcp/connection_statistics.h"
#include "tcp/nagle.h"
#include "tcp/super_segment.h"

namespace oriel::tcp {
namespace flag = wire::tcp_flag;

bool Connection::poll_transmit(Instant now, std::uint32_t payload_bytes_max, SegmentOut& out) {
  if (is_reset_owed_) return transmit_reset(out);
  if (state_ == TcpState::kClosed) return false;
  // Before the handshake is complete every answer is the SYN or SYN-ACK again: its window is
  // unscaled.
  const bool is_opening = state_ == TcpState::kSynSent || state_ == TcpState::kSynReceived;
  if (is_syn_owed_ || (is_opening && is_ack_owed_)) return transmit_syn(now, out);
  if (is_opening) return false;
  if (is_ack_owed_ && (!reassembly_.empty() || reassembly_.has_duplicate())) {
    return transmit_ack(now, out);
  }
  if (is_window_probe_owed_ || is_keepalive_probe_owed_) {
    if (transmit_window_probe(now, out)) return true;
  }
  if (is_tail_probe_owed_ && transmit_tail_probe(now, payload_bytes_max, out)) return true;
  if (sender_ != nullptr && sender_->board.lost_bytes() != 0 &&
      transmit_lost(now, payload_bytes_max, out))
    return true;
  if (may_send_text() && transmit_new(now, payload_bytes_max, out)) return true;
  if (is_ack_owed_) return transmit_ack(now, out);
  settle_after_transmit(now);
  return false;
}

bool Connection::transmit_reset(SegmentOut& out) {
  is_reset_owed_ = false;
  out.seq = reset_seq_;
  out.ack = rcv_.rcv_nxt;
  // In SYN-SENT the RST answers an ACK that was wrong and acknowledges nothing (RFC 9293 3.10.7.3).
  out.flags = flag::kRst |
              (state_ == TcpState::kSynSent || state_ == TcpState::kSynReceived ? std::uint8_t{0}
                                                                                : flag::kAck);
  out.window = 0;
  out.urgent = 0;
  out.mss = 0;
  out.payload_bytes = 0;
  out.piece_count = 0;
  out.options = {};
  return true;
}

bool Connection::transmit_syn(Instant now, SegmentOut& out) {
  is_syn_owed_ = false;
  is_ack_owed_ = false;
  const bool is_answer = state_ == TcpState::kSynReceived;
  out = SegmentOut{};
  out.seq = snd_.iss;
  out.flags = flag::kSyn;
  out.options.mss = std::min(path_mss_, config_->mss_max);
  if (is_answer) {
    out.flags |= flag::kAck;
    out.ack = rcv_.rcv_nxt;
    rcv_.last_ack_sent = rcv_.rcv_nxt;
  }
  out.window = syn_window_;
  // RFC 7323 2.2, 3.2 and RFC 2018 2: a SYN-ACK offers only what the SYN offered.
  scale_sent_ = !is_answer || is_scaling_ ? scale_offered_ : std::int8_t{-1};
  out.options.window_scale = scale_sent_;
  out.options.is_sack_permitted = is_answer ? is_sack_enabled_ : config_->is_sack;
  out.options.has_timestamps = is_answer ? has_timestamps_ : config_->is_timestamps;
  if (out.options.has_timestamps)
    out.options.timestamps = {timestamp(now), is_answer ? ts_recent_ : 0};
  snd_.snd_nxt = seq_max(snd_.snd_nxt, snd_.iss + 1);
  last_sent_at_ = now;
  // A SYN that somebody else's segment called for does not put off our own timer.
  if (state_deadline_.is_never()) state_deadline_ = now + rto();
  return true;
}

// Header fields common to all segments of a synchronised connection. Telling the window is also
// what moves the right edge.
void Connection::begin_segment(Instant now, SeqNum seq, std::uint8_t flags, SegmentOut& out) {
  rcv_.advance_edge(receive_space(), receive_buffer_bytes(), path_mss_);
  out.seq = seq;
  out.ack = rcv_.rcv_nxt;
  out.flags = flags | flag::kAck;
  out.window = rcv_.window_field();
  out.urgent = 0;
  out.mss = 0;
  out.payload_bytes = 0;
  out.piece_count = 0;
  out.options.mss = 0;
  out.options.window_scale = -1;
  out.options.is_sack_permitted = false;
  out.options.sack_count = 0;
  out.options.has_timestamps = has_timestamps_;
  if (has_timestamps_) out.options.timestamps = {timestamp(now), ts_recent_};
  if (!is_first_window_sent_) {
    is_first_window_sent_ = true;
    first_window_field_ = out.window;
  }
  rcv_.last_ack_sent = rcv_.rcv_nxt;
  is_ack_owed_ = false;
  ack_policy_.on_ack_sent();
}

bool Connection::transmit_ack(Instant now, SegmentOut& out) {
  begin_segment(now, snd_.snd_nxt, 0, out);
  if (is_sack_enabled_) {
    const std::size_t room = has_timestamps_ ? wire::kSackBlocksMax - 1 : wire::kSackBlocksMax;
    out.options.sack_count =
        static_cast<std::uint8_t>(reassembly_.sack_blocks({out.options.sack.data(), room}));
  } else {
    reassembly_.note_duplicate({});
  }
  if (statistics_ != nullptr) ++statistics_->segments_out;
  return true;
}

// Persist and keepalive knock with an empty segment just below the window: any peer answers it with
// an ACK that tells its window (RFC 9293 3.8.6.1, 3.8.4). If the window opened meanwhile a little,
// text goes.
bool Connection::transmit_window_probe(Instant now, SegmentOut& out) {
  const bool is_keepalive = is_keepalive_probe_owed_;
  is_keepalive_probe_owed_ = false;
  is_window_probe_owed_ = false;
  if (!is_keepalive) {
    if (!has_unsent() || snd_.flight_size() != 0) return false;
    ++statistics().zero_window_probes;
    const std::uint32_t unsent = seq_span(snd_.snd_nxt, stream_end());
    const std::uint32_t bytes = std::min({unsent, snd_.usable(), std::uint32_t{smss_}});
    if (bytes !=
        0) {  // silly window avoidance held it back long enough (RFC 9293 3.8.6.2.1 override)
      begin_segment(now, snd_.snd_nxt, 0, out);
      fill_text(snd_.snd_nxt, bytes, out);
      note_sent(now, out);
      return true;
    }
    if (unsent == 0 && snd_.snd_wnd != 0) {
      begin_segment(now, snd_.snd_nxt, flag::kFin, out);
      is_fin_sent_ = true;
      note_sent(now, out);
      return true;
    }
  }
  begin_segment(now, snd_.snd_nxt - 1, 0, out);
  return true;
}

// RFC 8985 7.3: one segment beyond cwnd, new text if the window has room, else the last one again.
bool Connection::transmit_tail_probe(Instant now, std::uint32_t payload_bytes_max,
                                     SegmentOut& out) {
  is_tail_probe_owed_ = false;
  if (sender_->board.is_empty()) return false;
  ++statistics().tail_loss_probes;
  const std::uint32_t bytes = may_send_text()
                                  ? std::min({seq_span(snd_.snd_nxt, stream_end()), snd_.usable(),
                                              std::uint32_t{smss_}, payload_bytes_max})
                                  : 0;
  if (bytes != 0) {
    begin_segment(now, snd_.snd_nxt, 0, out);
    fill_text(snd_.snd_nxt, bytes, out);
    note_sent(now, out);
    sender_->recovery.on_probe_sent(snd_.snd_nxt, false);
    return true;
  }
  const SeqRange last = sender_->board.last_segment();
  retransmit(now, last, out);
  sender_->recovery.on_probe_sent(last.end, true);
  return true;
}

std::uint32_t Connection::cwnd_left() const {
  const std::uint32_t cwnd = cwnd_in_force(sender_->cc);
  const std::uint32_t pipe = sender_->board.pipe();
  return cwnd > pipe ? cwnd - pipe : 0;
}

bool Connection::transmit_lost(Instant now, std::uint32_t payload_bytes_max, SegmentOut& out) {
  const std::uint32_t left = cwnd_left();
  // A whole segment may go while any cwnd is left, so that the last partial one does not wait for
  // ever.
  const std::uint32_t allowed = left == 0 ? 0 : std::max<std::uint32_t>(left, smss_);
  if (allowed == 0) return false;
  const SeqRange range = sender_->board.next_lost(std::min(allowed, payload_bytes_max));
  if (range.is_empty()) return false;
  retransmit(now, range, out);
  return true;
}

void Connection::retransmit(Instant now, SeqRange range, SegmentOut& out) {
  begin_segment(now, range.begin, 0, out);
  std::uint32_t text = range.size();
  if (is_fin_sent_ && range.end == stream_end() + 1) {
    out.flags |= flag::kFin;
    --text;
  }
  if (text != 0) fill_text(range.begin, text, out);
  if (out.payload_bytes < text) {  // more pieces than one segment can carry: the rest comes next
    out.flags &= static_cast<std::uint8_t>(~flag::kFin);
    range.end = range.begin + out.payload_bytes;
  }
  sender_->board.on_retransmitted(range, now, DeliveryStamp{});
  sender_->recovery.prr_on_sent(range.size());
  last_sent_at_ = now;
  is_rearm_due_ = true;
  Statistics& s = statistics();
  const std::uint32_t segments = out.mss == 0 ? 1 : (text + out.mss - 1) / out.mss;
  s.segments_out += segments;
  s.segments_retransmitted += segments;
  s.bytes_out += out.payload_bytes;
  s.bytes_retransmitted += out.payload_bytes;
}

// How much new text may go in one segment now; 0 also when only a FIN could.
std::uint32_t Connection::new_text_bytes(std::uint32_t payload_bytes_max,
                                         std::uint32_t cwnd_bytes) const {
  const std::uint32_t unsent = seq_span(snd_.snd_nxt, stream_end());
  const std::uint32_t usable = std::min(snd_.usable(), cwnd_bytes);
  NagleInput in;
  in.unsent_bytes = unsent;
  in.usable_window_bytes = usable;
  in.smss = smss_;
  in.snd_wnd_max = snd_.snd_wnd_max;
  in.is_nodelay = options().is_nodelay;
  in.is_push_final = is_fin_queued_;
  in.has_short_unacked = seq_gt(short_end_, snd_.snd_una);
  if (!may_send_segment(in)) return 0;
  std::uint32_t cap = payload_bytes_max;
  if (cap > smss_) cap = std::min(cap, super_segment_bytes(sender_->cc.cwnd(), rtt_.srtt(), smss_));
  const std::uint32_t bytes = std::min({unsent, usable, cap});
  if (bytes <= smss_) return bytes;
  const std::uint32_t tail = bytes % smss_;
  if (tail == 0) return bytes;
  // The tail rides along only if it ends the text and could go by itself.
  if (bytes == unsent && (in.is_nodelay || in.is_push_final || !in.has_short_unacked)) return bytes;
  return bytes - tail;
}

bool Connection::transmit_new(Instant now, std::uint32_t payload_bytes_max, SegmentOut& out) {
  const SeqNum end = stream_end();
  const bool has_text = seq_lt(snd_.snd_nxt, end);
  if (!has_text && !is_fin_queued_) return false;
  if (sender_->board.lost_bytes() != 0) return false;  // what is lost goes first (RFC 6675 5, C.1)
  const bool is_idle = snd_.flight_size() == 0;
  if (is_idle && now - last_sent_at_ > rto()) {
    sender_->cc.on_idle_restart(now);
    ack_policy_.on_idle();
  }
  const std::uint32_t cwnd_bytes = cwnd_left();
  std::uint32_t bytes = has_text ? new_text_bytes(payload_bytes_max, cwnd_bytes) : 0;
  if (has_text && bytes == 0) {
    is_cwnd_limited_ = cwnd_bytes < std::min<std::uint32_t>(smss_, seq_span(snd_.snd_nxt, end)) &&
                       snd_.usable() > cwnd_bytes;
    return false;
  }
  if (!has_text && snd_.usable() == 0 && (snd_.snd_wnd == 0 || !is_idle)) return false;
  is_cwnd_limited_ = false;
  begin_segment(now, snd_.snd_nxt, 0, out);
  if (bytes != 0) {
    fill_text(snd_.snd_nxt, bytes, out);
    bytes = out.payload_bytes;
  }
  if (is_fin_queued_ && snd_.snd_nxt + bytes == end && snd_.usable() > bytes) {
    out.flags |= flag::kFin;
    is_fin_sent_ = true;
  }
  note_sent(now, out);
  return true;
}

bool Connection::fill_text(SeqNum seq, std::uint32_t bytes, SegmentOut& out) {
  const SndBuffer::Gathered g = snd_buffer_.gather(seq_span(snd_front(), seq), bytes, out.pieces);
  out.piece_count = static_cast<std::uint8_t>(g.pieces);
  out.payload_bytes = g.bytes;
  out.mss = g.bytes > smss_ ? smss_ : std::uint16_t{0};
  if (seq + g.bytes == stream_end())
    out.flags |= flag::kPsh;  // REQ RFC9293-MUST-61, also when repeated
  if (has_urgent_out_) {
    if (seq_leq(urgent_out_, snd_.snd_una)) {
      has_urgent_out_ = false;
    } else if (seq_gt(urgent_out_, seq) && urgent_out_ - seq <= 65535) {
      out.flags |= flag::kUrg;
      out.urgent = static_cast<std::uint16_t>(urgent_out_ - seq);
    }
  }
  return true;
}

// New text or FIN left: the books of every piece that watches it.
void Connection::note_sent(Instant now, const SegmentOut& out) {
  const bool has_fin = (out.flags & flag::kFin) != 0;
  const SeqRange range{out.seq, out.seq + out.payload_bytes + (has_fin ? 1u : 0u)};
  sender_->board.on_sent(range, smss_, now, DeliveryStamp{});
  snd_.snd_nxt = range.end;
  const std::uint32_t segments = out.mss == 0 ? 1 : (out.payload_bytes + out.mss - 1) / out.mss;
  // The comparison saves most segments a division.
  if (out.payload_bytes != smss_ && out.payload_bytes % smss_ != 0) short_end_ = range.end;
  sender_->recovery.prr_on_sent(range.size());
  last_sent_at_ = now;
  if (stalled_since_.is_never()) stalled_since_ = now;
  is_rearm_due_ = true;
  Statistics& s = statistics();
  s.segments_out += segments;
  s.bytes_out += out.payload_bytes;
}

// Nothing more leaves for now: arm what watches over it.
void Connection::settle_after_transmit(Instant now) {
  if (sender_ != nullptr) sender_->flight_size_at_pull = snd_.flight_size();
  if (is_rearm_due_ && sender_ != nullptr) {
    is_rearm_due_ = false;
    sender_->recovery.rearm(now, sender_->board, rtt_, rto_, config_->rto, has_unsent());
  }
  if (snd_.flight_size() == 0 || persist_.is_armed()) arm_persist(now);
}

}  // namespace oriel::tcp
