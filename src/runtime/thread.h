// Starting and ending threads of a program.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/ref.h"
#include "runtime/thread_record.h"

namespace oriel::runtime {

/// What a new thread runs; the result is its exit code.
struct ThreadStart {
  std::uint32_t (*run)(void* argument) = nullptr;
  void* argument = nullptr;
  std::size_t stack_bytes = 0;  ///< 0: the system's default
  bool is_suspended = false;    ///< runs only after ThreadGate::open
};

/// Holds a thread back at its start. Shared by the thread and its creator.
class ThreadGate final : public RefCounted {
 public:
  /// False: it was open already. Thread: any.
  bool open();
  void pass();

 private:
  std::atomic<std::uint32_t> is_open_{0};
};

struct StartedThread {
  Ref<ThreadRecord> record;  ///< empty: the system has no thread left
  Ref<ThreadGate> gate;      ///< only if it was started suspended
};

/// The record has its id when this returns. The thread runs detached. Thread: any.
StartedThread start_thread(const ThreadStart& start);

/// Ends the calling thread, running destructors on its stack where the system can.
[[noreturn]] void exit_thread(std::uint32_t code);

/// Lets another thread run. Returns whether the system was asked.
bool yield_thread();

/// Sleeps until `deadline`; alertable: returns true once queued calls have run.
bool sleep_thread(Instant deadline, bool is_alertable);

}  // namespace oriel::runtime
