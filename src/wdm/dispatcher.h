// Dispatcher objects, which kernel threads wait for: events, semaphores, the ends of threads.
//
//   DISPATCHER_HEADER  | Type .. | SignalState | WaitListHead: WaitBlocks on the waiters' stacks |
//
// An object is memory of the driver's, often on a stack, and nobody says when it goes. So its lock
// lies elsewhere: one of kLockShards, found by its address. Who signals touches the object only
// under that lock, and who was waiting takes the lock once more before it returns.
#pragma once

#include <wdm.h>

#include <span>

#include "oriel/time.h"

namespace oriel::wdm {

/// The first byte of the header; Windows' numbers.
enum class DispatcherKind : UCHAR {
  kNotificationEvent = 0,
  kSynchronizationEvent = 1,
  kSemaphore = 5,
  kThread = 6,
};

void initialize(DISPATCHER_HEADER& object, DispatcherKind kind, LONG state, std::size_t bytes);

/// SignalState becomes `state` (above 0: whoever waits takes it). Returns what it was. Thread: any.
LONG set_state(DISPATCHER_HEADER& object, LONG state);
/// Adds to a semaphore's count; nothing changes when that would pass `limit`: nullptr's place is
/// false. Thread: any.
bool add_to_state(DISPATCHER_HEADER& object, LONG count, LONG limit, LONG& before);
LONG state_of(const DISPATCHER_HEADER& object);

/// STATUS_WAIT_0 + index of what was taken (all: STATUS_WAIT_0), or STATUS_TIMEOUT. Blocks until
/// `deadline` (real clock; one in the past only looks). Thread: any. Bound: MAXIMUM_WAIT_OBJECTS.
NTSTATUS wait_for(std::span<DISPATCHER_HEADER* const> objects, bool is_all, Instant deadline);

}  // namespace oriel::wdm
