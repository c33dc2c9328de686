// Looking costs the core that looks and nobody else; the policy says when it pays.
#include "loopback/pipe_looks.h"

#include <utility>

#include "runtime/clock.h"
#include "runtime/futex.h"

namespace oriel::loopback {
namespace {

constexpr int kEagerHostLooks = 64;

}  // namespace

void PipeLooks::add(const std::atomic<std::uint64_t>& position, std::uint64_t at_least,
                    const std::atomic<std::uint64_t>& state, std::uint64_t state_seen,
                    const std::shared_ptr<FarSide>& across) {
  if (count_ == kMax) {
    is_cut_ = true;
    return;
  }
  places_[count_++] = {&position, at_least, &state, state_seen, across};
}

bool PipeLooks::has_moved() const {
  for (std::size_t i = 0; i < count_; ++i) {
    const Place& place = places_[i];
    if (place.position->load(std::memory_order_acquire) >= place.at_least) return true;
    if (place.state->load(std::memory_order_acquire) != place.state_seen) return true;
  }
  return false;
}

bool PipeLooks::look(SpinPolicy& spin) const {
  const Duration budget = is_cut_ ? Duration(0) : spin.budget();
  if (budget == Duration(0)) return false;
  for (int i = 0; i < kEagerHostLooks; ++i) {
    if (!has_moved()) continue;
    spin.on_arrival(Duration(0), false);
    return true;
  }
  const Instant began = runtime::real_now();
  const Instant until = began + budget;
  for (Instant now = began; now < until;) {
    for (int i = 0; i < SpinPolicy::kLooksPerClock; ++i) {
      if (has_moved()) {
        spin.on_arrival(runtime::real_now() - began, false);
        return true;
      }
      runtime::spin_pause();
    }
    const Instant then = std::exchange(now, runtime::real_now());
    if (now - then > SpinPolicy::kLostCpu) spin.on_contended();
  }
  return false;
}

}  // namespace oriel::loopback
