// The kernel's UDP ports beside ours: sockets that hold them, and carry datagrams of native
// programs to us and ours to them.
//
// Nobody there is told as on any network, by the kernel's port unreachable, which waits in the
// socket's error queue. On the loopback it is usually there when the sending call returns.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "oriel/address.h"
#include "oriel/error.h"
#include "runtime/unique_fd.h"

namespace oriel::loopback {

struct KernelDatagram {
  Endpoint source;
  Endpoint destination;
  ByteView payload;
};

namespace kernel_datagrams {

/// Payload bytes of the largest datagram.
inline constexpr std::size_t kBytesMax = 65535;

/// A socket that has the port. Errors: kAddressInUse, kPermissionDenied (the kernel denies the port
/// or has no such address), kNoBuffers.
Result<runtime::UniqueFd> hold_port(const Endpoint& at);
/// False: the kernel does not take it.
bool send(int fd, const Endpoint& to, ByteView payload);
/// Into `buffer` (kBytesMax); nullopt: none waits. The destination is left to the caller.
std::optional<KernelDatagram> receive(int fd, ByteSpan buffer);
/// Where a datagram went that nobody wanted; nullopt: nothing more is known of.
std::optional<Endpoint> take_refusal(int fd);

}  // namespace kernel_datagrams

}  // namespace oriel::loopback
