// WskConnect, WskConnectEx, WskDisconnect.
#include "wsk/addresses.h"
#include "wsk/call.h"
#include "wsk/connect_irp.h"
#include "wsk/dispatch_tables.h"

namespace oriel::wsk {
namespace {

using stack::Core;
using Kind = socket::Request::Kind;

Outcome connect(Core& core, const Call& call, PSOCKADDR remote, PWSK_BUF data) {
  Socket& socket = *call.socket();
  Endpoint to;
  if (const NTSTATUS s = read_address(remote, socket.family(), to); s != STATUS_SUCCESS) {
    return {s};
  }
  auto operation = std::make_unique<ConnectIrp>(call.socket(), call.irp());
  if (data != nullptr) {
    if (const NTSTATUS s = operation->parts.capture(data, *operation); s != STATUS_SUCCESS) {
      return {s};
    }
  }
  if (const NTSTATUS s = socket.begin_connect(core, to); s != STATUS_SUCCESS) return {s};
  return PendingIrp::issue(core, std::move(operation),
                           [&](ConnectIrp& o) { socket.stream()->submit(core.now(), o); });
}

// The data goes ahead of the end; both are acknowledged before the IRP is completed.
class DisconnectIrp final : public StreamIrp {
 public:
  using StreamIrp::StreamIrp;

 private:
  bool go_on() override {
    if (kind == Kind::kShutdown) return false;
    kind = Kind::kShutdown;
    size = done = 0;
    data = nullptr;
    pieces = nullptr;
    socket().stream()->submit(socket().host().core().now(), *this);
    return true;
  }
  Outcome settle() override { return {status_of(error), 0}; }
};

Outcome disconnect(Core& core, const Call& call, PWSK_BUF buffer) {
  Socket& socket = *call.socket();
  auto operation = std::make_unique<DisconnectIrp>(call.socket(), call.irp(), Kind::kShutdown);
  if (buffer != nullptr) {
    const NTSTATUS s = operation->parts.capture(buffer, *operation);
    if (s != STATUS_SUCCESS) return {s};
    if (operation->size != 0) operation->kind = Kind::kSendBorrowed;
  }
  return PendingIrp::issue(core, std::move(operation),
                           [&](DisconnectIrp& o) { socket.stream()->submit(core.now(), o); });
}

Outcome abort(Core& core, Socket& socket) {
  socket.note_local_abort();
  socket.stream()->abort(core.now(), ErrorCode::kConnectionAborted);
  return {STATUS_SUCCESS};
}

}  // namespace

NTSTATUS WSKAPI wsk_connect(PWSK_SOCKET shown, PSOCKADDR remote, ULONG flags, PIRP irp) {
  Call call("WskConnect", shown, irp, kConnections);
  return call.run([&](Core& core) -> Outcome {
    if (flags != 0) return {STATUS_INVALID_PARAMETER};
    return connect(core, call, remote, nullptr);
  });
}

NTSTATUS WSKAPI wsk_connect_ex(PWSK_SOCKET shown, PSOCKADDR remote, PWSK_BUF buffer, ULONG flags,
                               PIRP irp) {
  Call call("WskConnectEx", shown, irp, kConnections);
  return call.run([&](Core& core) -> Outcome {
    if (flags != 0) return {STATUS_INVALID_PARAMETER};
    return connect(core, call, remote, buffer);
  });
}

NTSTATUS WSKAPI wsk_disconnect(PWSK_SOCKET shown, PWSK_BUF buffer, ULONG flags, PIRP irp) {
  Call call("WskDisconnect", shown, irp, kConnections);
  return call.run([&](Core& core) -> Outcome {
    Socket& socket = *call.socket();
    const bool is_abortive = (flags & WSK_FLAG_ABORTIVE) != 0;
    if ((flags & ~ULONG{WSK_FLAG_ABORTIVE}) != 0 || (is_abortive && buffer != nullptr)) {
      return {STATUS_INVALID_PARAMETER};
    }
    if (const NTSTATUS s = socket.send_refusal(); s != STATUS_SUCCESS) return {s};
    return is_abortive ? abort(core, socket) : disconnect(core, call, buffer);
  });
}

}  // namespace oriel::wsk
