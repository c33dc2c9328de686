// The kernel keeps the number in memory of the thread's own (rseq), where the C library finds it.
#include "runtime/cpu.h"

#include <sched.h>
#include <sys/resource.h>

namespace oriel::runtime {

std::uint32_t current_cpu() {
  const int cpu = ::sched_getcpu();
  return cpu < 0 ? 0 : static_cast<std::uint32_t>(cpu);
}

long preemptions() {
  rusage use{};
  (void)::getrusage(RUSAGE_THREAD, &use);  // cannot fail with a good pointer
  return use.ru_nivcsw;
}

}  // namespace oriel::runtime
