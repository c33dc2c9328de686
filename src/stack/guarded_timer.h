// A timer of the core's wheel that leaves it when its owner goes.
#pragma once

#include "runtime/timer_wheel.h"

namespace oriel::stack {

/// TimerNode::tag of what the core times.
enum class TimerOf : std::uint32_t { kStream, kEcho, kHeldSyn, kHeldConnect, kOffer };

struct GuardedTimer : runtime::TimerNode {
  GuardedTimer(runtime::TimerWheel& w, TimerOf what) : wheel(w) {
    tag = static_cast<std::uint32_t>(what);
  }
  ~GuardedTimer() { wheel.cancel(*this); }
  GuardedTimer(const GuardedTimer&) = delete;
  GuardedTimer& operator=(const GuardedTimer&) = delete;

  runtime::TimerWheel& wheel;
};

}  // namespace oriel::stack
