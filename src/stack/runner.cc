// The two who may sleep on the devices, and how they make room for each other.
#include "stack/runner.h"

#include <utility>

#include "runtime/clock.h"
#include "runtime/park.h"

namespace oriel::stack {

using runtime::real_now;

namespace {

thread_local const Runner* loop_of_this_thread = nullptr;
}  // namespace

void Blocked::on_complete(socket::Request& /*request*/) {
  is_done = true;
  if (is_asleep_on_devices) {
    runner.wake_of(*this).notify();
  } else if (is_linked()) {
    cell.set();
  }
}

void Blocked::on_queued_call(runtime::WakeList& /*wakes*/) {
  is_called.store(true);
  if (is_asleep_on_devices.load()) runner.driver_wake_.notify();
  cell.set();
}

Runner::Runner(Core& core, std::function<bool()> deliver, std::function<bool()> has_deliveries)
    : core_(core), deliver_(std::move(deliver)), has_deliveries_(std::move(has_deliveries)) {
  core_.arm_pipes_late();
}

Runner::~Runner() = default;

void Runner::listen(int fd, std::function<void()> on_ready) {
  side_fd_ = fd;
  on_side_ = std::move(on_ready);
}

// Not before the loop's thread holds this host's life: of a death before that nobody would hear who
// has nothing but the life page to hear it from. REQ LFP-11
void Runner::start() {
  runtime::WaitCell is_alive;
  baton_.acquire();  // so that loop_ is written before the loop asks for it
  loop_ = std::thread([this, &is_alive] {
    core_.hold_life();
    is_alive.set();
    loop();
  });
  baton_.release();
  is_alive.wait();
}

void Runner::stop() {
  baton_.acquire();
  is_stopping_ = true;
  loop_wake_.notify();
  call_off_parked();
  baton_.release();
  runtime::remove_park_driver(*this);
  if (!loop_.joinable()) return;
  if (is_loop_thread()) {
    loop_.detach();
  } else {
    loop_.join();
  }
}

void Runner::enter() {
  baton_.acquire();
  core_.set_now(real_now());
  // Nobody reads the devices just now: this caller does, in passing.
  if (loop_state_ != Loop::kStandby || driver_ != nullptr) return;
  if (core_.now() - last_look_ < kLookInPassing) return;
  look();
  core_.run_timers();  // callers that find what they wait for at once never sleep
}

void Runner::leave() {
  for (int round = 0; round < kRoundsOfACallMax && core_.run(); ++round) yield_baton();
  tell_sleepers();
  baton_.release();
}

void Runner::yield_baton() {
  if (!baton_.has_waiters()) return;
  baton_.release();
  baton_.acquire();
}

// The loop must hear of handlers to run; whoever sleeps on the devices, of an earlier deadline and
// of a link that waits for room.
void Runner::tell_sleepers() {
  const bool is_anybody_asleep =
      driver_ != nullptr ? driver_->is_asleep_on_devices.load() : loop_state_ == Loop::kPolling;
  if (is_anybody_asleep) {
    core_.arm_pipes();
    for (int round = 0; core_.has_work() && round < kRoundsOfACallMax; ++round) core_.run();
  }
  if (loop_state_ != Loop::kWorking && has_deliveries_()) {
    loop_state_ = Loop::kWorking;  // it will look; nobody need tell it twice
    loop_wake_.notify();
  }
  const bool is_driver_asleep = driver_ != nullptr && driver_->is_asleep_on_devices;
  if (!is_driver_asleep && (driver_ != nullptr || loop_state_ != Loop::kPolling)) return;
  const Asleep& sleeper = is_driver_asleep ? driver_asleep_ : loop_asleep_;
  if (core_.next_deadline() < sleeper.until || (core_.is_blocked() && !sleeper.is_for_room)) {
    rewatch();
  }
}

// After this the sleeper counts as told, so that the next call does not tell it again.
void Runner::rewatch() {
  if (driver_ != nullptr) {
    if (!driver_->is_asleep_on_devices) return;
    driver_asleep_ = {Instant{0}, true};
    wake_of(*driver_).notify();
  } else if (loop_state_ == Loop::kPolling) {
    loop_asleep_ = {Instant{0}, true};
    loop_wake_.notify();
  }
}

void Runner::watch_nothing_but(const runtime::WakeFd& wake, WatchList& list) const {
  list.fds.clear();
  list.fds.emplace_back().fd = wake.fd();
  list.is_for_room = false;
  list.has_blind = false;
}

void Runner::watch(const runtime::WakeFd& wake, WatchList& list) const {
  watch_nothing_but(wake, list);
  if (const int fd = core_.loopback_fd(); fd >= 0) list.fds.emplace_back().fd = fd;
  for (const auto& port : core_.links()) {
    if (port == nullptr) continue;
    if (port->is_peer()) {  // that descriptor tells of all of them, room included
      list.is_for_room = list.is_for_room || port->is_blocked();
      continue;
    }
    const int fd = port->device().poll_fd();
    if (fd < 0) {
      if (port->device().next_deadline().is_never()) list.has_blind = true;
      continue;
    }
    if (list.fds.size() == runtime::kFdWaitMax) continue;
    runtime::FdWait& w = list.fds.emplace_back();
    w.fd = fd;
    if (!port->is_blocked()) continue;
    w.interest = runtime::FdInterest::kReadWrite;
    list.is_for_room = true;
  }
}

// When the sleeper must look again by itself.
Instant Runner::latest_look(const WatchList& list) const {
  const Instant next = core_.next_deadline();
  return list.has_blind ? earlier(next, core_.now() + kBlindPollInterval) : next;
}

std::size_t Runner::look() {
  const runtime::HostWork at_work;
  last_look_ = core_.now();
  found_ = core_.receive();
  return found_;
}

bool Runner::work() {
  const runtime::HostWork at_work;
  core_.set_now(real_now());
  look();
  core_.run_timers();
  return core_.run() || found_ != 0;
}

// Where the devices were looked at just now, rings come first: they need no system call. Once only:
// a connection that always has more to send would keep the devices waiting for ever.
bool Runner::is_look_fresh() const {
  return core_.now() - last_look_ < kLookInPassing;
}

bool Runner::work_after(bool& is_fresh) {
  if (!std::exchange(is_fresh, false)) return work();
  return core_.run() || found_ != 0;  // a device may hold more that its descriptor does not tell of
}

// --- the loop thread

bool Runner::is_loop_thread() const {
  return loop_of_this_thread == this;
}

void Runner::loop() {
  loop_of_this_thread = this;
  baton_.acquire();
  while (!is_stopping_) {
    loop_state_ = Loop::kWorking;
    if (loop_turn()) {
      yield_baton();
      continue;
    }
    loop_sleep();
  }
  core_.let_go_of_life();
  baton_.release();
}

bool Runner::loop_turn() {
  if (is_side_ready_) {
    is_side_ready_ = false;
    baton_.release();
    on_side_();
    baton_.acquire();
    return true;
  }
  if (has_deliveries_()) {
    baton_.release();
    deliver_();
    baton_.acquire();
    return true;
  }
  const Instant now = real_now();
  if (driver_ != nullptr) {
    loop_state_ = drivers_ == drivers_seen_ ? Loop::kDeep : Loop::kStandby;
    drivers_seen_ = drivers_;
    return false;
  }
  if (drivers_ != 0 && now < driver_left_at_ + kTakeOverDelay) {
    loop_state_ = Loop::kStandby;
    return false;
  }
  if (work()) return true;
  if (has_deliveries_()) return true;
  loop_state_ = Loop::kPolling;
  return false;
}

void Runner::loop_sleep() {
  WatchList& list = loop_watch_;
  Instant until = Instant::never();
  switch (loop_state_) {
    case Loop::kWorking:
      return;
    case Loop::kPolling:
      core_.arm_pipes();
      if (core_.has_work()) return;
      watch(loop_wake_, list);
      until = latest_look(list);
      loop_asleep_ = {until, list.is_for_room};
      break;
    case Loop::kStandby:
      watch_nothing_but(loop_wake_, list);
      until = driver_ != nullptr ? real_now() + kTakeOverDelay : driver_left_at_ + kTakeOverDelay;
      break;
    case Loop::kDeep:
      watch_nothing_but(loop_wake_, list);
      break;
  }
  const bool has_side = side_fd_ >= 0 && list.fds.size() < runtime::kFdWaitMax;
  if (has_side) list.fds.emplace_back().fd = side_fd_;
  const bool is_on_devices = loop_state_ == Loop::kPolling;
  baton_.release();
  if (is_on_devices) {
    runtime::fd_wait(list.fds, until, loop_gauge_);
  } else {
    runtime::fd_wait(list.fds, until);
  }
  if (list.fds[0].is_readable) loop_wake_.drain();
  is_side_ready_ = has_side && list.fds.back().is_readable;
  baton_.acquire();
}

// --- blocked callers

bool Runner::wait(Blocked& blocked, Instant deadline) {
  core_.run();  // what is left over is for whoever drives
  while (!blocked.is_done && !blocked.is_called) {
    call_off_parked();
    if (driver_ == nullptr) {
      if (!drive(blocked, deadline)) break;
      continue;
    }
    waiters_.push_back(blocked);  // first: telling may run the host, and that may complete this one
    tell_sleepers();
    baton_.release();
    bool is_set = false;
    {
      const runtime::ParkedScope parked;
      is_set = blocked.cell.wait(deadline);
    }
    baton_.acquire();
    core_.set_now(real_now());
    blocked.unlink();
    if (!is_set && !blocked.cell.is_set()) break;
    blocked.cell.reset();
  }
  // Whoever was called to drive, but goes: the next one is called.
  if (driver_ == nullptr && !waiters_.empty()) waiters_.front().cell.set();
  return blocked.is_done;
}

bool Runner::wait_alertably(Blocked& blocked, Instant deadline) {
  runtime::ThreadRecord& self = runtime::ThreadRecord::current();
  for (;;) {
    blocked.is_called = false;
    self.set_alertable(&blocked);
    const bool is_done = wait(blocked, earlier(deadline, self.next_timer_due()));
    self.set_alertable(nullptr);
    if (is_done || !self.has_calls(core_.now())) {
      if (is_done || core_.now() >= deadline) return is_done;
      continue;
    }
    leave();
    self.run_calls();
    enter();
  }
}

bool Runner::drive(Blocked& blocked, Instant deadline) {
  set_driver(&blocked);
  bool is_fresh = is_look_fresh();
  while (!blocked.is_done && !blocked.is_called && core_.now() < deadline) {
    if (work_after(is_fresh)) {
      yield_baton();
      continue;
    }
    if (!blocked.is_done) is_fresh = sleep_as_driver(blocked, deadline);
  }
  leave_driving();
  return blocked.is_done;
}

// Looks a moment at the rings that somebody waits for.
Runner::PipeWait Runner::look_at_pipes(loopback::SpinPolicy& spin) {
  loopback::PipeLooks looks;
  core_.add_pipe_looks(looks);
  if (looks.empty()) return {};
  const bool is_peer_waking = looks.is_peer_waking();
  PipeWait wait{true, is_peer_waking, spin.budget(is_peer_waking) > Duration(0)};
  Instant now = core_.now();
  baton_.release();
  wait.has_found = looks.look(spin, now);
  baton_.acquire();
  core_.set_now(now);
  if (wait.has_found) {
    const runtime::HostWork at_work;
    core_.look_at_pipes();
    core_.run();
  }
  return wait;
}

// What a sleep for rings that has just ended was like: how long, and how much was the wake-up.
void Runner::learn_from_sleep(loopback::SpinPolicy& spin, const PipeWait& wait, Instant began) {
  const Instant ended = core_.now();
  const Instant rung = core_.pipes_rung_at();
  const bool is_rung = began < rung && rung < ended;
  spin.on_arrival({.waited = ended - began,
                   .own_wake = is_rung ? ended - rung : Duration(0),
                   .is_peer_waking = wait.is_peer_waking,
                   .has_looked = wait.has_looked});
}

bool Runner::sleep_as_driver(Blocked& blocked, Instant deadline) {
  const Instant began = core_.now();
  const bool is_parked = blocked.parked != nullptr;
  loopback::SpinPolicy& spin = is_parked ? parked_spin_ : pipe_spin_;
  const PipeWait pipe_wait = look_at_pipes(spin);
  // Not armed: what follows comes as soon, and the other end would call for nothing.
  if (pipe_wait.has_found && ++finds_ % kFindsPerSleep != 0) {
    tell_sleepers();  // of handlers to run, at least
    return finds_ % kFindsPerTurn != 0 && is_look_fresh();
  }
  core_.arm_pipes();
  const bool is_over = blocked.is_done || (is_parked && blocked.parked->is_over());
  if (core_.has_work() || is_over || driver_ != &blocked) return false;
  tell_sleepers();
  WatchList& list = is_parked ? parked_watch_ : driver_watch_;
  watch(wake_of(blocked), list);
  blocked.is_asleep_on_devices = true;
  const Instant until = blocked.is_called ? Instant{0} : earlier(latest_look(list), deadline);
  driver_asleep_ = {until, list.is_for_room};
  baton_.release();
  if (is_parked) {
    runtime::fd_wait(list.fds, until);  // programs that sleep at a port or an event mean to sleep
  } else {
    const runtime::ParkedScope parked;
    runtime::fd_wait(list.fds, until, driver_gauge_);
  }
  if (list.fds[0].is_readable) wake_of(blocked).drain();
  baton_.acquire();
  blocked.is_asleep_on_devices = false;
  core_.set_now(real_now());
  look();
  core_.run_timers();
  if (pipe_wait.is_for_any) learn_from_sleep(spin, pipe_wait, began);
  return true;
}

runtime::WakeFd& Runner::wake_of(Blocked& driver) {
  return driver.parked != nullptr ? driver.parked->wake : driver_wake_;
}

void Runner::set_driver(Blocked* driver) {
  driver_ = driver;
  if (driver != nullptr) ++drivers_;
  is_driven_.store(driver != nullptr, std::memory_order_relaxed);
}

void Runner::leave_driving() {
  set_driver(nullptr);
  driver_left_at_ = core_.now();
  if (!waiters_.empty()) {
    waiters_.front().cell.set();
  } else if (loop_state_ == Loop::kDeep) {
    loop_state_ = Loop::kWorking;
    loop_wake_.notify();
  }
}

}  // namespace oriel::stack
