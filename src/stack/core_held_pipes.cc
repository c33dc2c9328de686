// Fast connections that wait for a program's decision (held_pipe.h), as SYNs do in core_held.cc.
#include <algorithm>

#include "stack/core.h"

namespace oriel::stack {

void HeldConnect::abort(Instant /*now*/, ErrorCode reason) {
  if (has_ended()) return;
  fail(reason);
  HeldPipe* other = std::exchange(held, nullptr);
  if (other == nullptr) return;
  other->connector = nullptr;
  core_.drop(*other, ErrorCode::kConnectionReset);
}

void HeldConnect::detach(Instant /*now*/) {
  std::erase_if(core_.held_connects_, [this](const auto& one) { return one.get() == this; });
}

socket::Transport* HeldPipe::permit() {
  return core_.permit(*this);
}

void HeldPipe::abort(Instant /*now*/, ErrorCode reason) {
  if (has_ended()) return;
  fail(reason);
  core_.refuse_connector(*this);
}

void HeldPipe::detach(Instant /*now*/) {
  std::erase_if(core_.held_pipes_, [this](const auto& one) { return one.get() == this; });
}

bool Core::is_held(const Endpoint& listening, const Endpoint& connecting) const {
  return std::any_of(held_pipes_.begin(), held_pipes_.end(), [&](const auto& held) {
    return held->local() == listening && held->remote() == connecting;
  });
}

// A SYN would be repeated for so long.
Duration Core::connect_time_max(const tcp::TcpSocketOptions& options) {
  if (options.connect_timeout > Duration{0}) return options.connect_timeout;
  const tcp::TcpConfig& config = tcp_config_over(ip::kLoopbackInterface);
  const std::uint32_t asked = options.syn_retransmissions_max;
  const std::uint32_t repeats = asked != 0 ? asked : config.syn_retransmissions_max;
  return config.rto.initial * ((std::int64_t{2} << std::min(repeats, 16u)) - 1);
}

socket::Transport* Core::hold_connect(socket::Listener& listener, const ConnectSpec& spec,
                                      const Endpoint& local) {
  auto connect = std::make_unique<HeldConnect>(*this, timers_, local, spec, now_);
  auto held = std::make_unique<HeldPipe>(*this, spec.remote, local, now_);
  HeldConnect* connecting = connect.get();
  HeldPipe* waiting = held.get();
  connecting->held = waiting;
  waiting->connector = connecting;
  timers_.schedule(*connecting, now_ + connect_time_max(spec.options));
  held_connects_.push_back(std::move(connect));
  held_pipes_.push_back(std::move(held));
  listener.hold(*waiting);
  return connecting;
}

void Core::hold_offer(socket::Listener& listener, const std::shared_ptr<loopback::FarSide>& across,
                      const loopback::RingMessage& offer) {
  auto held = std::make_unique<HeldPipe>(*this, offer.listener_end(), offer.connector_end(), now_);
  held->across = across;
  held->offer = offer;
  held_pipes_.push_back(std::move(held));
  listener.hold(*held_pipes_.back());
}

socket::Transport* Core::permit(HeldPipe& held) {
  const auto at = std::find_if(held_pipes_.begin(), held_pipes_.end(),
                               [&](const auto& one) { return one.get() == &held; });
  const std::unique_ptr<HeldPipe> own = std::move(*at);  // until the end of this
  held_pipes_.erase(at);
  socket::Listener* listener = listeners_.find(held.local());
  if (listener == nullptr) held.abort(now_, ErrorCode::kConnectionAborted);
  if (held.has_ended()) return nullptr;
  if (held.across != nullptr) return answer_offer(held.across, held.offer, PathReason::kFast);
  return connect_held(*held.connector, *listener);
}

// Whatever there is no room for by now goes the ordinary way, and is asked about again.
socket::Transport* Core::connect_held(HeldConnect& connect, const socket::Listener& listener) {
  connect.held = nullptr;
  auto& user = static_cast<socket::StreamSocket&>(*connect.user());
  const ConnectSpec& spec = connect.spec;
  const auto pair =
      pipes_.connect_here(now_, connect.local(), spec.remote, spec.options, listener.options());
  if (!pair) {
    go_ordinary_way(connect, spec, ip::kLoopbackInterface, user, PathReason::kNoMemory);
    return nullptr;
  }
  note_fast_pair();
  user.replace_transport(*pair->connecting);
  connect.detach(now_);
  return pair->accepting;
}

void Core::refuse_connector(HeldPipe& held) {
  if (held.across != nullptr) {
    loopback::RingMessage answer = answer_to(held.offer);
    answer.verdict = loopback::kRefusedVerdict;
    return held.across->send(answer);
  }
  HeldConnect* connect = std::exchange(held.connector, nullptr);
  if (connect == nullptr) return;
  connect->held = nullptr;
  connect->fail(ErrorCode::kConnectionRefused);
  connect->tell(now_);
}

void Core::drop_offers_of(const loopback::FarSide& across) {
  std::vector<HeldPipe*> lost;
  for (const auto& held : held_pipes_) {
    if (held->across.get() == &across) lost.push_back(held.get());
  }
  for (HeldPipe* held : lost) drop(*held, ErrorCode::kConnectionReset);
}

}  // namespace oriel::stack
