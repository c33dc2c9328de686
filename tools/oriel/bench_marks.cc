// Each mark is one load for both transports, in the same two processes as the cells.
#include "bench_marks.h"

#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

#include "bench_loopback.h"

namespace oriel::cli {
namespace {

constexpr int kPolled = 1000;
constexpr int kPolls = 300;
constexpr int kConnects = 500;
constexpr int kIdle = 10'000;
constexpr double kLimitSeconds = 60;

void sleep_ms(int ms) {
  std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Bytes of this process's own memory, and its share of what it shares.
double memory_bytes() {
  std::ifstream rollup("/proc/self/smaps_rollup");
  std::string line;
  while (std::getline(rollup, line)) {
    if (line.rfind("Pss:", 0) == 0) return std::stod(line.substr(4)) * 1024;
  }
  throw BenchFailure("/proc/self/smaps_rollup says nothing");
}

std::unique_ptr<BenchNet> listening(const std::string& transport, BenchShared& shared) {
  raise_descriptor_limit();
  auto net = net_of(transport, {});
  shared.port.store(net->listen(), std::memory_order_release);
  return net;
}

/// So many idle connections, while the client does `act`; what the client and the server found,
/// added up. `measure` runs in each before and after they are made.
double with_connections(const std::string& transport, int count,
                        const std::function<double()>& measure,
                        const std::function<double(BenchNet&)>& act) {
  BenchProcesses processes;
  processes.run(
      BenchPlace::kApart, kLimitSeconds,
      [&](BenchShared& shared, BenchRings&) {
        raise_descriptor_limit();
        auto net = net_of(transport, {});
        const std::uint16_t port = bench_server_port(shared);
        const double before = measure();
        std::vector<std::unique_ptr<BenchEnd>> ends;
        for (int i = 0; i < count; ++i) ends.push_back(net->connect(port));
        bench_await(shared.is_ready);
        shared.client_figures[0] = act(*net) + measure() - before;
        shared.is_over.store(1, std::memory_order_release);
      },
      [&](BenchShared& shared, BenchRings&) {
        auto net = listening(transport, shared);
        const double before = measure();
        std::vector<std::unique_ptr<BenchEnd>> ends;
        for (int i = 0; i < count; ++i) ends.push_back(net->accept());
        shared.is_ready.store(1, std::memory_order_release);
        bench_await(shared.is_over);
        shared.server_figures[0] = measure() - before;
      });
  return processes.shared().client_figures[0] + processes.shared().server_figures[0];
}

double no_measure() {
  return 0;
}

double poll_us(const std::string& transport) {
  return with_connections(transport, kPolled, no_measure, [](BenchNet& net) {
    for (int i = 0; i < kPolls / 10; ++i) net.poll();
    const std::int64_t began = bench_now_ns();
    for (int i = 0; i < kPolls; ++i) {
      if (net.poll() != 0) throw BenchFailure("an idle socket is ready");
    }
    return static_cast<double>(bench_now_ns() - began) / 1e3 / kPolls;
  });
}

double bytes_of_one(const std::string& transport) {
  return with_connections(transport, kIdle, memory_bytes, [](BenchNet&) { return 0.0; }) / kIdle;
}

/// CPU time of both in milliseconds for a second of one idle connection, at which the server blocks
/// in a receive; its end is counted, too.
double idle_ms(const std::string& transport) {
  constexpr int kSettleMs = 300;
  constexpr int kIdleMs = 1000;
  BenchProcesses processes;
  processes.run(
      BenchPlace::kApart, kLimitSeconds,
      [&](BenchShared& shared, BenchRings&) {
        auto net = net_of(transport, {});
        const auto end = net->connect(bench_server_port(shared));
        sleep_ms(kSettleMs);
        const double before = bench_cpu_seconds();
        sleep_ms(kIdleMs);
        shared.client_figures[0] = (bench_cpu_seconds() - before) * 1e3;
      },
      [&](BenchShared& shared, BenchRings&) {
        auto net = listening(transport, shared);
        const auto end = net->accept();
        sleep_ms(kSettleMs);
        const double before = bench_cpu_seconds();
        std::uint8_t byte = 0;
        if (end->receive(&byte, 1) != 0) throw BenchFailure("an idle client has sent something");
        shared.server_figures[0] = (bench_cpu_seconds() - before) * 1e3;
      });
  return processes.shared().client_figures[0] + processes.shared().server_figures[0];
}

double connect_us(const std::string& transport) {
  BenchProcesses processes;
  processes.run(
      BenchPlace::kApart, kLimitSeconds,
      [&](BenchShared& shared, BenchRings&) {
        auto net = net_of(transport, {});
        const std::uint16_t port = bench_server_port(shared);
        std::uint8_t byte = 1;
        std::int64_t began = 0;
        for (int i = -kConnects / 10; i < kConnects; ++i) {
          if (i == 0) began = bench_now_ns();
          auto end = net->connect(port);
          end->send(&byte, 1);
          if (end->receive(&byte, 1) != 0) throw BenchFailure("the server has sent something");
        }
        shared.client_figures[0] = static_cast<double>(bench_now_ns() - began) / 1e3 / kConnects;
      },
      [&](BenchShared& shared, BenchRings&) {
        auto net = listening(transport, shared);
        std::uint8_t byte = 0;
        for (int i = -kConnects / 10; i < kConnects; ++i) {
          if (net->accept()->receive(&byte, 1) != 1) throw BenchFailure("no byte came");
        }
      });
  return processes.shared().client_figures[0];
}

double told_of_death_us(const std::string& transport) {
  BenchProcesses processes;
  processes.run(
      BenchPlace::kApart, kLimitSeconds,
      [&](BenchShared& shared, BenchRings&) {
        auto net = net_of(transport, {});
        auto end = net->connect(bench_server_port(shared));
        std::uint8_t byte = 0;
        shared.is_ready.store(1, std::memory_order_release);
        if (end->receive(&byte, 1) != 0) throw BenchFailure("the dead have sent something");
        const std::int64_t told_at = bench_now_ns();
        shared.client_figures[0] = static_cast<double>(told_at - shared.killed_at_ns.load()) / 1e3;
      },
      [&](BenchShared& shared, BenchRings&) {
        auto net = listening(transport, shared);
        auto end = net->accept();
        bench_await(shared.is_over);  // never
      },
      [](BenchShared& shared, int, int server) {
        bench_await(shared.is_ready);
        sleep_ms(20);
        shared.killed_at_ns.store(bench_now_ns());
        ::kill(server, SIGKILL);
      });
  return processes.shared().client_figures[0];
}

struct MarkRow {
  const char* name;
  const char* what;
  const char* unit;
  double (*measure)(const std::string& transport);
  double goal;
  bool is_ratio;
  bool has_rival;
};

constexpr MarkRow kMarkRows[] = {
    {"poll-1000", "one look, without waiting, at 1,000 idle sockets", "us", poll_us, 1, false,
     true},
    {"connect", "connect, accept, one byte, close", "us", connect_us, 0.9, true, true},
    {"death", "from SIGKILL of the peer until a blocked receive ends", "us", told_of_death_us, 50,
     false, true},
    {"memory-10000", "memory of both processes for each of 10,000 idle connections", "B",
     bytes_of_one, 16384, false, false},
    {"idle", "CPU time of both processes in a second of an idle connection", "ms", idle_ms, 0.5,
     false, false},
};

}  // namespace

double median_of(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::vector<LoopbackMark> measure_marks(
    int repetitions, const std::function<void(const std::string&)>& on_progress) {
  std::vector<LoopbackMark> marks;
  for (const MarkRow& row : kMarkRows) {
    LoopbackMark& mark = marks.emplace_back();
    mark.name = row.name;
    mark.what = row.what;
    mark.unit = row.unit;
    mark.goal = row.goal;
    mark.is_ratio = row.is_ratio;
    on_progress(row.name);
    try {
      for (int i = 0; i < repetitions; ++i) {
        mark.fast.push_back(row.measure("fast"));
        if (row.has_rival) mark.rival.push_back(row.measure("kernel-tcp"));
      }
    } catch (const BenchFailure& failure) {
      mark.failure = failure.what();
    }
  }
  return marks;
}

}  // namespace oriel::cli
