// Fork, pin, run, collect. What a child says about its failure lies in the shared memory.
#include "bench_processes.h"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <thread>

namespace oriel::cli {
namespace {

using Clock = std::chrono::steady_clock;

void* shared_memory(std::size_t bytes) {
  void* at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) throw BenchFailure("no memory to share");
  return at;
}

/// Keeps this process on the first (0) or second (1) core that it may use.
void pin_to(int which) {
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) < 2) return;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed) || which-- != 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    ::sched_setaffinity(0, sizeof one, &one);
    return;
  }
}

int start(int core, BenchShared& shared, BenchRings& rings, const BenchProcesses::Role& role,
          char (&failure)[240]) {
  std::fflush(nullptr);
  const int pid = ::fork();
  if (pid < 0) throw BenchFailure("no process");
  if (pid != 0) return pid;
  pin_to(core);
  int code = 0;
  try {
    role(shared, rings);
  } catch (const std::exception& error) {
    std::snprintf(failure, sizeof failure, "%s", error.what());
    code = 1;
  }
  ::_exit(code);
}

/// Whether it ended by `until`; then `status` says how.
bool await_end(int pid, Clock::time_point until, int& status) {
  for (;;) {
    const int ended = ::waitpid(pid, &status, WNOHANG);
    if (ended == pid) return true;
    if (Clock::now() >= until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

bool is_well(int status) {
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string sentence(const char* who, const char (&failure)[240], int status) {
  std::string text = std::string("the ") + who + ": ";
  if (failure[0] != 0) return text + failure;
  return text + "ended with status " + std::to_string(status);
}

}  // namespace

BenchProcesses::BenchProcesses()
    : shared_(static_cast<BenchShared*>(shared_memory(sizeof(BenchShared)))),
      rings_(static_cast<BenchRings*>(shared_memory(bench_rings_bytes()))) {
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, shared_->unix_fds) != 0) {
    throw BenchFailure("no descriptors");
  }
}

BenchProcesses::~BenchProcesses() {
  for (const int fd : shared_->unix_fds) {
    if (!has_run_) ::close(fd);
  }
  ::munmap(shared_, sizeof(BenchShared));
  ::munmap(rings_, bench_rings_bytes());
}

void BenchProcesses::run(BenchPlace place, double limit_s, const Role& client, const Role& server,
                         const std::function<void(BenchShared&, int, int)>& meanwhile) {
  const int fds[2] = {shared_->unix_fds[0], shared_->unix_fds[1]};
  const int server_pid = start(
      place == BenchPlace::kApart ? 1 : 0, *shared_, *rings_,
      [&](BenchShared& shared, BenchRings& rings) {
        ::close(fds[0]);
        server(shared, rings);
      },
      shared_->failures[1]);
  const int client_pid = start(
      0, *shared_, *rings_,
      [&](BenchShared& shared, BenchRings& rings) {
        ::close(fds[1]);
        client(shared, rings);
      },
      shared_->failures[0]);
  for (const int fd : fds) ::close(fd);
  has_run_ = true;
  const auto until = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                        std::chrono::duration<double>(limit_s));
  if (meanwhile) meanwhile(*shared_, client_pid, server_pid);
  int of_client = 0;
  int of_server = 0;
  const bool has_client_ended = await_end(client_pid, until, of_client);
  const bool is_client_well = has_client_ended && is_well(of_client);
  // A server whose client failed may wait for it for ever.
  const bool has_server_ended =
      await_end(server_pid, is_client_well ? until : Clock::now(), of_server);
  for (const auto& [has_ended, pid] :
       {std::pair(has_client_ended, client_pid), std::pair(has_server_ended, server_pid)}) {
    if (has_ended) continue;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  const bool was_killed = shared_->killed_at_ns.load() != 0;
  if (shared_->failures[1][0] != 0) {
    throw BenchFailure(sentence("server", shared_->failures[1], of_server));
  }
  if (!has_client_ended) throw BenchFailure("it did not end in time");
  if (!is_client_well) throw BenchFailure(sentence("client", shared_->failures[0], of_client));
  if (was_killed) return;
  if (!has_server_ended) throw BenchFailure("the server did not end in time");
  if (!is_well(of_server)) {
    throw BenchFailure(sentence("server", shared_->failures[1], of_server));
  }
}

std::int64_t bench_now_ns() {
  return std::chrono::nanoseconds(Clock::now().time_since_epoch()).count();
}

double bench_cpu_seconds() {
  rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  const auto of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return of(use.ru_utime) + of(use.ru_stime);
}

void bench_await(const std::atomic<std::uint32_t>& word) {
  // Rarer and rarer: whoever waits long shall not count in what is measured.
  std::chrono::microseconds pause(100);
  while (word.load(std::memory_order_acquire) == 0) {
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, std::chrono::microseconds(50'000));
  }
}

std::uint16_t bench_server_port(const BenchShared& shared) {
  bench_await(shared.port);
  return static_cast<std::uint16_t>(shared.port.load());
}

}  // namespace oriel::cli
