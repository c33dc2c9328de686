// The fast connections of one host: it makes, services and frees their ends.
//
// Both ends of a connection within the host lie here, joined by the same rings as between
// processes; ringing the other end's host is then only to put the other end on the ready list. A
// pipe is freed when its user has let go and the other end has said that it reads nothing more.
// Thread: the host's owner.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/intrusive_list.h"
#include "base/slab.h"
#include "loopback/end_store.h"
#include "loopback/pipe.h"
#include "oriel/address.h"

namespace oriel::loopback {

/// What the receiving end lets a sender have written and not consumed: SO_RCVBUF, at most the ring.
std::uint64_t window_of(const tcp::TcpSocketOptions& options);

class PipeSet final : private PipeOwner {
 public:
  /// `pipes_max`: ends at once.
  explicit PipeSet(std::uint32_t pipes_max) : pipes_(pipes_max), store_(pipes_max) {}
  ~PipeSet();
  PipeSet(const PipeSet&) = delete;
  PipeSet& operator=(const PipeSet&) = delete;

  struct Pair {
    Pipe* connecting = nullptr;
    Pipe* accepting = nullptr;
  };
  /// A connection with both ends in this host, established. `local` and `remote` as the connecting
  /// side sees them. Errors: kNoBuffers, and nothing is made.
  Result<Pair> connect_here(Instant now, const Endpoint& local, const Endpoint& remote,
                            const tcp::TcpSocketOptions& connecting,
                            const tcp::TcpSocketOptions& accepting);
  /// Whether some pipe has this pair of endpoints.
  bool is_taken(const Endpoint& local, const Endpoint& remote) const {
    return names_.contains({local, remote});
  }

  // Connections to other processes: the two hosts agree on a slot each, then each makes its end.
  Result<EndStore::Slot> reserve(const tcp::TcpSocketOptions& options) {
    return store_.take(window_of(options));
  }
  void give_back(const EndStore::Slot& slot) { store_.give_back(slot.index); }
  const EndStore& store() const { return store_; }
  /// This host's end in `own`; the other lies in slot `far_slot` of the other process. nullptr: it
  /// gave us no such memory, or there are too many; the slot is still the caller's.
  Pipe* join(Instant now, const EndStore::Slot& own, const std::shared_ptr<FarSide>& across,
             std::uint32_t far_slot, std::uint32_t far_generation, const Endpoint& local,
             const Endpoint& remote);
  /// The other end of `own_slot` has news.
  void on_news(const FarSide& across, std::uint32_t own_slot);
  void on_far_gone(const FarSide& across);

  /// From now on what the host waits for at other ends is armed only by arm_waiting.
  void arm_late() { is_late_ = true; }
  /// Whoever may sleep now is rung by other ends.
  void arm_waiting();
  /// What the host waits for and is not armed.
  void add_looks(PipeLooks& looks);
  /// Services each of those at the next run.
  void look_at_waiting();
  /// When an end that has rung here did so, by its own word. Of the last one that was heard.
  Instant rung_at() const { return rung_at_; }

  bool has_work() const { return ready_head_ != nullptr; }
  /// Services each pipe that is ready now, once. Bound: their number.
  void run(Instant now);
  /// Ends every connection that has a user, who hears of it at the next run. What was closed in
  /// order stays good: the other end may still read it, even when this process is gone.
  void abort_all(Instant now, ErrorCode reason);
  /// In a child of fork: the rings belong to the parent, and nothing here touches them again.
  void abandon();

  std::size_t size() const { return pipes_.size(); }
  template <class F>
  void for_each(F&& f) const {
    for (Pipe& pipe : all_) f(std::as_const(pipe));
  }

 private:
  struct Name {
    Endpoint local;
    Endpoint remote;
    friend bool operator==(const Name&, const Name&) = default;
  };

  void on_pipe_work(Pipe& pipe) override;
  void on_rung(Pipe& pipe);
  void ring_peer(Pipe& pipe) override;
  void on_pipe_waits(Pipe& pipe) override;
  void on_peer_death(Pipe& pipe) override;
  Pipe* make(const Pipe::Setup& setup);
  void destroy(Pipe& pipe);

  Slab<Pipe> pipes_;
  EndStore store_;
  std::vector<Pipe*> far_by_slot_;              // pipes to other processes, by own slot
  mutable IntrusiveList<Pipe, InPipeSet> all_;  // its iterators know no const
  struct HashName {
    std::size_t operator()(const Name& name) const;
  };
  boost::unordered_flat_set<Name, HashName> names_;
  IntrusiveList<Pipe, Waiting> waiting_;  // for other ends, and not armed
  bool is_late_ = false;
  Instant rung_at_;
  Pipe* ready_head_ = nullptr;
  Pipe* ready_tail_ = nullptr;
};

}  // namespace oriel::loopback
