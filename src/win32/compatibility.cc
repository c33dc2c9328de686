// As plain numbers: an enumeration could not hold what a program may pass.
#include "win32/compatibility.h"

#include <cstring>

namespace oriel::win32 {

// REQ CM-3, CM-4, CM-5, CM-7
bool set_compatibility(const void* mode, ReceiveMode& receive_mode, bool& may_shrink_rcv_buffer) {
  DWORD asked[2];
  static_assert(sizeof asked == sizeof(WSA_COMPATIBILITY_MODE));
  std::memcpy(asked, mode, sizeof asked);
  const DWORD behaviour = asked[0];
  const bool is_vista_or_later = asked[1] >= NTDDI_LONGHORN;
  const bool is_all = behaviour == WsaBehaviorAll;
  if (!is_all && behaviour != WsaBehaviorReceiveBuffering && behaviour != WsaBehaviorAutoTuning) {
    return false;
  }
  if (is_all || behaviour == WsaBehaviorReceiveBuffering) may_shrink_rcv_buffer = is_vista_or_later;
  if (is_all || behaviour == WsaBehaviorAutoTuning) {
    receive_mode = is_vista_or_later ? ReceiveMode::kShiftTwo : ReceiveMode::kNoScaling;
  }
  return true;
}

}  // namespace oriel::win32
