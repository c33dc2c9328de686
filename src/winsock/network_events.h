// WSAEventSelect's memory of one socket: which FD_ events happened, which of them the program wants
// to hear of, and when an event may be recorded again. Arithmetic; the socket feeds it.
//
//   record   an armed event happened: noted once, the selected event object is set
//   rearm    the function that re-enables it was called; what still holds is recorded again
//   take     WSAEnumNetworkEvents: what was noted and is selected, which is forgotten
//
// Events are noted whether or not anybody selected them, so a selection that comes later hears of
// what happened before it, once (Wine's tests, which ran on Windows, assert both).
#pragma once

#include <winsock2.h>

#include <array>

#include "win32/sync_objects.h"

namespace oriel::winsock {

/// Thread: the host's owner.
class NetworkEvents {
 public:
  using EventRef = win32::Ref<win32::EventObject>;

  /// 0: nothing is selected any more. Sets `event` if something selected was noted.
  void select(LONG mask, EventRef event);
  /// A socket that comes from a listening one hears what that one does.
  void inherit(const NetworkEvents& listening) { select(listening.selected_, listening.event_); }
  bool is_selecting() const { return selected_ != 0; }

  void record(LONG what, int error = 0);
  /// `holding`: the conditions of all events that are true now.
  void rearm(LONG what, LONG holding);
  /// Another connection begins: nothing has happened yet.
  void reset();

  struct Taken {
    LONG events = 0;
    std::array<int, FD_MAX_EVENTS> errors{};
  };
  Taken take();

 private:
  void tell();

  LONG selected_ = 0;
  LONG noted_ = 0;
  LONG armed_ = FD_ALL_EVENTS;
  int connect_error_ = 0;
  int close_error_ = 0;
  EventRef event_;
};

}  // namespace oriel::winsock
