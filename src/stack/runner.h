// Real time: who runs the core, and who sleeps until when.
//
// The core has one owner at a time: whoever holds the baton. Somebody must also sleep on the
// devices while nothing happens. That is the loop thread, unless a caller is blocked: then that
// caller drives (sleeps on the devices, works, looks whether its own request is done), so that a
// round trip costs no thread switch. Other blocked callers sleep on their own cell; when the driver
// leaves, one of them takes its place.
//
//   loop:  kPolling --sees a driver--> kStandby --same driver for 1 ms--> kDeep
//             ^------- 1 ms after the last driver left ------'   <--it leaves--'
//
// Before either sleeps on the devices it looks for about the time of one wake-up, as long as that
// finds something (runtime/spin_gauge.h).
//
// No wake-up is paid for each call: the loop looks by itself every millisecond while callers come
// and go. Lock order: there is one baton and nothing else. Handlers never run under it.
#pragma once

#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "base/intrusive_list.h"
#include "runtime/baton.h"
#include "runtime/wait.h"
#include "stack/core.h"

namespace oriel::stack {

/// A link's descriptor is waited for beside one to wake the sleeper.
inline constexpr std::size_t kLinksMax = runtime::kFdWaitMax - 1;
/// A device with neither a descriptor nor a deadline is asked this often.
inline constexpr Duration kBlindPollInterval = std::chrono::milliseconds(1);
/// Rounds of work that a call does before it leaves the rest to whoever drives: others may keep
/// making more.
inline constexpr int kRoundsOfACallMax = 64;
/// How long after the last driver the loop takes the devices over.
inline constexpr Duration kTakeOverDelay = std::chrono::milliseconds(1);

/// A caller that waits for one request. Lives on its stack; everything but the cell is the owner's.
struct Blocked final : socket::CompletionSink, ListHook<> {
  explicit Blocked(class Runner& r) : runner(r) {}
  void on_complete(socket::Request& request) override;

  Runner& runner;
  bool is_done = false;
  bool is_asleep_on_devices = false;
  runtime::WaitCell cell;
};

class Runner {
 public:
  /// `deliver` runs finished requests' handlers, without the baton; true: there were some.
  /// `has_deliveries` is asked by the owner.
  Runner(Core& core, std::function<bool()> deliver, std::function<bool()> has_deliveries);
  ~Runner();  ///< stop() came before
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  /// The loop thread calls `on_ready`, without the baton, whenever `fd` is readable; -1: never.
  /// Requires: before start(). Something rare: drivers do not look at it.
  void listen(int fd, std::function<void()> on_ready);
  void start();
  /// Ends and joins the loop thread. Thread: any; on the loop's own (a handler that ends the
  /// process) it cannot be joined: it ends when the handler returns, and this object must stay.
  void stop();
  bool is_loop_thread() const;

  /// Becomes the owner and brings the core's time up to date.
  void enter();
  /// Transmits what the call made ready, tells a sleeper what it must know, and releases.
  void leave();
  /// Waits until `blocked` is done or `deadline` has come; returns whether it is done. Requires:
  /// the baton, which is released meanwhile and held again on return. Thread: any but the loop's.
  bool wait(Blocked& blocked, Instant deadline);
  /// The links changed: whoever sleeps on the devices looks again. Requires: the baton.
  void rewatch();

 private:
  friend struct Blocked;
  enum class Loop : std::uint8_t { kWorking, kPolling, kStandby, kDeep };
  struct WatchList {
    std::vector<runtime::FdWait> fds;  ///< the first is the sleeper's own wake
    bool is_for_room = false;          ///< some link is waited for to become writable
    bool has_blind = false;            ///< some device can only be asked
  };
  /// What a sleeper took for granted when it went to sleep.
  struct Asleep {
    Instant until;
    bool is_for_room = false;
  };

  void loop();
  bool loop_turn();  ///< false: nothing to do, sleep as loop_state_ says
  void loop_sleep();
  bool drive(Blocked& blocked, Instant deadline);
  void sleep_as_driver(Blocked& blocked, Instant deadline);
  void leave_driving();
  bool work();  ///< one bounded turn; true: come again
  void watch(const runtime::WakeFd& wake, WatchList& list) const;
  void watch_nothing_but(const runtime::WakeFd& wake, WatchList& list) const;
  Instant latest_look(const WatchList& list) const;
  void tell_sleepers();
  void yield_baton();

  Core& core_;
  std::function<bool()> deliver_;
  std::function<bool()> has_deliveries_;
  runtime::Baton baton_;
  runtime::WakeFd loop_wake_;
  runtime::WakeFd driver_wake_;
  int side_fd_ = -1;
  std::function<void()> on_side_;
  bool is_side_ready_ = false;  ///< the loop thread's
  WatchList loop_watch_;        // each the sleeper's: filled with the baton, waited on without
  WatchList driver_watch_;
  runtime::SpinGauge loop_gauge_;    ///< the loop thread's
  runtime::SpinGauge driver_gauge_;  ///< the driver's, and of one after the other
  // The owner's:
  Loop loop_state_ = Loop::kWorking;
  Blocked* driver_ = nullptr;
  std::uint64_t drivers_ = 0;       ///< so many have begun
  std::uint64_t drivers_seen_ = 0;  ///< by the loop at its last look
  Instant driver_left_at_;
  Asleep loop_asleep_;    ///< means something while loop_state_ is kPolling
  Asleep driver_asleep_;  ///< means something while the driver is asleep
  IntrusiveList<Blocked> waiters_;
  bool is_stopping_ = false;
  std::thread loop_;
};

}  // namespace oriel::stack
