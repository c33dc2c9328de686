// Packets in a ring, sleepers in a stack, and the count of running threads.
#include "runtime/completion_port.h"

#include <algorithm>
#include <new>
#include <optional>
#include <thread>

#include "runtime/clock.h"
#include "runtime/thread_record.h"

namespace oriel::runtime {
namespace {

constexpr std::size_t kRingAtFirst = 64;
constexpr std::uint32_t kClaimedByClose = 1;
constexpr std::uint32_t kClaimedByPacket = 0;
constexpr int kPortSpins = 200;  // about 2 us: half of what a sleep and a wake-up cost

std::uint32_t processors() {
  static const std::uint32_t count = std::max(1u, std::thread::hardware_concurrency());
  return count;
}

}  // namespace

/// Which port the calling thread serves, and whether it runs with a packet of it just now.
class CompletionPort::Association final : public ParkListener {
 public:
  ~Association() { leave(); }

  static Association& current() {
    thread_local Association association;
    return association;
  }

  void enter(CompletionPort& port) {
    if (port_.get() == &port) return;
    leave();
    port_ = Ref<CompletionPort>(&port);
    set_park_listener(this);
  }
  void leave() {
    if (!port_) return;
    set_park_listener(nullptr);
    on_park();
    is_running_ = false;
    port_ = nullptr;
  }
  void on_park() override {
    if (!is_running_) return;
    WakeList wakes;
    LockHold hold(port_->lock_);
    port_->stop_running(wakes);
  }
  void on_unpark() override {
    if (!is_running_) return;
    LockHold hold(port_->lock_);
    ++port_->running_;
  }
  /// Of the port that is entered; changed under its lock or while this thread counts.
  bool is_running() const { return is_running_; }
  void set_running(bool is_running) { is_running_ = is_running; }

 private:
  Ref<CompletionPort> port_;
  bool is_running_ = false;
};

CompletionPort::CompletionPort(std::uint32_t concurrency)
    : concurrency_(concurrency == 0 ? processors() : concurrency), ring_(kRingAtFirst) {}

bool CompletionPort::post(const CompletionPacket& packet) {
  WakeList wakes;
  LockHold hold(lock_);
  if (is_closed_ || (count_ == ring_.size() && !grow())) return false;
  ring_[(first_ + count_) & (ring_.size() - 1)] = packet;
  ++count_;
  if (!sleepers_.empty()) dispatch(wakes);
  return true;
}

bool CompletionPort::grow() {
  try {
    std::vector<CompletionPacket> larger(ring_.size() * 2);
    for (std::size_t i = 0; i < count_; ++i) larger[i] = ring_[(first_ + i) & (ring_.size() - 1)];
    ring_.swap(larger);
    first_ = 0;
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

CompletionPacket CompletionPort::pop() {
  const CompletionPacket packet = ring_[first_];
  first_ = (first_ + 1) & (ring_.size() - 1);
  --count_;
  return packet;
}

thread_local CompletionPort::Sleeper* CompletionPort::sleeper_of_this_thread = nullptr;

CompletionPort::Sleeper* CompletionPort::next_sleeper() {
  Sleeper* const own = sleeper_of_this_thread;
  if (own == nullptr || &own->port != this || !own->is_linked()) return sleepers_.pop_front();
  own->unlink();
  return own;
}

// Packets to sleepers, as long as one more may run.
void CompletionPort::dispatch(WakeList& wakes) {
  while (count_ != 0 && running_ < concurrency_) {
    Sleeper* sleeper = next_sleeper();
    if (sleeper == nullptr) return;
    sleeper->packet = ring_[first_];  // before the claim: after it the sleeper may be gone
    if (!sleeper->waiter.claim(kClaimedByPacket, wakes)) continue;
    pop();
    ++running_;
  }
}

void CompletionPort::stop_running(WakeList& wakes) {
  --running_;
  dispatch(wakes);
}

std::size_t CompletionPort::take(std::span<CompletionPacket> out) {
  const std::size_t taken = std::min(out.size(), count_);
  for (std::size_t i = 0; i < taken; ++i) out[i] = pop();
  return taken;
}

CompletionPort::Got CompletionPort::get(std::span<CompletionPacket> out, Instant deadline,
                                        bool is_alertable) {
  Association& association = Association::current();
  association.enter(*this);
  {
    LockHold hold(lock_);
    if (association.is_running()) --running_;
    association.set_running(false);
    if (is_closed_) return {End::kClosed, 0};
    if (count_ != 0 && running_ < concurrency_) {
      ++running_;
      association.set_running(true);
      return {End::kPackets, take(out)};
    }
  }
  if (is_alertable && ThreadRecord::current().run_calls()) return {End::kCalls, 0};
  if (deadline.ns <= 0) return {End::kTimeout, 0};
  const Got got = wait(out, deadline, is_alertable);
  if (got.end == End::kPackets) association.set_running(true);
  if (got.end == End::kCalls) ThreadRecord::current().run_calls();
  return got;
}

CompletionPort::Got CompletionPort::wait(std::span<CompletionPacket> out, Instant deadline,
                                         bool is_alertable) {
  ThreadRecord& thread = ThreadRecord::current();
  Sleeper sleeper(*this, thread);
  {
    WakeList wakes;
    LockHold hold(lock_);
    if (is_closed_) return {End::kClosed, 0};
    sleepers_.push_front(sleeper);
    dispatch(wakes);
  }
  if (is_alertable) thread.set_alertable(&sleeper.waiter);
  sleeper_of_this_thread = &sleeper;
  std::optional<End> ended;
  while (!ended && !sleeper.waiter.claimed()) {
    const Instant until = is_alertable ? earlier(deadline, thread.next_timer_due()) : deadline;
    sleeper.waiter.sleep(until, kPortSpins);
    if (sleeper.waiter.claimed()) break;
    const Instant now = real_now();
    if (is_alertable && thread.has_calls(now)) ended = End::kCalls;
    if (!ended && now >= deadline) ended = End::kTimeout;
    if (ended && !sleeper.waiter.cancel()) ended.reset();
  }
  sleeper_of_this_thread = nullptr;
  if (is_alertable) thread.set_alertable(nullptr);
  if (!ended && *sleeper.waiter.claimed() == kClaimedByPacket) {
    out[0] = sleeper.packet;
    if (out.size() == 1) return {End::kPackets, 1};
    LockHold hold(lock_);
    return {End::kPackets, 1 + take(out.subspan(1))};
  }
  LockHold hold(lock_);
  sleeper.unlink();
  return {ended.value_or(End::kClosed), 0};
}

void CompletionPort::close() {
  WakeList wakes;
  LockHold hold(lock_);
  is_closed_ = true;
  count_ = 0;
  while (Sleeper* sleeper = sleepers_.pop_front()) sleeper->waiter.claim(kClaimedByClose, wakes);
}

std::size_t CompletionPort::depth() {
  LockHold hold(lock_);
  return count_;
}

}  // namespace oriel::runtime
