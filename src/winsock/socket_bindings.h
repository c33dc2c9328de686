// Which provider's table serves a socket, where it is not the base provider's.
//
// Only layered providers bind: by WPUCreateSocketHandle (a handle of ours with a context of theirs)
// or WPUModifyIFSHandle (the base provider's handle, seen through the layer). While nobody has
// bound anything, which is always in programs without layers, a lookup costs one load.
#pragma once

#include <winsock2.h>
#include <ws2spi.h>

#include <atomic>
#include <unordered_map>

#include "runtime/lock.h"

namespace oriel::winsock {

/// Thread: any, every call.
class SocketBindings {
 public:
  static SocketBindings& instance();

  void bind(SOCKET s, const WSPPROC_TABLE& table);
  /// nullptr: unbound, so the base provider's.
  const WSPPROC_TABLE* find(SOCKET s) const {
    return count_.load(std::memory_order_acquire) == 0 ? nullptr : find_slow(s);
  }
  /// Unbinds, so that the value may be used again; returns what it was bound to.
  const WSPPROC_TABLE* take(SOCKET s);

 private:
  const WSPPROC_TABLE* find_slow(SOCKET s) const;

  mutable runtime::Lock lock_;
  std::unordered_map<SOCKET, const WSPPROC_TABLE*> tables_;
  std::atomic<std::size_t> count_{0};
};

}  // namespace oriel::winsock
