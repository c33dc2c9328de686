// SIO_LOOPBACK_FAST_PATH: the socket asks for the fast loopback path, or takes that back. REQ LFP-2
//
// Programs pass a BOOLEAN or an int: any byte that is not zero is TRUE. Where it is not to be had
// the answer is WSAEOPNOTSUPP and nothing else, because widely used programs abort on any other
// error. Once the connection is made it changes nothing (LFP-5).
#include <mstcpip.h>

#include <algorithm>

#include "winsock/ioctl_table.h"

namespace oriel::winsock {
namespace {

int set_fast_path(Socket& s, stack::Core& core, const IoctlCall& call, DWORD& returned) {
  returned = 0;
  if (!core.may_take_fast_path()) return WSAEOPNOTSUPP;
  const auto* bytes = static_cast<const std::uint8_t*>(call.in);
  s.options().is_fast_path =
      std::any_of(bytes, bytes + call.in_bytes, [](std::uint8_t b) { return b != 0; });
  s.apply_options(core);
  return 0;
}

constexpr IoctlRow kFastPathRows[] = {
    {SIO_LOOPBACK_FAST_PATH, OptionFor::kStream, 1, 0, WSAEINVAL, set_fast_path, nullptr, false,
     false, tcp::Feature::kFastPath},
};

}  // namespace

std::span<const IoctlRow> fast_path_ioctl_rows() {
  return kFastPathRows;
}

}  // namespace oriel::winsock
