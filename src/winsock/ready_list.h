// Sockets that one call of select or WSAPoll looks at, and how its thread waits for the first of
// them: a Watcher on each, no thread, no polling. The waiting thread drives the host meanwhile.
//
//   look --nothing--> watch all, sleep --some socket became ready--> look again ...
//
// Cost: O(sockets) for each look; a change wakes the sleeper in O(1).
#pragma once

#include <vector>

#include "winsock/spi_call.h"

namespace oriel::winsock {

class ReadyList {
 public:
  explicit ReadyList(std::size_t count) : entries_(count) {}
  ReadyList(const ReadyList&) = delete;
  ReadyList& operator=(const ReadyList&) = delete;

  /// Place `i` is this socket's, wanted for these bits of socket::ready. False: it is on another
  /// host than the others.
  bool set(std::size_t i, win32::Ref<Socket> socket, std::uint16_t wanted);
  /// nullptr: the place is empty.
  Socket* socket(std::size_t i) const { return entries_[i].socket.get(); }
  bool empty() const { return host_ == nullptr; }

  /// Calls `look()`, inside a turn, until it returns another number than 0 or `timeout_us` is over
  /// (below 0: never); its last result. Requires: !empty(). Thread: any; blocks.
  template <class Look>
  int wait(std::int64_t timeout_us, Look&& look) {
    Turn turn(*host_);
    turn->run();
    int found = look();
    if (found != 0 || timeout_us == 0 || !host_->may_block()) return found;
    const Instant deadline =
        timeout_us < 0 ? Instant::never() : turn->now() + std::chrono::microseconds(timeout_us);
    watch();
    while (found == 0 && wait_once(deadline)) found = look();
    unwatch();
    return found;
  }

 private:
  struct Entry final : Watcher {
    void on_ready(Socket& of, std::uint16_t what) override;

    ReadyList* list = nullptr;
    win32::Ref<Socket> socket;
    std::uint16_t wanted = 0;
  };
  void watch();
  void unwatch();
  bool wait_once(Instant deadline);
  void wake();

  std::vector<Entry> entries_;
  stack::HostImpl* host_ = nullptr;
  stack::Blocked* waiting_ = nullptr;
};

}  // namespace oriel::winsock
