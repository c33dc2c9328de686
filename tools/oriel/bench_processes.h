// Two processes, each pinned to a core, that play the two ends of a measurement, and the memory in
// which they tell what they found.
//
// They are forked before anybody has started a stack, and end without running what the parent would
// run at its end. Pinning comes before all they do, so that threads of a stack stay on its core.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "bench_end.h"

namespace oriel::cli {

/// Zeroed; seen by both and by the process that started them.
struct BenchShared {
  std::atomic<std::uint32_t> port;      ///< where the server listens; 0: not yet
  std::atomic<std::uint32_t> is_ready;  ///< the client's word that it may begin
  std::atomic<std::uint32_t> is_over;   ///< likewise that it may end
  std::atomic<std::int64_t> killed_at_ns;
  int unix_fds[2];  ///< the client's and the server's, in the process whose it is
  double client_figures[8];
  double server_figures[8];
  char failures[2][240];
};

enum class BenchPlace : std::uint8_t { kApart, kTogether };

class BenchProcesses {
 public:
  BenchProcesses();
  ~BenchProcesses();
  BenchProcesses(const BenchProcesses&) = delete;
  BenchProcesses& operator=(const BenchProcesses&) = delete;

  using Role = std::function<void(BenchShared&, BenchRings&)>;
  /// Once. Runs both to their end, `meanwhile(client, server)` here while they do. Throws
  /// BenchFailure: one of them failed, or did not end in `limit_s` and was killed. A server that
  /// `meanwhile` kills does not count.
  void run(BenchPlace place, double limit_s, const Role& client, const Role& server,
           const std::function<void(BenchShared&, int client, int server)>& meanwhile = {});
  const BenchShared& shared() const { return *shared_; }

 private:
  BenchShared* shared_;
  BenchRings* rings_;
  bool has_run_ = false;
};

std::int64_t bench_now_ns();
/// CPU time of this process, its threads and system calls included.
double bench_cpu_seconds();
/// Waits until the server listens, and says where.
std::uint16_t bench_server_port(const BenchShared& shared);
/// Waits until it is not zero.
void bench_await(const std::atomic<std::uint32_t>& word);

}  // namespace oriel::cli
