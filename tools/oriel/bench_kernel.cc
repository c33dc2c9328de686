// The rivals: the kernel's TCP and Unix stream sockets, in the ways in which such programs wait.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "bench_end.h"

namespace oriel::cli {
namespace {

int checked(int result, const char* what) {
  if (result < 0) throw BenchFailure(std::string(what) + ": " + std::strerror(errno));
  return result;
}

class KernelEnd final : public BenchEnd {
 public:
  KernelEnd(int fd, BenchApi api) : fd_(fd), api_(api) {
    if (api_ != BenchApi::kCompletionPort) return;
    epoll_ = checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    epoll_event wanted{};
    wanted.events = EPOLLIN | EPOLLOUT | EPOLLET;
    checked(::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd_, &wanted), "epoll_ctl");
  }
  ~KernelEnd() override {
    ::close(fd_);
    if (epoll_ >= 0) ::close(epoll_);
  }

  void send(const std::uint8_t* bytes, std::size_t n) override {
    while (n != 0) {
      const ssize_t sent = ::send(fd_, bytes, n, MSG_NOSIGNAL | flags());
      if (sent < 0 && errno == EAGAIN) {
        wait(POLLOUT);
        continue;
      }
      checked(sent < 0 ? -1 : 0, "send");
      bytes += sent;
      n -= static_cast<std::size_t>(sent);
    }
  }

  std::size_t receive(std::uint8_t* bytes, std::size_t n) override {
    for (;;) {
      const ssize_t got = ::recv(fd_, bytes, n, flags());
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno == ECONNRESET) return 0;
      if (errno != EAGAIN) checked(-1, "recv");
      wait(POLLIN);
    }
  }

  void finish() override { ::shutdown(fd_, SHUT_WR); }

 private:
  int flags() const { return api_ == BenchApi::kBlocking ? 0 : MSG_DONTWAIT; }
  void wait(short events) const {
    if (epoll_ >= 0) {
      epoll_event happened{};
      checked(::epoll_wait(epoll_, &happened, 1, -1), "epoll_wait");
      return;
    }
    pollfd one{fd_, events, 0};
    checked(::poll(&one, 1, -1), "poll");
  }

  const int fd_;
  const BenchApi api_;
  int epoll_ = -1;
};

class KernelNet final : public BenchNet {
 public:
  explicit KernelNet(const BenchSocketOptions& options) : options_(options) {}
  ~KernelNet() override {
    if (listener_ >= 0) ::close(listener_);
  }

  std::uint16_t listen() override {
    listener_ = checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    set_up(listener_);
    sockaddr_in at = address(0);
    socklen_t bytes = sizeof at;
    auto* name = reinterpret_cast<sockaddr*>(&at);
    checked(::bind(listener_, name, bytes), "bind");
    checked(::listen(listener_, SOMAXCONN), "listen");
    checked(::getsockname(listener_, name, &bytes), "getsockname");
    return ntohs(at.sin_port);
  }

  std::unique_ptr<BenchEnd> accept() override {
    return end_of(checked(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC), "accept"));
  }

  std::unique_ptr<BenchEnd> connect(std::uint16_t port) override {
    const int fd = checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    set_up(fd);
    const sockaddr_in at = address(port);
    checked(::connect(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at), "connect");
    return end_of(fd);
  }

  int poll() override { return checked(::poll(polled_.data(), polled_.size(), 0), "poll"); }

 private:
  static sockaddr_in address(std::uint16_t port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port = htons(port);
    return at;
  }

  void set_up(int fd) const {
    const int bytes = options_.rcv_buffer_bytes;
    if (bytes != 0) ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  }

  std::unique_ptr<BenchEnd> end_of(int fd) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    polled_.push_back({fd, POLLIN, 0});
    return std::make_unique<KernelEnd>(fd, options_.api);
  }

  const BenchSocketOptions options_;
  int listener_ = -1;
  std::vector<pollfd> polled_;
};

}  // namespace

std::unique_ptr<BenchNet> kernel_net(const BenchSocketOptions& options) {
  return std::make_unique<KernelNet>(options);
}

std::unique_ptr<BenchEnd> unix_end(int fd, const BenchSocketOptions& options) {
  return std::make_unique<KernelEnd>(fd, options.api);
}

}  // namespace oriel::cli
