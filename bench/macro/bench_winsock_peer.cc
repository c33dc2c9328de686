// The kernel's programs of `./dev bench winsock`: an echo server around epoll, the rival of the one
// around a completion port, and the load for both.
//
// The load keeps one message of kMessageBytes under way on each of COUNT connections and counts
// those that came back. It says "ready" once all are connected and begins then.
//
// usage: bench_winsock_peer echo PORT
//        bench_winsock_peer load ADDRESS PORT SECONDS COUNT
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kEventsMax = 256;
constexpr std::size_t kMessageBytes = 64;
constexpr std::size_t kBufferBytes = 16384;  // as the rival's
constexpr auto kConnectTimeout = std::chrono::seconds(10);

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "bench winsock: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

sockaddr_in address_of(const char* text, const char* port) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port)));
  if (inet_pton(AF_INET, text, &a.sin_addr) != 1) give_up(text);
  return a;
}

void watch(int epoll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  if (::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) give_up("epoll_ctl");
}

/// False: the connection is over.
bool echo_once(int fd, char* buffer) {
  const ssize_t got = ::recv(fd, buffer, kBufferBytes, 0);
  if (got < 0) return errno == EAGAIN;
  return got > 0 && ::send(fd, buffer, static_cast<std::size_t>(got), MSG_NOSIGNAL) == got;
}

[[noreturn]] void echo(const char* port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in a = address_of("0.0.0.0", port);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&a), sizeof a) != 0) give_up("bind");
  if (::listen(listener, SOMAXCONN) != 0) give_up("listen");
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  watch(epoll, listener);
  static char buffer[kBufferBytes];
  for (;;) {
    epoll_event events[kEventsMax];
    const int n = ::epoll_wait(epoll, events, kEventsMax, -1);
    for (int i = 0; i < n; ++i) {
      const int fd = events[i].data.fd;
      if (fd == listener) {
        const int accepted = ::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (accepted >= 0) watch(epoll, accepted);
      } else if (!echo_once(fd, buffer)) {
        ::close(fd);
      }
    }
  }
}

/// The server may still be starting.
int connect_to(const sockaddr_in& a) {
  const auto deadline = Clock::now() + kConnectTimeout;
  for (;;) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) give_up("socket");
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&a), sizeof a) == 0) {
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      return fd;
    }
    if (Clock::now() > deadline) give_up("connect");
    ::close(fd);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

void send_message(int fd) {
  static const char message[kMessageBytes] = {};
  if (::send(fd, message, sizeof message, MSG_NOSIGNAL) != sizeof message) give_up("send");
}

void load(const char* address, const char* port, double seconds, int count) {
  const sockaddr_in a = address_of(address, port);
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<std::size_t> received;  // of the message under way, by descriptor
  std::vector<int> all;
  for (int i = 0; i < count; ++i) {
    all.push_back(connect_to(a));
    watch(epoll, all.back());
    received.resize(static_cast<std::size_t>(all.back()) + 1);
  }
  std::puts("ready");
  std::fflush(stdout);
  for (const int fd : all) send_message(fd);
  std::uint64_t echoes = 0;
  const std::clock_t cpu_before = std::clock();
  const auto begin = Clock::now();
  const auto end =
      begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  while (Clock::now() < end) {
    epoll_event events[kEventsMax];
    const int n = ::epoll_wait(epoll, events, kEventsMax, 1000);
    for (int i = 0; i < n; ++i) {
      const int fd = events[i].data.fd;
      char buffer[kMessageBytes];
      const ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
      if (got <= 0) give_up("the server has ended a connection");
      std::size_t& have = received[static_cast<std::size_t>(fd)];
      have += static_cast<std::size_t>(got);
      if (have < kMessageBytes) continue;
      have = 0;
      ++echoes;
      send_message(fd);
    }
  }
  const double took = std::chrono::duration<double>(Clock::now() - begin).count();
  const double cpu = static_cast<double>(std::clock() - cpu_before) / CLOCKS_PER_SEC;
  std::printf("{\"echoes\":%llu,\"seconds\":%.6f,\"per_second\":%.1f,\"cpu_seconds\":%.6f}\n",
              static_cast<unsigned long long>(echoes), took, static_cast<double>(echoes) / took,
              cpu);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string job = argc > 1 ? argv[1] : "";
  if (job == "echo" && argc == 3) echo(argv[2]);
  if (job != "load" || argc != 6) {
    std::fputs("usage: bench_winsock_peer echo PORT | load ADDRESS PORT SECONDS COUNT\n", stderr);
    return 2;
  }
  load(argv[2], argv[3], std::atof(argv[4]), std::atoi(argv[5]));
}
