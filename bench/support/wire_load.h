// What the two ends of `./dev bench wire` do, written once for both: over the kernel's sockets and
// over Oriel.
//
// `Net` gives `Stream connect(address, port)`, `Listener listen(port)`, `Stream
// Listener::accept()`; a Stream has `send(bytes)` (all of them), `receive(into)` (0: the end),
// `finish()` (FIN) and `reset()` (RST). All block; whatever fails ends the program with a sentence.
// Each job prints one line of JSON about itself.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

namespace oriel::bench {

constexpr std::size_t kWriteBytes = 256 * 1024;
constexpr std::size_t kReadBytes = 1024 * 1024;

[[noreturn]] inline void give_up(const std::string& sentence) {
  std::fprintf(stderr, "bench wire: %s\n", sentence.c_str());
  std::exit(1);
}

/// The other end waits for this line.
inline void say_ready() {
  std::printf("ready\n");
  std::fflush(stdout);
}

/// Wall and processor time since it was made; the latter of all threads, in user and kernel.
class Stopwatch {
 public:
  Stopwatch() : begin_(std::chrono::steady_clock::now()), cpu_begin_(cpu()) {}
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }
  double cpu_seconds() const { return cpu() - cpu_begin_; }

 private:
  static double cpu() {
    rusage u{};
    getrusage(RUSAGE_SELF, &u);
    return static_cast<double>(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           static_cast<double>(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
  }
  std::chrono::steady_clock::time_point begin_;
  double cpu_begin_;
};

inline void print_transfer(std::uint64_t bytes, const Stopwatch& watch) {
  const double s = watch.seconds();
  std::printf("{\"bytes\":%llu,\"seconds\":%.6f,\"gbps\":%.6f,\"cores\":%.4f}\n",
              static_cast<unsigned long long>(bytes), s, static_cast<double>(bytes) * 8 / s / 1e9,
              watch.cpu_seconds() / s);
  std::fflush(stdout);
}

/// Accepts one connection and reads it to its end, timed from the first byte.
template <class Net>
void job_receive(Net& net, std::uint16_t port) {
  auto listener = net.listen(port);
  say_ready();
  auto stream = listener.accept();
  std::vector<std::uint8_t> buffer(kReadBytes);
  std::uint64_t bytes = stream.receive(buffer);
  const Stopwatch watch;
  while (const std::size_t n = stream.receive(buffer)) bytes += n;
  print_transfer(bytes, watch);
}

/// Sends for so many seconds, then ends and waits for the peer's end.
template <class Net>
void job_send(Net& net, const std::string& address, std::uint16_t port, double seconds) {
  auto stream = net.connect(address, port);
  const std::vector<std::uint8_t> buffer(kWriteBytes, 0x5a);
  std::uint64_t bytes = 0;
  const Stopwatch watch;
  while (watch.seconds() < seconds) {
    stream.send(buffer);
    bytes += buffer.size();
  }
  print_transfer(bytes, watch);
  stream.finish();
  std::uint8_t end;
  while (stream.receive({&end, 1}) != 0) {
  }
}

/// Sends so many bytes and waits for the peer's end: the time that a user waits, handshake
/// included.
template <class Net>
void job_transfer(Net& net, const std::string& address, std::uint16_t port, std::uint64_t total) {
  const std::vector<std::uint8_t> buffer(kWriteBytes, 0x5a);
  const Stopwatch watch;
  auto stream = net.connect(address, port);
  for (std::uint64_t left = total; left != 0;) {
    const std::size_t n = static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer.size()));
    stream.send(std::span(buffer).first(n));
    left -= n;
  }
  stream.finish();
  std::uint8_t end;
  while (stream.receive({&end, 1}) != 0) {
  }
  print_transfer(total, watch);
}

/// Sends every byte back, one connection after the other, for ever.
template <class Net>
void job_echo(Net& net, std::uint16_t port) {
  auto listener = net.listen(port);
  say_ready();
  while (true) {
    auto stream = listener.accept();
    std::uint8_t byte;
    while (stream.receive({&byte, 1}) == 1) stream.send({&byte, 1});
  }
}

/// Round trips of one byte, each blocking: how many in a second, and the distribution of one.
template <class Net>
void job_ask(Net& net, const std::string& address, std::uint16_t port, double seconds) {
  auto stream = net.connect(address, port);
  std::uint8_t byte = 1;
  std::vector<float> trips_us;
  trips_us.reserve(1u << 20);
  const Stopwatch watch;
  double before = 0;
  while (before < seconds) {
    stream.send({&byte, 1});
    if (stream.receive({&byte, 1}) != 1) give_up("the echo ended");
    const double after = watch.seconds();
    trips_us.push_back(static_cast<float>((after - before) * 1e6));
    before = after;
  }
  const double cores = watch.cpu_seconds() / before;
  std::sort(trips_us.begin(), trips_us.end());
  const auto n = trips_us.size();
  std::printf("{\"per_second\":%.1f,\"p50_us\":%.3f,\"p99_us\":%.3f,\"cores\":%.4f}\n",
              static_cast<double>(n) / before, static_cast<double>(trips_us[n / 2]),
              static_cast<double>(trips_us[n * 99 / 100]), cores);
}

/// Accepts and lets go, for ever.
template <class Net>
void job_accept(Net& net, std::uint16_t port) {
  auto listener = net.listen(port);
  say_ready();
  while (true) listener.accept();
}

/// Connects and resets: how many in a second.
template <class Net>
void job_connect(Net& net, const std::string& address, std::uint16_t port, double seconds) {
  net.connect(address, port).reset();  // the first waits until the kernel sends into a new device
  std::uint64_t count = 0;
  const Stopwatch watch;
  while (watch.seconds() < seconds) {
    net.connect(address, port).reset();
    ++count;
  }
  std::printf("{\"per_second\":%.1f,\"cores\":%.4f}\n",
              static_cast<double>(count) / watch.seconds(), watch.cpu_seconds() / watch.seconds());
}

/// The jobs above by name. False: there is no such job.
template <class Net>
bool run_job(Net& net, std::span<char*> words) {
  const std::string job = words.empty() ? "" : words[0];
  const auto number = [&](std::size_t i) { return std::atof(words[i]); };
  const auto port = [&](std::size_t i) { return static_cast<std::uint16_t>(number(i)); };
  if (words.size() == 2) {
    if (job == "receive") return job_receive(net, port(1)), true;
    if (job == "echo") return job_echo(net, port(1)), true;
    if (job == "accept") return job_accept(net, port(1)), true;
  } else if (words.size() == 4) {
    if (job == "send") return job_send(net, words[1], port(2), number(3)), true;
    if (job == "ask") return job_ask(net, words[1], port(2), number(3)), true;
    if (job == "transfer")
      return job_transfer(net, words[1], port(2), static_cast<std::uint64_t>(number(3))), true;
    if (job == "connect") return job_connect(net, words[1], port(2), number(3)), true;
  }
  return false;
}

}  // namespace oriel::bench
