// Detached POSIX threads, each bound to the record that its creator made.
#include "runtime/thread.h"

#include <limits.h>
#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <memory>

#include "runtime/clock.h"
#include "runtime/park.h"
#include "runtime/wait.h"
#include "runtime/wait_many.h"

namespace oriel::runtime {
namespace {

struct Launch {
  ThreadStart start;
  StartedThread thread;
  WaitCell has_begun;
};

void* run_thread(void* argument) {
  auto* launch = static_cast<Launch*>(argument);
  const ThreadStart start = launch->start;
  ThreadRecord& record = *launch->thread.record;
  const Ref<ThreadGate> gate = launch->thread.gate;
  record.begin();
  launch->has_begun.set();  // the launch is gone from here on
  if (gate) gate->pass();
  record.set_exit_code(start.run(start.argument));
  return nullptr;
}

}  // namespace

bool ThreadGate::open() {
  const bool is_first = is_open_.exchange(1, std::memory_order_acq_rel) == 0;
  unpark(&is_open_);
  return is_first;
}

void ThreadGate::pass() {
  while (is_open_.load(std::memory_order_acquire) == 0) park(is_open_, 0);
}

StartedThread start_thread(const ThreadStart& start) {
  Launch launch{start, {make_ref<ThreadRecord>(), nullptr}, {}};
  if (start.is_suspended) launch.thread.gate = make_ref<ThreadGate>();
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  if (start.stack_bytes != 0) {
    constexpr std::size_t kGranule = 64 * 1024;
    const auto least = std::max<std::size_t>(PTHREAD_STACK_MIN, 4 * kGranule);
    const std::size_t bytes = std::max(start.stack_bytes, least);
    pthread_attr_setstacksize(&attributes, (bytes + kGranule - 1) / kGranule * kGranule);
  }
  pthread_t thread;
  const int error = pthread_create(&thread, &attributes, run_thread, &launch);
  pthread_attr_destroy(&attributes);
  if (error != 0) return {};
  launch.has_begun.wait();
  return launch.thread;
}

void exit_thread(std::uint32_t code) {
  ThreadRecord::current().set_exit_code(code);
  pthread_exit(nullptr);
}

bool yield_thread() {
  return sched_yield() == 0;
}

bool sleep_thread(Instant deadline, bool is_alertable) {
  return wait_many({}, false, deadline, is_alertable).end == WaitResult::End::kCalls;
}

}  // namespace oriel::runtime
