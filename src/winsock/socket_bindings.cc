// A map under a lock, and its size beside it for those who have nothing in it.
#include "winsock/socket_bindings.h"

namespace oriel::winsock {

SocketBindings& SocketBindings::instance() {
  static SocketBindings* const bindings = new SocketBindings;  // outlives every thread
  return *bindings;
}

void SocketBindings::bind(SOCKET s, const WSPPROC_TABLE& table) {
  const runtime::LockHold hold(lock_);
  tables_[s] = &table;
  count_.store(tables_.size(), std::memory_order_release);
}

const WSPPROC_TABLE* SocketBindings::find_slow(SOCKET s) const {
  const runtime::LockHold hold(lock_);
  const auto found = tables_.find(s);
  return found == tables_.end() ? nullptr : found->second;
}

const WSPPROC_TABLE* SocketBindings::take(SOCKET s) {
  if (count_.load(std::memory_order_acquire) == 0) return nullptr;
  const runtime::LockHold hold(lock_);
  const auto found = tables_.find(s);
  if (found == tables_.end()) return nullptr;
  const WSPPROC_TABLE* const table = found->second;
  tables_.erase(found);
  count_.store(tables_.size(), std::memory_order_release);
  return table;
}

}  // namespace oriel::winsock
