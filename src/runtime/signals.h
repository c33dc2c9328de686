// Signals as something to read: the tools end on SIGINT and SIGTERM and print statistics on
// SIGUSR1.
//
// Construct it first in main, before any thread exists, so that all threads inherit the blocked
// mask.
#pragma once

#include <initializer_list>

namespace oriel::runtime {

/// Blocks the given signals for the process and collects them. Thread: one.
class Signals {
 public:
  explicit Signals(std::initializer_list<int> signals);  ///< aborts when no descriptor is left
  ~Signals();                                            ///< closes; the signals stay blocked
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  int fd() const { return fd_; }  ///< readable when a signal waits
  /// The next signal's number, or 0 when none waits. Never blocks.
  int take();

 private:
  int fd_ = -1;
};

}  // namespace oriel::runtime
