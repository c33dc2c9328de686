// A noted event stays noted until it is taken, or until the function that re-enables it finds
// nothing left to tell of: what a receive took is not announced.
#include "winsock/network_events.h"

#include <utility>

namespace oriel::winsock {
namespace {

// Level-triggered: these calls forget what they consumed. FD_WRITE stays noted.
constexpr LONG kLevels = FD_READ | FD_OOB | FD_ACCEPT;

}  // namespace

void NetworkEvents::tell() {
  if (event_ && (noted_ & selected_) != 0) event_->it.set();
}

void NetworkEvents::select(LONG mask, EventRef event) {
  selected_ = mask;
  event_ = mask != 0 ? std::move(event) : EventRef();
  tell();
}

void NetworkEvents::record(LONG what, int error) {
  what &= armed_;
  if (what == 0) return;
  armed_ &= ~what;
  noted_ |= what;
  if ((what & FD_CONNECT) != 0) connect_error_ = error;
  if ((what & FD_CLOSE) != 0) close_error_ = error;
  if ((what & selected_) != 0) tell();
}

void NetworkEvents::rearm(LONG what, LONG holding) {
  armed_ |= what;
  noted_ &= ~(what & kLevels);
  record(what & kLevels & holding);
}

void NetworkEvents::reset() {
  noted_ = 0;
  armed_ = FD_ALL_EVENTS;
  connect_error_ = close_error_ = 0;
}

NetworkEvents::Taken NetworkEvents::take() {
  Taken taken;
  taken.events = std::exchange(noted_, noted_ & ~selected_) & selected_;
  if ((taken.events & FD_CONNECT) != 0) taken.errors[FD_CONNECT_BIT] = connect_error_;
  if ((taken.events & FD_CLOSE) != 0) taken.errors[FD_CLOSE_BIT] = close_error_;
  return taken;
}

}  // namespace oriel::winsock
