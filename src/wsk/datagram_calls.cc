// WskSendTo, WskSendMessages, WskReceiveFrom, WskRelease of datagram sockets.
//
// Sending never waits. Control information is not taken and none is given: STATUS_NOT_SUPPORTED for
// a send that has some, a length of 0 for a receive.
#include <utility>

#include "wsk/addresses.h"
#include "wsk/call.h"
#include "wsk/dispatch_tables.h"
#include "wsk/indication.h"

namespace oriel::wsk {
namespace {

using stack::Core;

constexpr unsigned kDatagrams = bit_of(Category::kDatagram);
/// Datagrams of one WskSendMessages; longer lists are a loop.
constexpr int kMessagesMax = 1 << 16;

struct Message final : socket::Request {
  MdlPieces<3> parts;
};

NTSTATUS destination(const Socket& socket, PSOCKADDR remote, Endpoint& to) {
  if (socket.datagrams() == nullptr) return STATUS_INVALID_DEVICE_STATE;
  if (remote != nullptr) return read_address(remote, socket.family(), to);
  const auto fixed = socket.send_to();
  if (!fixed) return STATUS_INVALID_PARAMETER;
  to = *fixed;
  return STATUS_SUCCESS;
}

Outcome send_one(Core& core, Socket& socket, const WSK_BUF* buffer, const Endpoint& to) {
  Message message;
  if (const NTSTATUS s = message.parts.capture(buffer, message); s != STATUS_SUCCESS) return {s};
  const auto payload = payload_of(message);
  socket::DatagramSend how;
  how.may_broadcast = socket.options().is_broadcast;
  how.hop_limit = static_cast<std::uint8_t>(socket.options().hop_limit);
  const auto sent = socket.datagrams()->send_to(core.now(), to, payload, how);
  if (!sent) return {status_of(sent.error().code)};
  return {STATUS_SUCCESS, message.size};
}

Outcome receive(Core& core, const Call& call, PWSK_BUF buffer, PSOCKADDR remote, PULONG flags) {
  Socket& socket = *call.socket();
  if (socket.datagrams() == nullptr) return {STATUS_INVALID_DEVICE_STATE};
  auto operation = std::make_unique<DatagramIrp>(call.socket(), call.irp());
  if (const NTSTATUS s = operation->parts.capture(buffer, *operation); s != STATUS_SUCCESS) {
    return {s};
  }
  operation->from = remote;
  operation->told_flags = flags;
  return PendingIrp::issue(core, std::move(operation),
                           [&](DatagramIrp& o) { socket.datagrams()->submit(o); });
}

}  // namespace

NTSTATUS WSKAPI wsk_send_to(PWSK_SOCKET shown, PWSK_BUF buffer, ULONG flags, PSOCKADDR remote,
                            ULONG control_bytes, PCMSGHDR control, PIRP irp) {
  Call call("WskSendTo", shown, irp, kDatagrams);
  return call.run([&](Core& core) -> Outcome {
    if (flags != 0) return {STATUS_INVALID_PARAMETER};
    if (control_bytes != 0 || control != nullptr) return {STATUS_NOT_SUPPORTED};
    Endpoint to;
    const NTSTATUS s = destination(*call.socket(), remote, to);
    return s == STATUS_SUCCESS ? send_one(core, *call.socket(), buffer, to) : Outcome{s, 0};
  });
}

NTSTATUS WSKAPI wsk_send_messages(PWSK_SOCKET shown, PWSK_BUF_LIST buffers, ULONG flags,
                                  PSOCKADDR remote, ULONG control_bytes, PCMSGHDR control,
                                  PIRP irp) {
  Call call("WskSendMessages", shown, irp, kDatagrams);
  return call.run([&](Core& core) -> Outcome {
    if (flags != 0 || buffers == nullptr) return {STATUS_INVALID_PARAMETER};
    if (control_bytes != 0 || control != nullptr) return {STATUS_NOT_SUPPORTED};
    Endpoint to;
    const NTSTATUS s = destination(*call.socket(), remote, to);
    if (s != STATUS_SUCCESS) return {s};
    Outcome sum;
    int count = 0;
    for (PWSK_BUF_LIST at = buffers; at != nullptr && count < kMessagesMax; at = at->Next) {
      const Outcome one = send_one(core, *call.socket(), &at->Buffer, to);
      if (!NT_SUCCESS(one.status)) return {one.status, sum.information};
      sum.information += one.information;
      ++count;
    }
    return sum;
  });
}

NTSTATUS WSKAPI wsk_receive_from(PWSK_SOCKET shown, PWSK_BUF buffer, ULONG flags, PSOCKADDR remote,
                                 PULONG control_bytes, PCMSGHDR /*control*/, PULONG control_flags,
                                 PIRP irp) {
  Call call("WskReceiveFrom", shown, irp, kDatagrams);
  return call.run([&](Core& core) -> Outcome {
    if (flags != 0) return {STATUS_INVALID_PARAMETER};
    if (control_bytes != nullptr) *control_bytes = 0;
    return receive(core, call, buffer, remote, control_flags);
  });
}

NTSTATUS WSKAPI wsk_release_datagrams(PWSK_SOCKET /*shown*/, PWSK_DATAGRAM_INDICATION shown_list) {
  DatagramIndications* list = DatagramIndications::from(shown_list);
  if (list == nullptr) return STATUS_INVALID_PARAMETER;
  const runtime::Ref<Socket> owner = list->owner();
  if (!owner) return STATUS_INVALID_PARAMETER;
  stack::HostImpl::Turn turn(owner->host());
  return owner->take_back(*list) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

}  // namespace oriel::wsk
