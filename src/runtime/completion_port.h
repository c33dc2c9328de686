// A queue of completion packets, and the threads that serve it.
//
// Packets leave in the order in which they came; of several threads that wait, the last to come is
// woken (its caches are warm), or the one that posts, when it works for a host while it waits here
// (park_driver.h): it needs no wake. Not more than `concurrency` threads run at once with a packet
// of the port: a thread counts from its packet until it asks again, parks anywhere (park.h), leaves
// for another port or ends. When one parks, another may be woken in its place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/intrusive_list.h"
#include "oriel/time.h"
#include "runtime/lock.h"
#include "runtime/ref.h"
#include "runtime/waiter.h"

namespace oriel::runtime {

/// Carried, not read.
struct CompletionPacket {
  std::uintptr_t key = 0;
  void* context = nullptr;
  std::uint32_t status = 0;
  std::size_t bytes = 0;
};

class CompletionPort final : public RefCounted {
 public:
  /// `concurrency`: threads that may run at once; 0: as many as there are processors.
  explicit CompletionPort(std::uint32_t concurrency);

  /// Never waits for anybody. Allocates only when more packets are queued than ever before. False:
  /// closed, or no memory. Thread: any.
  bool post(const CompletionPacket& packet);

  enum class End : std::uint8_t { kPackets, kTimeout, kCalls, kClosed };
  struct Got {
    End end = End::kTimeout;
    std::size_t count = 0;
  };
  /// Fills `out` with what is queued, at least one packet, waiting until `deadline` (real clock) if
  /// there is none. kCalls: alertable, and queued calls have run instead. Thread: any.
  Got get(std::span<CompletionPacket> out, Instant deadline, bool is_alertable = false);

  /// Ends all waits; nothing can be posted any more, and packets left are dropped.
  void close();
  std::size_t depth();

 private:
  class Association;
  struct Sleeper : ListHook<> {
    Sleeper(CompletionPort& of, ThreadRecord& thread) : port(of), waiter(thread) {}
    CompletionPort& port;
    Waiter waiter;
    CompletionPacket packet;
  };
  static thread_local Sleeper* sleeper_of_this_thread;

  std::size_t take(std::span<CompletionPacket> out);
  void dispatch(WakeList& wakes);
  Sleeper* next_sleeper();
  Got wait(std::span<CompletionPacket> out, Instant deadline, bool is_alertable);
  void stop_running(WakeList& wakes);
  bool grow();
  CompletionPacket pop();

  Lock lock_;
  bool is_closed_ = false;
  const std::uint32_t concurrency_;
  std::uint32_t running_ = 0;
  std::size_t first_ = 0;  ///< of the ring
  std::size_t count_ = 0;
  std::vector<CompletionPacket> ring_;  ///< a power of two
  IntrusiveList<Sleeper> sleepers_;     ///< the last to come in front
};

}  // namespace oriel::runtime
