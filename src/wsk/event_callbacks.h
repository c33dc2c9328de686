// Which of a socket's event callbacks are enabled, and which of them is being called.
//
//   static (WSK_SET_STATIC_EVENT_CALLBACKS)   always on, neither disabled nor enabled again
//   enabled (SO_WSK_EVENT_CALLBACK)           on until disabled, one at a time
//   handed down (on a listening socket)       for what its WskAcceptEvent accepts; stays
//
// A callback that is disabled while it runs counts as disabled at once, and who asked hears when it
// has returned. Everything here is the host's owner's.
#pragma once

#include <wsk.h>

#include <array>
#include <memory>

#include "wsk/pending_irp.h"

namespace oriel::wsk {

inline constexpr ULONG kConnectionEvents =
    WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT | WSK_EVENT_SEND_BACKLOG;

/// Ends when the callback that it waits for has returned.
class DisableIrp final : public PendingIrp {
 public:
  using PendingIrp::PendingIrp;
  /// The callback is not waited for any longer; it is disabled all the same.
  void cancel(stack::Core&) override;
  void finish() { end({STATUS_SUCCESS, 0}); }
  void refuse(NTSTATUS status) { end({status, 0}); }
};

class EventCallbacks {
 public:
  /// `available`: those of the socket's kind for which its client gave a function.
  void set_available(ULONG available) { available_ = available; }
  void set_static(ULONG mask) { static_ = mask & available_; }
  /// STATUS_INVALID_PARAMETER: some are not of this socket, or static. `handed_down`: which may be
  /// enabled for others.
  NTSTATUS enable(ULONG mask, ULONG may_hand_down);
  /// Those that a listening socket enabled for what it accepts.
  void inherit(ULONG handed_down) { enabled_ |= handed_down & available_; }
  ULONG handed_down() const { return handed_down_; }

  /// Of exactly one. STATUS_SUCCESS: it is not being called. STATUS_EVENT_PENDING: it is.
  /// STATUS_INVALID_PARAMETER: not one, static, or handed down.
  NTSTATUS disable(ULONG event);
  /// `operation` hears of the return of a callback that is being disabled; one for each event.
  bool wait(ULONG event, DisableIrp& operation);
  void forget(DisableIrp& operation);

  bool is_enabled(ULONG event) const { return ((enabled_ | static_) & event) != 0; }
  bool is_any_enabled() const { return (enabled_ | static_) != 0; }
  bool is_calling(ULONG event) const { return (calling_ & event) != 0; }
  void begin_call(ULONG event) { calling_ |= event; }
  void end_call(ULONG event);

 private:
  static constexpr std::size_t kWaitsMax = 8;

  struct Wait {
    ULONG event = 0;
    DisableIrp* operation = nullptr;
  };
  ULONG available_ = 0;
  ULONG static_ = 0;
  ULONG enabled_ = 0;
  ULONG handed_down_ = 0;
  ULONG calling_ = 0;
  std::array<Wait, kWaitsMax> waits_{};
};

}  // namespace oriel::wsk
