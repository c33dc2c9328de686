// Pairs of ends, the ready list, and the end of each.
#include "loopback/pipe_set.h"

#include <boost/functional/hash.hpp>
#include <utility>

namespace oriel::loopback {

std::size_t PipeSet::HashName::operator()(const Name& name) const {
  std::size_t h =
      boost::hash_range(name.local.address.bytes().begin(), name.local.address.bytes().end());
  boost::hash_range(h, name.remote.address.bytes().begin(), name.remote.address.bytes().end());
  boost::hash_combine(h, std::uint32_t{name.local.port} << 16 | name.remote.port);
  return h;
}

PipeSet::~PipeSet() {
  while (!all_.empty()) destroy(*all_.begin());
}

Result<PipeSet::Pair> PipeSet::connect_here(Instant now, const Endpoint& local,
                                            const Endpoint& remote,
                                            const tcp::TcpSocketOptions& connecting,
                                            const tcp::TcpSocketOptions& accepting) {
  const auto first = store_.take(window_of(connecting));
  if (!first) return Failure(first.error());
  const auto second = store_.take(window_of(accepting));
  if (!second) {
    store_.give_back(first->index);
    return Failure(second.error());
  }
  const auto setup_of = [&](const EndStore::Slot& own, const EndStore::Slot& peer) {
    Pipe::Setup setup;
    setup.own = own.end;
    setup.own_slot = own.index;
    setup.own_generation = own.generation;
    setup.peer = PeerEnd::of(peer.end);
    setup.peer_generation = peer.generation;
    setup.now = now;
    return setup;
  };
  Pipe::Setup setup = setup_of(*first, *second);
  setup.local = local;
  setup.remote = remote;
  Pair pair;
  pair.connecting = make(setup);
  if (pair.connecting == nullptr) {
    store_.give_back(first->index);
    store_.give_back(second->index);
    return fail(ErrorCode::kNoBuffers);
  }
  setup = setup_of(*second, *first);
  setup.local = remote;
  setup.remote = local;
  pair.accepting = make(setup);
  if (pair.accepting == nullptr) {
    destroy(*pair.connecting);
    store_.give_back(second->index);
    return fail(ErrorCode::kNoBuffers);
  }
  pair.connecting->twin = pair.accepting;
  pair.accepting->twin = pair.connecting;
  return pair;
}

Pipe* PipeSet::join(Instant now, const EndStore::Slot& own, const std::shared_ptr<FarSide>& across,
                    std::uint32_t far_slot, std::uint32_t far_generation, const Endpoint& local,
                    const Endpoint& remote) {
  const PeerEnd peer = across->end(far_slot);
  if (peer.control == nullptr) return nullptr;
  Pipe::Setup setup;
  setup.local = local;
  setup.remote = remote;
  setup.own = own.end;
  setup.own_slot = own.index;
  setup.own_generation = own.generation;
  setup.peer = peer;
  setup.peer_generation = far_generation;
  setup.across = across;
  setup.far_slot = far_slot;
  setup.now = now;
  Pipe* pipe = make(setup);
  if (pipe == nullptr) return nullptr;
  if (far_by_slot_.size() <= own.index) far_by_slot_.resize(own.index + 1, nullptr);
  far_by_slot_[own.index] = pipe;
  return pipe;
}

void PipeSet::on_news(const FarSide& across, std::uint32_t own_slot) {
  if (own_slot >= far_by_slot_.size() || far_by_slot_[own_slot] == nullptr) return;
  if (far_by_slot_[own_slot]->across.get() == &across) on_rung(*far_by_slot_[own_slot]);
}

void PipeSet::on_rung(Pipe& pipe) {
  rung_at_ = pipe.rung_at();
  on_pipe_work(pipe);
}

void PipeSet::on_far_gone(const FarSide& across) {
  for (Pipe& pipe : all_) {
    if (pipe.across.get() == &across) pipe.on_peer_died();
  }
}

void PipeSet::on_peer_death(Pipe& pipe) {
  if (pipe.across != nullptr) on_far_gone(*pipe.across);
}

void PipeSet::ring_peer(Pipe& pipe) {
  if (pipe.twin != nullptr) return on_rung(*pipe.twin);
  if (pipe.across == nullptr) return;
  RingMessage news;
  news.kind = MessageKind::kRingNews;
  news.other_slot = pipe.far_slot;
  pipe.across->send(news);
}

Pipe* PipeSet::make(const Pipe::Setup& setup) {
  PipeOwner& owner = *this;
  Pipe* pipe = pipes_.create(owner, setup);
  if (pipe == nullptr) return nullptr;
  all_.push_back(*pipe);
  names_.insert({setup.local, setup.remote});
  return pipe;
}

void PipeSet::destroy(Pipe& pipe) {
  if (pipe.is_ready) {  // only when the whole set goes, or nobody has seen it yet
    Pipe* before = nullptr;
    for (Pipe* at = ready_head_; at != &pipe; at = at->next_ready) before = at;
    (before == nullptr ? ready_head_ : before->next_ready) = pipe.next_ready;
    if (ready_tail_ == &pipe) ready_tail_ = before;
  }
  if (pipe.twin != nullptr) pipe.twin->twin = nullptr;
  if (pipe.across != nullptr) far_by_slot_[pipe.own_slot()] = nullptr;
  names_.erase({pipe.local(), pipe.remote()});
  store_.give_back(pipe.own_slot());
  pipes_.destroy(&pipe);
}

void PipeSet::on_pipe_work(Pipe& pipe) {
  if (pipe.is_ready) return;
  pipe.is_ready = true;
  pipe.next_ready = nullptr;
  (ready_head_ == nullptr ? ready_head_ : ready_tail_->next_ready) = &pipe;
  ready_tail_ = &pipe;
}

void PipeSet::on_pipe_waits(Pipe& pipe) {
  if (!is_late_) return pipe.arm_for_host();
  auto& hook = static_cast<ListHook<Waiting>&>(pipe);
  if (!hook.is_linked()) waiting_.push_back(pipe);
}

void PipeSet::arm_waiting() {
  while (Pipe* pipe = waiting_.pop_front()) pipe->arm_for_host();
}

void PipeSet::add_looks(PipeLooks& looks) {
  for (Pipe& pipe : waiting_) pipe.add_looks(looks);
}

void PipeSet::look_at_waiting() {
  for (Pipe& pipe : waiting_) on_pipe_work(pipe);
}

void PipeSet::run(Instant now) {
  Pipe* const last = ready_tail_;
  while (ready_head_ != nullptr) {
    Pipe& pipe = *ready_head_;
    ready_head_ = pipe.next_ready;
    pipe.is_ready = false;
    const bool is_last = &pipe == last;
    if (pipe.service(now)) on_pipe_work(pipe);
    if (pipe.is_reapable()) destroy(pipe);
    if (is_last) return;
  }
}

void PipeSet::abort_all(Instant now, ErrorCode reason) {
  for (Pipe& pipe : all_) {
    if (!pipe.is_orphan()) pipe.abort(now, reason);
  }
}

void PipeSet::abandon() {
  for (Pipe& pipe : all_) pipe.abandon();
}

}  // namespace oriel::loopback
