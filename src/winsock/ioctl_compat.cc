// SIO_SET_COMPATIBILITY_MODE: which Windows' receive buffering and receive-window tuning a socket
// wants (spec CM-1 to CM-8).
//
// What was asked for (win32/compatibility.h) is remembered with the socket's options: a connection
// takes it when it is made, so a call after the SYN has left succeeds and changes nothing on the
// wire, and accepted sockets inherit it. The surprise: a widely used browser passed 4 bytes of
// output that the documentation forbids; they are left alone.
#include <mswsock.h>

#include "win32/compatibility.h"
#include "winsock/ioctl_table.h"
#include "winsock/sockaddr.h"

namespace oriel::winsock {
namespace {

using stack::Core;

// REQ CM-1, CM-8
int set_compatibility_mode(Socket& s, Core& core, const IoctlCall& call, DWORD&) {
  if (call.in_bytes < sizeof(WSA_COMPATIBILITY_MODE)) return WSAEINVAL;
  if (is_bad_pointer(call.in)) return WSAEFAULT;
  SocketOptions& options = s.options();
  if (!win32::set_compatibility(call.in, options.receive_mode, options.may_shrink_rcv_buffer)) {
    return WSAEINVAL;
  }
  s.apply_options(core);
  return 0;
}

constexpr IoctlRow kCompatRows[] = {
    {SIO_SET_COMPATIBILITY_MODE, OptionFor::kStream, 0, 0, WSAEINVAL, set_compatibility_mode,
     nullptr, false, false, tcp::Feature::kCompatibilityMode},
};

}  // namespace

std::span<const IoctlRow> compat_ioctl_rows() {
  return kCompatRows;
}

}  // namespace oriel::winsock
