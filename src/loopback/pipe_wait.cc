// Waiting at the pipe: a blocked caller looks for a moment, then sleeps on a word that the other
// end moves, and is woken by it without any thread between.
//
// The caller's turn is given up between begin and end, so wait touches nothing but shared memory,
// its ticket and local_signal_; the pipe lives while tickets are out. What happens here meanwhile
// (close, a failure, cancellation by another thread) moves local_signal_.
#include <algorithm>
#include <span>
#include <utility>

#include "loopback/looking.h"
#include "loopback/pipe.h"
#include "runtime/park.h"

namespace oriel::loopback {

socket::DirectWait* Pipe::direct_wait() {
  return runtime::can_wait_for_any() ? this : nullptr;
}

std::optional<socket::DirectWait::Ticket> Pipe::begin(For what, std::size_t wanted) {
  const bool is_reading = what == For::kReadable;
  Ticket ticket;
  ticket.what = what;
  ticket.own_signal = local_signal_.load(std::memory_order_seq_cst);
  ticket.peer_signal = peer_.control->signal.load(std::memory_order_seq_cst);
  ticket.peer_life = life_.value();
  ++(is_reading ? threads_reading_ : threads_sending_);
  if (is_reading) {
    if (in().readable() == 0) arm_read();
    ticket.position = in().written();
  } else {
    arm_room(wanted);
    ticket.position = room_target_;
  }
  ticket.state = word_of(peer_state_);
  const bool is_there = is_reading ? in().readable() != 0 || is_fin_seen_ : out().room() != 0;
  if (is_over_ || is_there) {
    --(is_reading ? threads_reading_ : threads_sending_);
    return std::nullopt;
  }
  // REQ LFP-7: never look where the other end needs this CPU to answer, nor twice.
  const bool is_shared_cpu =
      peer_.control->cpu.load(std::memory_order_relaxed) == lane_->note_cpu();
  const bool has_looked = is_reading ? lane_->in().looks.has_looked : lane_->out().looks.has_looked;
  const bool is_asleep = has_looked || is_shared_cpu;
  const SpinPolicy& spin = is_reading ? lane_->in().looks.spin : lane_->out().looks.spin;
  ticket.is_peer_waking = lane_->is_peer_waking();
  ticket.look = is_asleep ? Duration(0) : spin.budget(ticket.is_peer_waking);
  return ticket;
}

bool Pipe::has_moved(const Ticket& ticket) const {
  const EndControl& peer = *peer_.control;
  if (peer.state.load(std::memory_order_acquire) != ticket.state) return true;
  if (local_signal_.load(std::memory_order_acquire) != ticket.own_signal) return true;
  if (ticket.what == For::kReadable) {
    return peer.written.load(std::memory_order_acquire) != ticket.position;
  }
  return peer.consumed.load(std::memory_order_acquire) >= ticket.position ||
         peer.signal.load(std::memory_order_acquire) != ticket.peer_signal;
}

bool Pipe::wait(Ticket& ticket, Instant deadline) {
  const Instant began = runtime::real_now();
  const Instant until = earlier(began + ticket.look, deadline);
  const Looked looked = look_until(began, until, [&] { return has_moved(ticket); });
  ticket.is_contended = looked.is_contended;
  if (looked.has_found) {
    ticket.waited = runtime::real_now() - began;
    return true;
  }
  bool is_in_time = true;
  ticket.has_slept = true;
  while (is_in_time && !has_moved(ticket) && !life_.has_died()) {
    is_in_time = sleep_at_words(ticket, deadline);
    if (peer_.control->signal.load(std::memory_order_acquire) != ticket.peer_signal) break;
  }
  const Instant now = runtime::real_now();
  ticket.waited = now - began;
  const Instant woken = rung_at();
  if (woken > began && woken < now) ticket.own_wake = now - woken;
  if (!life_.has_died()) return is_in_time || has_moved(ticket);
  life_.tell_others();
  return true;
}

// REQ LFP-11: the other process's life is one of the words, also before its thread holds it.
bool Pipe::sleep_at_words(Ticket& ticket, Instant deadline) const {
  const LifeLook life = life_.look(ticket.peer_life);
  if (life == LifeLook::kDied) return true;
  if (life == LifeLook::kChanged && ticket.peer_life_changes < kLifeChangesMax) {
    ++ticket.peer_life_changes;
    ticket.peer_life = life_.value();
    return true;  // and looks again
  }
  const runtime::FutexWord words[] = {
      {&peer_.control->signal, ticket.peer_signal, true},
      {&local_signal_, ticket.own_signal, false},
      {life_.word(), ticket.peer_life, true},
  };
  const std::size_t count = life == LifeLook::kWatch ? 3 : 2;
  return runtime::park_at_any(std::span(words).first(count), deadline);
}

void Pipe::end(const Ticket& ticket) {
  const bool is_reading = ticket.what == For::kReadable;
  --(is_reading ? threads_reading_ : threads_sending_);
  SpinPolicy& policy = is_reading ? lane_->in().looks.spin : lane_->out().looks.spin;
  if (ticket.is_contended) policy.on_contended();
  bool& in_lane = is_reading ? lane_->in().looks.has_looked : lane_->out().looks.has_looked;
  const bool has_looked = std::exchange(in_lane, false) || ticket.look > Duration(0);
  // A look in vain says that the gap is longer than looks are.
  policy.on_arrival(
      {ticket.waited, ticket.own_wake, ticket.is_peer_waking, ticket.has_slept && has_looked});
  lane_->on_wait_over();
  if (life_.has_died() && !is_peer_dead_) owner_->on_peer_death(*this);
  owner_->on_pipe_work(*this);
}

}  // namespace oriel::loopback
