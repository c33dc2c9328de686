// Masks, and the few who wait for a callback to return.
#include "wsk/event_callbacks.h"

#include <bit>
#include <utility>

#include "wsk/socket.h"

namespace oriel::wsk {

void DisableIrp::cancel(stack::Core& /*core*/) {
  socket().callbacks().forget(*this);
  end({STATUS_CANCELLED, 0});
}

NTSTATUS EventCallbacks::enable(ULONG mask, ULONG may_hand_down) {
  const ULONG down = mask & may_hand_down;
  const ULONG own = mask & ~may_hand_down;
  if (mask == 0 || (own & ~available_) != 0 || (own & static_) != 0) {
    return STATUS_INVALID_PARAMETER;
  }
  enabled_ |= own;
  handed_down_ |= down;
  return STATUS_SUCCESS;
}

NTSTATUS EventCallbacks::disable(ULONG event) {
  const bool is_own = std::has_single_bit(event) && (event & available_ & ~static_) != 0;
  if (!is_own) return STATUS_INVALID_PARAMETER;
  enabled_ &= ~event;
  return is_calling(event) ? STATUS_EVENT_PENDING : STATUS_SUCCESS;
}

bool EventCallbacks::wait(ULONG event, DisableIrp& operation) {
  for (Wait& wait : waits_) {
    if (wait.operation != nullptr) continue;
    wait = {event, &operation};
    return true;
  }
  return false;
}

void EventCallbacks::forget(DisableIrp& operation) {
  for (Wait& wait : waits_) {
    if (wait.operation == &operation) wait.operation = nullptr;
  }
}

void EventCallbacks::end_call(ULONG event) {
  calling_ &= ~event;
  for (Wait& wait : waits_) {
    if (wait.operation == nullptr || wait.event != event) continue;
    std::exchange(wait.operation, nullptr)->finish();
  }
}

}  // namespace oriel::wsk
