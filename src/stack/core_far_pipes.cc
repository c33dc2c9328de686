// Fast connections to other processes of the user: offers made, offers taken, and what becomes of
// both when that process dies.
//
//   connector                                 listener's process
//   slot, OfferedPipe --file, offer-->        asked and allowed? slot, Pipe, Listener::admit
//   Pipe in its place <--file, answer--
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
  for (auto& [number, offer] : offers_) {
    if (offer->across != across || offer->is_answered) continue;
    offer->is_answered = true;
    pipes_.give_back(offer->slot);
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
  auto offer = std::make_unique<Offer>(local, spec, *slot, at->second, now_);
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
    return !o.is_answered && o.across == across && o.slot.index == message.other_slot &&
           o.slot.generation == message.other_generation;
  });
  if (at == offers_.end()) return;
  Offer& offer = *at->second;
  offer.is_answered = true;
  PathReason reason = reason_of(message.verdict);
  loopback::Pipe* pipe = nullptr;
  if (reason == PathReason::kFast) {
    pipe = pipes_.join(now_, offer.slot, across, message.slot, message.generation, offer.local(),
                       offer.remote());
    if (pipe == nullptr) reason = PathReason::kNoMemory;
  }
  auto* user = static_cast<socket::StreamSocket*>(offer.user());
  if (pipe == nullptr) {
    mark_reset(offer.slot);  // should the other end look
    pipes_.give_back(offer.slot);
    ++statistics_.fast_path_fallbacks[static_cast<std::size_t>(reason)];
    if (user != nullptr && !offer.has_ended()) go_ordinary_way(offer, *user, reason);
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

void Core::go_ordinary_way(Offer& offer, socket::StreamSocket& user, PathReason reason) {
  const auto path =
      ip_.acquire_path(offer.remote().address, offer.local().address, offer.across->link());
  Stream* stream = nullptr;
  if (path) stream = make_stream(offer.local(), offer.remote(), *path, offer.spec.options);
  if (stream == nullptr) {
    offer.fail(path ? ErrorCode::kNoBuffers : path.error().code);
    return offer.tell(now_);
  }
  stream->path_reason = reason;
  ++statistics_.tcp_active_opens;
  stream->connection().open_active(now_);
  user.replace_transport(*stream);
  offer.detach(now_);
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

void Core::on_ring_offer(const std::shared_ptr<loopback::FarSide>& across,
                         const RingMessage& message) {
  const Endpoint connector = message.connector_end();
  const Endpoint here = message.listener_end();
  RingMessage answer;
  answer.kind = MessageKind::kRingAnswer;
  answer.other_slot = message.slot;
  answer.other_generation = message.generation;
  const PathReason reason = take_offer(across, message, connector, here, answer);
  answer.verdict = static_cast<std::uint8_t>(reason);
  across->send(answer);
}

PathReason Core::take_offer(const std::shared_ptr<loopback::FarSide>& across,
                            const RingMessage& message, const Endpoint& connector,
                            const Endpoint& here, RingMessage& answer) {
  if (!connector.address.is_loopback() || !here.address.is_loopback()) {
    return PathReason::kNotLoopback;
  }
  ConnectSpec spec;
  spec.remote = here;
  spec.is_fast_path_asked = true;
  socket::Listener* listener = listeners_.find(here);
  const PathReason reason = path_reason(spec, connector, listener);
  if (reason != PathReason::kFast) return reason;
  if (pipes_.is_taken(here, connector) || table_.find(here, connector) != nullptr) {
    return PathReason::kNoListener;
  }
  const auto slot = pipes_.reserve(listener->options());
  if (!slot) return PathReason::kNoMemory;
  loopback::Pipe* pipe =
      pipes_.join(now_, *slot, across, message.slot, message.generation, here, connector);
  if (pipe == nullptr) {
    pipes_.give_back(*slot);
    return PathReason::kNoMemory;
  }
  across->give(pipes_.store(), slot->index);
  across->give(life_);
  answer.slot = slot->index;
  answer.generation = slot->generation;
  ++statistics_.fast_path_opens;
  ++statistics_.tcp_passive_opens;
  listener->admit(*pipe);
  listener->note_complete();
  return PathReason::kFast;
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
      return;
  }
}

}  // namespace oriel::stack
