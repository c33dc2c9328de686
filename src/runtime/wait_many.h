// Waiting for any or all of several objects, until a deadline, with or without queued calls.
//
// The waiting thread puts a node into each object's queue and parks once; no other thread takes
// part. What is signalled at the start is taken without parking, the lowest index first. "All"
// takes every object in one step, holding all their locks in the order of their addresses, or none.
#pragma once

#include <cstdint>
#include <span>

#include "oriel/time.h"
#include "runtime/waitable.h"

namespace oriel::runtime {

inline constexpr std::size_t kWaitObjectsMax = 64;

struct WaitResult {
  enum class End : std::uint8_t {
    kObject,     ///< objects[index] was taken; all: all were, index is 0
    kAbandoned,  ///< the same, and it (all: one of them) was an abandoned mutex
    kTimeout,
    kCalls,    ///< alertable: queued calls have run; nothing was taken
    kInvalid,  ///< more than kWaitObjectsMax, or "all" with the same object twice
  };
  End end = End::kTimeout;
  std::uint32_t index = 0;
};

/// Blocks until `deadline` (real clock; one in the past only looks). With no objects it sleeps.
/// Thread: any. Requires: the objects live until it returns.
WaitResult wait_many(std::span<Waitable* const> objects, bool is_all, Instant deadline,
                     bool is_alertable = false);

/// The same for one object.
WaitResult wait_one(Waitable& object, Instant deadline, bool is_alertable = false);

}  // namespace oriel::runtime
