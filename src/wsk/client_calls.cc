// WskSocket and WskSocketConnect.
#include <optional>
#include <utility>

#include "wsk/addresses.h"
#include "wsk/client_call.h"
#include "wsk/connect_irp.h"
#include "wsk/dispatch_tables.h"

namespace oriel::wsk {
namespace {

using stack::Core;

std::optional<Category> category_of(ULONG flags) {
  switch (flags) {
    case WSK_FLAG_BASIC_SOCKET:
      return Category::kBasic;
    case WSK_FLAG_LISTEN_SOCKET:
      return Category::kListen;
    case WSK_FLAG_CONNECTION_SOCKET:
      return Category::kConnection;
    case WSK_FLAG_DATAGRAM_SOCKET:
      return Category::kDatagram;
    case WSK_FLAG_STREAM_SOCKET:
      return Category::kStream;
    default:
      return std::nullopt;
  }
}

// STATUS_SUCCESS: there is such a transport, and sockets of that kind.
NTSTATUS check_kind(Category category, int family, USHORT type, ULONG protocol) {
  if (family != AF_INET && family != AF_INET6) return STATUS_NOT_SUPPORTED;
  const bool is_tcp = type == SOCK_STREAM && protocol == IPPROTO_TCP;
  const bool is_udp = type == SOCK_DGRAM && protocol == IPPROTO_UDP;
  if (!is_tcp && !is_udp) return STATUS_NOT_SUPPORTED;
  if (category == Category::kBasic) return STATUS_SUCCESS;
  const bool is_for_datagrams = category == Category::kDatagram;
  return is_for_datagrams == is_udp ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

Outcome make_socket(const ClientCall& call, const Socket::Setup& setup, ULONG flags) {
  auto socket = runtime::make_ref<Socket>(call.client(), setup);
  const PWSK_SOCKET shown = make_head(std::move(socket), dispatch_of(flags));
  return {STATUS_SUCCESS, reinterpret_cast<ULONG_PTR>(shown)};
}

/// Connects a socket that its client does not have yet; Information is that socket.
class SocketConnectIrp final : public ConnectIrp {
 public:
  using ConnectIrp::ConnectIrp;

 private:
  Outcome settle() override {
    if (error != ErrorCode::kOk) {
      is_failed_ = true;
      return {status_of(error), 0};
    }
    const PWSK_SOCKET shown = make_head(shared_socket(), connection_dispatch());
    return {STATUS_SUCCESS, reinterpret_cast<ULONG_PTR>(shown)};
  }
  // Nobody else will close it.
  void run() override {
    const runtime::Ref<Socket> socket = shared_socket();
    const bool is_failed = is_failed_;
    PendingIrp::run();
    if (is_failed) close(*socket);
  }

 public:
  static void close(Socket& socket) {
    {
      stack::HostImpl::Turn turn(socket.host());
      socket.close(turn.core());
    }
    socket.note_ended();  // of the head that it never had
  }

 private:
  bool is_failed_ = false;
};
static_assert(sizeof(SocketConnectIrp) <= kPendingBytesMax);

Outcome connect(Core& core, const runtime::Ref<Socket>& socket, IRP& irp, PSOCKADDR local,
                PSOCKADDR remote) {
  Endpoint from, to;
  if (const NTSTATUS s = read_address(local, socket->family(), from); s != STATUS_SUCCESS) {
    return {s};
  }
  if (const NTSTATUS s = read_address(remote, socket->family(), to); s != STATUS_SUCCESS) {
    return {s};
  }
  if (const NTSTATUS s = socket->bind(core, from); s != STATUS_SUCCESS) return {s};
  if (const NTSTATUS s = socket->begin_connect(core, to); s != STATUS_SUCCESS) return {s};
  return PendingIrp::issue(core, std::make_unique<SocketConnectIrp>(socket, irp),
                           [&](SocketConnectIrp& o) { socket->stream()->submit(core.now(), o); });
}

}  // namespace

// REQ WSK-1
NTSTATUS WSKAPI wsk_socket(PWSK_CLIENT client, ADDRESS_FAMILY family, USHORT type, ULONG protocol,
                           ULONG flags, PVOID context, const VOID* dispatch, PEPROCESS, PETHREAD,
                           PSECURITY_DESCRIPTOR, PIRP irp) {
  ClientCall call("WskSocket", client, irp, IrpRule::kRequired);
  if (call.refusal() != STATUS_SUCCESS) return call.end({call.refusal(), 0});
  const auto category = category_of(flags);
  if (!category) return call.end({STATUS_INVALID_PARAMETER, 0});
  if (const NTSTATUS s = check_kind(*category, family, type, protocol); s != STATUS_SUCCESS) {
    return call.end({s, 0});
  }
  Socket::Setup setup;
  setup.category = *category;
  setup.family = family;
  setup.is_datagram = type == SOCK_DGRAM;
  setup.context = context;
  setup.dispatch = dispatch;
  return call.end(make_socket(call, setup, flags));
}

NTSTATUS WSKAPI wsk_socket_connect(PWSK_CLIENT client, USHORT type, ULONG protocol, PSOCKADDR local,
                                   PSOCKADDR remote, ULONG flags, PVOID context,
                                   const WSK_CLIENT_CONNECTION_DISPATCH* dispatch, PEPROCESS,
                                   PETHREAD, PSECURITY_DESCRIPTOR, PIRP irp) {
  ClientCall call("WskSocketConnect", client, irp, IrpRule::kRequired);
  if (call.refusal() != STATUS_SUCCESS) return call.end({call.refusal(), 0});
  if (flags != 0 || win32::is_bad_pointer(local) || win32::is_bad_pointer(remote)) {
    return call.end({STATUS_INVALID_PARAMETER, 0});
  }
  Socket::Setup setup;
  setup.category = Category::kConnection;
  setup.family = remote->sa_family;
  setup.context = context;
  setup.dispatch = dispatch;
  const NTSTATUS kind = check_kind(setup.category, setup.family, type, protocol);
  if (kind != STATUS_SUCCESS) return call.end({kind, 0});
  const auto socket = runtime::make_ref<Socket>(call.client(), setup);
  Outcome outcome;
  {
    stack::HostImpl::Turn turn(socket->host());
    outcome = connect(turn.core(), socket, *irp, local, remote);
  }
  if (outcome.status == STATUS_PENDING) return STATUS_PENDING;
  if (!NT_SUCCESS(outcome.status)) SocketConnectIrp::close(*socket);
  return call.end(outcome);
}

}  // namespace oriel::wsk
