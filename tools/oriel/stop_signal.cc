// sigwait in a detached thread; it ends with the process.
#include "stop_signal.h"

#include <csignal>
#include <cstdlib>
#include <thread>
#include <utility>

namespace oriel::cli {
namespace {

constexpr int kExitInterrupted = 130;

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

void watch_stop_signals(std::function<void()> on_stop, int patience_seconds) {
  std::thread([on_stop = std::move(on_stop), patience_seconds] {
    const sigset_t s = stop_signals();
    int which = 0;
    sigwait(&s, &which);
    on_stop();
    const timespec patience{patience_seconds, 0};
    if (patience_seconds == 0) {
      sigwait(&s, &which);
    } else {
      sigtimedwait(&s, nullptr, &patience);
    }
    std::_Exit(kExitInterrupted);
  }).detach();
}

}  // namespace oriel::cli
