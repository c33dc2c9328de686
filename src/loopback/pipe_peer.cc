// A pipe and its other end: what it reads there, checked, and how it tells it something.
#include <utility>

#include "loopback/pipe.h"
#include "runtime/futex.h"

namespace oriel::loopback {

namespace te = socket::transport_event;

bool Pipe::service(Instant now) {
  look_at_state();
  // Nobody here waits for what a lent direction brings; its thread finds it.
  if (!lane_->is_in_lent() || peer_state_ != EndState::kOpen) look();
  if (!borrowed_.empty()) flush_borrowed();
  if (is_room_wanted_ && !is_over_ && !out().refresh()) break_off();
  if (is_room_wanted_ && has_room_waited_for()) {
    is_room_wanted_ = is_host_sending_ = false;
    own_.control->room_point.disarm();
    lane_->on_wait_over();
    events_ |= te::kSendRoom;
  }
  // An end that is gone reads nothing: bytes for it are answered by a reset.
  if (!is_over_ && state_ == EndState::kGone && in().readable() != 0) break_off();
  const bool is_due = std::exchange(is_service_due_, false);
  const std::uint16_t events = std::exchange(events_, 0);
  if ((is_due || events != 0) && user() != nullptr) user()->on_transport_events(now, *this, events);
  if (events != 0) wake_threads_here();
  return events_ != 0;
}

void Pipe::wake_threads_here() {
  if (threads_reading_ == 0 && threads_sending_ == 0) return;
  local_signal_.fetch_add(1, std::memory_order_seq_cst);
  runtime::futex_wake(&local_signal_, 0x7fffffff);
}

void Pipe::look() {
  // The state first: it was published after the last byte, so that the end comes after all bytes.
  look_at_state();
  if (is_over_) return;
  const std::uint64_t written = in().written();
  const std::uint64_t urgent_end = in().urgent_end();
  if (!in().refresh()) return break_off();
  if (in().written() != written) {
    events_ |= te::kReadable;
    is_host_reading_ = false;
    lane_->on_wait_over();
  }
  if (in().urgent_end() != urgent_end) events_ |= te::kUrgent;
  if (peer_state_ >= EndState::kShut && !is_fin_seen_) {
    is_fin_seen_ = true;
    events_ |= te::kEndOfStream | te::kReadable;
  }
}

// What it finds is told at the next service.
void Pipe::look_out_of_turn() {
  look();
  if (events_ != 0) owner_->on_pipe_work(*this);
}

// A slot of another generation belongs to another connection: this one's other end is gone.
void Pipe::look_at_state() {
  const std::uint64_t word = peer_.control->state.load(std::memory_order_acquire);
  const auto number = static_cast<std::uint32_t>(word);
  EndState state = static_cast<EndState>(number);
  if (word >> 32 != peer_generation_ || number > static_cast<std::uint32_t>(EndState::kReset)) {
    state = EndState::kReset;
  }
  if (state < peer_state_) state = EndState::kReset;  // it never goes back
  if (state == peer_state_) return;
  peer_state_ = state;
  if (state == EndState::kReset) fail(ErrorCode::kConnectionReset);
}

void Pipe::publish_state(EndState state) {
  state_ = state;
  own_.control->state.store(
      std::uint64_t{own_generation_} << 32 | static_cast<std::uint32_t>(state),
      std::memory_order_seq_cst);
}

// The dead need not be woken, once for each of their connections.
void Pipe::wake_peer(std::uint32_t kinds) {
  if (kinds == 0 || life_.has_died()) return;
  lane_->tell(kinds);
  if ((kinds & WakePoint::kHost) != 0) owner_->ring_peer(*this);
}

void Pipe::raise(std::uint16_t events) {
  events_ |= events;
  owner_->on_pipe_work(*this);
}

// The one that waits for bytes is a thread at the pipe, or else the host, for whoever asked it.
// What came between the last look and the arming is found by the look behind it.
void Pipe::arm_read() {
  if (threads_reading_ != 0) {
    own_.control->read_point.arm(in().written(), WakePoint::kThread | poll_kind_);
  } else {
    is_host_reading_ = true;
    owner_->on_pipe_waits(*this);
  }
  look_out_of_turn();
}

void Pipe::arm_for_host() {
  const bool is_reading = std::exchange(is_host_reading_, false) && !lane_->is_in_lent();
  const bool is_sending = std::exchange(is_host_sending_, false) && !lane_->is_out_lent();
  if (is_over_) return;
  if (is_reading && threads_reading_ == 0 && in().readable() == 0) {
    own_.control->read_point.arm(in().written(), WakePoint::kHost | poll_kind_);
    look_out_of_turn();
  }
  if (is_over_ || !is_sending || threads_sending_ != 0) return;
  own_.control->room_point.arm(room_target_ - 1, WakePoint::kHost);
  if (!out().refresh() || has_room_waited_for()) owner_->on_pipe_work(*this);
}

// Only what is not there by the last look, or whoever looks would find it for ever. The dead move
// nothing, and their state word is not what is known of them.
void Pipe::add_looks(PipeLooks& looks) {
  const bool is_reading = is_host_reading_ && !lane_->is_in_lent();
  const bool is_sending =
      is_host_sending_ && !lane_->is_out_lent() && out().consumed() < room_target_;
  if (is_over_ || is_peer_dead_ || !(is_reading || is_sending)) return;
  lane_->note_cpu();
  const EndControl& peer = *peer_.control;
  const std::uint64_t state = word_of(peer_state_);
  if (lane_->is_peer_waking()) {
    looks.note_waking();
    lane_->on_wait_over();  // this look is the wait for it
  }
  if (is_reading) looks.add(peer, peer.written, in().written() + 1, state, across);
  if (is_sending) looks.add(peer, peer.consumed, room_target_, state, across);
}

// Woken when the reader has come so far that a good part of what waits finds room: waking for each
// byte would make both ends run in small steps.
void Pipe::arm_room(std::size_t wanted) const {
  const std::uint64_t window = std::max<std::uint64_t>(out().window(), 1);
  const std::uint64_t need = std::clamp<std::uint64_t>(wanted, 1, (window + 1) / 2);
  const std::uint64_t in_flight_max = window - need;
  if (out().written() <= in_flight_max) return;  // there is room
  room_target_ = out().written() - in_flight_max;
  is_room_wanted_ = true;
  if (threads_sending_ != 0) {
    own_.control->room_point.arm(room_target_ - 1, WakePoint::kThread);
  } else {
    is_host_sending_ = true;
    owner_->on_pipe_waits(const_cast<Pipe&>(*this));
  }
  if (!out().refresh() || has_room_waited_for()) owner_->on_pipe_work(const_cast<Pipe&>(*this));
}

// By the last look. The window may have grown since the target was set.
bool Pipe::has_room_waited_for() const {
  return is_over_ || is_peer_deaf() || out().consumed() >= room_target_ ||
         (out().room() != 0 && 2 * out().room() >= out().window());
}

}  // namespace oriel::loopback
