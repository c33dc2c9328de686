// The stream: sending, receiving, ending. Looking and telling are in pipe_peer.cc, waiting at the
// pipe in pipe_wait.cc.
#include "loopback/pipe.h"

#include <algorithm>

#include "loopback/pipe_set.h"

namespace oriel::loopback {

namespace te = socket::transport_event;

Pipe::Pipe(PipeOwner& owner, const Setup& setup)
    : across(setup.across),
      far_slot(setup.far_slot),
      owner_(&owner),
      local_(setup.local),
      remote_(setup.remote),
      own_(setup.own),
      peer_(setup.peer),
      life_(setup.across == nullptr ? LifeSign() : setup.across->life()),
      own_slot_(setup.own_slot),
      own_generation_(setup.own_generation),
      peer_generation_(setup.peer_generation),
      began_(setup.now),
      lane_(std::make_shared<PipeLane>(setup.own, setup.peer, word_of(EndState::kOpen))) {
  if (!out().refresh()) break_off();  // learns the window
  lane_->note_cpu();
  raise(te::kConnected);
}

// --- sending

// One piece into the ring, and whoever waits for it woken. Requires: room.
void Pipe::write_some(ByteView& bytes) {
  const std::uint64_t before = out().written();
  const std::size_t n = out().write(bytes);
  bytes = bytes.subspan(n);
  wake_peer(peer_.control->read_point.due(before, out().written()));
}

// REQ LFP-8: what does not fit stays with the sender; nothing is buffered here.
std::size_t Pipe::send(Instant /*now*/, ByteView bytes) {
  if (is_over_ || is_shut_wanted_ || !borrowed_.empty() || bytes.empty()) return 0;
  lane_->note_cpu();
  look_at_state();
  if (is_over_) return 0;
  if (is_peer_deaf()) {
    // As with TCP: the bytes are taken, and the answer to them is a reset.
    fail(ErrorCode::kConnectionReset);
    return bytes.size();
  }
  ByteView rest = bytes;
  while (!rest.empty()) {
    if (out().room() == 0 || out().room() < std::min(rest.size(), kPublishBytes)) {
      if (!out().refresh()) {
        break_off();
        break;
      }
    }
    if (out().room() == 0) {
      arm_room(rest.size());
      if (out().room() == 0) break;
    }
    write_some(rest);
  }
  return bytes.size() - rest.size();
}

void Pipe::send_borrowed(Instant /*now*/, ByteView bytes) {
  if (is_over_ || is_shut_wanted_ || bytes.empty()) return;
  borrowed_.push_back(bytes);
  borrowed_bytes_ += bytes.size();
  flush_borrowed();
  if (borrowed_.empty()) raise(te::kAcked);
}

void Pipe::flush_borrowed() {
  const bool had_some = !borrowed_.empty();
  while (!is_over_ && !borrowed_.empty()) {
    if (is_peer_deaf()) return fail(ErrorCode::kConnectionReset);
    if (out().room() == 0 && !out().refresh()) return break_off();
    if (out().room() == 0) {
      arm_room(borrowed_.front().size());
      if (out().room() == 0) break;
    }
    const std::size_t before = borrowed_.front().size();
    write_some(borrowed_.front());
    borrowed_bytes_ -= before - borrowed_.front().size();
    if (borrowed_.front().empty()) borrowed_.erase(borrowed_.begin());
    raise(te::kAcked);
  }
  if (had_some && borrowed_.empty()) finish_shutdown();
}

void Pipe::send_urgent(Instant /*now*/, std::uint8_t byte) {
  if (is_over_ || is_shut_wanted_) return;
  look_at_state();
  if (is_peer_deaf()) return fail(ErrorCode::kConnectionReset);
  if (!out().refresh()) return break_off();
  if (out().room() == 0) return;  // the caller asked for room before
  out().write_urgent(byte);
  wake_peer_always();
}

std::size_t Pipe::send_room() const {
  if (is_over_ || is_shut_wanted_ || !borrowed_.empty()) return 0;
  if (out().room() == 0 && out().refresh() && out().room() == 0) {
    if (is_peer_deaf()) return 1;  // a send ends, if with a reset
    arm_room(1);                   // whoever hears of no room waits for some
  }
  return out().room();
}

// --- receiving

std::size_t Pipe::receive(Instant /*now*/, ByteSpan out) {
  if (is_over_) return 0;
  lane_->note_cpu();
  std::size_t done = 0;
  while (done < out.size()) {
    if (in().readable() == 0) {
      look_out_of_turn();
      if (is_over_ || in().readable() == 0) break;
    }
    const std::uint64_t before = in().consumed();
    // In pieces, so that a sender that waits for room copies while this copies.
    done += in().read(out.subspan(done, std::min(out.size() - done, kPublishBytes)));
    wake_peer(peer_.control->room_point.due(before, in().consumed()));
  }
  return done;
}

// Bytes that nobody waited for may have come without a word.
std::size_t Pipe::readable_bytes() const {
  if (is_over_) return 0;
  if (in().readable() == 0) const_cast<Pipe&>(*this).look_out_of_turn();
  return is_over_ ? 0 : in().readable();
}

void Pipe::want_readable() {
  if (!is_over_ && in().readable() == 0) arm_read();
}

std::size_t Pipe::peek(ByteSpan out, std::size_t offset) const {
  return is_over_ ? 0 : in().peek(out, offset);
}

// REQ LFP-10: SO_RCVBUF is the window; the ring itself does not change.
void Pipe::set_options(Instant /*now*/, const tcp::TcpSocketOptions& options) {
  if (is_over_) return;
  const std::uint64_t bytes = window_of(options);
  if (own_.control->window.load(std::memory_order_relaxed) == bytes) return;
  own_.control->window.store(bytes, std::memory_order_seq_cst);
  wake_peer_always();
}

// --- ending

void Pipe::shutdown_send(Instant /*now*/) {
  if (is_over_ || is_shut_wanted_) return;
  take_back();
  is_shut_wanted_ = true;
  if (borrowed_.empty()) finish_shutdown();
}

void Pipe::finish_shutdown() {
  if (is_over_ || !is_shut_wanted_) return;
  publish_state(is_gone_wanted_ ? EndState::kGone : EndState::kShut);
  wake_peer_always();
}

// REQ LFP-11: bytes that nobody will read reset the connection, as with TCP (RFC 2525 2.17).
void Pipe::close(Instant now) {
  if (is_over_) return;
  take_back();
  look();
  if (!is_over_ && in().readable() != 0) return abort(now, ErrorCode::kConnectionAborted);
  is_shut_wanted_ = is_gone_wanted_ = true;
  if (borrowed_.empty()) finish_shutdown();
}

void Pipe::abort(Instant /*now*/, ErrorCode reason) {
  fail(reason);
}

void Pipe::detach(Instant /*now*/) {
  if (is_orphan_) return;
  take_back();
  is_orphan_ = true;
  set_user(nullptr);
  wake_threads_here();
  owner_->on_pipe_work(*this);
}

// What it had sent before stays good only where its end had come as well: nothing is missing then.
// What was closed here in order says nothing more: the link may have gone with this host, not the
// other, which may still read.
void Pipe::on_peer_died() {
  is_peer_dead_ = true;
  look();
  peer_state_ = EndState::kReset;
  if (!is_fin_seen_ && state_ < EndState::kGone) return fail(ErrorCode::kConnectionReset);
  owner_->on_pipe_work(*this);
}

void Pipe::abandon() {
  lane_->abandon();
  is_over_ = true;
  error_ = ErrorCode::kDeviceLost;
  borrowed_.clear();
  raise(te::kFailed | te::kAcked);
}

// Over, whatever the reason: the peer hears a reset, the user an error, and nothing is read or
// written any more.
void Pipe::fail(ErrorCode reason) {
  if (is_over_) return;
  take_back();
  is_over_ = true;
  error_ = reason;
  publish_state(EndState::kReset);
  borrowed_.clear();
  wake_peer_always();
  raise(te::kFailed | te::kAcked);
}

// What arrived and is told to nobody yet is what a lane's receive finds; so it is no news then.
std::shared_ptr<socket::Lane> Pipe::lend(const socket::Loan& loan) {
  const bool is_open = !is_over_ && !is_orphan_ && state_ == EndState::kOpen &&
                       peer_state_ == EndState::kOpen && !is_fin_seen_ && !is_shut_wanted_;
  if (!is_open) return nullptr;
  const bool may_send = borrowed_.empty() && !is_room_wanted_ && threads_sending_ == 0;
  if (loan.is_send && may_send) lane_->lend_out(loan.is_patient);
  if (!loan.is_receive || threads_reading_ != 0) return lane_;
  if (!lane_->is_in_lent() && in().urgent_end() != 0) return lane_;
  events_ &= static_cast<std::uint16_t>(~te::kReadable);
  lane_->lend_in(loan.is_patient);
  return lane_;
}

// Its state is not looked at: whoever changes that rings this host.
// The bell first, then the point, then the look: what comes in between is found by one of them. A
// host that is armed already stays so.
bool Pipe::watch_quiet(socket::QuietWord& out) {
  if (is_over_ || is_fin_seen_) return false;
  WakePoint& point = own_.control->read_point;
  const std::uint64_t position = in().written();
  out = {&peer_.head->bell, peer_.head->bell.load(std::memory_order_seq_cst), across};
  poll_kind_ = WakePoint::kPoll;
  point.arm(position, point.kinds_at(position) | poll_kind_);
  return peer_.control->written.load(std::memory_order_seq_cst) == position;
}

bool Pipe::is_reapable() const {
  if (!is_orphan_ || threads_reading_ != 0 || threads_sending_ != 0 || is_ready) return false;
  return is_peer_deaf();
}

void Pipe::fill_info(Instant now, TcpInfo& info) const {
  info.local = local_;
  info.remote = remote_;
  info.path = ConnectionPath::kFast;
  info.path_reason = PathReason::kFast;
  info.state = TcpState::kEstablished;
  if (is_over_) {
    info.state = TcpState::kClosed;
  } else if (is_shut_wanted_) {
    info.state = is_fin_seen_ ? TcpState::kTimeWait : TcpState::kFinWait2;
  } else if (is_fin_seen_) {
    info.state = TcpState::kCloseWait;
  }
  info.snd_wnd = static_cast<std::uint32_t>(out().window());
  info.rcv_wnd = static_cast<std::uint32_t>(own_.control->window.load(std::memory_order_relaxed));
  info.rcv_wnd_max = info.rcv_buf = info.rcv_wnd;
  info.ideal_send_backlog = kIdealSendBacklog;
  info.snd_buffered = borrowed_bytes_;
  info.rcv_buffered = readable_bytes();
  info.urgent_bytes_left = urgent_bytes_left();
  info.bytes_out = info.bytes_acked = out().written();
  info.bytes_in = in().written();
  info.age = now - began_;
}

std::uint64_t window_of(const tcp::TcpSocketOptions& options) {
  const std::uint64_t asked = options.rcv_buffer_bytes;
  return asked == 0 ? kRingBytes : std::min<std::uint64_t>(asked, kRingBytes);
}

}  // namespace oriel::loopback
