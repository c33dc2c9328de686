// How a host that stands for a process ends, and what a fork does to it.
#include "stack/host_impl.h"

namespace oriel::stack {
namespace {

/// Between two looks whether everything is delivered.
constexpr Duration kEndLookInterval = std::chrono::milliseconds(1);
/// How long the end waits, within its limit, for the FIN of peers that have acknowledged
/// everything.
constexpr Duration kHalfClosedWait = std::chrono::milliseconds(200);

/// How long resets that a peer may question are answered for: a round trip of most paths.
constexpr Duration kChallengeWait = std::chrono::milliseconds(100);

}  // namespace

void HostImpl::end(Duration limit) {
  bool is_asked_back = false;
  {
    Turn turn(*this);
    if (is_stopped_) return;
    is_asked_back = turn->abort_open(ErrorCode::kConnectionAborted);
  }
  if (may_block()) {
    Turn turn(*this);
    const Instant deadline = turn->now() + limit;
    drive_while([](const Core& core) { return core.has_undelivered(); }, deadline);
    drive_while([](const Core& core) { return core.has_half_closed(); },
                earlier(deadline, turn->now() + kHalfClosedWait));
    turn->forget_delivered();
    is_asked_back |= turn->abort_closed(ErrorCode::kConnectionAborted);
    if (is_asked_back) {
      drive_while([](const Core&) { return true; }, turn->now() + kChallengeWait);
    }
  }
  stop();
}

void HostImpl::drive_while(bool (*is_wanted)(const Core& core), Instant deadline) {
  Blocked blocked(*runner_);  // never done: it only drives
  while (is_wanted(core_) && core_.now() < deadline) {
    runner_->wait(blocked, earlier(deadline, core_.now() + kEndLookInterval));
  }
}

void HostImpl::before_fork() {
  if (runner_ != nullptr) runner_->enter();
}

void HostImpl::after_fork_in_parent() {
  if (runner_ != nullptr) runner_->leave();
}

void HostImpl::after_fork_in_child() {
  runtime::forget_park_driver();
  core_.abandon_devices();
  is_stopped_ = true;
  empty_handles();
  if (runner_ != nullptr) runner_->leave();
}

}  // namespace oriel::stack
