// What the program asks of a connection (RFC 9293 3.10.1 to 3.10.6): open, send, receive, close,
// abort.
//
// Calls note what is wanted; segments leave through poll_transmit. CLOSE enters the next state at
// once and the FIN follows the queued text (3.10.4); abort owes a RST where the state calls for one
// (3.10.5).
#include <algorithm>

#include "tcp/connection.h"
#include "tcp/connection_statistics.h"

namespace oriel::tcp {

void Connection::open_active(Instant now) {
  opened_at_ = now;
  last_sent_at_ = now;
  state_ = TcpState::kSynSent;
  is_syn_owed_ = true;
}

void Connection::open_passive(Instant now, const SegmentIn& syn) {
  opened_at_ = now;
  last_sent_at_ = now;
  is_passive_ = true;
  state_ = TcpState::kSynReceived;
  rcv_.irs = syn.seq;
  rcv_.rcv_nxt = syn.seq + 1;
  rcv_.last_ack_sent = rcv_.rcv_nxt;
  take_handshake_options(syn.options);
  rcv_.rcv_adv = rcv_.rcv_nxt + syn_window_;
  ts_recent_at_ = now;
  snd_.update_window(syn.seq, snd_.iss, syn.window);
  is_syn_owed_ = true;
}

std::size_t Connection::on_send(Instant now, ByteView bytes) {
  if (is_fin_queued_ || state_ == TcpState::kClosed) return 0;
  const std::size_t n = std::min(bytes.size(), send_room());
  if (n < bytes.size()) is_room_wanted_ = true;
  return on_send_whole(now, bytes.first(n));
}

std::size_t Connection::on_send_whole(Instant now, ByteView bytes) {
  if (is_fin_queued_ || state_ == TcpState::kClosed || bytes.empty()) return 0;
  sender();
  snd_buffer_.append_copy(*pool_, bytes);
  count_as_sharer();
  if (stalled_since_.is_never()) stalled_since_ = now;
  return bytes.size();
}

void Connection::on_send_borrowed(Instant now, ByteView bytes) {
  if (is_fin_queued_ || state_ == TcpState::kClosed || bytes.empty()) return;
  sender();
  snd_buffer_.append_borrowed(bytes);
  count_as_sharer();
  if (stalled_since_.is_never()) stalled_since_ = now;
}

// The pointer names the byte after the urgent one (RFC 9293 3.8.5, RFC 6093 4).
void Connection::on_send_urgent(Instant now, std::uint8_t byte) {
  if (is_fin_queued_ || state_ == TcpState::kClosed) return;
  sender();
  snd_buffer_.append_copy(*pool_, {&byte, 1});
  count_as_sharer();
  if (stalled_since_.is_never()) stalled_since_ = now;
  has_urgent_out_ = true;
  urgent_out_ = stream_end();
}

std::size_t Connection::on_consume(Instant now, ByteSpan out) {
  const std::size_t n = rcv_buffer_.read(out);
  if (n != 0) note_consumed(now, n);
  return n;
}

void Connection::on_consume_shared(Instant now, std::size_t n) {
  if (n == 0) return;
  rcv_buffer_.consume(n);
  note_consumed(now, n);
}

// There is room for more: the window may have to say so.
void Connection::note_consumed(Instant now, std::size_t n) {
  // Once passed it is forgotten: 2^31 bytes further on it would look as if it lay ahead.
  if (has_urgent_in_ && seq_leq(urgent_in_, rcv_front())) has_urgent_in_ = false;
  autotune_.on_consume(now, static_cast<std::uint32_t>(n), rcv_buffer_.size());
  if (is_fin_received_ || state_ == TcpState::kClosed) return;
  // A window update of its own is worth a segment only when the peer may be short of window: less
  // than half of the buffer is left of what it was told, and it would at least double (RFC
  // 9293 3.8.6.2.2).
  const std::uint32_t window = rcv_.rcv_wnd();
  const std::uint32_t space = std::min(receive_space(), window_ceiling_bytes(rcv_.rcv_wind_shift));
  const std::uint32_t buffer = receive_buffer_bytes();
  if (window < buffer / 2 && space >= 2 * window &&
      space - window >= std::min<std::uint32_t>(buffer / 2, path_mss_)) {
    owe_ack();
  }
}

void Connection::on_close(Instant now) {
  if (is_fin_queued_) return;
  sender();
  switch (state_) {
    case TcpState::kSynSent:
      end(ErrorCode::kConnectionAborted);
      return;
    case TcpState::kSynReceived:
      is_fin_queued_ = true;
      return;
    case TcpState::kEstablished:
      is_fin_queued_ = true;
      state_ = TcpState::kFinWait1;
      break;
    case TcpState::kCloseWait:
      is_fin_queued_ = true;
      state_ = TcpState::kLastAck;
      break;
    case TcpState::kClosed:
    case TcpState::kListen:
    case TcpState::kFinWait1:
    case TcpState::kFinWait2:
    case TcpState::kClosing:
    case TcpState::kLastAck:
    case TcpState::kTimeWait:
      return;
  }
  if (stalled_since_.is_never()) stalled_since_ = now;
}

void Connection::on_orphaned(Instant now) {
  if (state_ == TcpState::kClosed) return;
  is_orphan_ = true;
  if (state_ == TcpState::kTimeWait) {
    rcv_buffer_.clear();
    return;
  }
  if (!rcv_buffer_.empty() || !reassembly_.empty()) {  // RFC 2525 2.17: bytes that nobody will read
    on_abort(now, ErrorCode::kConnectionAborted);
    return;
  }
  if (state_ == TcpState::kSynReceived) return;  // the SYN timer goes on
  state_deadline_ = now + (state_ == TcpState::kFinWait2 ? config_->fin_wait_2 : config_->orphan);
}

void Connection::on_abort(Instant /*now*/, ErrorCode reason) {
  switch (state_) {
    case TcpState::kSynReceived:
    case TcpState::kEstablished:
    case TcpState::kFinWait1:
    case TcpState::kFinWait2:
    case TcpState::kCloseWait:
      is_reset_owed_ = true;
      reset_seq_ = snd_.snd_nxt;
      break;
    case TcpState::kClosed:
    case TcpState::kListen:
    case TcpState::kSynSent:
    case TcpState::kClosing:
    case TcpState::kLastAck:
    case TcpState::kTimeWait:
      break;
  }
  end(reason);
}

// RFC 5927 4: an ICMP error counts only if it quotes something in flight; 5.1: hard errors end an
// opening connection only, on a synchronised one they are soft.
void Connection::on_path_error(Instant now, const PathError& error) {
  const bool is_in_flight =
      seq_leq(snd_.snd_una, error.quoted_seq) && seq_lt(error.quoted_seq, snd_.snd_nxt);
  if (!is_in_flight || state_ == TcpState::kClosed) return;
  switch (error.kind) {
    case PathError::Kind::kPacketTooBig:
      if (error.path_mss < path_mss_) on_path_mss(now, error.path_mss);
      break;
    case PathError::Kind::kHard:
      if (state_ == TcpState::kSynSent || state_ == TcpState::kSynReceived) end(error.code);
      break;
    case PathError::Kind::kSoft:
      soft_error_ = error.code;
      break;
  }
}

void Connection::on_path_mss(Instant /*now*/, std::uint16_t path_mss) {
  path_mss_ = path_mss;
  update_send_mss();
  is_rearm_due_ = true;
}

void Connection::on_options_changed(Instant now, const TcpSocketOptions& options) {
  const TcpSocketOptions before = this->options();
  options_ = std::make_unique<TcpSocketOptions>(options);
  if (options.rcv_buffer_bytes != 0 && options.rcv_buffer_bytes != before.rcv_buffer_bytes) {
    autotune_.fix(options.rcv_buffer_bytes);
  }
  if (options.is_keepalive && !before.is_keepalive && state_ == TcpState::kEstablished) {
    keepalive_.enable(now, keepalive_limits());
  }
  if (!options.is_keepalive) keepalive_.disable();
  notify_room();
}

}  // namespace oriel::tcp
