// How often WSAStartup has succeeded without its WSACleanup.
#pragma once

#include <winsock2.h>

#include <atomic>

#include "runtime/lock.h"

namespace oriel::winsock {

/// Thread: any, every call.
class StartupCount {
 public:
  static StartupCount& instance();

  bool is_started() const { return count_.load(std::memory_order_acquire) != 0; }
  /// The first starts the base provider (and with it the process's host): its error.
  INT start();
  /// The last ends all providers. WSANOTINITIALISED.
  INT end();

 private:
  runtime::Lock lock_;
  std::atomic<std::uint32_t> count_{0};
};

}  // namespace oriel::winsock
