// Sending and receiving without a turn. What this does not do (ends, urgent data, borrowed bytes,
// errors) it leaves to the pipe by moving nothing.
#include "loopback/pipe_lane.h"

#include <algorithm>
#include <utility>

#include "loopback/looking.h"
#include "runtime/cpu.h"

namespace oriel::loopback {
namespace {

/// About a quarter of a microsecond: messages that follow one another this closely are a stream.
constexpr int kQuickLooks = 64;
/// What is let come before a look at such a stream: about a microsecond's. Our measurement, with
/// the lines of the ring fetched ahead: 64 B a message in 175 ns instead of 220, 1 KiB in 190
/// instead of 265.
constexpr int kPausesOfAStream = 40;
constexpr std::uint32_t kTricklesOfAStream = 16;
/// More at a time comes in pieces that are large enough.
constexpr std::uint64_t kLittleBytes = 16384;

}  // namespace

PipeLane::PipeLane(const OwnEnd& own, const PeerEnd& peer, std::uint64_t peer_open)
    : own_(own),
      peer_(peer),
      peer_open_(peer_open),
      out_{RingWriter(own, peer), {}},
      in_{RingReader(own, peer), {}} {}

void PipeLane::take_back(Way& way) {
  const runtime::LockHold hold(way.lock);
  way.is_lent = false;
}

void PipeLane::lend(Way& way, bool is_patient) {
  if (way.is_lent && way.is_patient == is_patient) return;
  const runtime::LockHold hold(way.lock);
  way.is_lent = true;
  way.is_patient = is_patient;
}

socket::Lane::Moved PipeLane::send(ByteView bytes) {
  Moved moved;
  if (!out_way_.lock.try_acquire()) return moved;
  if (out_way_.is_lent && is_peer_well()) {
    moved.is_patient = out_way_.is_patient;
    moved.bytes = send_lent(bytes, moved.must_ring);
  }
  out_way_.lock.release();
  return moved;
}

socket::Lane::Moved PipeLane::receive(ByteSpan out) {
  Moved moved;
  if (!in_way_.lock.try_acquire()) return moved;
  if (in_way_.is_lent && is_peer_well()) {
    moved.is_patient = in_way_.is_patient;
    moved.bytes = receive_lent(out, moved.must_ring);
  }
  in_way_.lock.release();
  return moved;
}

// Shut, gone, reset, or another connection in its place: the pipe finds out which.
bool PipeLane::is_peer_well() const {
  return peer_.control->state.load(std::memory_order_acquire) == peer_open_;
}

std::size_t PipeLane::send_lent(ByteView bytes, bool& must_ring) {
  RingWriter& ring = out_.ring;
  ByteView rest = bytes;
  while (!rest.empty()) {
    const std::size_t wanted = std::min(rest.size(), kPublishBytes);
    if (ring.room() < wanted && !ring.refresh()) break;
    if (ring.room() == 0) {
      const std::uint64_t consumed = ring.consumed();
      if (!look(out_way_, out_.looks, peer_.control->consumed, consumed)) break;
      continue;
    }
    const std::uint64_t before = ring.written();
    rest = rest.subspan(ring.write(rest));
    wake(peer_.control->read_point.due(before, ring.written()), must_ring);
  }
  return bytes.size() - rest.size();
}

// A stream of small messages that are read as soon as each is there costs the sender a journey of
// the position's line from core to core for each: after some of those, some are let come first.
// Whoever sends between its receives waits for an answer and is not held up.
bool PipeLane::wait_for_bytes() {
  const std::uint64_t seen = in_.ring.written();
  const auto& written = peer_.control->written;
  const std::uint64_t sent = own_.control->written.load(std::memory_order_relaxed);
  if (std::exchange(in_.sent_before, sent) != sent) in_.trickles = 0;
  if (in_.trickles >= kTricklesOfAStream && in_way_.is_patient) {
    for (int i = 0; i < kPausesOfAStream; ++i) runtime::spin_pause();
  }
  in_.looks.was_quick = true;
  if (written.load(std::memory_order_acquire) == seen && !look(in_way_, in_.looks, written, seen)) {
    in_.trickles = 0;
    return false;
  }
  const bool is_little = written.load(std::memory_order_relaxed) - seen < kLittleBytes;
  in_.trickles = is_little && in_.looks.was_quick ? in_.trickles + 1 : 0;
  return true;
}

// Where urgent data was ever announced the pipe knows how far a receive may go.
std::size_t PipeLane::receive_lent(ByteSpan out, bool& must_ring) {
  RingReader& ring = in_.ring;
  if (ring.readable() == 0 && !wait_for_bytes()) return 0;
  std::size_t done = 0;
  while (done < out.size()) {
    if (ring.readable() == 0 && (!ring.refresh() || ring.readable() == 0)) break;
    if (ring.urgent_end() != 0) break;
    const std::uint64_t before = ring.consumed();
    // In pieces, so that a sender that waits for room copies while this copies.
    done += ring.read(out.subspan(done, std::min(out.size() - done, kPublishBytes)));
    wake(peer_.control->room_point.due(before, ring.consumed()), must_ring);
  }
  return done;
}

bool PipeLane::has_moved_on(const Way& way, const std::atomic<std::uint64_t>& position,
                            std::uint64_t from) const {
  return position.load(std::memory_order_acquire) != from || !is_peer_well() ||
         way.lock.is_wanted();
}

// Until the position is no longer `from`, as long as the policy says that this pays. Nothing is
// armed meanwhile: the peer makes no system call. REQ LFP-7
bool PipeLane::look(const Way& way, Looks& looks, const std::atomic<std::uint64_t>& position,
                    std::uint64_t from) {
  looks.has_looked = looks.was_quick = false;
  if (!way.is_patient) return false;
  const auto has_moved = [&] { return has_moved_on(way, position, from); };
  const bool is_waking = is_peer_waking();
  SpinPolicy& spin = looks.spin;
  if (peer_.control->cpu.load(std::memory_order_relaxed) == note_cpu()) {
    if (!yield_until(spin, has_moved)) return false;
    spin.on_arrival({});
    on_wait_over();
    return position.load(std::memory_order_acquire) != from;
  }
  const Duration budget = spin.budget(is_waking);
  if (budget == Duration(0)) return false;
  for (int i = 0; i < kEagerLooks; ++i) {
    if (position.load(std::memory_order_acquire) == from) continue;
    looks.was_quick = i < kQuickLooks;
    spin.on_arrival({});
    on_wait_over();
    return true;
  }
  const Instant began = runtime::real_now();
  const Looked looked = look_until(began, began + budget, has_moved);
  if (looked.is_contended) spin.on_contended();
  if (!looked.has_found) {
    looks.has_looked = true;
    return false;
  }
  spin.on_arrival({.waited = runtime::real_now() - began, .is_peer_waking = is_waking});
  on_wait_over();
  return position.load(std::memory_order_acquire) != from;
}

// Threads sleep on a word of ours, so that nobody needs to write theirs.
void PipeLane::tell(std::uint32_t kinds) {
  if ((kinds & WakePoint::kPoll) != 0) {
    own_.head->bell.fetch_add(1, std::memory_order_seq_cst);
  }
  if ((kinds & (WakePoint::kThread | WakePoint::kHost)) == 0) return;
  own_.control->woke_at.store(runtime::real_now().ns, std::memory_order_relaxed);
  is_peer_waking_.store(true, std::memory_order_relaxed);
  if ((kinds & WakePoint::kThread) == 0) return;
  own_.control->signal.fetch_add(1, std::memory_order_seq_cst);
  runtime::futex_wake_shared(&own_.control->signal);
}

std::uint32_t PipeLane::note_cpu() {
  const std::uint32_t cpu = runtime::current_cpu();
  if (cpu == cpu_.load(std::memory_order_relaxed)) return cpu;
  cpu_.store(cpu, std::memory_order_relaxed);
  own_.control->cpu.store(cpu, std::memory_order_relaxed);
  return cpu;
}

}  // namespace oriel::loopback
