#include "api_winsock/native_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace native_peer {
namespace {

sockaddr_in name_of(unsigned short port) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  a.sin_port = htons(port);
  return a;
}

int open_socket(int type) {
  const int fd = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
  const timeval patience{10, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return fd;
}

int bound(int type) {
  const int fd = open_socket(type);
  const sockaddr_in any = name_of(0);
  ::bind(fd, reinterpret_cast<const sockaddr*>(&any), sizeof any);
  return fd;
}

}  // namespace

Peer::~Peer() {
  if (fd_ >= 0) ::close(fd_);
}

int Peer::listening() {
  const int fd = bound(SOCK_STREAM);
  ::listen(fd, 5);
  return fd;
}

int Peer::datagrams() {
  return bound(SOCK_DGRAM);
}

int Peer::connected(unsigned short port) {
  const int fd = open_socket(SOCK_STREAM);
  const sockaddr_in to = name_of(port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) return fd;
  ::close(fd);
  return -1;
}

unsigned short Peer::port() const {
  sockaddr_in a{};
  socklen_t bytes = sizeof a;
  ::getsockname(fd_, reinterpret_cast<sockaddr*>(&a), &bytes);
  return ntohs(a.sin_port);
}

int Peer::accept() const {
  const int fd = ::accept(fd_, nullptr, nullptr);
  const timeval patience{10, 0};
  if (fd >= 0) ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return fd;
}

long Peer::receive(void* buffer, std::size_t bytes) const {
  return ::recv(fd_, buffer, bytes, 0);
}

long Peer::send(const void* bytes, std::size_t count) const {
  return ::send(fd_, bytes, count, MSG_NOSIGNAL);
}

}  // namespace native_peer
