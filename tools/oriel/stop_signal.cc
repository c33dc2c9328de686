// sigwait in a detached thread; it ends with the process.
#include "stop_signal.h"

#include <csignal>
#include <cstdlib>
#include <thread>
#include <utility>

namespace oriel::cli {
namespace {

constexpr int kExitInterrupted = 130;
/// For what is under way; a write to a pipe that nobody reads would never end.
constexpr timespec kGrace{5, 0};

sigset_t stop_signals() {
  sigset_t s;
  sigemptyset(&s);
  sigaddset(&s, SIGINT);
  sigaddset(&s, SIGTERM);
  return s;
}

}  // namespace

void block_stop_signals() {
  const sigset_t s = stop_signals();
  pthread_sigmask(SIG_BLOCK, &s, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

void watch_stop_signals(std::function<void()> on_stop) {
  std::thread([on_stop = std::move(on_stop)] {
    const sigset_t s = stop_signals();
    int which = 0;
    sigwait(&s, &which);
    on_stop();
    sigtimedwait(&s, nullptr, &kGrace);
    std::_Exit(kExitInterrupted);
  }).detach();
}

}  // namespace oriel::cli
