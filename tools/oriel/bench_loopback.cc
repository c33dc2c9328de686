// One repetition of one cell: two processes, a connection between them, a load for some time.
//
// A round trip is timed one by one; a stream in batches, whose time over their number is what one
// message took. The first tenth warms up and does not count, but for CPU time, which is counted
// from the connection to its end and divided by all operations of that time.
#include "bench_loopback.h"

#include <algorithm>
#include <chrono>
#include <thread>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace oriel::cli {
namespace {

constexpr std::size_t kStreamBatchBytes = 1u << 20;
constexpr std::size_t kStreamBatchMax = 1024;
constexpr std::size_t kStreamReadBytes = 65536;
constexpr std::size_t kSamplesMax = 1u << 21;

enum Figure : std::size_t { kP50, kP99, kBytesPerSecond, kCpuSeconds, kOps };

/// Ticks of the cheapest clock there is: reading the usual one would be a tenth of a round trip.
std::uint64_t ticks_now() {
#if defined(__x86_64__)
  return __rdtsc();
#else
  return static_cast<std::uint64_t>(bench_now_ns());
#endif
}

double ticks_per_us() {
  static const double rate = [] {
    const std::int64_t began = bench_now_ns();
    const std::uint64_t ticks = ticks_now();
    while (bench_now_ns() - began < 5'000'000) {
    }
    return static_cast<double>(ticks_now() - ticks) * 1e3 /
           static_cast<double>(bench_now_ns() - began);
  }();
  return rate;
}

double quantile(std::vector<float>& values, double q) {
  if (values.empty()) return 0;
  const auto at =
      values.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

void receive_all(BenchEnd& end, std::uint8_t* bytes, std::size_t n) {
  while (n != 0) {
    const std::size_t got = end.receive(bytes, n);
    if (got == 0) throw BenchFailure("the stream ended early");
    bytes += got;
    n -= got;
  }
}

/// False: the stream has ended.
bool receive_message(BenchEnd& end, std::vector<std::uint8_t>& bytes) {
  std::size_t have = 0;
  while (have < bytes.size()) {
    const std::size_t got = end.receive(bytes.data() + have, bytes.size() - have);
    if (got == 0) return false;
    have += got;
  }
  return true;
}

void serve_round_trips(BenchEnd& end, const LoopbackLoad& load) {
  std::vector<std::uint8_t> bytes(load.size);
  while (receive_message(end, bytes)) end.send(bytes.data(), bytes.size());
}

void serve_stream(BenchEnd& end, const LoopbackLoad& load) {
  std::vector<std::uint8_t> bytes(std::max(load.size, kStreamReadBytes));
  while (end.receive(bytes.data(), bytes.size()) != 0) {
  }
}

/// What a client times: one turn after another, for so long.
class Timing {
 public:
  explicit Timing(double seconds)
      : until_(bench_now_ns() + static_cast<std::int64_t>(seconds * 1e9)),
        warm_until_(bench_now_ns() + static_cast<std::int64_t>(seconds * 1e8)) {
    samples_.reserve(kSamplesMax);
  }

  template <class Turn>
  void run(double ops_per_turn, Turn&& turn) {
    const double ticks = ticks_per_us() * ops_per_turn;
    for (;;) {
      // The clock is read once for some turns when they are short.
      std::uint64_t spent = 0;
      for (int i = 0; i < 64 && spent < 100'000; ++i) {
        const std::uint64_t took = turn();
        spent += took;
        ops_ += ops_per_turn;
        if (is_warm_ && samples_.size() < kSamplesMax) {
          samples_.push_back(static_cast<float>(static_cast<double>(took) / ticks));
        }
      }
      const std::int64_t now = bench_now_ns();
      if (!is_warm_ && now >= warm_until_) {
        is_warm_ = true;
        began_ = now;
        ops_before_ = ops_;
      }
      if (now >= until_ && is_warm_ && !samples_.empty()) return;
    }
  }

  void tell(BenchShared& shared, std::size_t bytes_per_op, std::int64_t ended) {
    const double seconds = static_cast<double>(ended - began_) * 1e-9;
    shared.client_figures[kP50] = quantile(samples_, 0.5);
    shared.client_figures[kP99] = quantile(samples_, 0.99);
    shared.client_figures[kBytesPerSecond] =
        (ops_ - ops_before_) * static_cast<double>(bytes_per_op) / seconds;
    shared.client_figures[kOps] = ops_;
  }

 private:
  const std::int64_t until_;
  const std::int64_t warm_until_;
  std::vector<float> samples_;
  bool is_warm_ = false;
  std::int64_t began_ = 0;
  double ops_ = 0;
  double ops_before_ = 0;
};

void ask_round_trips(BenchEnd& end, const LoopbackLoad& load, double seconds, BenchShared& shared) {
  std::vector<std::uint8_t> bytes(load.size, 1);
  Timing timing(seconds);
  const auto think_ticks = static_cast<std::uint64_t>(load.think_us * ticks_per_us());
  std::uint64_t before = ticks_now();
  timing.run(1, [&] {
    if (think_ticks != 0) {
      const std::uint64_t until = ticks_now() + think_ticks;
      while (ticks_now() < until) {
      }
      before = ticks_now();
    }
    end.send(bytes.data(), load.size);
    receive_all(end, bytes.data(), load.size);
    const std::uint64_t began = before;
    before = ticks_now();
    return before - began;
  });
  timing.tell(shared, load.size, bench_now_ns());
  end.finish();
}

// The time of a stream ends when the server has taken all of it, and ended its own side.
void send_stream(BenchEnd& end, const LoopbackLoad& load, double seconds, BenchShared& shared) {
  std::vector<std::uint8_t> bytes(load.size, 1);
  Timing timing(seconds);
  const std::size_t count =
      std::clamp<std::size_t>(kStreamBatchBytes / load.size, 1, kStreamBatchMax);
  timing.run(static_cast<double>(count), [&] {
    const std::uint64_t began = ticks_now();
    for (std::size_t i = 0; i < count; ++i) end.send(bytes.data(), load.size);
    return ticks_now() - began;
  });
  end.finish();
  while (end.receive(bytes.data(), 1) != 0) {
  }
  timing.tell(shared, load.size, bench_now_ns());
}

BenchApi api_of(const std::string& word) {
  if (word == "nonblocking") return BenchApi::kNonBlocking;
  if (word == "overlapped") return BenchApi::kOverlapped;
  return word == "iocp" ? BenchApi::kCompletionPort : BenchApi::kBlocking;
}

/// The end, and the net that must outlive it.
struct OpenEnd {
  std::unique_ptr<BenchNet> net;
  std::unique_ptr<BenchEnd> end;
};

OpenEnd open_end(const LoopbackCell& cell, bool is_client, BenchShared& shared, BenchRings& rings) {
  const BenchSocketOptions options{api_of(cell.load.api), cell.load.rcv_buffer_bytes};
  OpenEnd open;
  if (cell.transport == "unix") {
    open.end = unix_end(shared.unix_fds[is_client ? 0 : 1], options);
  } else if (cell.transport == "ring") {
    open.end = ring_end(rings, is_client, cell.load.wait == "adaptive");
  } else {
    open.net = net_of(cell.transport, options);
    if (is_client) {
      open.end = open.net->connect(bench_server_port(shared));
    } else {
      shared.port.store(open.net->listen(), std::memory_order_release);
      open.end = open.net->accept();
    }
  }
  return open;
}

LoopbackFigures measure_once(const LoopbackCell& cell, double seconds) {
  BenchProcesses processes;
  const LoopbackLoad& load = cell.load;
  const bool is_stream = load.op == "stream";
  const auto client = [&](BenchShared& shared, BenchRings& rings) {
    ticks_per_us();
    OpenEnd open = open_end(cell, true, shared, rings);
    const double cpu = bench_cpu_seconds();
    (is_stream ? send_stream : ask_round_trips)(*open.end, load, seconds, shared);
    shared.client_figures[kCpuSeconds] = bench_cpu_seconds() - cpu;
    open.end.reset();
  };
  const auto server = [&](BenchShared& shared, BenchRings& rings) {
    OpenEnd open = open_end(cell, false, shared, rings);
    const double cpu = bench_cpu_seconds();
    (is_stream ? serve_stream : serve_round_trips)(*open.end, load);
    if (is_stream) open.end->finish();
    shared.server_figures[kCpuSeconds] = bench_cpu_seconds() - cpu;
    open.end.reset();
  };
  processes.run(load.is_together ? BenchPlace::kTogether : BenchPlace::kApart, 10 + 10 * seconds,
                client, server);
  const BenchShared& shared = processes.shared();
  const double* const of = shared.client_figures;
  LoopbackFigures figures;
  figures.p50_us = of[kP50];
  figures.p99_us = of[kP99];
  figures.bytes_per_s = of[kBytesPerSecond];
  figures.server_cpu_us_per_op = shared.server_figures[kCpuSeconds] * 1e6 / of[kOps];
  figures.cpu_us_per_op = of[kCpuSeconds] * 1e6 / of[kOps] + figures.server_cpu_us_per_op;
  return figures;
}

template <class Member>
double median(const std::vector<LoopbackFigures>& reps, Member member) {
  std::vector<double> values;
  for (const LoopbackFigures& f : reps) values.push_back(f.*member);
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

std::unique_ptr<BenchNet> net_of(const std::string& transport, const BenchSocketOptions& options) {
  if (transport == "kernel-tcp") return kernel_net(options);
  return winsock_net(options, transport == "fast");
}

LoopbackFigures LoopbackCell::medians() const {
  LoopbackFigures figures;
  for (double LoopbackFigures::*member :
       {&LoopbackFigures::p50_us, &LoopbackFigures::p99_us, &LoopbackFigures::bytes_per_s,
        &LoopbackFigures::cpu_us_per_op, &LoopbackFigures::server_cpu_us_per_op}) {
    figures.*member = median(reps, member);
  }
  return figures;
}

double LoopbackCell::figure(const LoopbackFigures& of) const {
  return load.op == "stream" ? of.bytes_per_s : of.p50_us;
}

void measure_cells(std::vector<LoopbackCell>& cells, int repetitions, double seconds,
                   const std::function<void(std::size_t, std::size_t)>& on_progress) {
  std::size_t done = 0;
  for (int i = 0; i < repetitions; ++i) {
    for (LoopbackCell& cell : cells) {
      on_progress(done++, cells.size() * static_cast<std::size_t>(repetitions));
      if (!cell.failure.empty()) continue;
      try {
        cell.reps.push_back(measure_once(cell, seconds));
      } catch (const BenchFailure& failure) {
        cell.failure = failure.what();
      }
    }
  }
}

}  // namespace oriel::cli
