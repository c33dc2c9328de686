// Descriptors looked at together: one epoll descriptor for all that the domain has, however many
// processes it talks to.
#pragma once

#include <cstddef>
#include <span>

#include "runtime/unique_fd.h"

namespace oriel::loopback {

class FdWatch {
 public:
  struct Event {
    int fd = -1;
    bool is_readable = false;
    bool is_writable = false;
    bool is_hung_up = false;
    bool is_urgent = false;
  };
  /// Without a descriptor left `is_open()` is false.
  FdWatch();

  bool is_open() const { return static_cast<bool>(epoll_); }
  /// Readable while something happened to one of them.
  int fd() const { return epoll_.get(); }
  /// Until the descriptor is closed. False: the system has no room.
  bool add(int fd);
  /// The same for a kernel connection: each change is told once, room and urgent data included.
  bool add_edges(int fd);
  void watch_room(int fd, bool is_wanted);
  void remove(int fd);
  /// Fills `events` with what happened; never waits. Returns how many.
  std::size_t poll(std::span<Event> events);
  /// In a child of fork, where the list itself is still the parent's.
  void abandon() { epoll_.reset(); }

 private:
  runtime::UniqueFd epoll_;
};

}  // namespace oriel::loopback
