// Signalling and waiting under the shards' locks; a wait takes all of its objects' shards, lowest
// first.
#include "wdm/dispatcher.h"

#include <algorithm>
#include <array>
#include <utility>

#include "runtime/clock.h"
#include "runtime/lock.h"
#include "runtime/thread_record.h"
#include "runtime/waiter.h"

namespace oriel::wdm {
namespace {

constexpr int kSpins = 100;  // what is already on its way costs no sleep
constexpr unsigned kLockShards = 64;

struct alignas(64) Shard {
  runtime::Lock lock;
};
Shard shards[kLockShards];

unsigned shard_of(const DISPATCHER_HEADER& object) {
  constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15u;  // 2^64 over the golden ratio
  return static_cast<unsigned>((reinterpret_cast<std::uintptr_t>(&object) * kGolden) >> 58);
}

runtime::Lock& lock_of(const DISPATCHER_HEADER& object) {
  return shards[shard_of(object)].lock;
}

/// A waiter's place in one object's list.
struct WaitBlock {
  LIST_ENTRY entry;
  runtime::Waiter* waiter;
  std::uint32_t index;
  bool is_for_all;
};

bool is_signalled(const DISPATCHER_HEADER& object) {
  return object.SignalState > 0;
}

void store(DISPATCHER_HEADER& object, LONG state) {
  __atomic_store_n(&object.SignalState, state, __ATOMIC_RELAXED);
}

/// As a satisfied wait does. Requires: the lock, signalled.
void consume(DISPATCHER_HEADER& object) {
  switch (static_cast<DispatcherKind>(object.Type)) {
    case DispatcherKind::kSynchronizationEvent:
      return store(object, 0);
    case DispatcherKind::kSemaphore:
      return store(object, object.SignalState - 1);
    case DispatcherKind::kNotificationEvent:
    case DispatcherKind::kThread:
      return;
  }
}

/// Gives it to those who wait, in their order. Requires: the lock.
void serve(DISPATCHER_HEADER& object, runtime::WakeList& wakes) {
  LIST_ENTRY* const head = &object.WaitListHead;
  for (LIST_ENTRY* at = head->Flink; at != head && is_signalled(object);) {
    auto* block = CONTAINING_RECORD(at, WaitBlock, entry);
    at = at->Flink;
    if (block->is_for_all) {
      block->waiter->hint(wakes);
      continue;
    }
    RemoveEntryList(&block->entry);
    InitializeListHead(&block->entry);
    // A claimed waiter takes this lock before it returns, so its block is still there.
    if (block->waiter->claim(block->index, wakes)) consume(object);
  }
}

/// Holds the shards of some objects.
class ShardHold {
 public:
  explicit ShardHold(std::uint64_t which) : which_(which) { each(&runtime::Lock::acquire); }
  ~ShardHold() { each(&runtime::Lock::release); }
  ShardHold(const ShardHold&) = delete;
  ShardHold& operator=(const ShardHold&) = delete;

 private:
  void each(void (runtime::Lock::*act)()) {
    for (std::uint64_t left = which_; left != 0; left &= left - 1) {
      (shards[__builtin_ctzll(left)].lock.*act)();
    }
  }
  const std::uint64_t which_;
};
static_assert(kLockShards == 64);

bool has_passed(Instant deadline) {
  return !deadline.is_never() && (deadline.ns <= 0 || runtime::real_now() >= deadline);
}

class ObjectWait {
 public:
  ObjectWait(std::span<DISPATCHER_HEADER* const> objects, bool is_all)
      : objects_(objects), is_all_(is_all), waiter_(runtime::ThreadRecord::current()) {
    for (DISPATCHER_HEADER* object : objects) which_ |= std::uint64_t{1} << shard_of(*object);
  }

  NTSTATUS run(Instant deadline) {
    {
      ShardHold hold(which_);
      if (const int taken = take(); taken >= 0) return STATUS_WAIT_0 + taken;
      if (has_passed(deadline)) return STATUS_TIMEOUT;
      enqueue();
    }
    const NTSTATUS status = sleep_and_look(deadline);
    ShardHold hold(which_);  // also because who claimed may still be at work under it
    for (std::size_t i = 0; i < objects_.size(); ++i) RemoveEntryList(&blocks_[i].entry);
    return status;
  }

 private:
  /// The index of what it took, or -1. Requires: the locks.
  int take() {
    if (is_all_) {
      const bool is_complete =
          std::all_of(objects_.begin(), objects_.end(),
                      [](const auto* object) { return is_signalled(*object); });
      if (!is_complete) return -1;
      for (DISPATCHER_HEADER* object : objects_) consume(*object);
      return 0;
    }
    for (std::size_t i = 0; i < objects_.size(); ++i) {
      if (!is_signalled(*objects_[i])) continue;
      consume(*objects_[i]);
      return static_cast<int>(i);
    }
    return -1;
  }

  void enqueue() {
    for (std::size_t i = 0; i < objects_.size(); ++i) {
      WaitBlock& block = blocks_[i];
      block.waiter = &waiter_;
      block.index = static_cast<std::uint32_t>(i);
      block.is_for_all = is_all_;
      InsertTailList(&objects_[i]->WaitListHead, &block.entry);
    }
  }

  NTSTATUS sleep_and_look(Instant deadline) {
    for (;;) {
      if (const auto claimed = waiter_.claimed()) {
        return STATUS_WAIT_0 + static_cast<NTSTATUS>(*claimed);
      }
      if (has_passed(deadline) && waiter_.cancel()) return STATUS_TIMEOUT;
      waiter_.sleep(deadline, kSpins);  // lint: allow clocks: runtime's own parking
      if (is_all_) look_at_all();
    }
  }

  void look_at_all() {
    runtime::WakeList wakes;  // nobody but this thread sleeps on the word
    ShardHold hold(which_);
    if (take() >= 0) waiter_.claim(0, wakes);  // nobody else claims a wait for all
  }

  std::span<DISPATCHER_HEADER* const> objects_;
  const bool is_all_;
  runtime::Waiter waiter_;
  std::uint64_t which_ = 0;
  std::array<WaitBlock, MAXIMUM_WAIT_OBJECTS> blocks_;
};

}  // namespace

void initialize(DISPATCHER_HEADER& object, DispatcherKind kind, LONG state, std::size_t bytes) {
  object.Type = static_cast<UCHAR>(kind);
  object.Signalling = 0;
  object.Size = static_cast<UCHAR>(bytes / sizeof(LONG));
  object.Reserved1 = 0;
  object.SignalState = state;
  InitializeListHead(&object.WaitListHead);
}

LONG set_state(DISPATCHER_HEADER& object, LONG state) {
  runtime::WakeList wakes;
  runtime::LockHold hold(lock_of(object));
  const LONG before = object.SignalState;
  store(object, state);
  if (state > 0 && before <= 0) serve(object, wakes);
  return before;
}

bool add_to_state(DISPATCHER_HEADER& object, LONG count, LONG limit, LONG& before) {
  runtime::WakeList wakes;
  runtime::LockHold hold(lock_of(object));
  before = object.SignalState;
  if (count <= 0 || count > limit - before) return false;
  store(object, before + count);
  serve(object, wakes);
  return true;
}

LONG state_of(const DISPATCHER_HEADER& object) {
  return __atomic_load_n(&object.SignalState, __ATOMIC_ACQUIRE);
}

NTSTATUS wait_for(std::span<DISPATCHER_HEADER* const> objects, bool is_all, Instant deadline) {
  return ObjectWait(objects, is_all && objects.size() > 1).run(deadline);
}

}  // namespace oriel::wdm
