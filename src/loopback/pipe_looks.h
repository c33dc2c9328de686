// Positions of other ends that a host waits for: whoever would sleep on the host's devices looks at
// them first for a moment, without the host.
//
// While somebody looks, nothing is armed: the other ends make no system call. Only who really goes
// to sleep has the pipes armed (PipeSet::arm_waiting), which look once more.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "loopback/end_memory.h"
#include "loopback/spin_policy.h"

namespace oriel::loopback {

class FarSide;

class PipeLooks {
 public:
  /// Beyond that a look at all would last as long as the wake-up that it saves.
  static constexpr std::size_t kMax = 16;

  /// Waits for `position` of `peer` to reach `at_least`, or its state to be another than
  /// `state_seen`. `across` keeps the memory.
  void add(const EndControl& peer, const std::atomic<std::uint64_t>& position,
           std::uint64_t at_least, std::uint64_t state_seen,
           const std::shared_ptr<FarSide>& across);
  /// One of the other ends was woken just before.
  void note_waking() { is_peer_waking_ = true; }
  bool is_peer_waking() const { return is_peer_waking_; }
  bool empty() const { return count_ == 0; }
  /// There were more than kMax.
  bool is_cut() const { return is_cut_; }
  /// Whether one of them moved, within the policy's budget. A look that was over at once leaves
  /// `now` alone: the clock costs more than such a look. Thread: any one, without the host.
  bool look(SpinPolicy& spin, Instant& now) const;

 private:
  struct Place {
    const std::atomic<std::uint64_t>* position = nullptr;
    std::uint64_t at_least = 0;
    const std::atomic<std::uint64_t>* state = nullptr;
    std::uint64_t state_seen = 0;
    const std::atomic<std::uint32_t>* cpu = nullptr;
    std::shared_ptr<FarSide> across;
  };
  bool has_moved() const;
  bool is_on_shared_cpu() const;

  std::array<Place, kMax> places_;
  std::size_t count_ = 0;
  bool is_cut_ = false;
  bool is_peer_waking_ = false;
};

}  // namespace oriel::loopback
