// SIO_SET_COMPATIBILITY_MODE: which Windows' receive buffering and receive-window tuning a socket
// wants (spec CM-1 to CM-8).
//
// Only one boundary of TargetOsVersion matters: Vista, which is NTDDI_LONGHORN. What was asked for
// is remembered with the socket's options: a connection takes it when it is made, so a call after
// the SYN has left succeeds and changes nothing on the wire, and accepted sockets inherit it. The
// surprise: a widely used browser passed 4 bytes of output that the documentation forbids; they
// are left alone.
#include <mswsock.h>

#include <cstring>

#include "winsock/ioctl_table.h"
#include "winsock/sockaddr.h"

namespace oriel::winsock {
namespace {

using stack::Core;

// REQ CM-3, CM-4, CM-5, CM-7
bool remember(SocketOptions& options, DWORD behaviour, bool is_vista_or_later) {
  const bool is_all = behaviour == WsaBehaviorAll;
  if (!is_all && behaviour != WsaBehaviorReceiveBuffering && behaviour != WsaBehaviorAutoTuning) {
    return false;
  }
  if (is_all || behaviour == WsaBehaviorReceiveBuffering) {
    options.may_shrink_rcv_buffer = is_vista_or_later;
  }
  if (is_all || behaviour == WsaBehaviorAutoTuning) {
    options.receive_mode = is_vista_or_later ? ReceiveMode::kShiftTwo : ReceiveMode::kNoScaling;
  }
  return true;
}

// REQ CM-1, CM-8
int set_compatibility_mode(Socket& s, Core& core, const IoctlCall& call, DWORD&) {
  if (call.in_bytes < sizeof(WSA_COMPATIBILITY_MODE)) return WSAEINVAL;
  if (is_bad_pointer(call.in)) return WSAEFAULT;
  DWORD asked[2];  // as plain numbers: an enumeration could not hold what a program may pass
  static_assert(sizeof asked == sizeof(WSA_COMPATIBILITY_MODE));
  std::memcpy(asked, call.in, sizeof asked);
  if (!remember(s.options(), asked[0], asked[1] >= NTDDI_LONGHORN)) return WSAEINVAL;
  s.apply_options(core);
  return 0;
}

constexpr IoctlRow kRows[] = {
    {SIO_SET_COMPATIBILITY_MODE, OptionFor::kStream, 0, 0, WSAEINVAL, set_compatibility_mode,
     nullptr, false, false, tcp::Feature::kCompatibilityMode},
};

}  // namespace

std::span<const IoctlRow> compat_ioctl_rows() {
  return kRows;
}

}  // namespace oriel::winsock
