// WskBind, WskGetLocalAddress, WskGetRemoteAddress, WskCloseSocket.
#include "wsk/addresses.h"
#include "wsk/call.h"
#include "wsk/dispatch_tables.h"

namespace oriel::wsk {

using stack::Core;

NTSTATUS WSKAPI wsk_bind(PWSK_SOCKET shown, PSOCKADDR local, ULONG flags, PIRP irp) {
  Call call("WskBind", shown, irp, kBound);
  return call.run([&](Core& core) -> Outcome {
    Socket& socket = *call.socket();
    Endpoint to;
    if (flags != 0) return {STATUS_INVALID_PARAMETER};
    if (const NTSTATUS s = read_address(local, socket.family(), to); s != STATUS_SUCCESS) {
      return {s};
    }
    return {socket.bind(core, to)};
  });
}

NTSTATUS WSKAPI wsk_get_local_address(PWSK_SOCKET shown, PSOCKADDR local, PIRP irp) {
  Call call("WskGetLocalAddress", shown, irp, kBound);
  return call.run([&](Core& core) -> Outcome {
    const auto endpoint = call.socket()->local(core);
    if (!endpoint) return {STATUS_INVALID_DEVICE_STATE};
    return {write_address(*endpoint, call.socket()->family(), local)};
  });
}

NTSTATUS WSKAPI wsk_get_remote_address(PWSK_SOCKET shown, PSOCKADDR remote, PIRP irp) {
  Call call("WskGetRemoteAddress", shown, irp, kConnections);
  return call.run([&](Core&) -> Outcome {
    const auto endpoint = call.socket()->remote();
    if (!endpoint) return {STATUS_INVALID_DEVICE_STATE};
    return {write_address(*endpoint, call.socket()->family(), remote)};
  });
}

// The head goes first: calls that come now find the socket closed. What is outstanding then, a
// callback that is being made included, completes the IRP with its last.
NTSTATUS WSKAPI wsk_close_socket(PWSK_SOCKET shown, PIRP irp) {
  Call call("WskCloseSocket", shown, irp, kAllSockets);
  const runtime::Ref<Socket> socket = call.socket();
  if (!socket || !take_from_head(shown)) {
    return call.run([](Core&) -> Outcome { return {STATUS_FILE_CLOSED}; });
  }
  bool is_alone = false;
  {
    stack::HostImpl::Turn turn(socket->host());
    socket->close(turn.core());
    is_alone = socket->is_alone();
    if (!is_alone) {
      irp_map::mark_pending(call.irp());
      socket->set_close_irp(&call.irp());
    }
  }
  const NTSTATUS status = is_alone ? call.end({STATUS_SUCCESS, 0}) : STATUS_PENDING;
  socket->note_ended();  // of the head
  return status;
}

}  // namespace oriel::wsk
