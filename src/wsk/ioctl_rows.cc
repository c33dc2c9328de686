// The control codes: the loopback fast path, the compatibility mode, backlogs, fixed addresses of
// datagram sockets.
#include <mstcpip.h>
#include <mswsock.h>

#include <algorithm>
#include <cstring>

#include "win32/compatibility.h"
#include "wsk/addresses.h"
#include "wsk/option_rows.h"

namespace oriel::wsk {
namespace {

using stack::Core;

bool is_stream(const Socket& s) {
  return !s.is_datagram();
}

// REQ LFP-1: three ends, and which one is asked for first: whether the socket can have it, then
// whether there is input. A driver passes a BOOLEAN; any byte that is not zero is TRUE.
Outcome set_fast_path(Socket& s, Core& core, const IoctlArguments& a) {
  if (!is_stream(s) || !core.may_take_fast_path()) return {STATUS_NOT_SUPPORTED};
  if (a.in_bytes == 0 || a.in == nullptr) return {STATUS_INVALID_BUFFER_SIZE};
  const auto* bytes = static_cast<const std::uint8_t*>(a.in);
  s.options().is_fast_path =
      std::any_of(bytes, bytes + a.in_bytes, [](std::uint8_t b) { return b != 0; });
  s.apply_options(core);
  return {STATUS_SUCCESS};
}

// REQ CM-1, CM-8
Outcome set_compatibility(Socket& s, Core& core, const IoctlArguments& a) {
  if (!is_stream(s) || !core.has_feature(tcp::Feature::kCompatibilityMode)) {
    return {STATUS_NOT_SUPPORTED};
  }
  if (a.in_bytes < sizeof(WSA_COMPATIBILITY_MODE) || a.in == nullptr) {
    return {STATUS_INVALID_PARAMETER};
  }
  tcp::TcpSocketOptions& options = s.options().tcp;
  if (!win32::set_compatibility(a.in, options.receive_mode, options.may_shrink_rcv_buffer)) {
    return {STATUS_INVALID_PARAMETER};
  }
  s.apply_options(core);
  return {STATUS_SUCCESS};
}

Outcome give(const IoctlArguments& a, SIZE_T value) {
  if (a.out_bytes < sizeof value || a.out == nullptr) return {STATUS_INVALID_BUFFER_SIZE};
  std::memcpy(a.out, &value, sizeof value);
  return {STATUS_SUCCESS, sizeof value};
}

NTSTATUS connected(const Socket& s) {
  if ((bit_of(s.category()) & kConnections) == 0) return STATUS_NOT_SUPPORTED;
  return s.stream() == nullptr || !s.is_connected() ? STATUS_INVALID_DEVICE_STATE : STATUS_SUCCESS;
}

// REQ ISB-11
Outcome query_send_backlog(Socket& s, Core& core, const IoctlArguments& a) {
  if (!core.has_feature(tcp::Feature::kIdealSendBacklog)) return {STATUS_NOT_SUPPORTED};
  if (const NTSTATUS status = connected(s); status != STATUS_SUCCESS) return {status};
  const auto backlog = s.stream()->report_backlog();
  if (!backlog) return {status_of(backlog.error().code)};
  return give(a, *backlog);
}

Outcome query_receive_backlog(Socket& s, Core&, const IoctlArguments& a) {
  if (const NTSTATUS status = connected(s); status != STATUS_SUCCESS) return {status};
  return give(a, s.stream()->readable_bytes());
}

NTSTATUS read_fixed(const Socket& s, const IoctlArguments& a, Endpoint& to) {
  if (s.category() != Category::kDatagram) return STATUS_NOT_SUPPORTED;
  if (s.datagrams() == nullptr) return STATUS_INVALID_DEVICE_STATE;
  const auto bytes = static_cast<int>(std::min<SIZE_T>(a.in_bytes, sizeof(sockaddr_storage)));
  const auto* address = static_cast<const sockaddr*>(a.in);
  if (win32::read_sockaddr(address, bytes, s.family(), to) != 0) return STATUS_INVALID_PARAMETER;
  return STATUS_SUCCESS;
}

// The wildcard address and port 0 take it back.
bool is_wildcard(const Endpoint& to) {
  return to.port == 0 && to.address.is_unspecified();
}

Outcome set_remote_address(Socket& s, Core& core, const IoctlArguments& a) {
  Endpoint to;
  if (const NTSTATUS status = read_fixed(s, a, to); status != STATUS_SUCCESS) return {status};
  s.set_send_to({});
  if (is_wildcard(to)) {
    s.datagrams()->disconnect();
    return {STATUS_SUCCESS};
  }
  const auto set = core.connect_udp(*s.datagrams(), to);
  return {set ? STATUS_SUCCESS : status_of(set.error().code)};
}

Outcome set_send_to_address(Socket& s, Core&, const IoctlArguments& a) {
  Endpoint to;
  if (const NTSTATUS status = read_fixed(s, a, to); status != STATUS_SUCCESS) return {status};
  s.set_send_to(is_wildcard(to) ? std::optional<Endpoint>{} : to);
  return {STATUS_SUCCESS};
}

Outcome query_inspect_id(Socket& s, Core&, const IoctlArguments& a) {
  if (const NTSTATUS status = connected(s); status != STATUS_SUCCESS) return {status};
  const auto id = s.inspect_id();
  if (!id) return {STATUS_NOT_FOUND};
  if (a.out_bytes < sizeof *id || a.out == nullptr) return {STATUS_INVALID_BUFFER_SIZE};
  std::memcpy(a.out, &*id, sizeof *id);
  return {STATUS_SUCCESS, sizeof *id};
}

Outcome no_extensions(Socket&, Core&, const IoctlArguments&) {
  return {STATUS_NOT_SUPPORTED};
}

constexpr IoctlRow kRows[] = {
    {SIO_LOOPBACK_FAST_PATH, true, set_fast_path},
    {SIO_SET_COMPATIBILITY_MODE, false, set_compatibility},
    {SIO_WSK_QUERY_IDEAL_SEND_BACKLOG, true, query_send_backlog},
    {SIO_WSK_QUERY_RECEIVE_BACKLOG, true, query_receive_backlog},
    {SIO_WSK_SET_REMOTE_ADDRESS, true, set_remote_address},
    {SIO_WSK_SET_SENDTO_ADDRESS, true, set_send_to_address},
    {SIO_WSK_QUERY_INSPECT_ID, true, query_inspect_id},
    {SIO_WSK_REGISTER_EXTENSION, false, no_extensions},
};

}  // namespace

const IoctlRow* find_ioctl(ULONG code) {
  for (const IoctlRow& row : kRows) {
    if (row.code == code) return &row;
  }
  return nullptr;
}

}  // namespace oriel::wsk
