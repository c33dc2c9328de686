// A pipe and its other end: what it reads there, checked, and how it tells it something.
#include <utility>

#include "loopback/pipe.h"
#include "runtime/cpu.h"
#include "runtime/futex.h"

namespace oriel::loopback {

namespace te = socket::transport_event;

bool Pipe::service(Instant now) {
  look();
  if (!borrowed_.empty()) flush_borrowed();
  if (is_room_wanted_ && !is_over_ && !out_.refresh()) break_off();
  if (is_room_wanted_ && has_room_waited_for()) {
    is_room_wanted_ = false;
    own_.control->room_point.disarm();
    events_ |= te::kSendRoom;
  }
  // An end that is gone reads nothing: bytes for it are answered by a reset.
  if (!is_over_ && state_ == EndState::kGone && in_.readable() != 0) break_off();
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
  const std::uint64_t written = in_.written();
  const std::uint64_t urgent_end = in_.urgent_end();
  if (!in_.refresh()) return break_off();
  if (in_.written() != written) events_ |= te::kReadable;
  if (in_.urgent_end() != urgent_end) events_ |= te::kUrgent;
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

// Threads of the other end sleep on a word of ours, so that nobody needs to write theirs.
void Pipe::wake_peer(std::uint32_t kinds) {
  if ((kinds & WakePoint::kThread) != 0) {
    own_.control->signal.fetch_add(1, std::memory_order_seq_cst);
    runtime::futex_wake_shared(&own_.control->signal);
  }
  if ((kinds & WakePoint::kHost) != 0) owner_->ring_peer(*this);
}

void Pipe::raise(std::uint16_t events) {
  events_ |= events;
  owner_->on_pipe_work(*this);
}

// The one that waits for bytes is a thread at the pipe, or else the host, for whoever asked it.
// What came between the last look and the arming is found by the look behind it.
void Pipe::arm_read() {
  const std::uint32_t kinds = threads_reading_ != 0 ? WakePoint::kThread : WakePoint::kHost;
  own_.control->read_point.arm(in_.written(), kinds);
  look_out_of_turn();
}

// Woken when the reader has come so far that a good part of what waits finds room: waking for each
// byte would make both ends run in small steps.
void Pipe::arm_room(std::size_t wanted) const {
  const std::uint64_t window = std::max<std::uint64_t>(out_.window(), 1);
  const std::uint64_t need = std::clamp<std::uint64_t>(wanted, 1, (window + 1) / 2);
  const std::uint64_t in_flight_max = window - need;
  if (out_.written() <= in_flight_max) return;  // there is room
  room_target_ = out_.written() - in_flight_max;
  is_room_wanted_ = true;
  const std::uint32_t kinds = threads_sending_ != 0 ? WakePoint::kThread : WakePoint::kHost;
  own_.control->room_point.arm(room_target_ - 1, kinds);
  if (!out_.refresh() || has_room_waited_for()) owner_->on_pipe_work(const_cast<Pipe&>(*this));
}

// By the last look. The window may have grown since the target was set.
bool Pipe::has_room_waited_for() const {
  return is_over_ || out_.consumed() >= room_target_ ||
         (out_.room() != 0 && 2 * out_.room() >= out_.window());
}

void Pipe::note_cpu() {
  const std::uint32_t cpu = runtime::current_cpu();
  if (cpu == cpu_) return;
  cpu_ = cpu;
  own_.control->cpu.store(cpu, std::memory_order_relaxed);
}

}  // namespace oriel::loopback
