// The kernel keeps the number in memory of the thread's own (rseq), where the C library finds it.
#include "runtime/cpu.h"

#include <sched.h>
#include <sys/resource.h>

#include <utility>

namespace oriel::runtime {

std::uint32_t current_cpu() {
  const int cpu = ::sched_getcpu();
  return cpu < 0 ? 0 : static_cast<std::uint32_t>(cpu);
}

bool was_preempted() {
  thread_local long seen = 0;
  rusage use{};
  if (::getrusage(RUSAGE_THREAD, &use) != 0) return true;
  return std::exchange(seen, use.ru_nivcsw) != use.ru_nivcsw;
}

}  // namespace oriel::runtime
