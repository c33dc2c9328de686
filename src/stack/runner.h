// Real time: who runs the core, and who sleeps until when.
//
// The core has one owner at a time: whoever holds the baton. Somebody must also sleep on the
// devices while nothing happens. That is the loop thread, unless a caller is blocked: then that
// caller drives (sleeps on the devices, works, looks whether its own request is done), so that a
// round trip costs no thread switch. Other blocked callers sleep on their own cell; when the driver
// leaves, one of them takes its place. A thread that is parked at something else, which this host's
// work has ended before, drives too (runtime/park_driver.h), but only until a blocked caller comes:
// it can sleep on its own word as well. ParkedGauge says when that does not pay.
//
//   loop:  kPolling --sees a driver--> kStandby --same driver for 1 ms--> kDeep
//             ^------- 1 ms after the last driver left ------'   <--it leaves--'
//
// Before the loop or a blocked caller sleeps on the devices it looks for about the time of one
// wake-up, as long as that finds something (runtime/spin_gauge.h).
//
// No wake-up is paid for each call: the loop looks by itself every millisecond while callers come
// and go. Lock order: there is one baton and nothing else. Handlers never run under it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "base/intrusive_list.h"
#include "runtime/baton.h"
#include "runtime/park_driver.h"
#include "runtime/thread_record.h"
#include "runtime/wait.h"
#include "stack/core.h"
#include "stack/parked_gauge.h"

namespace oriel::stack {

/// A link's descriptor is waited for beside one to wake the sleeper.
inline constexpr std::size_t kLinksMax = runtime::kFdWaitMax - 1;
/// A device with neither a descriptor nor a deadline is asked this often.
inline constexpr Duration kBlindPollInterval = std::chrono::milliseconds(1);
/// Rounds of work that a call does before it leaves the rest to whoever drives: others may keep
/// making more.
inline constexpr int kRoundsOfACallMax = 64;
/// Finds at rings before the driver looks at the time and the devices: finds may leave the time as
/// it was, so that those would wait for as long as a ring has news.
inline constexpr std::uint32_t kFindsPerTurn = 16;
/// Finds before the driver arms and sleeps as if it had found nothing: another process's memory may
/// show news for ever that are none.
inline constexpr std::uint32_t kFindsPerSleep = 4096;
/// How long after the last driver the loop takes the devices over.
inline constexpr Duration kTakeOverDelay = std::chrono::milliseconds(1);
/// While nobody drives, a call looks at the devices in passing when the last look is this old. It
/// must be shorter than what ParkedGauge takes for a program that is busy elsewhere.
inline constexpr Duration kLookInPassing = ParkedGauge::kGapMax / 2;

/// A caller that waits for one request, or a thread parked elsewhere that drives. Lives on its
/// stack; what is not atomic is the owner's.
struct Blocked final : socket::CompletionSink, runtime::CallHearer, ListHook<> {
  explicit Blocked(class Runner& r, const runtime::ParkWait* parked_at = nullptr)
      : runner(r), parked(parked_at) {}
  void on_complete(socket::Request& request) override;
  /// The waiting thread has a call to run. Thread: any.
  void on_queued_call(runtime::WakeList& wakes) override;

  Runner& runner;
  const runtime::ParkWait* const parked;  ///< or nullptr
  bool is_done = false;
  std::atomic<bool> is_called{false};  ///< set and then is_asleep_on_devices read, or the reverse
  std::atomic<bool> is_asleep_on_devices{false};  ///< changed by the owner
  runtime::WaitCell cell;
};

class Runner final : public runtime::ParkDriver {
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
  /// The same; meanwhile the thread runs calls that are queued to it, without the baton.
  bool wait_alertably(Blocked& blocked, Instant deadline);
  /// Thread: any; the loop's own does not drive.
  bool drive_for(const runtime::ParkWait& wait) override;
  /// Changes whenever anybody works in the host; may outlive it. Thread: any may load it.
  const std::shared_ptr<std::atomic<std::uint64_t>>& turns() const { return baton_.turns(); }
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

  /// A wait that is for rings, too.
  struct PipeWait {
    bool is_for_any = false;
    bool is_peer_waking = false;
    bool has_looked = false;
    bool has_found = false;  ///< something moved at once, and was served
  };

  void loop();
  bool loop_turn();  ///< false: nothing to do, sleep as loop_state_ says
  void loop_sleep();
  bool drive(Blocked& blocked, Instant deadline);
  bool sleep_as_driver(Blocked& blocked, Instant deadline);  ///< true: devices were looked at
  PipeWait look_at_pipes(loopback::SpinPolicy& spin);
  void learn_from_sleep(loopback::SpinPolicy& spin, const PipeWait& wait, Instant began);
  void leave_driving();
  void call_off_parked();
  void hand_to_loop();
  runtime::WakeFd& wake_of(Blocked& driver);
  void set_driver(Blocked* driver);
  bool is_attended() const;
  std::size_t look();  ///< one burst from each device
  bool work();         ///< one bounded turn; true: come again
  bool is_look_fresh() const;
  bool work_after(bool& is_fresh);
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
  WatchList parked_watch_;
  runtime::SpinGauge loop_gauge_;     ///< the loop thread's
  runtime::SpinGauge driver_gauge_;   ///< the driver's, and of one after the other
  loopback::SpinPolicy pipe_spin_;    ///< likewise
  loopback::SpinPolicy parked_spin_;  ///< a parked driver's: called off, it may still look
  // The owner's:
  std::uint32_t finds_ = 0;  ///< looks at rings that found something
  Loop loop_state_ = Loop::kWorking;
  Blocked* driver_ = nullptr;
  bool is_parked_inside_ = false;  ///< a parked thread is in drive_for, called off or not
  ParkedGauge parked_gauge_;
  Instant last_look_;
  std::size_t found_ = 0;           ///< by the last look
  std::uint64_t drivers_ = 0;       ///< so many have begun
  std::uint64_t drivers_seen_ = 0;  ///< by the loop at its last look
  Instant driver_left_at_;
  Asleep loop_asleep_;    ///< means something while loop_state_ is kPolling
  Asleep driver_asleep_;  ///< means something while the driver is asleep
  IntrusiveList<Blocked> waiters_;
  bool is_stopping_ = false;
  std::atomic<bool> is_driven_{false};  ///< there is a driver; a hint for who does not own the core
  std::thread loop_;
};

}  // namespace oriel::stack
