// Waiting for many descriptors and one deadline: epoll with nanosecond timeouts and a wake from any
// thread.
//
// The loop owns no timers: its user keeps a wheel and passes the next deadline to `run_once`.
// Callbacks run in the loop's thread and may add, change or remove any descriptor, their own
// included; a removed one is not called again, even if it was ready in the same round.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "oriel/time.h"
#include "runtime/wait.h"

namespace oriel::runtime {

struct FdReady {
  bool is_readable = false;
  bool is_writable = false;
  bool is_failed = false;  ///< error or hang-up (then also readable, so that a read reports it)
};

/// Thread: one, but for `wake`.
class EventLoop {
 public:
  using Callback = std::function<void(FdReady)>;
  static constexpr int kEventsPerRound = 64;

  EventLoop();  ///< aborts the program when the process has no descriptor left
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Level-triggered. False when the kernel cannot watch that descriptor (a regular file) or it is
  /// already added. The caller keeps the descriptor open until `remove`.
  bool add(int fd, FdInterest interest, Callback callback);
  bool change(int fd, FdInterest interest);
  void remove(int fd);

  /// Waits until a descriptor is ready, `wake` was called or `deadline` (real clock) has come, runs
  /// the callbacks and returns how many ran. never() waits without limit; the past only looks.
  std::size_t run_once(Instant deadline);
  /// Ends the present or the next `run_once`. Thread: any.
  void wake() { wake_.notify(); }

 private:
  struct Watch {
    int fd = -1;
    std::uint32_t generation =
        0;  ///< tells an event for this descriptor from one for its predecessor
    Callback callback;
  };
  int find(int fd) const;
  int wait(void* events, Instant deadline) const;

  int epoll_fd_ = -1;
  WakeFd wake_;
  std::vector<Watch> watches_;
};

}  // namespace oriel::runtime
