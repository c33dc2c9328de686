// Looking costs the core that looks and nobody else; the policy says when it pays.
#include "loopback/pipe_looks.h"

#include <algorithm>

#include "loopback/looking.h"
#include "runtime/cpu.h"

namespace oriel::loopback {
void PipeLooks::add(const EndControl& peer, const std::atomic<std::uint64_t>& position,
                    std::uint64_t at_least, std::uint64_t state_seen,
                    const std::shared_ptr<FarSide>& across) {
  if (count_ == kMax) {
    is_cut_ = true;
    return;
  }
  places_[count_++] = {&position, at_least, &peer.state, state_seen, &peer.cpu, across};
}

bool PipeLooks::has_moved() const {
  for (std::size_t i = 0; i < count_; ++i) {
    const Place& place = places_[i];
    if (place.position->load(std::memory_order_acquire) >= place.at_least) return true;
    if (place.state->load(std::memory_order_acquire) != place.state_seen) return true;
  }
  return false;
}

// The other ends may all need this CPU.
bool PipeLooks::is_on_shared_cpu() const {
  const std::uint32_t cpu = runtime::current_cpu();
  return std::all_of(places_.begin(), places_.begin() + count_, [cpu](const Place& place) {
    return place.cpu->load(std::memory_order_relaxed) == cpu;
  });
}

bool PipeLooks::look(SpinPolicy& spin, Instant& now) const {
  const auto has_one_moved = [this] { return has_moved(); };
  if (is_on_shared_cpu()) {
    const bool has_found = !is_cut_ && yield_until(spin, has_one_moved);
    if (has_found) spin.on_arrival({});
    now = runtime::real_now();
    return has_found;
  }
  const Duration budget = is_cut_ ? Duration(0) : spin.budget(is_peer_waking_);
  if (budget == Duration(0)) return false;
  for (int i = 0; i < kEagerLooks; ++i) {
    if (!has_moved()) continue;
    spin.on_arrival({});
    return true;
  }
  const Instant began = runtime::real_now();
  const Looked looked = look_until(began, began + budget, has_one_moved);
  now = runtime::real_now();
  if (looked.is_contended) spin.on_contended();
  if (looked.has_found) spin.on_arrival({.waited = now - began, .is_peer_waking = is_peer_waking_});
  return looked.has_found;
}

}  // namespace oriel::loopback
