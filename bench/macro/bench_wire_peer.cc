// The kernel's end of `./dev bench wire`: plain blocking sockets, and epoll where there are
// thousands.
//
// usage: bench_wire_peer receive|echo|accept PORT
//        bench_wire_peer send|ask|connect ADDRESS PORT SECONDS
//        bench_wire_peer transfer ADDRESS PORT BYTES
//        bench_wire_peer receive_many PORT COUNT
//        bench_wire_peer send_many ADDRESS PORT SECONDS COUNT
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "support/wire_load.h"

namespace {

using namespace oriel::bench;

[[noreturn]] void give_up_with_errno(const char* what) {
  give_up(std::string(what) + ": " + std::strerror(errno));
}

sockaddr_in address_of(const char* text, std::uint16_t port) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(port);
  if (inet_pton(AF_INET, text, &a.sin_addr) != 1)
    give_up(std::string(text) + " is not an IPv4 address");
  return a;
}

// Oriel's family of congestion control, whatever the machine prefers; one that has no CUBIC keeps
// its own.
void choose_cubic(int fd) {
  const char name[] = "cubic";
  setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, sizeof name - 1);
}

class Stream {
 public:
  explicit Stream(int fd) : fd_(fd) {
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    choose_cubic(fd_);
  }
  Stream(Stream&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Stream& operator=(Stream&&) = delete;
  ~Stream() {
    if (fd_ >= 0) ::close(fd_);
  }

  void send(std::span<const std::uint8_t> bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n < 0) give_up_with_errno("send");
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
  }
  std::size_t receive(std::span<std::uint8_t> into) {
    const ssize_t n = ::recv(fd_, into.data(), into.size(), 0);
    if (n < 0 && errno == ECONNRESET) return 0;
    if (n < 0) give_up_with_errno("recv");
    return static_cast<std::size_t>(n);
  }
  void finish() { ::shutdown(fd_, SHUT_WR); }
  void reset() {
    const linger at_once{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(std::exchange(fd_, -1));
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

class Listener {
 public:
  explicit Listener(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int on = 1;
    setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const sockaddr_in a = address_of("0.0.0.0", port);
    if (::bind(fd_, reinterpret_cast<const sockaddr*>(&a), sizeof a) != 0)
      give_up_with_errno("bind");
    if (::listen(fd_, 4096) != 0) give_up_with_errno("listen");
  }
  ~Listener() { ::close(fd_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  Stream accept() {
    while (true) {
      const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd >= 0) return Stream(fd);
      if (errno != ECONNABORTED) give_up_with_errno("accept");
    }
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

struct KernelNet {
  Stream connect(const std::string& address, std::uint16_t port) const {
    Stream s(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in a = address_of(address.c_str(), port);
    if (::connect(s.fd(), reinterpret_cast<const sockaddr*>(&a), sizeof a) != 0)
      give_up_with_errno("connect");
    return s;
  }
  Listener listen(std::uint16_t port) const { return Listener(port); }
};

constexpr int kEventsMax = 256;
constexpr std::size_t kManyWriteBytes = 16 * 1024;  // what one of thousands has ready at a time

void watch(int epoll, int fd, std::uint32_t events) {
  epoll_event e{};
  e.events = events;
  e.data.fd = fd;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) != 0) give_up_with_errno("epoll_ctl");
}

// Reads what thousands of connections send; counts for one interval after the other until all have
// ended.
void receive_many(std::uint16_t port) {
  Listener listener(port);
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  watch(epoll, listener.fd(), EPOLLIN);
  say_ready();
  std::vector<std::uint8_t> buffer(kReadBytes);
  std::uint64_t bytes = 0;
  std::size_t open = 0;
  Stopwatch timer;
  do {
    epoll_event events[kEventsMax];
    const int n = epoll_wait(epoll, events, kEventsMax, -1);
    for (int i = 0; i < n; ++i) {
      const int fd = events[i].data.fd;
      if (fd == listener.fd()) {
        const int accepted = ::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (accepted < 0) continue;
        watch(epoll, accepted, EPOLLIN);
        ++open;
        continue;
      }
      const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), 0);
      if (got > 0) {
        if (bytes == 0) timer = Stopwatch();
        bytes += static_cast<std::uint64_t>(got);
      } else if (got == 0 || errno != EAGAIN) {
        ::close(fd);
        --open;
      }
    }
  } while (open != 0 || bytes == 0);
  print_transfer(bytes, timer);
}

void send_many(const std::string& address, std::uint16_t port, double seconds, std::size_t count) {
  KernelNet net;
  std::vector<Stream> streams;
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  for (std::size_t i = 0; i < count; ++i) {
    streams.push_back(net.connect(address, port));
    watch(epoll, streams.back().fd(), EPOLLOUT);
  }
  const std::vector<std::uint8_t> buffer(kManyWriteBytes, 0x5a);
  std::uint64_t bytes = 0;
  const Stopwatch timer;
  while (timer.seconds() < seconds) {
    epoll_event events[kEventsMax];
    const int n = epoll_wait(epoll, events, kEventsMax, 100);
    for (int i = 0; i < n; ++i) {
      const ssize_t sent =
          ::send(events[i].data.fd, buffer.data(), buffer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent > 0) bytes += static_cast<std::uint64_t>(sent);
    }
  }
  print_transfer(bytes, timer);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const std::span<char*> words(argv + 1, argv + argc);
  KernelNet net;
  if (run_job(net, words)) return 0;
  const std::string job = words.empty() ? "" : words[0];
  const auto port = [](const char* word) { return static_cast<std::uint16_t>(std::atoi(word)); };
  if (job == "receive_many" && words.size() == 3) {
    receive_many(port(words[1]));
  } else if (job == "send_many" && words.size() == 5) {
    send_many(words[1], port(words[2]), std::atof(words[3]),
              static_cast<std::size_t>(std::atoi(words[4])));
  } else {
    std::fputs("usage: bench_wire_peer JOB ..., see the top of bench_wire_peer.cc\n", stderr);
    return 2;
  }
  return 0;
}
