// The sockets that libslirp wants watched, as one descriptor: an epoll set that follows its list.
//
// libslirp names all its sockets and wishes anew before each sleep. Only the differences go to the
// kernel. A socket that it closes has left the set by itself, and its number may come back at once
// for another one: `forget` is called for both, so that a stale wish is never taken for the present
// one.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "runtime/unique_fd.h"

namespace oriel::link {

using runtime::UniqueFd;

class SlirpPolls {
 public:
  /// Also watches `wake`, whose readiness ends a sleep and means nothing else.
  explicit SlirpPolls(int wake);

  int fd() const { return epoll_.get(); }

  /// A new list: begin, add each socket (events as SLIRP_POLL_*, gives its index), end.
  void begin();
  int add(int fd, int events);
  void end();
  void forget(int fd) { watches_.erase(fd); }

  /// Asks the kernel what is ready, without waiting. True: some socket is.
  bool look();
  /// SLIRP_POLL_* of the socket at `index` of the last list, as `look` found it.
  int revents(int index) const { return list_[static_cast<std::size_t>(index)].revents; }
  /// Some socket waits to be written to.
  bool has_writers() const { return has_writers_; }

 private:
  struct Watch {
    std::uint32_t events = 0;  ///< what the kernel watches; 0: nothing yet
    std::uint32_t round = 0;   ///< list in which it was added last
    int index = 0;
  };
  struct Wish {
    int events = 0;
    int revents = 0;
  };
  void tell_kernel(int fd, Watch& watch, std::uint32_t events);

  UniqueFd epoll_;
  std::uint32_t round_ = 0;
  bool has_writers_ = false;
  std::unordered_map<int, Watch> watches_;
  std::vector<Wish> list_;
};

}  // namespace oriel::link
