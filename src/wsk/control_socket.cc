// WskControlSocket: options, control codes, and the option that enables and disables callbacks.
#include <mstcpip.h>

#include <cstring>

#include "wdm/irql.h"
#include "wsk/call.h"
#include "wsk/dispatch_tables.h"
#include "wsk/option_rows.h"

namespace oriel::wsk {
namespace {

using stack::Core;

struct Control {
  WSK_CONTROL_SOCKET_TYPE type;
  ULONG code;
  ULONG level;
  SIZE_T in_bytes;
  PVOID in;
  SIZE_T out_bytes;
  PVOID out;
};

Outcome set_option(Core& core, const Call& call, const Control& c) {
  if (c.level == SOL_SOCKET && c.code == SO_WSK_EVENT_CALLBACK) {
    return control_callbacks(core, call, c.in_bytes, c.in);
  }
  const OptionRow* row = find_option(c.level, c.code);
  Socket& socket = *call.socket();
  if (row == nullptr || (bit_of(socket.category()) & row->categories) == 0 || row->set == nullptr) {
    return {STATUS_NOT_SUPPORTED};
  }
  if (row->needs_irp && !call.has_irp()) return {STATUS_INVALID_PARAMETER};
  if (c.in == nullptr || c.in_bytes < row->bytes) return {STATUS_INVALID_BUFFER_SIZE};
  return {row->set(socket, core, c.in)};
}

Outcome get_option(Core& core, const Call& call, const Control& c) {
  const OptionRow* row = find_option(c.level, c.code);
  Socket& socket = *call.socket();
  if (row == nullptr || (bit_of(socket.category()) & row->categories) == 0 || row->get == nullptr) {
    return {STATUS_NOT_SUPPORTED};
  }
  if (row->needs_irp && !call.has_irp()) return {STATUS_INVALID_PARAMETER};
  if (c.out == nullptr || c.out_bytes < row->bytes) return {STATUS_INVALID_BUFFER_SIZE};
  const NTSTATUS status = row->get(socket, core, c.out);
  return {status, status == STATUS_SUCCESS ? row->bytes : 0};
}

Outcome run_ioctl(Core& core, const Call& call, const Control& c) {
  const IoctlRow* row = find_ioctl(c.code);
  if (row == nullptr) return {STATUS_NOT_SUPPORTED};
  if (row->needs_irp && !call.has_irp()) return {STATUS_INVALID_PARAMETER};
  if (c.code == SIO_LOOPBACK_FAST_PATH) wdm::check_irql("SIO_LOOPBACK_FAST_PATH", PASSIVE_LEVEL);
  return row->run(*call.socket(), core, {c.in_bytes, c.in, c.out_bytes, c.out});
}

Outcome control(Core& core, const Call& call, const Control& c) {
  switch (c.type) {
    case WskSetOption:
      return set_option(core, call, c);
    case WskGetOption:
      return get_option(core, call, c);
    case WskIoctl:
      return run_ioctl(core, call, c);
    case WskControlMax:
      break;
  }
  return {STATUS_INVALID_PARAMETER};
}

Outcome disable(Core& core, const Call& call, ULONG event) {
  Socket& socket = *call.socket();
  const NTSTATUS status = socket.callbacks().disable(event);
  if (status != STATUS_EVENT_PENDING || !call.has_irp()) return {status};
  return PendingIrp::issue(core, std::make_unique<DisableIrp>(call.socket(), call.irp()),
                           [&](DisableIrp& o) {
                             if (!socket.callbacks().wait(event, o)) {
                               o.refuse(STATUS_INSUFFICIENT_RESOURCES);
                             }
                           });
}

}  // namespace

Outcome control_callbacks(Core& core, const Call& call, SIZE_T in_bytes, PVOID in) {
  Socket& socket = *call.socket();
  if (in == nullptr || in_bytes < sizeof(WSK_EVENT_CALLBACK_CONTROL)) {
    return {STATUS_INVALID_BUFFER_SIZE};
  }
  const auto& control = *static_cast<const WSK_EVENT_CALLBACK_CONTROL*>(in);
  if (control.NpiId == nullptr) return {STATUS_INVALID_PARAMETER};
  if (std::memcmp(control.NpiId, &NPI_WSK_INTERFACE_ID, sizeof(NPIID)) != 0) {
    return {STATUS_NOT_SUPPORTED};
  }
  const bool is_ready = socket.listener() != nullptr || socket.datagrams() != nullptr ||
                        (socket.stream() != nullptr && socket.is_connected());
  if (!is_ready) return {STATUS_INVALID_DEVICE_STATE};
  if ((control.EventMask & WSK_EVENT_DISABLE) != 0) {
    return disable(core, call, control.EventMask & ~ULONG{WSK_EVENT_DISABLE});
  }
  if (call.has_irp()) return {STATUS_INVALID_PARAMETER};  // enabling takes none
  const NTSTATUS status = socket.callbacks().enable(control.EventMask, socket.may_hand_down());
  if (status == STATUS_SUCCESS) socket.look_for_events();
  return {status};
}

NTSTATUS WSKAPI wsk_control_socket(PWSK_SOCKET shown, WSK_CONTROL_SOCKET_TYPE type, ULONG code,
                                   ULONG level, SIZE_T in_bytes, PVOID in, SIZE_T out_bytes,
                                   PVOID out, SIZE_T* returned, PIRP irp) {
  Call call("WskControlSocket", shown, irp, kAllSockets, IrpRule::kOptional);
  return call.run([&](Core& core) -> Outcome {
    const Outcome outcome = control(core, call, {type, code, level, in_bytes, in, out_bytes, out});
    if (returned != nullptr && irp == nullptr) *returned = outcome.information;
    return outcome;
  });
}

}  // namespace oriel::wsk
