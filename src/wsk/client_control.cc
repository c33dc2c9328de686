// WskControlClient: the list of transports, callbacks that are always on, and what has no meaning
// here but that drivers ask for (security descriptors, TDI).
#include <array>
#include <cstring>

#include "wsk/client_call.h"
#include "wsk/dispatch_tables.h"

namespace oriel::wsk {
namespace {

struct ClientControl {
  ULONG code;
  SIZE_T in_bytes;
  PVOID in;
  SIZE_T out_bytes;
  PVOID out;
  SIZE_T* returned;
};

constexpr WSK_TRANSPORT transport(USHORT type, ULONG protocol, ADDRESS_FAMILY family) {
  return {MAKE_WSK_VERSION(1, 0), type, protocol, family, {}};
}

constexpr std::array kTransports = {
    transport(SOCK_STREAM, IPPROTO_TCP, AF_INET), transport(SOCK_STREAM, IPPROTO_TCP, AF_INET6),
    transport(SOCK_DGRAM, IPPROTO_UDP, AF_INET), transport(SOCK_DGRAM, IPPROTO_UDP, AF_INET6)};

NTSTATUS query_transports(const ClientControl& call) {
  constexpr SIZE_T kBytes = sizeof kTransports;
  if (call.returned == nullptr) return STATUS_INVALID_PARAMETER;
  *call.returned = kBytes;
  if (call.out_bytes < kBytes) return STATUS_BUFFER_OVERFLOW;
  if (call.out == nullptr) return STATUS_INVALID_PARAMETER;
  std::memcpy(call.out, kTransports.data(), kBytes);
  return STATUS_SUCCESS;
}

/// The list never changes, so this ends when it is cancelled or the client goes.
class TransportChangeIrp final : public PendingIrp {
 public:
  using PendingIrp::PendingIrp;
  void cancel(stack::Core&) override { end({STATUS_CANCELLED, 0}); }
};

Outcome wait_for_change(const ClientCall& call) {
  const auto socket = call.client()->own_socket();
  stack::HostImpl::Turn turn(socket->host());
  if (socket->is_closed()) return {STATUS_CANCELLED, 0};
  return PendingIrp::issue(turn.core(), std::make_unique<TransportChangeIrp>(socket, *call.irp()),
                           [](TransportChangeIrp&) {});
}

NTSTATUS set_static_callbacks(Client& client, const ClientControl& call) {
  if (call.in == nullptr || call.in_bytes < sizeof(WSK_EVENT_CALLBACK_CONTROL)) {
    return STATUS_INVALID_PARAMETER;
  }
  const auto& control = *static_cast<const WSK_EVENT_CALLBACK_CONTROL*>(call.in);
  constexpr ULONG kKnown = kConnectionEvents | WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE_FROM;
  if (control.NpiId == nullptr || (control.EventMask & ~kKnown) != 0) {
    return STATUS_INVALID_PARAMETER;
  }
  if (std::memcmp(control.NpiId, &NPI_WSK_INTERFACE_ID, sizeof(NPIID)) != 0) {
    return STATUS_NOT_SUPPORTED;
  }
  if (client.has_made_sockets()) return STATUS_INVALID_DEVICE_STATE;
  client.set_static_events(control.EventMask);
  return STATUS_SUCCESS;
}

// Sockets have no security descriptors here: the copy is the descriptor itself.
NTSTATUS cache_descriptor(const ClientControl& call) {
  if (call.in == nullptr || call.in_bytes < sizeof(PVOID)) return STATUS_INVALID_PARAMETER;
  if (call.out == nullptr || call.out_bytes < sizeof(PVOID)) return STATUS_INVALID_PARAMETER;
  std::memcpy(call.out, call.in, sizeof(PVOID));
  if (call.returned != nullptr) *call.returned = sizeof(PVOID);
  return STATUS_SUCCESS;
}

Outcome control(const ClientCall& call, const ClientControl& what) {
  const bool has_irp = call.irp() != nullptr;
  switch (what.code) {
    case WSK_TRANSPORT_LIST_QUERY:
      return {has_irp ? STATUS_INVALID_PARAMETER : query_transports(what), 0};
    case WSK_TRANSPORT_LIST_CHANGE:
      if (!has_irp) return {STATUS_INVALID_PARAMETER, 0};
      return wait_for_change(call);
    case WSK_SET_STATIC_EVENT_CALLBACKS:
      if (has_irp) return {STATUS_INVALID_PARAMETER, 0};
      return {set_static_callbacks(*call.client(), what), 0};
    case WSK_CACHE_SD:
      return {cache_descriptor(what), NT_SUCCESS(cache_descriptor(what)) ? sizeof(PVOID) : 0};
    case WSK_RELEASE_SD:
    case WSK_TDI_BEHAVIOR:
    case WSK_TDI_DEVICENAME_MAPPING:
      return {STATUS_SUCCESS, 0};
    default:
      return {STATUS_NOT_SUPPORTED, 0};
  }
}

}  // namespace

NTSTATUS WSKAPI wsk_control_client(PWSK_CLIENT client, ULONG code, SIZE_T in_bytes, PVOID in,
                                   SIZE_T out_bytes, PVOID out, SIZE_T* returned, PIRP irp) {
  ClientCall call("WskControlClient", client, irp, IrpRule::kOptional);
  if (call.refusal() != STATUS_SUCCESS) return call.end({call.refusal(), 0});
  return call.end(control(call, {code, in_bytes, in, out_bytes, out, returned}));
}

}  // namespace oriel::wsk
