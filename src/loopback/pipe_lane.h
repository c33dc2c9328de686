// What threads may do at one end of a fast connection without the host's owner: the two rings'
// positions, each behind a lock, and whether it is lent (socket/lane.h).
//
//   owner:   touches a direction -> takes it back (once), works without a lock
//   lent:    lock, is it still lent?, the peer is well?, copy, publish, wake, unlock
//
// Only the owner lends and takes back; so it may ask whether it did without the lock. The lane may
// outlive its pipe, because threads remember it; it touches the rings only while lent, and a pipe
// takes everything back before it goes.
#pragma once

#include "loopback/byte_ring.h"
#include "loopback/spin_policy.h"
#include "runtime/lock.h"
#include "socket/lane.h"

namespace oriel::loopback {

class PipeLane final : public socket::Lane {
 public:
  /// `peer_open`: the peer's state word while its end is open.
  PipeLane(const OwnEnd& own, const PeerEnd& peer, std::uint64_t peer_open);

  Moved send(ByteView bytes) override;
  Moved receive(ByteSpan out) override;

  // All below: the host's owner.

  struct Looks {
    SpinPolicy spin;
    bool has_looked = false;  ///< in vain, just now
    bool was_quick = false;   ///< the last one, which found something
  };
  struct Out {
    RingWriter ring;
    Looks looks;
  };
  struct In {
    RingReader ring;
    Looks looks;
    std::uint64_t sent_before = 0;  ///< by this end, at the last wait for bytes
    std::uint32_t trickles = 0;     ///< waits in a row that soon brought a little
  };
  /// Takes the direction back if it is lent. May wait for a thread that is copying.
  Out& out() {
    if (out_way_.is_lent) take_back(out_way_);
    return out_;
  }
  In& in() {
    if (in_way_.is_lent) take_back(in_way_);
    return in_;
  }
  bool is_out_lent() const { return out_way_.is_lent; }
  bool is_in_lent() const { return in_way_.is_lent; }
  void lend_out(bool is_patient) { lend(out_way_, is_patient); }
  void lend_in(bool is_patient) { lend(in_way_, is_patient); }
  /// In a child of fork, where nobody else is left to hold a lock.
  void abandon() { out_way_.is_lent = in_way_.is_lent = false; }
  /// Publishes on which CPU this thread runs. Thread: any.
  std::uint32_t note_cpu();
  /// Wakes what of `kinds` needs nothing of this end's host. Thread: any.
  void tell(std::uint32_t kinds);
  /// It was woken, and nobody here has waited since. Thread: any; a hint.
  bool is_peer_waking() const { return is_peer_waking_.load(std::memory_order_relaxed); }
  void on_wait_over() {
    if (is_peer_waking()) is_peer_waking_.store(false, std::memory_order_relaxed);
  }

 private:
  /// Guards a direction while it is lent.
  struct Way {
    runtime::Lock lock;
    bool is_lent = false;  ///< written by the owner with the lock
    bool is_patient = false;
  };
  static void take_back(Way& way);
  static void lend(Way& way, bool is_patient);
  bool is_peer_well() const;
  bool has_moved_on(const Way& way, const std::atomic<std::uint64_t>& position,
                    std::uint64_t from) const;
  bool look(const Way& way, Looks& looks, const std::atomic<std::uint64_t>& position,
            std::uint64_t from);
  bool wait_for_bytes();
  std::size_t send_lent(ByteView bytes, bool& must_ring);
  std::size_t receive_lent(ByteSpan out, bool& must_ring);
  void wake(std::uint32_t kinds, bool& must_ring) {
    if (kinds == 0) return;
    tell(kinds);
    must_ring = must_ring || (kinds & WakePoint::kHost) != 0;
  }

  const OwnEnd own_;
  const PeerEnd peer_;
  const std::uint64_t peer_open_;
  std::atomic<std::uint32_t> cpu_{~0u};  ///< as last published
  std::atomic<bool> is_peer_waking_{false};
  alignas(64) Way out_way_;
  Out out_;
  alignas(64) Way in_way_;
  In in_;
};

}  // namespace oriel::loopback
