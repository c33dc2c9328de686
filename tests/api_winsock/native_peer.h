// A native program's sockets on 127.0.0.1, for cases whose other end is none of ours. Plain words
// only: one side sees the Windows headers, the other the system's.
#pragma once

#include <cstddef>

namespace native_peer {

/// Closes with the scope.
class Peer {
 public:
  explicit Peer(int fd = -1) : fd_(fd) {}
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  /// A TCP listener or a UDP socket at a port that the kernel picks.
  static int listening();
  static int datagrams();
  /// Connected to the port; -1: refused.
  static int connected(unsigned short port);

  int fd() const { return fd_; }
  unsigned short port() const;
  int accept() const;
  /// Bytes; -1: none, or nothing came for ten seconds.
  long receive(void* buffer, std::size_t bytes) const;
  long send(const void* bytes, std::size_t count) const;

 private:
  int fd_;
};

}  // namespace native_peer
