// One Blocked for each sleep: it is what the runner wakes, like any blocked caller's.
#include "winsock/ready_list.h"

namespace oriel::winsock {

bool ReadyList::set(std::size_t i, win32::Ref<Socket> socket, std::uint16_t wanted) {
  if (host_ == nullptr) host_ = &socket->host();
  if (host_ != &socket->host()) return false;
  entries_[i].list = this;
  entries_[i].socket = std::move(socket);
  entries_[i].wanted = wanted;
  return true;
}

void ReadyList::Entry::on_ready(Socket& /*of*/, std::uint16_t what) {
  if ((what & (wanted | Watcher::kClosed)) != 0) list->wake();
}

void ReadyList::watch() {
  for (Entry& entry : entries_) {
    if (entry.socket) entry.socket->watch(entry);
  }
}

void ReadyList::unwatch() {
  for (Entry& entry : entries_) entry.unlink();
}

void ReadyList::wake() {
  if (waiting_ == nullptr) return;
  CallRequest none;
  std::exchange(waiting_, nullptr)->on_complete(none);
}

bool ReadyList::wait_once(Instant deadline) {
  for (const Entry& entry : entries_) {
    if (entry.socket && (entry.wanted & socket::ready::kWrite) != 0) entry.socket->want_write();
  }
  stack::Blocked blocked(*host_->runner());
  waiting_ = &blocked;
  const bool is_woken = host_->runner()->wait_alertably(blocked, deadline);
  waiting_ = nullptr;
  return is_woken;
}

}  // namespace oriel::winsock
