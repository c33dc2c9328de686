// A handler that only writes the signal's number into a pipe, and a thread that reads it.
#include "runtime/interrupt.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

#include "runtime/lock.h"
#include "runtime/thread.h"

namespace oriel::runtime {
namespace {

std::atomic<void (*)(int)> function_to_call{nullptr};
Lock start_lock;
int pipe_ends[2] = {-1, -1};

void note_signal(int number) {
  const auto byte = static_cast<unsigned char>(number);
  [[maybe_unused]] const ssize_t n = ::write(pipe_ends[1], &byte, 1);
}

std::uint32_t read_signals(void*) {
  unsigned char byte = 0;
  while (::read(pipe_ends[0], &byte, 1) != 0) {
    if (byte != 0) function_to_call.load()(byte);
    byte = 0;
  }
  return 0;
}

}  // namespace

bool handle_interrupts(void (*on_signal)(int number)) {
  LockHold hold(start_lock);
  function_to_call = on_signal;
  if (pipe_ends[0] >= 0) return true;
  if (::pipe2(pipe_ends, O_CLOEXEC) != 0) return false;
  if (!start_thread({read_signals, nullptr, 0, false}).record) return false;
  struct sigaction action = {};
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART;
  for (int number : {SIGINT, SIGTERM}) ::sigaction(number, &action, nullptr);
  return true;
}

void end_by_signal(int number) {
  ::signal(number, SIG_DFL);
  ::kill(::getpid(), number);
  for (;;) ::pause();
}

}  // namespace oriel::runtime
