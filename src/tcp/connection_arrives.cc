// A segment arrives (RFC 9293 3.10.7), in the order the RFC gives: sequence, RST, SYN, ACK, URG,
// text, FIN.
//
// May touch every piece of the connection; decides nothing that a piece could decide. Nothing is
// sent from here: what is owed is noted (owed_ack_, is_syn_owed_, ...) and leaves with the next
// poll_transmit. Blind attacks are answered as RFC 5961 says: a RST must hit RCV.NXT exactly, a SYN
// on a synchronised connection and an ACK out of range get a challenge ACK, which is rate limited
// per connection.
#include <algorithm>

#include "tcp/connection.h"
#include "tcp/connection_statistics.h"
#include "tcp/time_wait.h"

namespace oriel::tcp {
namespace flag = wire::tcp_flag;

namespace {

// RFC 5961 7: challenge ACKs are limited to this many a second for each connection.
constexpr std::uint8_t kChallengesPerSecondMax = 10;
// RFC 7323 5.5: a TS.Recent older than this may have wrapped.
constexpr Duration kTsRecentAgeMax = std::chrono::hours(24 * 24);
// RFC 9293 3.7.1: no MSS below this is believed; it would turn every byte into a packet.
constexpr std::uint16_t kPeerMssMin = 48;

std::uint32_t wire_segments(const SegmentIn& s) {
  const std::uint32_t text = s.text_bytes();
  return s.mss == 0 || text == 0 ? 1 : (text + s.mss - 1) / s.mss;
}

}  // namespace

void Connection::on_segment(Instant now, SegmentIn& segment) {
  if (state_ == TcpState::kClosed || state_ == TcpState::kListen) return;
  if (statistics_ != nullptr) statistics_->segments_in += wire_segments(segment);
  if (state_ == TcpState::kSynSent) {
    arrives_in_syn_sent(now, segment);
    return;
  }
  if (!is_acceptable(now, segment) || !check_reset_and_syn(now, segment)) return;
  if (!check_ack(now, segment)) return;
  if (keepalive_.is_enabled()) keepalive_.on_heard(now, keepalive_limits());
  const SeqNum fin = segment.seq + segment.text_bytes();
  if (segment.has(flag::kUrg)) take_urgent(segment);
  if (!segment.payload.empty()) take_text(now, segment);
  if (segment.has(flag::kFin) && state_ != TcpState::kClosed) note_fin(now, fin);
}

void Connection::on_burst_end(Instant now) {
  if (ack_policy_.on_burst_end(now, config_->ack) == AckPolicy::Verdict::kImmediate) owe_ack();
}

// RFC 9293 3.10.7.3
void Connection::arrives_in_syn_sent(Instant now, SegmentIn& segment) {
  const bool has_ack = segment.has(flag::kAck);
  const bool is_good_ack =
      has_ack && seq_gt(segment.ack, snd_.iss) && seq_leq(segment.ack, snd_.snd_nxt);
  if (has_ack && !is_good_ack) {
    if (segment.has(flag::kRst)) return;
    is_reset_owed_ = true;  // <SEQ=SEG.ACK><CTL=RST>, and go on trying
    reset_seq_ = segment.ack;
    return;
  }
  if (segment.has(flag::kRst)) {
    if (is_good_ack) end(ErrorCode::kConnectionRefused);
    return;
  }
  if (!segment.has(flag::kSyn)) return;

  rcv_.irs = segment.seq;
  rcv_.rcv_nxt = segment.seq + 1;
  rcv_.rcv_adv = rcv_.rcv_nxt + syn_window_;
  rcv_.last_ack_sent = rcv_.rcv_nxt;
  take_handshake_options(segment.options);
  snd_.update_window(segment.seq, segment.ack, segment.window);  // never scaled in a SYN
  if (!is_good_ack) {                                            // simultaneous open
    state_ = TcpState::kSynReceived;
    is_syn_owed_ = true;
    return;
  }
  if (syn_retransmits_ == 0) rtt_.on_sample(now, now - last_sent_at_);  // Karn: the SYN left once
  snd_.snd_una = segment.ack;
  enter_established(now);
  owe_ack();
  segment.seq += 1;  // the rest of the segment starts after the SYN
  segment.flags &= static_cast<std::uint8_t>(~flag::kSyn);
  trim_to_window(segment);
  const SeqNum fin = segment.seq + segment.text_bytes();
  if (!segment.payload.empty()) take_text(now, segment);
  if (segment.has(flag::kFin)) note_fin(now, fin);
}

// First check: PAWS and sequence number (RFC 7323 5.3, RFC 9293 3.10.7.4).
bool Connection::is_acceptable(Instant now, SegmentIn& segment) {
  const bool is_reset = segment.has(flag::kRst);
  const wire::TcpOptions& options = segment.options;
  if (has_timestamps_ && !is_reset) {
    if (!options.has_timestamps) return false;  // RFC 7323 3.2
    const auto age = static_cast<std::int32_t>(options.timestamps.value - ts_recent_);
    if (age < 0 && now - ts_recent_at_ < kTsRecentAgeMax) {
      owe_challenge_ack(now);
      return false;
    }
  }
  // Nearly always it is the next one and fits: then it is acceptable and nothing needs trimming.
  const bool is_next = segment.seq == rcv_.rcv_nxt && segment.seg_len() <= rcv_.rcv_wnd();
  // A RST counts by its number alone, also while the window is shut. REQ RFC9293-MUST-66
  if (!is_next && !rcv_.is_acceptable(segment.seq, is_reset ? 0 : segment.seg_len())) {
    if (!is_reset) answer_unacceptable(now, segment);
    return false;
  }
  if (has_timestamps_ && options.has_timestamps && seq_leq(segment.seq, rcv_.last_ack_sent)) {
    ts_recent_ = options.timestamps.value;  // RFC 7323 4.3
    ts_recent_at_ = now;
  }
  if (!is_next) trim_to_window(segment);
  return true;
}

// Out of the window: an ACK says where we are. Its own ACK field is as good as ever.
void Connection::answer_unacceptable(Instant now, const SegmentIn& segment) {
  if (state_ == TcpState::kSynReceived && segment.has(flag::kSyn) && segment.seq == rcv_.irs) {
    // The peer's SYN again: our SYN-ACK was lost. Or it completes a simultaneous open.
    if (segment.has(flag::kAck) && segment.ack == snd_.snd_nxt) {
      check_ack(now, segment);
      owe_ack();
    } else {
      is_syn_owed_ = true;
    }
    return;
  }
  if (state_ == TcpState::kTimeWait && segment.has(flag::kFin)) restart_time_wait(now);
  const SeqNum end = segment.seq + segment.text_bytes();
  const bool is_old = seq_leq(end, rcv_.rcv_nxt) && seq_gt(end, rcv_.rcv_nxt - (1u << 30));
  const bool is_beyond_zero_window = rcv_.rcv_wnd() == 0 && segment.seq == rcv_.rcv_nxt;
  if (is_old && segment.text_bytes() != 0) reassembly_.note_duplicate({segment.seq, end});
  if ((is_old || is_beyond_zero_window) && segment.has(flag::kAck) &&
      state_ != TcpState::kSynReceived) {
    if (keepalive_.is_enabled()) keepalive_.on_heard(now, keepalive_limits());
    const bool is_good = check_ack(now, segment);
    if (is_good && is_beyond_zero_window && segment.has(flag::kUrg)) take_urgent(segment);
  }
  // A retransmission must hear where we are (RFC 9293 3.10.7.4); empty segments could make two
  // confused ends answer each other for ever, so those are limited as challenge ACKs are. A SYN
  // is challenged whatever its number (RFC 5961 4.2).
  const bool is_news = segment.seg_len() != 0 && !segment.has(flag::kSyn);
  if (is_news && (is_old || is_beyond_zero_window)) {
    owe_ack();
  } else {
    owe_challenge_ack(now);
  }
}

// Old text at the front and text beyond the window go; a FIN beyond the window goes with it.
void Connection::trim_to_window(SegmentIn& segment) {
  if (segment.has(flag::kSyn) || segment.has(flag::kRst)) return;  // check_reset_and_syn's
  const std::int32_t old = rcv_.rcv_nxt - segment.seq;
  if (old > 0) {
    const std::uint32_t n = std::min(static_cast<std::uint32_t>(old), segment.text_bytes());
    if (n != 0) reassembly_.note_duplicate({segment.seq, segment.seq + n});
    segment.payload.remove_prefix(n);
    segment.seq += n;
    segment.urgent -= static_cast<std::uint16_t>(std::min<std::uint32_t>(segment.urgent, n));
    if (n != 0) owe_ack();
  }
  const SeqNum edge = rcv_.rcv_nxt + rcv_.rcv_wnd();
  const std::int32_t beyond = segment.seq + segment.text_bytes() - edge;
  if (beyond > 0) {
    segment.payload.truncate(segment.text_bytes() - static_cast<std::uint32_t>(beyond));
    segment.flags &= static_cast<std::uint8_t>(~flag::kFin);
    owe_ack();
  }
}

// Second and fourth check: RST and SYN (RFC 5961 3.2, 4.2).
bool Connection::check_reset_and_syn(Instant now, const SegmentIn& segment) {
  if (segment.has(flag::kRst)) {
    if (segment.seq != rcv_.rcv_nxt) {
      owe_challenge_ack(now);
      return false;
    }
    const bool is_refusal = state_ == TcpState::kSynReceived && !is_passive_;
    // Both FINs are out: RFC 9293 3.10.7.4 flushes nothing and signals nothing. The peer has
    // forgotten the connection, as it does when our last ACKs outlive its TIME-WAIT; what came
    // whole stays readable.
    const bool is_over = state_ == TcpState::kClosing || state_ == TcpState::kLastAck ||
                         state_ == TcpState::kTimeWait;
    end(is_refusal ? ErrorCode::kConnectionRefused
        : is_over  ? ErrorCode::kOk
                   : ErrorCode::kConnectionReset);
    return false;
  }
  if (segment.has(flag::kSyn)) {
    owe_challenge_ack(now);
    return false;
  }
  return true;
}

// Sixth: RFC 9293 3.8.5, RFC 6093: the pointer names the byte after the urgent data. It is news
// while the program has not read as far, whether or not the data has come. After the peer's FIN
// there is nothing that it could point at (3.10.7.4, sixth check by state).
void Connection::take_urgent(const SegmentIn& segment) {
  if (is_fin_received_) return;
  const SeqNum up = segment.seq + segment.urgent;
  if (segment.urgent == 0 || seq_leq(up, rcv_front())) return;
  if (has_urgent_in_ && seq_leq(up, urgent_in_)) return;
  has_urgent_in_ = true;
  urgent_in_ = up;
  events_ |= event::kUrgent;
}

// Seventh: text. In order it goes straight to the application's side, else it waits in reassembly.
void Connection::take_text(Instant now, SegmentIn& segment) {
  if (is_fin_received_) return;
  if (is_orphan_) {  // nobody is left to read it (RFC 9293 3.10.7.4; RFC 2525 2.17)
    is_reset_owed_ = true;
    reset_seq_ = snd_.snd_nxt;
    end(ErrorCode::kConnectionReset);
    return;
  }
  const std::uint32_t bytes = segment.text_bytes();
  // What the peer echoes left with an ACK of ours: a round trip, seen from the receiver.
  if (has_timestamps_ && segment.options.timestamps.echo != 0) {
    const std::uint32_t ms = timestamp(now) - segment.options.timestamps.echo;
    if (ms < (1u << 24)) autotune_.on_rtt(std::chrono::milliseconds(std::max(ms, 1u)));
  }
  AckPolicy::Arrival arrival;
  arrival.segments = wire_segments(segment);
  Statistics& s = statistics();
  s.bytes_in += bytes;
  if (segment.seq == rcv_.rcv_nxt && reassembly_.empty()) {
    rcv_.rcv_nxt += bytes;
    rcv_buffer_.append(*pool_, std::move(segment.payload));
    autotune_.on_data(now, rcv_.rcv_nxt, bytes);
    arrival.bytes = bytes;
    events_ |= event::kReadable;
  } else {
    arrival.is_out_of_order = segment.seq != rcv_.rcv_nxt;
    arrival.is_gap_filled = !arrival.is_out_of_order;
    if (arrival.is_out_of_order) s.segments_out_of_order += arrival.segments;
    reassembly_.insert(*pool_, segment.seq, std::move(segment.payload));
    deliver_ready(now);
  }
  if (ack_policy_.on_segment(now, arrival, rcv_.rcv_wnd(), config_->ack) ==
          AckPolicy::Verdict::kImmediate ||
      options().is_ack_immediate) {
    owe_ack();
  }
}

void Connection::deliver_ready(Instant now) {
  for (Slice slice = reassembly_.pop_ready(rcv_.rcv_nxt); !slice.empty();
       slice = reassembly_.pop_ready(rcv_.rcv_nxt)) {
    const auto bytes = static_cast<std::uint32_t>(slice.size());
    rcv_.rcv_nxt += bytes;
    rcv_buffer_.append(*pool_, std::move(slice));
    autotune_.on_data(now, rcv_.rcv_nxt, bytes);
    events_ |= event::kReadable;
  }
  if (has_fin_ahead_ && rcv_.rcv_nxt == fin_in_) take_fin(now);
}

// Eighth: FIN, now or when the text before it has come.
void Connection::note_fin(Instant now, SeqNum fin) {
  owe_ack();
  if (is_fin_received_) {
    if (state_ == TcpState::kTimeWait) restart_time_wait(now);
    return;
  }
  fin_in_ = fin;
  has_fin_ahead_ = true;
  if (rcv_.rcv_nxt == fin_in_) take_fin(now);
}

void Connection::take_fin(Instant now) {
  is_fin_received_ = true;
  has_fin_ahead_ = false;
  rcv_.rcv_nxt += 1;
  rcv_.rcv_adv = seq_max(rcv_.rcv_adv, rcv_.rcv_nxt);
  owe_ack();
  events_ |= event::kReadable | event::kFinReceived;
  switch (state_) {
    case TcpState::kSynReceived:
    case TcpState::kEstablished:
      state_ = TcpState::kCloseWait;
      break;
    case TcpState::kFinWait1:
      state_ = TcpState::kClosing;  // our FIN is not acknowledged yet, or we would be in FIN-WAIT-2
      break;
    case TcpState::kFinWait2:
      enter_time_wait(now);
      break;
    case TcpState::kClosed:
    case TcpState::kListen:
    case TcpState::kSynSent:
    case TcpState::kCloseWait:
    case TcpState::kClosing:
    case TcpState::kLastAck:
    case TcpState::kTimeWait:
      break;
  }
}

// What both SYNs offered holds (RFC 7323 2.2, 3.2; RFC 2018 2); without scaling the window ends at
// 65,535. A SYN-ACK, unscaled as it is, already knows the MSS.
void Connection::take_handshake_options(const wire::TcpOptions& options) {
  peer_mss_ = options.mss != 0 ? std::max(options.mss, kPeerMssMin) : peer_mss_;
  is_sack_enabled_ = config_->is_sack && options.is_sack_permitted;
  has_timestamps_ = config_->is_timestamps && options.has_timestamps;
  ts_recent_ = options.timestamps.value;
  const std::uint16_t mss = std::min({path_mss_, peer_mss_, config_->mss_max});
  is_scaling_ = scale_offered_ >= 0 && options.window_scale >= 0;
  if (is_scaling_) {
    snd_.snd_wind_shift = static_cast<std::uint8_t>(
        std::min<int>(options.window_scale, kWindowShiftMax));  // RFC 7323 2.3
    rcv_.rcv_wind_shift = static_cast<std::uint8_t>(scale_offered_);
  }
  if (is_passive_) {
    settle_window(-1, mss);
    syn_window_ = syn_window_field(receive_buffer_bytes());
  }
  settle_window(is_scaling_ ? scale_offered_ : std::int8_t{-1}, mss);
  update_send_mss();
}

void Connection::enter_established(Instant now) {
  state_ = TcpState::kEstablished;
  state_deadline_ = is_orphan_ ? now + config_->orphan : Instant::never();
  ts_recent_at_ = now;
  is_syn_owed_ = false;
  rcv_.open(receive_buffer_bytes());
  retries_ = 0;
  rto_.on_progress();
  stalled_since_ = snd_buffer_.empty() ? Instant::never() : now;
  if (sender_ != nullptr) make_sender();  // text was queued before the MSS was known
  if (rtt_.has_sample()) autotune_.on_rtt(rtt_.latest());
  if (options().is_keepalive) keepalive_.enable(now, keepalive_limits());
  events_ |= event::kConnected | event::kSendRoom;
}

void Connection::enter_time_wait(Instant now) {
  state_ = TcpState::kTimeWait;
  if (sender_ != nullptr) sender_->recovery.disarm();
  persist_.disarm();
  keepalive_.disable();
  events_ |= event::kClosed;
  restart_time_wait(now);
}

void Connection::restart_time_wait(Instant now) {
  state_deadline_ = now + config_->time_wait;
}

void Connection::owe_challenge_ack(Instant now) {
  if (now - challenge_second_at_ >= std::chrono::seconds(1)) {
    challenge_second_at_ = now;
    challenges_ = 0;
  }
  if (challenges_ >= kChallengesPerSecondMax) return;
  ++challenges_;
  is_challenge_owed_ = true;
  owe_ack();
}

bool Connection::may_be_replaced_by(const SegmentIn& syn) const {
  const TimeWaitRecord old{rcv_.rcv_nxt, snd_.snd_nxt, ts_recent_, has_timestamps_};
  return state_ == TcpState::kTimeWait &&
         may_syn_reuse(old, syn.seq, syn.options.has_timestamps, syn.options.timestamps.value);
}

bool Connection::make_reset(const SegmentIn& segment, SegmentOut& out) {
  if (segment.has(flag::kRst)) return false;
  out = SegmentOut{};
  if (segment.has(flag::kAck)) {
    out.seq = segment.ack;
    out.flags = flag::kRst;
    return true;
  }
  out.ack = segment.seq + segment.seg_len();
  out.flags = flag::kRst | flag::kAck;
  return true;
}

}  // namespace oriel::tcp
