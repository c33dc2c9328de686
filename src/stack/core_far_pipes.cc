// Fast connections to other processes of the user: offers made, offers taken, and what becomes of
// both when that process dies.
//
//   connector                                 listener's process
//   slot, OfferedPipe --file, offer-->        asked and allowed? slot, Pipe, Listener::admit
//   Pipe in its place <--file, answer--       (in conditional mode once the program has decided)
//   or a TCP stream, for the answer's reason
//
// The offer goes over the link that the segments would take, so both ends are known to be the same
// user's. The connection's place among ports is the connector's all the while (LFP-3, LFP-5).
#include "stack/core.h"

namespace oriel::stack {
namespace {

using loopback::MessageKind;
using loopback::RingMessage;

/// An end that will never be a pipe says so to whoever believes otherwise.
void mark_reset(const loopback::EndStore::Slot& slot) {
  const auto state = static_cast<std::uint32_t>(loopback::EndState::kReset);
  slot.end.control->state.store(std::uint64_t{slot.generation} << 32 | state,
                                std::memory_order_release);
}

PathReason reason_of(std::uint8_t verdict) {
  return verdict < kPathReasons ? static_cast<PathReason>(verdict) : PathReason::kNoListener;
}

}  // namespace

void Core::join_loopback(std::unique_ptr<loopback::Domain> domain) {
  domain_ = std::move(domain);
  if (auto life = loopback::LifePage::create()) life_ = std::move(*life);
}

void Offer::abort(Instant /*now*/, ErrorCode reason) {
  if (has_ended()) return;
  fail(reason);
  if (!is_answered) mark_reset(own_slot);
}

void Core::meet(loopback::Peer& peer) {
  auto across = std::make_shared<loopback::FarSide>(peer.link, *peer.wire);
  peer.wire->set_sink(this, peer.link);
  far_sides_[peer.link] = std::move(across);
}

bool Core::has_far_pipes(LinkId link) const {
  const auto at = far_sides_.find(link);
  return at != far_sides_.end() && at->second.use_count() > 1;
}

void Core::lose_far_side(LinkId link) {
  const auto at = far_sides_.find(link);
  if (at == far_sides_.end()) return;
  const std::shared_ptr<loopback::FarSide> across = std::move(at->second);
  far_sides_.erase(at);
  across->on_gone();
  pipes_.on_far_gone(*across);
  drop_offers_of(*across);
  for (auto& [number, offer] : offers_) {
    if (offer->across != across || offer->is_answered) continue;
    offer->is_answered = true;
    pipes_.give_back(offer->own_slot);
    offer->fail(ErrorCode::kConnectionRefused);
    offer->tell(now_);
  }
  sweep_offers();
}

// --- connecting

socket::Transport* Core::offer_fast(const ConnectSpec& spec, const Endpoint& local, LinkId way,
                                    PathReason& reason) {
  const auto at = far_sides_.find(way);
  if (at == far_sides_.end() || offers_.size() >= kOffersMax) {
    reason = PathReason::kNoListener;
    return nullptr;
  }
  const auto slot = pipes_.reserve(spec.options);
  if (!slot) {
    reason = PathReason::kNoMemory;
    return nullptr;
  }
  auto offer = std::make_unique<Offer>(timers_, local, spec, *slot, at->second, now_);
  timers_.schedule(*offer, now_ + connect_time_max(spec.options));
  RingMessage message;
  message.kind = MessageKind::kRingOffer;
  message.slot = slot->index;
  message.generation = slot->generation;
  message.name(local, spec.remote);
  at->second->give(pipes_.store(), slot->index);
  at->second->give(life_);
  at->second->send(message);
  Offer* made = offer.get();
  // Not by slot: one that was answered stays for its user, while its slot may serve another.
  offers_[offers_.empty() ? 0 : offers_.rbegin()->first + 1] = std::move(offer);
  return made;
}

bool Core::is_offered(const Endpoint& local, const Endpoint& remote) const {
  return std::any_of(offers_.begin(), offers_.end(), [&](const auto& at) {
    return at.second->local() == local && at.second->remote() == remote;
  });
}

// The answer to an offer that was given up meanwhile still has to be undone at the other end.
void Core::on_ring_answer(const std::shared_ptr<loopback::FarSide>& across,
                          const RingMessage& message) {
  const auto at = std::find_if(offers_.begin(), offers_.end(), [&](const auto& candidate) {
    const Offer& o = *candidate.second;
    return !o.is_answered && o.across == across && o.own_slot.index == message.other_slot &&
           o.own_slot.generation == message.other_generation;
  });
  if (at == offers_.end()) return;
  Offer& offer = *at->second;
  offer.is_answered = true;
  timers_.cancel(offer);
  if (message.verdict == loopback::kRefusedVerdict) {
    pipes_.give_back(offer.own_slot);
    offer.fail(ErrorCode::kConnectionRefused);
    offer.tell(now_);
    return sweep_offers();
  }
  PathReason reason = reason_of(message.verdict);
  loopback::Pipe* pipe = nullptr;
  if (reason == PathReason::kFast) {
    pipe = pipes_.join(now_, offer.own_slot, across, message.slot, message.generation,
                       offer.local(), offer.remote());
    if (pipe == nullptr) reason = PathReason::kNoMemory;
  }
  auto* user = static_cast<socket::StreamSocket*>(offer.user());
  if (pipe == nullptr) {
    mark_reset(offer.own_slot);  // should the other end look
    pipes_.give_back(offer.own_slot);
    ++statistics_.fast_path_fallbacks[static_cast<std::size_t>(reason)];
    if (user != nullptr && !offer.has_ended()) {
      go_ordinary_way(offer, offer.spec, across->link(), *user, reason);
    }
  } else if (user == nullptr || offer.has_ended()) {
    pipe->abort(now_, ErrorCode::kConnectionAborted);
    pipe->detach(now_);
  } else {
    ++statistics_.fast_path_opens;
    ++statistics_.tcp_active_opens;
    user->replace_transport(*pipe);
    offer.detach(now_);
  }
  sweep_offers();
}

void Core::go_ordinary_way(socket::Placeholder& attempt, const ConnectSpec& spec, LinkId way,
                           socket::StreamSocket& user, PathReason reason) {
  const auto path = ip_.acquire_path(attempt.remote().address, attempt.local().address,
                                     way == ip::kLoopbackInterface ? ip::kAnyInterface : way);
  Stream* stream = nullptr;
  if (path) stream = make_stream(attempt.local(), attempt.remote(), *path, spec.options);
  if (stream == nullptr) {
    attempt.fail(path ? ErrorCode::kNoBuffers : path.error().code);
    return attempt.tell(now_);
  }
  stream->path_reason = reason;
  ++statistics_.tcp_active_opens;
  stream->connection().open_active(now_);
  user.replace_transport(*stream);
  attempt.detach(now_);
  make_ready(*stream);
}

void Core::give_up_offers(ErrorCode reason) {
  for (auto& [number, offer] : offers_) {
    offer->is_answered = true;
    offer->fail(reason);
    offer->tell(now_);
  }
  sweep_offers();
}

void Core::sweep_offers() {
  std::erase_if(offers_,
                [](const auto& at) { return at.second->is_answered && at.second->is_orphan(); });
}

// --- listening

RingMessage Core::answer_to(const RingMessage& offer) {
  RingMessage answer;
  answer.kind = MessageKind::kRingAnswer;
  answer.other_slot = offer.slot;
  answer.other_generation = offer.generation;
  return answer;
}

void Core::on_ring_offer(const std::shared_ptr<loopback::FarSide>& across,
                         const RingMessage& message) {
  const PathReason reason = offer_reason(message);
  socket::Listener* listener =
      reason == PathReason::kFast ? listeners_.find(message.listener_end()) : nullptr;
  if (listener != nullptr && listener->is_conditional() && !listener->is_awaited()) {
    return hold_offer(*listener, across, message);
  }
  loopback::Pipe* pipe = answer_offer(across, message, reason);
  if (pipe != nullptr) admit_pipe(*listener, *pipe);
}

PathReason Core::offer_reason(const RingMessage& offer) const {
  const Endpoint connector = offer.connector_end();
  const Endpoint here = offer.listener_end();
  if (!connector.address.is_loopback() || !here.address.is_loopback()) {
    return PathReason::kNotLoopback;
  }
  ConnectSpec spec;
  spec.remote = here;
  spec.is_fast_path_asked = true;
  const PathReason reason = path_reason(spec, connector, listeners_.find(here));
  return reason == PathReason::kFast && is_held(here, connector) ? PathReason::kNoListener : reason;
}

loopback::Pipe* Core::answer_offer(const std::shared_ptr<loopback::FarSide>& across,
                                   const RingMessage& offer, PathReason reason) {
  RingMessage answer = answer_to(offer);
  const Endpoint connector = offer.connector_end();
  const Endpoint here = offer.listener_end();
  loopback::Pipe* pipe = nullptr;
  if (reason == PathReason::kFast) {
    const bool is_taken =
        pipes_.is_taken(here, connector) || table_.find(here, connector) != nullptr;
    if (!is_taken) pipe = make_offered(across, offer, answer);
    if (pipe == nullptr) reason = is_taken ? PathReason::kNoListener : PathReason::kNoMemory;
  }
  answer.verdict = static_cast<std::uint8_t>(reason);
  across->send(answer);
  return pipe;
}

loopback::Pipe* Core::make_offered(const std::shared_ptr<loopback::FarSide>& across,
                                   const RingMessage& offer, RingMessage& answer) {
  const Endpoint here = offer.listener_end();
  const auto slot = pipes_.reserve(listeners_.find(here)->options());
  if (!slot) return nullptr;
  loopback::Pipe* pipe =
      pipes_.join(now_, *slot, across, offer.slot, offer.generation, here, offer.connector_end());
  if (pipe == nullptr) {
    pipes_.give_back(*slot);
    return nullptr;
  }
  across->give(pipes_.store(), slot->index);
  across->give(life_);
  answer.slot = slot->index;
  answer.generation = slot->generation;
  ++statistics_.fast_path_opens;
  ++statistics_.tcp_passive_opens;
  return pipe;
}

// REQ LFP-12: what it says is checked here and where it is used; what cannot be is ignored.
void Core::on_ring_message(std::uint32_t link, const RingMessage& message, runtime::UniqueFd fd) {
  const auto at = far_sides_.find(link);
  if (at == far_sides_.end()) return;
  const std::shared_ptr<loopback::FarSide> across = at->second;
  switch (message.kind) {
    case MessageKind::kRingFile:
      (void)across->take(message.slot, std::move(fd));
      return;
    case MessageKind::kRingLife:
      return across->take_life(std::move(fd));
    case MessageKind::kRingOffer:
      return on_ring_offer(across, message);
    case MessageKind::kRingAnswer:
      return on_ring_answer(across, message);
    case MessageKind::kRingNews:
      return pipes_.on_news(*across, message.other_slot);
    case MessageKind::kPacket:
    case MessageKind::kLeaving:
    case MessageKind::kAskStat:
    case MessageKind::kPacketRing:
    case MessageKind::kPacketCredit:
    case MessageKind::kRingedPacket:
      return;
  }
}

}  // namespace oriel::stack
