// SYNs that wait for a program's decision: those for listeners in conditional mode.
//
//   SYN --hold_syn--> held_syns_ --permit--> a stream in SYN-RECEIVED
//                         |------abort-----> RST
//                         `--RST, silence, no link: drop--> whoever has it hears, and lets go
//
// Listener (socket/listener.h) knows the order and the program's answer; here is what belongs to
// the wire. Until the answer nothing leaves, so the peer's connect goes on.
#include <algorithm>
#include <vector>

#include "stack/core.h"

namespace oriel::stack {

socket::Transport* HeldSyn::permit() {
  return core_.permit(*this);
}

void HeldSyn::abort(Instant /*now*/, ErrorCode reason) {
  if (has_ended()) return;
  fail(reason);
  core_.send_reset(local(), remote(), syn, interface_index);
}

void HeldSyn::detach(Instant /*now*/) {
  core_.held_syns_.erase({local(), remote()});
}

// REQ LFP-10: a SYN that comes again changes nothing but which one is answered.
bool Core::hold_syn(socket::Listener& listener, const Endpoint& local, const Endpoint& remote,
                    tcp::SegmentIn& syn, std::uint32_t interface_index) {
  const Ends ends{local, remote};
  const auto known = held_syns_.find(ends);
  const bool is_new = known == held_syns_.end();
  HeldSyn* held = is_new ? nullptr : known->second.get();
  if (is_new) {
    if (!listener.may_hold() || is_over_budget()) return false;
    auto made = std::make_unique<HeldSyn>(*this, timers_, ends, now_);
    held = made.get();
    held_syns_[ends] = std::move(made);
  } else if (is_other_process(held->interface_index, interface_index)) {
    return false;
  }
  syn.payload = Slice();
  held->syn = syn;
  held->interface_index = interface_index;
  timers_.schedule(*held, now_ + kHeldSilenceMax);
  if (is_new) listener.hold(*held);  // it may be let in at once
  return true;
}

// Only one that follows the SYN exactly is believed (RFC 5961 3.2).
void Core::hear_reset(const Endpoint& local, const Endpoint& remote, const tcp::SegmentIn& segment,
                      std::uint32_t interface_index) {
  if (!segment.has(wire::tcp_flag::kRst)) return;
  const auto known = held_syns_.find({local, remote});
  if (known == held_syns_.end()) return;
  HeldSyn& held = *known->second;
  if (is_other_process(held.interface_index, interface_index)) return;
  if (segment.seq == held.syn.seq + 1) drop(held, ErrorCode::kConnectionReset);
}

socket::Transport* Core::permit(HeldSyn& held) {
  const auto own = held_syns_.extract({held.local(), held.remote()});  // until the end of this
  const socket::Listener* listener = listeners_.find(held.local());
  if (held.has_ended() || listener == nullptr || is_over_budget()) return nullptr;
  return make_half_open(*listener, held.local(), held.remote(), held.syn, held.interface_index);
}

// While a program is being asked, nobody is told: its answer finds that it is over.
void Core::drop(socket::HeldRequest& held, ErrorCode reason) {
  held.fail(reason);
  held.tell(now_);
}

bool Core::has_held_on(std::uint32_t interface_index) const {
  return std::any_of(held_syns_.begin(), held_syns_.end(),
                     [=](const auto& at) { return at.second->interface_index == interface_index; });
}

void Core::drop_held_on(std::uint32_t interface_index, ErrorCode reason) {
  std::vector<socket::HeldRequest*> lost;
  for (const auto& [ends, held] : held_syns_) {
    if (held->interface_index == interface_index) lost.push_back(held.get());
  }
  for (socket::HeldRequest* held : lost) drop(*held, reason);
}

void Core::refuse_all_held(ErrorCode reason) {
  std::vector<socket::HeldRequest*> all;
  for (const auto& [ends, held] : held_syns_) all.push_back(held.get());
  for (const auto& held : held_pipes_) all.push_back(held.get());
  for (socket::HeldRequest* held : all) {
    held->abort(now_, reason);
    held->tell(now_);
  }
}

}  // namespace oriel::stack
